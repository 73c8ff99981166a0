/*
 * Follow a job to its end: its event stream, again after a lost connection, and the job itself when the stream is
 * silent.
 */
#ifndef GW_CLI_JOB_FOLLOW_H
#define GW_CLI_JOB_FOLLOW_H

#include "cli/api.h"

struct job_follow {
	struct cli *cli;
	const struct args *args;
	json_int_t id;
	bool quiet; /* print nothing on the output stream */
	bool lines; /* with quiet: every event as one line of JSON */
};

/*
 * Returns the exit code of the job's outcome: 0, CLI_FAILED, CLI_ROLLED_BACK; CLI_UNKNOWN when gatewrightd does not
 * come back in time or the person stops watching: the job goes on. *ret is the last job seen (returned: json_decref)
 * or untouched.
 */
MUST_USE int job_follow(const struct job_follow *how, json_t **ret);

/* What the outcome of a job that is done means. */
int job_exit(const json_t *job);

#endif
