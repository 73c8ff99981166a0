/* One thread of the gate: its loop, its TLS library, its listeners, its connections. */
#ifndef GW_GATE_WORKER_H
#define GW_GATE_WORKER_H

#include "gate/conn.h"
#include "gate/health.h"
#include "gate/sources.h"
#include "gate/tls.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the threads share, because a quota and a report are about the whole gate. */
struct worker_shared {
	struct conn_limits limits;
	uint64_t connections_max;
	int64_t started_ms; /* monotonic */
	atomic_uint_fast64_t connections;
	atomic_uint_fast64_t refused; /* by the limits, since the start */
	pthread_mutex_t lock;	      /* for the two below; held for a few instructions */
	struct sources *sources;
	struct health_facts health;
};

struct worker;

/* Nothing runs yet. `shared` is kept. Returned: worker_free(), after worker_join(). */
MUST_USE int worker_new(struct worker_shared *shared, unsigned number, struct worker **ret, struct err *e);
void worker_free(struct worker *w);

/* Give it a listening socket (taken). Before worker_start(). */
MUST_USE int worker_add_listener(struct worker *w, int fd, struct err *e);
MUST_USE int worker_start(struct worker *w, struct err *e);
void worker_join(struct worker *w);

/* For making contexts that this worker will use; the library is safe to use from the caller's thread. */
struct tls_library *worker_library(struct worker *w);

/* From another thread: the next handshake gets `c` (taken; NULL: connections are refused). worker_wait() waits until
 * that is so; false: too late. */
void worker_post_context(struct worker *w, struct tls_context *c);
MUST_USE bool worker_wait(struct worker *w, int limit_ms);

/* From another thread: take no more connections, finish; the thread ends when all are gone, or at once with `now`. */
void worker_post_stop(struct worker *w, bool now);
bool worker_ended(struct worker *w);

#endif
