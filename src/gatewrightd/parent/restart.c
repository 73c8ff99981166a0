#include "gatewrightd/parent/restart.h"

#include <string.h>

#define BACKOFF_FIRST_MS 100

/* Deaths that are older than the window count no more. */
static void forget_old(struct restarts *r, struct mono_time now)
{
	unsigned old = 0;

	while (old < r->n && now.ms - r->deaths[old].ms > (int64_t)LIMIT_PARENT_RESTARTS_S * 1000)
		old++;
	r->n -= old;
	memmove(r->deaths, r->deaths + old, r->n * sizeof(r->deaths[0]));
}

bool restarts_note_death(struct restarts *r, struct mono_time now, int64_t *ret_wait_ms)
{
	int64_t wait = BACKOFF_FIRST_MS;

	forget_old(r, now);
	if (r->n == LIMIT_PARENT_RESTARTS_MAX)
		return false;
	for (unsigned i = 0; i < r->n && wait < LIMIT_PARENT_BACKOFF_MAX_MS; i++)
		wait *= 2;
	if (wait > LIMIT_PARENT_BACKOFF_MAX_MS)
		wait = LIMIT_PARENT_BACKOFF_MAX_MS;
	r->deaths[r->n++] = now;
	r->not_before.ms = now.ms + wait;
	*ret_wait_ms = wait;
	return true;
}
