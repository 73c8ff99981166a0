/* The steps of a job as they go by: a line per step, with a spinner while it runs when a terminal is there. */
#ifndef GW_CLI_JOB_PROGRESS_H
#define GW_CLI_JOB_PROGRESS_H

#include "cli/cli.h"
#include "cli/output/json.h"

struct progress {
	const struct cli *cli;
	json_int_t ended; /* the highest step whose end was printed */
	json_t *running;  /* the step that runs, or NULL */
	json_t *told;	  /* the step that was printed last, or NULL */
	struct mono_time since;
	int frame;
	bool drawn; /* a line without an end stands on the terminal */
};

void progress_init(struct progress *p, const struct cli *cli);
void progress_fini(struct progress *p); /* clears what is drawn */

/* A step came, perhaps for the second time. */
void progress_step(struct progress *p, const json_t *step);

/* Time passed: move the spinner. */
void progress_tick(struct progress *p);

/* A line of its own, above the spinner. */
void progress_note(struct progress *p, const char *format, ...) PRINTF_LIKE(2, 3);

/* One step that ended, as a line and what belongs to it, unless `before` (the one above it, or NULL) said the same. */
void progress_print_step(const struct cli *cli, const json_t *step, const json_t *before);

#endif
