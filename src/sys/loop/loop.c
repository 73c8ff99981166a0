#include "sys/loop/loop.h"

#include "base/limits.h"
#include "sys/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct loop {
	int fd;
	struct timers timers;
	struct mono_time now;
	struct epoll_event events[LIMIT_GATE_EVENTS_BATCH];
	size_t events_n, at; /* the batch being worked on */
};

int loop_new(struct loop **ret, struct err *e)
{
	CLEANUP(loop_freep) struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return err_nomem(e);
	l->fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->fd < 0)
		return err_errno(e, "make an epoll instance");
	l->now = clock_mono();
	*ret = TAKE(l);
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	timers_fini(&l->timers);
	free(l);
}

struct timers *loop_timers(struct loop *l)
{
	return &l->timers;
}

struct mono_time loop_now(const struct loop *l)
{
	return l->now;
}

int loop_add(struct loop *l, struct loop_source *s, uint32_t events, struct err *e)
{
	struct epoll_event event = { .events = events, .data.ptr = s };

	if (epoll_ctl(l->fd, EPOLL_CTL_ADD, s->fd, &event) < 0)
		return err_errno(e, "add a descriptor to epoll");
	s->events = events;
	s->added = true;
	return 0;
}

int loop_want(struct loop *l, struct loop_source *s, uint32_t events, struct err *e)
{
	struct epoll_event event = { .events = events, .data.ptr = s };

	if (s->events == events)
		return 0;
	if (epoll_ctl(l->fd, EPOLL_CTL_MOD, s->fd, &event) < 0)
		return err_errno(e, "change a descriptor in epoll");
	s->events = events;
	return 0;
}

void loop_remove(struct loop *l, struct loop_source *s)
{
	struct epoll_event event = { 0 };

	if (!s->added)
		return;
	(void)epoll_ctl(l->fd, EPOLL_CTL_DEL, s->fd, &event);
	s->added = false;
	for (size_t i = l->at; i < l->events_n; i++)
		if (l->events[i].data.ptr == s)
			l->events[i].data.ptr = NULL;
}

static int wait_ms(const struct loop *l, int wait_max_ms)
{
	struct mono_time next;
	int64_t ms;

	if (!timers_next(&l->timers, &next))
		return wait_max_ms;
	ms = next.ms - clock_mono().ms;
	if (ms < 0)
		ms = 0;
	if (wait_max_ms >= 0 && ms > wait_max_ms)
		ms = wait_max_ms;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

int loop_run_once(struct loop *l, int wait_max_ms, struct err *e)
{
	int n = epoll_wait(l->fd, l->events, LIMIT_GATE_EVENTS_BATCH, wait_ms(l, wait_max_ms));

	if (n < 0 && errno != EINTR)
		return err_errno(e, "wait for events");
	l->now = clock_mono();
	l->events_n = n > 0 ? (size_t)n : 0;
	for (l->at = 0; l->at < l->events_n;) {
		struct epoll_event *event = &l->events[l->at++];
		struct loop_source *s = (struct loop_source *)event->data.ptr;

		if (s)
			s->on_event(s, event->events);
	}
	l->events_n = l->at = 0;
	(void)timers_fire(&l->timers, l->now, LIMIT_GATE_EVENTS_BATCH);
	return 0;
}
