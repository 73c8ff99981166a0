/* The answers of the HTTP side, as bytes: the health report and problem documents (RFC 9457). Pure. */
#ifndef GW_GATE_HEALTH_H
#define GW_GATE_HEALTH_H

#include "gate/generation.h"

/* What is served, ready to be shown. Zeroed: nothing. */
struct health_facts {
	char generation[KEYSTORE_ID_SIZE]; /* "" nothing is served */
	char fingerprint[GENERATION_HEX_SIZE];
	struct buf subject; /* text */
	struct buf names;   /* a JSON array */
	struct wall_time not_after;
	bool pending;
	char old_id[KEYSTORE_ID_SIZE];
	struct mono_time due;
};

/* Fill from a generation (NULL: nothing is served); pending is left. */
MUST_USE int health_facts_set(struct health_facts *f, const struct generation *g, struct err *e);
void health_facts_fini(struct health_facts *f);

struct health_moment {
	struct wall_time now;
	struct mono_time mono;
	int64_t uptime_s;
	uint64_t connections;
};

/* A whole response, status 200. Check buf_bad(). */
void health_answer(const struct health_facts *f, struct health_moment m, bool head_only, bool last, struct buf *out);

/* A whole response with a problem document. */
void health_problem(int status, const char *why, bool head_only, bool last, struct buf *out);

#endif
