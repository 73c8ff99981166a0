/*
 * HTTP to gatewrightd over its Unix socket, by libcurl: one call at a time, and event streams. What was sent or
 * received is overwritten before its memory is freed, libcurl's own buffers included: bodies carry passwords.
 */
#ifndef GW_SYS_HTTP_CLIENT_H
#define GW_SYS_HTTP_CLIENT_H

#include "base/buf.h"
#include "base/err.h"
#include "sys/http/sse.h"

struct http_client;

/* The whole answer; until the socket accepts; a whole call; an event stream without a byte. */
#define HTTP_CLIENT_ANSWER_MAX ((unsigned)LIMIT_HTTP_CLIENT_ANSWER_MAX)
#define HTTP_CLIENT_CONNECT_MS ((long)LIMIT_HTTP_CLIENT_CONNECT_MS)
#define HTTP_CLIENT_CALL_MS ((long)LIMIT_HTTP_CLIENT_CALL_MS)
#define HTTP_CLIENT_IDLE_S ((long)LIMIT_HTTP_CLIENT_IDLE_S)

/* `socket_path` is copied. Opens nothing yet. Returned: http_client_free(). */
MUST_USE int http_client_new(const char *socket_path, struct http_client **ret, struct err *e);
void http_client_free(struct http_client *c);
DEFINE_CLEANUP(struct http_client, http_client_free);

/* Every call brings this token (RFC 6750 section 2.1); it is copied, and wiped with the object. -EINVAL: not printable.
 */
MUST_USE int http_client_set_token(struct http_client *c, struct bytes token, struct err *e);

/*
 * From now on the client is somebody who signs in: it keeps the cookie `name` (borrowed) that an answer sets, and sends
 * it with every call (RFC 6265 section 5.4), with the header X-CSRF-Token once there is one. Both are wiped with the
 * object. The cookie is one that a browser would keep for https alone: the socket is no less.
 */
void http_client_keep_cookie(struct http_client *c, const char *name);
MUST_USE int http_client_set_csrf(struct http_client *c, const char *token, struct err *e);

/* Replace the limits, in milliseconds and seconds; 0 keeps one. For tests of slow servers. */
void http_client_set_limits(struct http_client *c, long call_ms, long idle_s);

struct http_answer {
	int status;    /* 200, 404, ...; 0 when no answer came */
	char type[64]; /* media type without parameters, lower case; "" when absent */
	struct buf body;
};

void http_answer_init(struct http_answer *a);
void http_answer_fini(struct http_answer *a); /* wipes */

/*
 * `method` on `path` ("/api/v1/...", already percent-encoded) with a JSON body (BYTES_NONE: none). 0: an answer came,
 * whatever its status. Negative, with a sentence that names the socket: -ENOENT, -EACCES, -ECONNREFUSED, -ENOTSOCK
 * (nothing was sent: http_client_unreachable()); -ETIMEDOUT, -ECONNRESET (it was sent, the answer is missing); -EPROTO,
 * -E2BIG, -ENOMEM.
 */
MUST_USE int http_client_call(struct http_client *c, const char *method, const char *path, struct bytes body,
			      struct http_answer *ret, struct err *e);

/* Could the socket not be reached, so that surely nothing happened? */
bool http_client_unreachable(int r);

/* on_tick is called about ten times a second, also while nothing comes. Nonzero of either ends the stream and is
 * returned. */
struct http_stream {
	sse_sink *on_event;
	int (*on_tick)(void *context);
	void *context;
};

/*
 * GET an event stream; `parser` (borrowed) holds the last id, which is sent as Last-Event-ID. 0: the server ended it,
 * or its status was not 200 (then the body is in *ret). Negative as above.
 */
MUST_USE int http_client_stream(struct http_client *c, const char *path, struct sse *parser,
				const struct http_stream *stream, struct http_answer *ret, struct err *e);

#endif
