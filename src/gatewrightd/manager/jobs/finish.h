/* The end of a job: proof, probes, Used, row, all in one commit. */
#ifndef GW_GATEWRIGHTD_MANAGER_JOBS_FINISH_H
#define GW_GATEWRIGHTD_MANAGER_JOBS_FINISH_H

#include "gatewrightd/manager/jobs/work.h"

struct job_end {
	int64_t job_id;
	enum update_result result;
	const char *text;   /* for people */
	const char *probes; /* JSON list; NULL: none was made */
	int64_t handshakes_tried, handshakes_lost;
};

/* A job that is done already stays as it is. Negative: nothing was stored. */
MUST_USE int finish_job(struct supervisor *s, const struct job_end *end, struct err *e);

/* For a job whose process never came to be: from any thread, with its own store. */
MUST_USE int finish_not_started(struct store *s, int64_t job_id, const char *why, struct wall_time now, struct err *e);

/* End the step that is under way as failed, because of `why`. */
void finish_open_step(struct supervisor *s, struct work *w, const char *why);

#endif
