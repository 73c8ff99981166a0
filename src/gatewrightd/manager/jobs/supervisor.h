/*
 * The one thread that follows every deploy process: it stores what they report before they go on, ends jobs whose
 * process died, and recovers what a restart left open. Handlers of the API start jobs and ask for probes; they never
 * wait for a process.
 */
#ifndef GW_GATEWRIGHTD_MANAGER_JOBS_SUPERVISOR_H
#define GW_GATEWRIGHTD_MANAGER_JOBS_SUPERVISOR_H

#include "base/buf.h"
#include "gatewrightd/manager/gateway_record.h"
#include "gatewrightd/manager/manager.h"

struct supervisor;

/* Starts the thread; jobs that are not done in the store are recovered from now on. `m` is kept; m->http must be set
 * before jobs end. */
MUST_USE int supervisor_start(struct manager *m, struct supervisor **ret, struct err *e);

/* Every process's channel is closed and every question answered with a refusal, as each later one is; jobs stay open in
 * the store. */
void supervisor_stop(struct supervisor *s);

/* After supervisor_stop(), when no handler can call any more. */
void supervisor_free(struct supervisor *s);

/*
 * Start the process of the stored job `job_id` and send it `message` (DEPLOY_JOB; wiped, also after a failure). When
 * that fails the caller finishes the job. -EAGAIN: too many processes. A process that says nothing for longer than its
 * state and the window `confirm_within_s` allow is given up, and what is true is found out.
 */
MUST_USE int supervisor_run_job(struct supervisor *s, int64_t job_id, int64_t confirm_within_s, struct buf *message,
				struct err *e);

/* No process works on the open job `job_id`, because of `why`, and that could not be stored: it is ended as soon as it
 * can be. */
void supervisor_find_out(struct supervisor *s, int64_t job_id, const char *why);

/* 1: no process works on it (any more). -EAGAIN: it does not read. Never waits. */
MUST_USE int supervisor_cancel(struct supervisor *s, int64_t job_id, struct err *e);

/* A probe or a host key scan that an API call waits for. */
struct ask {
	int64_t gateway_id; /* 0: of no gateway; nothing is kept */
	bool is_probe;
	struct gateway_mark mark;    /* of a probe, before it began */
	void (*done)(void *context); /* called once, on the supervisor's thread; the ask is then the caller's again */
	void *context;

	/* the answer; `failed` 0 or a negative kind with its sentence */
	int failed;
	struct err e;
	char *probes; /* JSON list; returned: ask_fini() */
	char host_key[64], host_key_type[64];
};
void ask_fini(struct ask *a);

/* `ask` is kept until done() was called. `message` as above. */
MUST_USE int supervisor_ask(struct supervisor *s, struct ask *ask, struct buf *message, struct err *e);

#endif
