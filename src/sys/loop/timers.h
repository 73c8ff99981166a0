/* Many deadlines, the nearest first: a binary heap of timers that their owners embed. Pure; setting and clearing are
 * O(log n). */
#ifndef GW_SYS_LOOP_TIMERS_H
#define GW_SYS_LOOP_TIMERS_H

#include "base/bytes.h"
#include "base/time.h"
#include "base/util.h"

/* Zero it to start; while it is set it must not move or be freed. */
struct timer {
	struct mono_time due;
	size_t place; /* 1 + index in the heap; 0: not set */
	void (*fire)(struct timer *t, struct mono_time now);
};

struct timers {
	struct timer **heap;
	size_t n, capacity;
};

void timers_fini(struct timers *h);

/* Set, or move when it is set already. False: no memory; it is as before. Never fails for one that is set. */
MUST_USE bool timers_set(struct timers *h, struct timer *t, struct mono_time due);
void timers_clear(struct timers *h, struct timer *t);

/* False: none is set. */
bool timers_next(const struct timers *h, struct mono_time *ret);

/* Fire (and clear before) every timer that is due at `now`, the earliest first, at most `max`. Returns how many. */
size_t timers_fire(struct timers *h, struct mono_time now, size_t max);

static inline bool timer_is_set(const struct timer *t)
{
	return t->place != 0;
}

#endif
