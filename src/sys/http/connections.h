/*
 * The connections that are open at all doors together: how many each client address has, and which of them takes too
 * long to send a request. From any thread. The table holds no connection open: its owner adds and removes.
 */
#ifndef GW_SYS_HTTP_CONNECTIONS_H
#define GW_SYS_HTTP_CONNECTIONS_H

#include "base/time.h"
#include "base/util.h"

#include <pthread.h>
#include <sys/socket.h>

#define CONNECTION_SOURCE_SIZE 16

/* One of them. `fd` stays open until connections_remove(). */
struct http_connection {
	void *owner; /* kept, of whoever added it */
	int fd;
	bool has_source; /* an Internet address; others (a Unix socket) are not counted */
	uint8_t source[CONNECTION_SOURCE_SIZE];
	bool receiving;
	struct mono_time late_at; /* while `receiving` */
	struct http_connection *next, **prev_next;
};

struct http_connections {
	pthread_mutex_t lock;
	struct http_connection *first;
	unsigned int source_max; /* connections of one address; 0: no such limit */
	int64_t receive_ms;	 /* for a whole request, or for the way to the first one */
};

void connections_init(struct http_connections *cs, unsigned int source_max, int64_t receive_ms);
void connections_fini(struct http_connections *cs); /* all were removed */

/*
 * Does `address` have fewer than its number? An IPv4 address counts alone, also as a client of an IPv6 socket, an IPv6
 * address as its /64: whoever has one has them all. Asked before connections_add(), so threads that accept at the same
 * moment may let in one more each.
 */
MUST_USE bool connections_may_enter(struct http_connections *cs, const struct sockaddr *address);

/* `c` is kept until connections_remove(); `fd` and `owner` are set. Its first request is awaited from `now`. */
void connections_add(struct http_connections *cs, struct http_connection *c, const struct sockaddr *address,
		     struct mono_time now);
void connections_remove(struct http_connections *cs, struct http_connection *c);

/* The request is there as a whole; it may take any time to answer it. */
void connection_received(struct http_connections *cs, struct http_connection *c);

/* It was answered: the next one is awaited. */
void connection_awaits(struct http_connections *cs, struct http_connection *c, struct mono_time now);

/* Shut the sockets whose request is late; their owner sees the end. Returns how many. */
unsigned int connections_cut_late(struct http_connections *cs, struct mono_time now);

#endif
