#include "sys/http/client.h"
#include "sys/clock.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICK_MS 100

struct http_client {
	CURL *curl;
	char *socket;
	char *authorization; /* the header, or NULL */
	const char *cookie_name;
	char *cookie, *csrf; /* headers, or NULL */
	long call_ms, idle_s;
	char reason[CURL_ERROR_SIZE];
};

/* One exchange: where the bytes of the answer go. */
struct exchange {
	CURL *curl;
	struct http_answer *answer;
	struct sse *parser;		  /* NULL: a plain call */
	const struct http_stream *stream; /* with parser */
	int stopped;			  /* what the sink or the tick returned */
	struct mono_time last;		  /* when bytes came last */
	struct err *e;
};

/* libcurl's memory is overwritten when it is freed or moved: it holds what was sent. */
static void wiping_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *wiping_realloc(void *p, size_t n)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *moved = malloc(n ? n : 1);

	if (!moved)
		return NULL;
	if (p)
		memcpy(moved, p, old < n ? old : n);
	wiping_free(p);
	return moved;
}

static char *plain_strdup(const char *s)
{
	return strdup(s);
}

static void *plain_calloc(size_t n, size_t size)
{
	return calloc(n, size);
}

static void *plain_malloc(size_t n)
{
	return malloc(n);
}

static int set_up_library(struct err *e)
{
	static bool done;

	if (!done && curl_global_init_mem(CURL_GLOBAL_NOTHING, plain_malloc, wiping_free, wiping_realloc, plain_strdup,
					  plain_calloc) != CURLE_OK)
		return err_set(e, -ENOMEM, "libcurl can't be set up");
	done = true;
	return 0;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->curl);
	wiping_free(c->authorization);
	wiping_free(c->cookie);
	wiping_free(c->csrf);
	free(c->socket);
	free(c);
}

int http_client_new(const char *socket_path, struct http_client **ret, struct err *e)
{
	CLEANUP(http_client_freep) struct http_client *c = NULL;
	int r = set_up_library(e);

	if (r < 0)
		return r;
	c = calloc(1, sizeof(*c));
	if (!c)
		return err_nomem(e);
	c->call_ms = HTTP_CLIENT_CALL_MS;
	c->idle_s = HTTP_CLIENT_IDLE_S;
	c->socket = strdup(socket_path);
	c->curl = curl_easy_init();
	if (!c->socket || !c->curl)
		return err_nomem(e);
	*ret = TAKE(c);
	return 0;
}

int http_client_set_token(struct http_client *c, struct bytes token, struct err *e)
{
	char *header = NULL;

	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] >= 0x7f)
			return err_set(e, -EINVAL, "the token: want visible ASCII characters, got others");
	if (asprintf(&header, "Authorization: Bearer %.*s", (int)token.n, (const char *)token.p) < 0)
		return err_nomem(e);
	wiping_free(c->authorization);
	c->authorization = header;
	return 0;
}

void http_client_keep_cookie(struct http_client *c, const char *name)
{
	c->cookie_name = name;
}

int http_client_set_csrf(struct http_client *c, const char *token, struct err *e)
{
	char *header = NULL;

	if (asprintf(&header, "X-CSRF-Token: %s", token) < 0)
		return err_nomem(e);
	wiping_free(c->csrf);
	c->csrf = header;
	return 0;
}

/* The cookie as the answer sets it; what follows its value is for browsers. */
static int take_cookie(struct http_client *c, struct err *e)
{
	size_t n = strlen(c->cookie_name);
	struct curl_header *h;
	char *header = NULL;

	for (size_t i = 0; curl_easy_header(c->curl, "Set-Cookie", i, CURLH_HEADER, -1, &h) == CURLHE_OK; i++) {
		if (strncmp(h->value, c->cookie_name, n) != 0 || h->value[n] != '=')
			continue;
		if (asprintf(&header, "Cookie: %.*s", (int)strcspn(h->value, ";"), h->value) < 0)
			return err_nomem(e);
		wiping_free(c->cookie);
		c->cookie = header;
	}
	return 0;
}

/* Appends to the list (NULL: none yet). False without memory; the list is still the caller's. */
static bool add_header(struct curl_slist **list, const char *header)
{
	struct curl_slist *more = header ? curl_slist_append(*list, header) : *list;

	if (header && !more)
		return false;
	*list = more;
	return true;
}

