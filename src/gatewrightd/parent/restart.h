/* When to start a role again, and when to give up. Pure: the clock is an argument. */
#ifndef GW_GATEWRIGHTD_PARENT_RESTART_H
#define GW_GATEWRIGHTD_PARENT_RESTART_H

#include "base/limits.h"
#include "base/time.h"

#include <stdbool.h>

struct restarts {
	struct mono_time deaths[LIMIT_PARENT_RESTARTS_MAX]; /* the latest ones, oldest first */
	unsigned n;
	struct mono_time not_before;
};

/* The role ended at `now`. False: that was once too often within PARENT_RESTARTS_S; else *ret_wait_ms says how long to
 * wait. */
bool restarts_note_death(struct restarts *r, struct mono_time now, int64_t *ret_wait_ms);

#endif
