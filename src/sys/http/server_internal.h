/* Inside the HTTP server: the request under way and what its files share. */
#ifndef GW_SYS_HTTP_SERVER_INTERNAL_H
#define GW_SYS_HTTP_SERVER_INTERNAL_H

#include "sys/http/connections.h"
#include "sys/http/server.h"

#include <gnutls/abstract.h>
#include <microhttpd.h>
#include <pthread.h>

struct http_stream;

#define HTTP_FAULT_MAX 128

/* One listening socket: a daemon of libmicrohttpd with threads of its own. */
struct http_door {
	struct http_server *server;
	struct MHD_Daemon *daemon;
	enum http_channel channel;
};

struct http_server {
	struct http_door doors[HTTP_LISTENERS_MAX];
	size_t doors_n;
	struct http_config config;
	struct http_route files_route; /* leads to config.files */
	struct http_connections connections;

	pthread_mutex_t certificate_lock;
	struct http_certificate *certificate; /* NULL: none yet */

	pthread_mutex_t lock;	     /* of all below, and of every request's `wait` */
	struct http_stream *streams; /* list of the open ones */
	size_t streams_n;
	uint64_t wakes; /* counts http_wake() */
	bool stopping;
	pthread_t ticker; /* wakes every HTTP_TICK_S */
	pthread_cond_t stop_ticker;
	bool has_ticker;
};

/* Between a handler that returned HTTP_LATER and http_finish_later(). */
enum http_wait { WAIT_NONE, WAIT_SUSPENDED, WAIT_FINISHED };

struct http_request {
	struct http_server *server;
	struct MHD_Connection *connection;
	const struct http_route *route; /* NULL: answered without one */
	char *path;
	char *params[HTTP_PARAMS_MAX];
	size_t params_n;
	struct http_connection *from;
	enum http_channel channel;
	uid_t peer;
	char address[HTTP_PEER_MAX];
	struct {
		char *name, *value;
	} headers[HTTP_HEADERS_MAX]; /* of the answer */
	size_t headers_n;
	struct buf body;
	size_t body_n;		    /* bytes that came, also those not kept */
	char fault[HTTP_FAULT_MAX]; /* sentence of a request that is refused for its form */
	unsigned int refusal;	    /* status of an answer that waits for the end of the body; 0: none */
	bool too_large, answered, called;
	json_t *json;
	enum http_wait wait;
	void *state;
	void (*free_state)(void *);
	enum MHD_Result queued; /* what MHD said to the answer */
};

/* The route of method and path; its parameters, decoded, go into the request. 0, or the status that says why not (404,
 * 405). */
unsigned int router_find(struct http_request *r, const char *method);

/* Are the escapes of a path whole, and what they decode to UTF-8 without control characters? */
bool router_path_is_text(const char *path);

/* ambiguous.c. These set r->fault. */
bool request_is_ambiguous(struct http_request *r, const char *version);
bool request_is_text(struct http_request *r);

/* May the other end speak? Fills r->peer and r->address. */
bool peer_allowed(struct http_request *r);

/* tls.c. TLS 1.2 and 1.3, forward secrecy and authenticated encryption only. */
#define TLS_PRIORITIES                                                                                       \
	"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:" \
	"+CHACHA20-POLY1305:%SERVER_PRECEDENCE"
gnutls_certificate_retrieve_function3 tls_on_handshake;

/* What on_connection() hung on it; NULL: there was no memory. */
struct http_connection *connection_of(struct MHD_Connection *connection);

void stream_wake_all(struct http_server *s); /* with the lock held */

#endif