void http_client_set_limits(struct http_client *c, long call_ms, long idle_s)
{
	c->call_ms = call_ms > 0 ? call_ms : c->call_ms;
	c->idle_s = idle_s > 0 ? idle_s : c->idle_s;
}

void http_answer_init(struct http_answer *a)
{
	*a = (struct http_answer) { .status = 0 };
	buf_init(&a->body, HTTP_CLIENT_ANSWER_MAX);
}

void http_answer_fini(struct http_answer *a)
{
	buf_wipe(&a->body);
}

static size_t on_body(char *p, size_t size, size_t n, void *context)
{
	struct exchange *x = context;
	struct bytes part = bytes_of(p, size * n);
	long status = 0;

	(void)curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	x->last = clock_mono();
	if (x->parser && status == 200) {
		x->stopped = sse_feed(x->parser, part, x->stream->on_event, x->stream->context, x->e);
		return x->stopped == 0 ? part.n : 0;
	}
	buf_add(&x->answer->body, part);
	return buf_bad(&x->answer->body) ? 0 : part.n;
}

/* The socket can't be used: the sentence says why, as far as the file system tells. */
static int explain_socket(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT)
		return err_set(e, -ENOENT,
			       "no socket '%s': gatewrightd is not running, or serves another one (--socket, "
			       "GATEWRIGHT_SOCKET)",
			       path);
	if (errno == EACCES || (stat(path, &st) == 0 && access(path, W_OK) < 0))
		return err_set(
			e, -EACCES,
			"not allowed to use the socket '%s': want root or gatewrightd's user or group, got uid %u",
			path, (unsigned)geteuid());
	if (stat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return err_set(e, -ENOTSOCK, "'%s' is not a socket", path);
	return err_set(e, -ECONNREFUSED, "nobody serves the socket '%s': gatewrightd is not running", path);
}

static int explain(const struct http_client *c, CURLcode code, const struct exchange *x, const char *method,
		   const char *path, struct err *e)
{
	double connected = 0;

	if (code == CURLE_COULDNT_CONNECT || strlen(c->socket) >= 108)
		return explain_socket(c->socket, e);
	(void)curl_easy_getinfo(x->curl, CURLINFO_CONNECT_TIME, &connected);
	if (code == CURLE_OPERATION_TIMEDOUT && connected <= 0)
		return err_set(e, -ECONNREFUSED, "gatewrightd does not accept a connection on '%s' within %ld s",
			       c->socket, HTTP_CLIENT_CONNECT_MS / 1000);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(e, -ETIMEDOUT, "%s %s: no complete answer from gatewrightd in time", method, path);
	if (code == CURLE_OUT_OF_MEMORY)
		return err_nomem(e);
	if (code == CURLE_WRITE_ERROR && buf_bad(&x->answer->body))
		return err_set(e, -E2BIG, "%s %s: want an answer of at most %u bytes, got more", method, path,
			       HTTP_CLIENT_ANSWER_MAX);
	if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
		return err_set(e, -EPROTO, "%s %s: what answers on '%s' does not speak HTTP", method, path, c->socket);
	return err_set(e, -ECONNRESET, "%s %s: the connection to gatewrightd ended before the answer was complete (%s)",
		       method, path, c->reason[0] ? c->reason : curl_easy_strerror(code));
}

static int prepare(struct http_client *c, const char *path, struct exchange *x, struct err *e)
{
	CLEANUP(util_freep) char *url = NULL;

	if (asprintf(&url, "http://localhost%s", path) < 0)
		return err_nomem(e);
	curl_easy_reset(c->curl);
	c->reason[0] = '\0';
	if (curl_easy_setopt(c->curl, CURLOPT_URL, url) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->socket) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http") != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_PROXY, "") != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->reason) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, HTTP_CLIENT_CONNECT_MS) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, x) != CURLE_OK)
		return strlen(c->socket) >= 108 ? explain_socket(c->socket, e) : err_nomem(e);
	return 0;
}

/* The body is borrowed by libcurl until the call is over. */
static int prepare_body(struct http_client *c, const char *method, struct bytes body, struct curl_slist **ret,
			struct err *e)
{
	if (curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, c->call_ms) != CURLE_OK)
		return err_nomem(e);
	if (!add_header(ret, c->authorization) || !add_header(ret, c->cookie) || !add_header(ret, c->csrf))
		return err_nomem(e);
	if (!body.p)
		return 0;
	if (!add_header(ret, "Content-Type: application/json") || !add_header(ret, "Expect:") ||
	    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, (const char *)body.p) != CURLE_OK ||
	    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method) != CURLE_OK)
		return err_nomem(e);
	return 0;
}

