/* What a handler sees of a request, and its answers. */
#include "sys/http/server_internal.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t http_route_index(const struct http_request *r)
{
	return (size_t)(r->route - r->server->config.routes);
}

const char *http_param(const struct http_request *r, size_t i)
{
	assert(i < r->params_n);
	return r->params[i];
}

const char *http_query(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_header(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *http_cookie(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, name);
}

const char *http_path(const struct http_request *r)
{
	return r->path;
}

enum http_channel http_channel(const struct http_request *r)
{
	return r->channel;
}

uid_t http_peer_uid(const struct http_request *r)
{
	return r->peer;
}

const char *http_peer_address(const struct http_request *r)
{
	return r->address;
}

int http_answer_header(struct http_request *r, const char *name, const char *value, struct err *e)
{
	char *n, *v;

	assert(r->headers_n < HTTP_HEADERS_MAX);
	n = strdup(name);
	v = strdup(value);
	if (!n || !v) {
		free(n);
		free(v);
		return err_nomem(e);
	}
	r->headers[r->headers_n].name = n;
	r->headers[r->headers_n++].value = v;
	return 0;
}

struct query_check {
	const char *const *known;
	const char *unknown, *strange;
};

static enum MHD_Result check_one(void *context, enum MHD_ValueKind kind, const char *name, size_t name_n,
				 const char *value, size_t value_n)
{
	struct query_check *c = context;

	(void)kind;
	if (!bytes_is_utf8(bytes_of(value, value_n)) || bytes_has_control(bytes_of(value, value_n)) ||
	    strlen(name) != name_n)
		c->strange = name;
	for (const char *const *k = c->known; *k; k++)
		if (strcmp(*k, name) == 0)
			return MHD_YES;
	c->unknown = name;
	return MHD_NO;
}

int http_query_check(struct http_request *r, const char *const *known, struct err *e)
{
	struct query_check c = { known, NULL, NULL };

	(void)MHD_get_connection_values_n(r->connection, MHD_GET_ARGUMENT_KIND, check_one, &c);
	if (c.unknown)
		return err_set(e, -EINVAL, "query parameter '%.60s': there is no such parameter here", c.unknown);
	if (c.strange)
		return err_set(e, -EINVAL, "query parameter '%.60s': want UTF-8 text without control characters",
			       c.strange);
	return 0;
}

/* "application/json", with parameters or without. */
static bool is_json(const char *type)
{
	size_t n = type ? strcspn(type, ";") : 0;

	return type && bytes_equal_ascii_nocase(bytes_trim(bytes_of(type, n)), bytes_of_str("application/json"));
}

int http_body(struct http_request *r, json_t **ret, struct err *e)
{
	json_error_t why;

	if (r->json) {
		*ret = r->json;
		return 0;
	}
	if (r->body.n > 0 && !is_json(http_header(r, "Content-Type")))
		return err_set(e, -EMEDIUMTYPE, "want a body of type application/json");
	if (r->body.n == 0)
		r->json = json_object();
	else
		r->json = json_loadb((const char *)r->body.p, r->body.n, JSON_REJECT_DUPLICATES, &why);
	buf_wipe(&r->body);
	if (!r->json)
		return err_set(e, -EINVAL, "the body is not JSON: line %d, column %d", why.line, why.column);
	if (!json_is_object(r->json))
		return err_set(e, -EINVAL, "the body is not a JSON object");
	*ret = r->json;
	return 0;
}

/* What a browser is told on every answer (docs/adr/0008-the-https-door.md). */
static const char *const browser_headers[][2] = {
	{ "Strict-Transport-Security", "max-age=31536000" },
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
	  "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

/* Nothing is kept in a cache unless the handler said so. */
static void add_headers(const struct http_request *r, struct MHD_Response *response)
{
	bool cached = false;

	for (size_t i = 0; i < r->headers_n; i++) {
		(void)MHD_add_response_header(response, r->headers[i].name, r->headers[i].value);
		cached = cached || strcmp(r->headers[i].name, MHD_HTTP_HEADER_CACHE_CONTROL) == 0;
	}
	if (!cached)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	for (size_t i = 0; r->channel == HTTP_TLS && i < ARRAY_N(browser_headers); i++)
		(void)MHD_add_response_header(response, browser_headers[i][0], browser_headers[i][1]);
}

static void queue(struct http_request *r, unsigned int status, struct MHD_Response *response, const char *type)
{
	assert(!r->answered);
	r->answered = true;
	r->queued = MHD_NO;
	if (!response)
		return;
	if (type)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	add_headers(r, response);
	r->queued = MHD_queue_response(r->connection, status, response);
	MHD_destroy_response(response);
}

const char *http_status_title(unsigned int status)
{
	return MHD_get_reason_phrase_for(status);
}

/* By the allocator it came from. */
void json_release_text(char *text)
{
	json_free_t release = NULL;

	json_get_alloc_funcs(NULL, &release);
	if (text)
		release(text);
}

static void answer_json(struct http_request *r, unsigned int status, const char *type, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct MHD_Response *response = NULL;

	if (text) /* copied, so that it can be wiped by the allocator it came from */
		response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY);
	else if (!body)
		response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	type = text ? type : NULL;
	json_release_text(text);
	json_decref(body);
	queue(r, status, response, type);
}

void http_answer(struct http_request *r, unsigned int status, json_t *body)
{
	answer_json(r, status, "application/json", body);
}

void http_answer_text(struct http_request *r, unsigned int status, const char *type, struct bytes body)
{
	queue(r, status, MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_MUST_COPY),
	      type);
}

void http_answer_static(struct http_request *r, unsigned int status, const char *type, struct bytes body)
{
	queue(r, status, MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT),
	      type);
}

void http_answer_problem(struct http_request *r, unsigned int status, const char *detail, json_t *findings)
{
	json_t *body = json_pack("{ss,ss,si,ss}", "type", "about:blank", "title", MHD_get_reason_phrase_for(status),
				 "status", (int)status, "detail", detail);

	if (body && findings)
		(void)json_object_set(body, "findings", findings);
	json_decref(findings);
	answer_json(r, status, "application/problem+json", body ? body : json_object());
}

unsigned int http_status_of(int kind)
{
	switch (kind) {
	case -EINVAL:
		return MHD_HTTP_BAD_REQUEST;
	case -EACCES:
	case -EPERM:
		return MHD_HTTP_FORBIDDEN;
	case -ENOENT:
		return MHD_HTTP_NOT_FOUND;
	case -ESTALE:
		return MHD_HTTP_PRECONDITION_FAILED;
	case -EBUSY:
	case -EEXIST:
		return MHD_HTTP_CONFLICT;
	case -E2BIG:
		return MHD_HTTP_CONTENT_TOO_LARGE;
	case -EMEDIUMTYPE:
		return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
	case -EPROTO:
		return MHD_HTTP_UNPROCESSABLE_CONTENT;
	case -EPIPE:
	case -EAGAIN:
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	default:
		return MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
}

void http_set_state(struct http_request *r, void *state, void (*free_state)(void *))
{
	r->state = state;
	r->free_state = free_state;
}

void *http_state(const struct http_request *r)
{
	return r->state;
}
