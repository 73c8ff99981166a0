/* The serving side as a whole: listening sockets and one worker per thread. */
#ifndef GW_GATE_SERVER_H
#define GW_GATE_SERVER_H

#include "gate/gate_config.h"
#include "gate/generation.h"
#include "gate/pending.h"

struct server;

/* Open every listening socket and make the workers; nothing is accepted yet. `config` is kept; at most
 * `connections_max` connections are open at one time, whatever it says. Returned: server_free(). */
MUST_USE int server_new(const struct gate_config *config, uint64_t connections_max, struct server **ret, struct err *e);
void server_free(struct server *s);
DEFINE_CLEANUP(struct server, server_free);

/* Start the threads. */
MUST_USE int server_start(struct server *s, struct err *e);

/*
 * Every handshake from now on gets `g` (borrowed; NULL: connections are refused). On failure all threads serve what
 * they served before. Established connections are not touched.
 */
MUST_USE int server_serve(struct server *s, const struct generation *g, struct err *e);

/* What the health report says about a pending switch; NULL: nothing is pending. */
void server_show_pending(struct server *s, const struct pending *p, struct mono_time due);

/* Stop gracefully; `now`: cut what is left. server_ended(): every thread is through. */
void server_stop(struct server *s, bool now);
bool server_ended(struct server *s);

uint64_t server_connections(struct server *s);
size_t server_threads(const struct server *s);

/* "127.0.0.1:8443", with the port that the kernel gave for 0. Borrowed. */
const char *const *server_addresses(const struct server *s, size_t *ret_n);

#endif
