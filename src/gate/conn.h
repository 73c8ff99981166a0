/*
 * One connection, as a state machine: what came in goes in, actions come out. No descriptor, no TLS, no clock.
 *
 *	accepted -> tls -> open -> draining -> closed
 *
 * Every state that is not closed has a deadline; in `open` it belongs to what is waited for (a request, the rest of its
 * head, the peer reading an answer). The caller owns the socket and does what the actions say.
 */
#ifndef GW_GATE_CONN_H
#define GW_GATE_CONN_H

#include "base/buf.h"
#include "base/time.h"

enum conn_state { CONN_ACCEPTED, CONN_TLS, CONN_OPEN, CONN_DRAINING, CONN_CLOSED, CONN_STATE_N };

/* In CONN_OPEN. */
enum conn_wait { CONN_WAIT_REQUEST, CONN_WAIT_HEAD, CONN_WAIT_ANSWER, CONN_WAIT_N };

enum conn_action_kind {
	CONN_START_TLS,	   /* make the TLS object and begin the handshake */
	CONN_SEND_HEALTH,  /* answer 200 with the health report */
	CONN_SEND_PROBLEM, /* answer `status` with a problem document that says `why` */
	CONN_SHUTDOWN,	   /* send close_notify */
	CONN_CLOSE, /* close the socket now; the last action of a connection; `why` is for the log, NULL: an ordinary
		       end */
	CONN_ACTION_N
};

struct conn_action {
	enum conn_action_kind kind;
	bool head_only; /* HEAD: no body */
	bool last;	/* say "Connection: close" */
	int status;
	const char *why; /* lives for ever */
};

#define CONN_ACTIONS_MAX 4

struct conn_actions {
	struct conn_action items[CONN_ACTIONS_MAX];
	size_t n;
};

/* What the configuration says; the other limits are those of schema/limits.def. */
struct conn_limits {
	int64_t idle_ms; /* an open connection without a request */
};

struct conn {
	enum conn_state state;
	enum conn_wait wait;
	struct mono_time deadline;
	const struct conn_limits *limits;
	struct buf in;	   /* a request head that is not complete, and what came behind the one being answered */
	size_t searched_n; /* bytes of `in` in which no head ends */
	bool last_answer;  /* drain when the answer is out */
	bool stopping;	   /* the gate ends: no further request */
};

/* `limits` is kept. conn_fini() frees what it holds, in any state. */
void conn_init(struct conn *c, const struct conn_limits *limits, struct mono_time now);
void conn_fini(struct conn *c);

/* The socket became readable for the first time. */
void conn_on_first_byte(struct conn *c, struct mono_time now, struct conn_actions *out);
void conn_on_tls_established(struct conn *c, struct mono_time now, struct conn_actions *out);
void conn_on_tls_failed(struct conn *c, const char *why, struct conn_actions *out);

/* Decrypted bytes, at most conn_room(). */
void conn_on_bytes(struct conn *c, struct bytes b, struct mono_time now, struct conn_actions *out);

/* All that the actions sent is with the kernel. */
void conn_on_sent(struct conn *c, struct mono_time now, struct conn_actions *out);

/* The peer ended its half (close_notify or end of file), or the connection broke. */
void conn_on_end(struct conn *c, struct mono_time now, struct conn_actions *out);
void conn_on_broken(struct conn *c, const char *why, struct conn_actions *out);

/* The deadline, or later; nothing happens before it. */
void conn_on_timer(struct conn *c, struct mono_time now, struct conn_actions *out);

/* The gate ends: idle ones drain at once, a request that is being answered is the last. */
void conn_on_stop(struct conn *c, struct mono_time now, struct conn_actions *out);

/* How many bytes it takes now; 0: don't read. */
size_t conn_room(const struct conn *c);

const char *conn_state_name(enum conn_state s);

#endif
