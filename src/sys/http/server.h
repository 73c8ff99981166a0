/*
 * The manager's HTTP server: libmicrohttpd on listening sockets (Unix, and TCP with TLS), a pool of threads each, a
 * table of routes. Bodies are collected up to a limit, answers are JSON or problem details (RFC 9457), event streams
 * wake on command.
 */
#ifndef GW_SYS_HTTP_SERVER_H
#define GW_SYS_HTTP_SERVER_H

#include "base/buf.h"
#include "base/err.h"
#include "sys/secret.h"

#include <jansson.h>
#include <sys/types.h>

/* All of them also in schema/limits.def. */
#define HTTP_BODY_MAX (256u * 1024)	    /* bytes of a request's body */
#define HTTP_THREADS 4			    /* that serve */
#define HTTP_CONNECTIONS_MAX 128	    /* open at once */
#define HTTP_CONNECTION_MEMORY (64u * 1024) /* bytes for a request's line and headers */
#define HTTP_IDLE_S 30			    /* a connection that says nothing ends */
#define HTTP_RECEIVE_S 60		    /* a request that is not there as a whole by then is cut off */
#define HTTP_STREAMS_MAX 32		    /* event streams at once */
#define HTTP_TICK_S 2			    /* how often streams look by themselves, and late requests are looked for */
#define HTTP_KEEPALIVE_S 15		    /* a silent event stream gets a comment */
#define HTTP_PARAMS_MAX 4		    /* of a route's pattern */
#define HTTP_COOKIES_MAX 8		    /* of a request that are for the whole host */
#define HTTP_LISTENERS_MAX 9		    /* the Unix socket and 8 addresses with TLS */

struct http_server;
struct http_request;

/*
 * A handler answers with one of the http_answer_...() functions and returns 0, or returns a negative kind with its
 * sentence in `e`, which becomes a problem: -EINVAL 400, -EACCES 403, -ENOENT 404, -EBUSY and -EEXIST 409, -ESTALE 412,
 * -E2BIG 413, -EPROTO 422, -EPIPE and -EAGAIN 503, others 500. HTTP_LATER: see http_finish_later().
 */
#define HTTP_LATER 1
typedef int http_handler(struct http_request *r, void *context, struct err *e);

/* `pattern`: "/api/v1/gateways/{name}/probe"; a parameter is one path segment. The list ends with a NULL method. */
struct http_route {
	const char *method, *pattern;
	http_handler *handler;
};

/* Through which door a request comes. */
enum http_channel { HTTP_UNIX, HTTP_TLS };

struct http_listener {
	int fd; /* bound and listening */
	enum http_channel channel;
};

/* Who may speak on HTTP_UNIX: user 0, this process's own, and members of `group` unless it is (gid_t)-1. The kernel
 * says who calls.
 */
struct http_config {
	const struct http_listener *listeners; /* borrowed; their descriptors are taken, also on failure */
	size_t listeners_n;
	gid_t group;
	unsigned int threads;	 /* of each listener; 0: HTTP_THREADS */
	unsigned int source_max; /* connections of one client address on all HTTP_TLS listeners; 0: no such limit */
	unsigned int receive_s;	 /* for a whole request to come in, 0: HTTP_RECEIVE_S */
	const struct http_route *routes; /* kept */
	http_handler *files;		 /* GET of a path that no route has, on HTTP_TLS; NULL: 404 */
	void *context;			 /* kept, for the handlers */
};

MUST_USE int http_server_start(const struct http_config *config, struct http_server **ret, struct err *e);

/* A PEM chain, leaf first, and its key as PEM; both are copied. -EINVAL: not usable. */
struct http_certificate;
MUST_USE int http_certificate_new(struct bytes chain_pem, const struct secret *key_pem, struct http_certificate **ret,
				  struct err *e);
void http_certificate_free(struct http_certificate *c);

/*
 * What HTTP_TLS listeners show from the next handshake on; `c` is taken, NULL: nothing, and handshakes fail, as they do
 * at the start. From any thread; connections that are there go on. Returned: the one before.
 */
struct http_certificate *http_server_swap_certificate(struct http_server *s, struct http_certificate *c);

/* Ends every stream and connection; handlers under way finish. Requests that wait for http_finish_later() must be
 * finished before. */
void http_server_stop(struct http_server *s);

/* Strings are decoded (RFC 3986) and borrowed until the handler ends (or the request, for one that ends later). */
size_t http_route_index(const struct http_request *r); /* the row of config.routes that led here */
const char *http_param(const struct http_request *r, size_t i);
const char *http_query(const struct http_request *r, const char *name);	 /* NULL: absent */
const char *http_header(const struct http_request *r, const char *name); /* NULL: absent */
const char *http_cookie(const struct http_request *r, const char *name);

const char *http_path(const struct http_request *r); /* as it came: not decoded, without the query */

enum http_channel http_channel(const struct http_request *r);

/* HTTP_UNIX: who calls, as the kernel says. HTTP_TLS: (uid_t)-1. */
uid_t http_peer_uid(const struct http_request *r);

/* From where: "unix", or an address without its port. */
#define HTTP_PEER_MAX 64
const char *http_peer_address(const struct http_request *r);

/* A header of the answer that comes; both are copied. At most HTTP_HEADERS_MAX. */
#define HTTP_HEADERS_MAX 8
MUST_USE int http_answer_header(struct http_request *r, const char *name, const char *value, struct err *e);

/* -EINVAL when the query has a parameter that is not in `known` (ends with NULL). */
MUST_USE int http_query_check(struct http_request *r, const char *const *known, struct err *e);

/* The body as a JSON object; an empty body is an empty one. Borrowed. Fails with 400, 415 for another content type. */
MUST_USE int http_body(struct http_request *r, json_t **ret, struct err *e);

/* `body` is taken, NULL: no body. Status 200, 201, 202, 204. */
void http_answer(struct http_request *r, unsigned int status, json_t *body);

/* A text of another type. */
void http_answer_text(struct http_request *r, unsigned int status, const char *type, struct bytes body);

/* The same; `body` is kept until the server stops, and not copied. */
void http_answer_static(struct http_request *r, unsigned int status, const char *type, struct bytes body);

/* RFC 9457; `findings` (taken) is a list or NULL. */
void http_answer_problem(struct http_request *r, unsigned int status, const char *detail, json_t *findings);

/* "Not Found" of 404. */
const char *http_status_title(unsigned int status);

/* A text that jansson made, overwritten before it is freed; NULL is fine. */
void json_release_text(char *text);

/* A status other than what the returned kind means, for this request. */
unsigned int http_status_of(int kind);

/*
 * A handler that waits for something slow returns HTTP_LATER after it arranged that http_finish_later() is called
 * exactly once, from any thread, at any time (also before the handler returned). Then the handler is called again on a
 * pool thread; it tells the two calls apart by its own state, that it hung on the request. The request lives until
 * then, whatever its client does.
 */
void http_finish_later(struct http_request *r);
void http_set_state(struct http_request *r, void *state, void (*free_state)(void *));
void *http_state(const struct http_request *r);

/*
 * Event streams (WHATWG HTML section 9.2). `pull` appends what is there since the last call to `out`; 1: that was the
 * end. It is called again after every http_wake() and at least every HTTP_TICK_S. `source` is taken: free_source()
 * ends it.
 */
typedef int http_pull(void *source, struct buf *out, struct err *e);
MUST_USE int http_answer_stream(struct http_request *r, http_pull *pull, void *source, void (*free_source)(void *),
				struct err *e);

/* Something happened: every stream looks. From any thread. */
void http_wake(struct http_server *s);

#endif
