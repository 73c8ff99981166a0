#include "sys/loop/timers.h"

#include <assert.h>
#include <stdlib.h>

void timers_fini(struct timers *h)
{
	free(h->heap);
	*h = (struct timers) { 0 };
}

static void put(struct timers *h, size_t i, struct timer *t)
{
	h->heap[i] = t;
	t->place = i + 1;
}

static bool before(const struct timer *a, const struct timer *b)
{
	return a->due.ms < b->due.ms;
}

static void sift_up(struct timers *h, size_t i)
{
	struct timer *t = h->heap[i];

	while (i > 0 && before(t, h->heap[(i - 1) / 2])) {
		put(h, i, h->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(h, i, t);
}

static void sift_down(struct timers *h, size_t i)
{
	struct timer *t = h->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && before(h->heap[child + 1], h->heap[child]))
			child++;
		if (!before(h->heap[child], t))
			break;
		put(h, i, h->heap[child]);
		i = child;
	}
	put(h, i, t);
}

static bool make_room(struct timers *h)
{
	size_t capacity = h->capacity ? h->capacity * 2 : 64;
	struct timer **heap;

	if (h->n < h->capacity)
		return true;
	heap = reallocarray(h->heap, capacity, sizeof(*heap));
	if (!heap)
		return false;
	h->heap = heap;
	h->capacity = capacity;
	return true;
}

bool timers_set(struct timers *h, struct timer *t, struct mono_time due)
{
	bool later;

	if (!timer_is_set(t)) {
		if (!make_room(h))
			return false;
		t->due = due;
		h->heap[h->n] = t;
		sift_up(h, h->n++);
		return true;
	}
	assert(h->heap[t->place - 1] == t);
	later = due.ms > t->due.ms;
	t->due = due;
	if (later)
		sift_down(h, t->place - 1);
	else
		sift_up(h, t->place - 1);
	return true;
}

void timers_clear(struct timers *h, struct timer *t)
{
	size_t i = t->place - 1;
	struct timer *last;

	if (!timer_is_set(t))
		return;
	assert(h->heap[i] == t);
	last = h->heap[--h->n];
	t->place = 0;
	if (last == t)
		return;
	put(h, i, last);
	sift_up(h, i);
	sift_down(h, last->place - 1);
}

bool timers_next(const struct timers *h, struct mono_time *ret)
{
	if (h->n == 0)
		return false;
	*ret = h->heap[0]->due;
	return true;
}

size_t timers_fire(struct timers *h, struct mono_time now, size_t max)
{
	size_t fired = 0;

	while (fired < max && h->n > 0 && h->heap[0]->due.ms <= now.ms) {
		struct timer *t = h->heap[0];

		timers_clear(h, t);
		t->fire(t, now);
		fired++;
	}
	return fired;
}
