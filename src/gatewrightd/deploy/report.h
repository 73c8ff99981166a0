/* What a deploy process tells the manager, and what it hears meanwhile. */
#ifndef GW_GATEWRIGHTD_DEPLOY_REPORT_H
#define GW_GATEWRIGHTD_DEPLOY_REPORT_H

#include "base/bytes.h"
#include "base/err.h"
#include "codec/wire.h"
#include "core/deploy/update.h"

struct report {
	int fd; /* the channel to the manager, kept */
	uint64_t job;
	uint32_t last_id;
	bool gone;	/* end of file: the manager is no more */
	bool cancelled; /* MSG_DEPLOY_CANCEL came */
};

/* Bytes of probes in one message, with their fields' heads; the rest is for sentences. */
#define REPORT_PROBES_MAX (WIRE_MESSAGE_MAX - 4096)

/* A step that began or ended. What is NULL, empty or zero is left out. */
struct report_step {
	enum update_state state;
	const char *step;    /* what is being done */
	const char *outcome; /* "started" "done" "failed" */
	const char *text;
	struct bytes host_output;
	int64_t time_ms; /* -1: none */
	const struct bytes
		*probes; /* a round of probes is told as a whole, or not at all; probe_round_json() makes it fit */
	size_t probes_n;
	const char *old_generation;
	struct wall_time deadline;
	const char *host_key, *host_key_type;
};

/* The end. */
struct report_result {
	enum update_state state;
	enum update_result result;
	const char *text;
	const struct bytes *probes;
	size_t probes_n;
	const char *host_key, *host_key_type, *old_generation;
	struct wall_time deadline; /* an UNKNOWN end: then the host has gone back, if it does */
};

/* No answer is awaited; a manager that is gone is noted. */
void report_step(struct report *r, const struct report_step *s);

/* Have the manager store `state`, and `deadline` unless it is zero. 0: stored. 1: the manager is gone. -ETIMEDOUT;
 * refused: its kind. */
MUST_USE int report_move(struct report *r, enum update_state state, struct wall_time deadline, int timeout_ms,
			 struct err *e);

/* Send the end and wait until the manager has stored it. 1: it is gone. */
MUST_USE int report_result(struct report *r, const struct report_result *s, int timeout_ms, struct err *e);

/* Read what lies there, without waiting: `gone` and `cancelled` tell. */
void report_listen(struct report *r);

#endif
