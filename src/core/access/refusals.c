#include "core/access/refusals.h"

#include <stdio.h>
#include <string.h>

/* A clock that went back ends it: nothing is counted for ever. */
static bool is_over(const struct refusals *t, const struct refusal *r, struct wall_time now)
{
	return now.s < r->since.s || now.s - r->since.s >= t->window_s;
}

static bool is_for(const struct refusal *r, const char *actor, const char *address, const char *call)
{
	return r->used && strncmp(r->actor, actor, sizeof(r->actor) - 1) == 0 &&
	       strncmp(r->address, address, sizeof(r->address) - 1) == 0 &&
	       strncmp(r->call, call, sizeof(r->call) - 1) == 0;
}

static void open_slot(struct refusal *r, const char *actor, const char *address, const char *call, struct wall_time now)
{
	*r = (struct refusal) { .used = true, .since = now };
	(void)snprintf(r->actor, sizeof(r->actor), "%s", actor);
	(void)snprintf(r->address, sizeof(r->address), "%s", address);
	(void)snprintf(r->call, sizeof(r->call), "%s", call);
}

bool refusals_count(struct refusals *t, const char *actor, const char *address, const char *call, struct wall_time now)
{
	struct refusal *several = &t->slots[REFUSALS_MAX], *spare = NULL;

	for (size_t i = 0; i < REFUSALS_MAX; i++) {
		struct refusal *r = &t->slots[i];

		if (r->used && r->more == 0 && is_over(t, r, now))
			r->used = false;
		if (is_for(r, actor, address, call)) {
			r->more++;
			return false;
		}
		if (!r->used && !spare)
			spare = r;
	}
	if (spare) {
		open_slot(spare, actor, address, call, now);
		return true;
	}
	if (!several->used)
		open_slot(several, "several", "", "several", now);
	several->more++;
	return false;
}

bool refusals_take(struct refusals *t, struct wall_time now, bool all, struct refusal *ret)
{
	for (size_t i = 0; i < ARRAY_N(t->slots); i++) {
		struct refusal *r = &t->slots[i];

		if (!r->used || r->more == 0 || (!all && !is_over(t, r, now)))
			continue;
		*ret = *r;
		r->used = false;
		return true;
	}
	return false;
}
