/* epoll and timers: one loop per thread, callbacks, no work of its own. */
#ifndef GW_SYS_LOOP_LOOP_H
#define GW_SYS_LOOP_LOOP_H

#include "base/err.h"
#include "sys/loop/timers.h"

#include <sys/epoll.h>

struct loop;

/* Something with a descriptor; its owner embeds it and keeps it in place while it is added. */
struct loop_source {
	int fd;
	uint32_t events; /* EPOLLIN and the like, as it stands in the kernel */
	bool added;
	void (*on_event)(struct loop_source *s, uint32_t events);
};

MUST_USE int loop_new(struct loop **ret, struct err *e);
void loop_free(struct loop *l);
DEFINE_CLEANUP(struct loop, loop_free);

MUST_USE int loop_add(struct loop *l, struct loop_source *s, uint32_t events, struct err *e);

/* Change what it waits for; a system call only when that differs. */
MUST_USE int loop_want(struct loop *l, struct loop_source *s, uint32_t events, struct err *e);

/* Before its descriptor is closed. Events of it that were already read are dropped. Fine when it is not added. */
void loop_remove(struct loop *l, struct loop_source *s);

/* The loop's own timers; fired by loop_run_once(). */
struct timers *loop_timers(struct loop *l);

/* Time of the last wake-up: all that one round does happens at one moment. */
struct mono_time loop_now(const struct loop *l);

/* One round: wait for events or the next timer (at most `wait_max_ms`, -1: without end), call back, fire timers. */
MUST_USE int loop_run_once(struct loop *l, int wait_max_ms, struct err *e);

#endif