/* Status and media type, once the head of the answer is there. */
static void note_head(CURL *curl, struct http_answer *ret)
{
	const char *type = NULL;
	long status = 0;
	size_t n = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	ret->status = (int)status;
	for (; type && type[n] && type[n] != ';' && type[n] != ' ' && n + 1 < sizeof(ret->type); n++)
		ret->type[n] = type[n] >= 'A' && type[n] <= 'Z' ? (char)(type[n] + 32) : type[n];
	ret->type[n] = '\0';
}

int http_client_call(struct http_client *c, const char *method, const char *path, struct bytes body,
		     struct http_answer *ret, struct err *e)
{
	struct exchange x = { .curl = c->curl, .answer = ret, .e = e };
	struct curl_slist *headers = NULL;
	CURLcode code;
	int r = prepare(c, path, &x, e);

	if (r == 0)
		r = prepare_body(c, method, body, &headers, e);
	if (r == 0 && headers && curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
		r = err_nomem(e);
	if (r == 0) {
		code = curl_easy_perform(c->curl);
		r = code == CURLE_OK ? 0 : explain(c, code, &x, method, path, e);
		if (r == 0)
			note_head(c->curl, ret);
		if (r == 0 && c->cookie_name)
			r = take_cookie(c, e);
	}
	curl_easy_reset(c->curl);
	curl_slist_free_all(headers);
	return r;
}

bool http_client_unreachable(int r)
{
	return r == -ENOENT || r == -EACCES || r == -ECONNREFUSED || r == -ENOTSOCK;
}

static int prepare_stream(struct http_client *c, const struct sse *parser, struct curl_slist **ret, struct err *e)
{
	CLEANUP(util_freep) char *resume = NULL;

	if (asprintf(&resume, "Last-Event-ID: %s", parser->id) < 0)
		return err_nomem(e);
	if (!add_header(ret, "Accept: text/event-stream") || !add_header(ret, c->authorization) ||
	    !add_header(ret, parser->id[0] ? resume : NULL))
		return err_nomem(e);
	return curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, *ret) == CURLE_OK ? 0 : err_nomem(e);
}

/* Run until the transfer ends, is silent for too long, or the tick says stop (CURLE_OK with x->stopped). */
static CURLcode run_stream(CURLM *multi, struct exchange *x, long idle_s)
{
	int running = 1, left = 0;
	CURLMsg *message;

	while (running > 0) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return CURLE_OUT_OF_MEMORY;
		if (running > 0 && x->stream->on_tick)
			x->stopped = x->stream->on_tick(x->stream->context);
		if (x->stopped != 0)
			return CURLE_OK;
		if (clock_mono().ms - x->last.ms > idle_s * 1000)
			return CURLE_OPERATION_TIMEDOUT;
		if (running > 0 && curl_multi_poll(multi, NULL, 0, TICK_MS, NULL) != CURLM_OK)
			return CURLE_OUT_OF_MEMORY;
	}
	message = curl_multi_info_read(multi, &left);
	return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_RECV_ERROR;
}

int http_client_stream(struct http_client *c, const char *path, struct sse *parser, const struct http_stream *stream,
		       struct http_answer *ret, struct err *e)
{
	struct exchange x = {
		.curl = c->curl, .answer = ret, .parser = parser, .stream = stream, .last = clock_mono(), .e = e
	};
	struct curl_slist *headers = NULL;
	CURLM *multi = curl_multi_init();
	CURLcode code;
	int r = multi ? prepare(c, path, &x, e) : err_nomem(e);

	if (r == 0)
		r = prepare_stream(c, parser, &headers, e);
	if (r == 0 && curl_multi_add_handle(multi, c->curl) != CURLM_OK)
		r = err_nomem(e);
	if (r == 0) {
		code = run_stream(multi, &x, c->idle_s);
		r = x.stopped ? x.stopped : code == CURLE_OK ? 0 : explain(c, code, &x, "GET", path, e);
		if (r == 0)
			note_head(c->curl, ret);
		(void)curl_multi_remove_handle(multi, c->curl);
	}
	curl_easy_reset(c->curl);
	curl_slist_free_all(headers);
	curl_multi_cleanup(multi);
	return r;
}
