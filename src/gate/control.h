/*
 * What the gate answers on its control socket. A request is one line, an answer lines like those of
 *docs/protocol-host.md:
 * "= KEY VALUE" each, then "ok" or "fail WORD SENTENCE".
 *
 *	status				live pending left old serving subject not_after days_left name... version pid
 *uptime connections threads listen... activate ID TOKEN SECONDS	old live, or restored
 *	confirm TOKEN KEEP		live removed
 *	rollback TOKEN			live restored
 */
#ifndef GW_GATE_CONTROL_H
#define GW_GATE_CONTROL_H

#include "gate/activation.h"

/* What the program knows beside the activation. */
struct control_view {
	int64_t uptime_s;
	uint64_t connections;
	size_t threads;
	const char *const *listen; /* "127.0.0.1:8443" */
	size_t listen_n;
};

/* Answer one line (without its newline) into `out`. */
void control_on_line(struct activation *a, const struct control_view *v, struct bytes line, struct wall_time now,
		     struct mono_time mono, struct buf *out);

/* The final line of an answer for a failure. */
void control_fail(int kind, const struct err *e, struct buf *out);

#endif
