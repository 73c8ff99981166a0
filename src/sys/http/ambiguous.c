/*
 * Requests that two parties may read in two ways: where one ends and the next begins (RFC 9112 sections 3.2 and 6.3,
 * "request smuggling"), or who sends it. They are refused before anything is made of them.
 */
#include "sys/http/server_internal.h"

#include <stdio.h>
#include <string.h>

/* Headers that say one thing: a second one contradicts the first, or repeats it for nothing. */
static const char *const single[] = {
	MHD_HTTP_HEADER_HOST,
	MHD_HTTP_HEADER_CONTENT_LENGTH,
	MHD_HTTP_HEADER_TRANSFER_ENCODING,
	MHD_HTTP_HEADER_AUTHORIZATION,
	MHD_HTTP_HEADER_COOKIE,
	MHD_HTTP_HEADER_CONTENT_TYPE,
	MHD_HTTP_HEADER_ORIGIN,
	"X-CSRF-Token",
	"Idempotency-Key",
	"Last-Event-ID",
};

struct look {
	unsigned int n[ARRAY_N(single)];
	const char *cookies[HTTP_COOKIES_MAX];
	size_t cookies_n;
	const char *twice; /* NULL: none */
	bool odd_name;
};

/* RFC 9110 section 5.6.2. A blank before the colon ends up in the name: "Transfer-Encoding : chunked". */
static bool is_token(const char *name)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (const char *p = name; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');

		if (!letter && !(*p >= '0' && *p <= '9') && !strchr(marks, *p))
			return false;
	}
	return name[0] != '\0';
}

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct look *l = context;

	(void)kind;
	(void)value;
	l->odd_name = l->odd_name || !is_token(name);
	for (size_t i = 0; i < ARRAY_N(single); i++)
		if (bytes_equal_ascii_nocase(bytes_of_str(name), bytes_of_str(single[i])) && ++l->n[i] > 1)
			l->twice = single[i];
	return MHD_YES;
}

/* A name with this prefix belongs to the whole host, so a browser has one of it; of others it may send several. */
static enum MHD_Result count_cookie(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct look *l = context;

	(void)kind;
	(void)value;
	if (strncmp(name, "__Host-", 7) != 0)
		return MHD_YES;
	for (size_t i = 0; i < l->cookies_n; i++)
		if (strcmp(l->cookies[i], name) == 0)
			l->twice = "cookie of one name";
	if (l->cookies_n == HTTP_COOKIES_MAX)
		l->twice = "cookie for the whole host";
	else
		l->cookies[l->cookies_n++] = name;
	return MHD_YES;
}

bool request_is_ambiguous(struct http_request *r, const char *version)
{
	const char *coding = http_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING);
	const char *length = http_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct look l = { 0 };

	(void)MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count_header, &l);
	(void)MHD_get_connection_values(r->connection, MHD_COOKIE_KIND, count_cookie, &l);
	if (l.odd_name)
		(void)snprintf(r->fault, sizeof(r->fault), "want header names of letters, digits and hyphens");
	else if (l.twice)
		(void)snprintf(r->fault, sizeof(r->fault), "want one %s, got more", l.twice);
	else if (coding && length)
		(void)snprintf(r->fault, sizeof(r->fault), "want Content-Length or Transfer-Encoding, got both");
	else if (coding && (!bytes_equal_ascii_nocase(bytes_of_str(coding), bytes_of_str("chunked")) ||
			    strcmp(version, MHD_HTTP_VERSION_1_1) != 0))
		(void)snprintf(r->fault, sizeof(r->fault),
			       "Transfer-Encoding: want 'chunked' alone, in HTTP/1.1, got something else");
	return r->fault[0] != '\0';
}

/* ---- text ---- */

static enum MHD_Result check_parameter(void *context, enum MHD_ValueKind kind, const char *name, size_t name_n,
				       const char *value, size_t value_n)
{
	struct http_request *r = context;
	struct bytes n = bytes_of(name, name_n), v = bytes_of(value, value_n);

	(void)kind;
	if (bytes_is_utf8(n) && !bytes_has_control(n) && bytes_is_utf8(v) && !bytes_has_control(v))
		return MHD_YES;
	(void)snprintf(r->fault, sizeof(r->fault), "query: want UTF-8 text without control characters");
	return MHD_NO;
}

bool request_is_text(struct http_request *r)
{
	if (!router_path_is_text(r->path))
		(void)snprintf(r->fault, sizeof(r->fault),
			       "path: want UTF-8 text without control characters, each '%%' with two hex digits");
	else
		(void)MHD_get_connection_values_n(r->connection, MHD_GET_ARGUMENT_KIND, check_parameter, r);
	return r->fault[0] == '\0';
}
