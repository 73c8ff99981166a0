/*
 * Which refused reads are told at once and which are only counted: a script that is refused each second, or a stranger
 * who sends what he likes, must not fill the audit log. Of one caller, address and call the first is told, those in the
 * time after it are counted and told as one. Times come in as values; a lock is somebody else's.
 */
#ifndef GW_CORE_ACCESS_REFUSALS_H
#define GW_CORE_ACCESS_REFUSALS_H

#include "base/time.h"

#define REFUSALS_MAX 16 /* different ones at one time; more are counted together */
#define REFUSALS_ACTOR_MAX 128
#define REFUSALS_ADDRESS_MAX 64
#define REFUSALS_CALL_MAX 128

struct refusal {
	bool used;
	char actor[REFUSALS_ACTOR_MAX], address[REFUSALS_ADDRESS_MAX], call[REFUSALS_CALL_MAX];
	struct wall_time since;
	int64_t more; /* since then, untold */
};

struct refusals {
	int64_t window_s;
	struct refusal slots[REFUSALS_MAX + 1]; /* the last one: "several", of those that found no slot */
};

/* True: tell it. False: it is counted. */
bool refusals_count(struct refusals *t, const char *actor, const char *address, const char *call, struct wall_time now);

/* One whose time has passed (`all`: any) and that has some untold; its slot is free then. False: there is none. */
bool refusals_take(struct refusals *t, struct wall_time now, bool all, struct refusal *ret);

#endif
