/*
 * Jobs, their steps and proofs. A job's row says how far it got; it is committed before the deploy process goes on, so
 * that a manager that starts after a crash knows what may have happened (docs/adr/0003).
 */
#ifndef GW_SYS_STORE_JOBS_H
#define GW_SYS_STORE_JOBS_H

#include "core/pki/facts.h"
#include "sys/store/store.h"

struct store_job {
	int64_t id;
	const char *kind; /* "update" "rollback" */
	int64_t gateway_id;
	const char *gateway;
	int64_t cert_id, previous_id;
	const char *state;
	bool done;
	const char *outcome; /* NULL until done */
	const char *detail;
	struct wall_time created_at, moved_at, finished_at; /* moved_at: when the state was stored */
	bool has_served;
	uint8_t served[FINGERPRINT_SIZE];
	int64_t deadline; /* Unix seconds, 0 none */
	const char *generation, *old_generation;
	int64_t confirm_within;
	const char *findings; /* JSON list: what the compatibility check said before */
	int64_t event_n;
};

/* 1: another job works on the gateway, *ret_id is that one's number. The row begins in state "queued". */
MUST_USE int store_job_add(struct store *s, const struct store_job *j, int64_t *ret_id, struct err *e);

/* 1: there is none. */
MUST_USE int store_job_get(struct store *s, int64_t id, struct arena *a, struct store_job *ret, struct err *e);

/* Newest first. `gateway_id` 0 and `state` NULL: all. */
MUST_USE int store_job_list(struct store *s, int64_t gateway_id, const char *state, struct store_page page,
			    struct arena *a, struct store_job **ret, size_t *ret_n, const char **ret_next,
			    struct err *e);

MUST_USE int store_job_count(struct store *s, const char *state, int64_t *ret, struct err *e);
MUST_USE int store_job_count_outcome(struct store *s, const char *kind, const char *outcome, int64_t *ret,
				     struct err *e);

/* The first confirmed update of the gateway that installed the generation, or found it there; 0: none did. */
MUST_USE int store_job_first_met(struct store *s, int64_t gateway_id, const char *generation, int64_t *ret,
				 struct err *e);

/* Jobs that are not done, by number, after `after`. */
MUST_USE int store_job_open(struct store *s, int64_t after, size_t max, struct arena *a, struct store_job **ret,
			    size_t *ret_n, struct err *e);

/* 1: the job is done already, nothing was changed. Zero and NULL in the switch keep what is there. */
MUST_USE int store_job_move(struct store *s, int64_t id, const char *state, const char *detail, struct wall_time at,
			    struct err *e);
MUST_USE int store_job_set_switch(struct store *s, int64_t id, int64_t deadline, const char *generation,
				  const char *old_generation, struct err *e);

/* Final: state, outcome, detail, finished_at and served of `j`. 1: it was done already. */
MUST_USE int store_job_finish(struct store *s, const struct store_job *j, struct err *e);

struct store_step {
	int64_t job_id, n;
	const char *state, *text, *outcome, *detail, *host_output;
	struct wall_time started_at, ended_at;
	int64_t time_ms;
	int64_t event_n;
};
#define STORE_STEPS_MAX 200 /* of one job; a job that goes on says so in its last one */

/* Begins a step (n, event_n are made here), ends one, lists them all or those changed after the event `since`, by
 * event. */
MUST_USE int store_step_begin(struct store *s, const struct store_step *st, int64_t *ret_n, struct err *e);
MUST_USE int store_step_end(struct store *s, const struct store_step *st, struct err *e);
MUST_USE int store_step_list(struct store *s, int64_t job_id, struct arena *a, struct store_step **ret, size_t *ret_n,
			     struct err *e);
MUST_USE int store_step_since(struct store *s, int64_t job_id, int64_t since, struct arena *a, struct store_step **ret,
			      size_t *ret_n, struct err *e);

MUST_USE int store_proof_add(struct store *s, int64_t job_id, struct wall_time at, const char *jws, struct err *e);

/* *ret is NULL when there is none. */
MUST_USE int store_proof_get(struct store *s, int64_t job_id, struct arena *a, const char **ret, struct err *e);
MUST_USE int store_proof_has(struct store *s, int64_t job_id, bool *ret, struct err *e);

#endif
