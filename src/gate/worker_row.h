/* The rows of a worker's connection table. Inner header of worker*.c. */
#ifndef GW_GATE_WORKER_ROW_H
#define GW_GATE_WORKER_ROW_H

#include "gate/worker.h"
#include "sys/loop/loop.h"

struct row {
	struct loop_source source;
	struct timer timer;
	struct conn conn;
	struct worker *w;
	struct row *previous, *next;
	struct row *next_again; /* has more to do than one turn allows */
	bool is_again;
	struct tls *tls;
	struct source_key key;
	struct buf out; /* what is being sent */
	size_t out_at;
	bool shutdown_wanted; /* close_notify is to be sent */
	bool closed;
	uint32_t wants; /* EPOLLIN or EPOLLOUT: what the last TLS call asked for */
};

struct listener {
	struct loop_source source;
	struct worker *w;
};

struct worker {
	struct worker_shared *shared;
	struct loop *loop;
	struct tls_library *library;
	struct tls_context *context; /* of the next handshake */
	struct listener listeners[LIMIT_GATE_LISTENERS_MAX];
	size_t listeners_n;
	struct row *rows, *again;
	struct loop_source wake; /* an eventfd */
	pthread_t thread;
	bool running, listening, stopping;
	unsigned number;
	int64_t refusal_said_ms;
	pthread_mutex_t lock; /* for what follows: the mailbox */
	pthread_cond_t taken_changed;
	struct tls_context *posted;
	bool has_posted, stop_posted, stop_now, ended;
	uint64_t posted_n, taken_n;
	uint8_t scratch[LIMIT_GATE_READ_MAX];
};

/* Claim a row for an accepted socket (taken). `key` was entered in the sources; the row gives it back. */
void row_open(struct worker *w, int fd, struct source_key key);

/* Work on a row until it waits for something, then settle what it waits for; may free it. */
void row_run(struct row *row);

/* The gate ends: tell the row; may free it. */
void row_stop(struct row *row);
void row_free(struct row *row);

#endif
