/* Timers against a plain list, at random. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sys/loop/timers.h"

#include <stdlib.h>

#define N 300

static struct timer timers[N];
static int fired[N];
static int64_t last_due;

static void on_fire(struct timer *t, struct mono_time now)
{
	assert_true(t->due.ms <= now.ms);
	assert_true(t->due.ms >= last_due);
	assert_false(timer_is_set(t));
	last_due = t->due.ms;
	fired[t - timers]++;
}

static void test_random(void **state)
{
	struct timers h = { 0 };
	int64_t model[N], now = 0;
	uint32_t seed = 4711;
	struct mono_time next;

	(void)state;
	for (int i = 0; i < N; i++) {
		timers[i] = (struct timer) { .fire = on_fire };
		model[i] = -1;
	}
	for (int step = 0; step < 60000; step++) {
		int i, expired = 0;
		int64_t earliest = INT64_MAX;

		seed = seed * 1664525 + 1013904223;
		i = (int)((seed >> 8) % N);
		switch (seed >> 29) {
		case 0:
			timers_clear(&h, &timers[i]);
			model[i] = -1;
			break;
		case 1:
			now += (seed >> 4) % 50;
			for (int k = 0; k < N; k++)
				expired += model[k] >= 0 && model[k] <= now;
			last_due = 0;
			assert_int_equal(timers_fire(&h, (struct mono_time) { now }, N), expired);
			for (int k = 0; k < N; k++) {
				assert_int_equal(fired[k], model[k] >= 0 && model[k] <= now);
				if (fired[k])
					model[k] = -1;
				fired[k] = 0;
			}
			break;
		default:
			model[i] = now + (seed >> 3) % 500;
			assert_true(timers_set(&h, &timers[i], (struct mono_time) { model[i] }));
			break;
		}
		for (int k = 0; k < N; k++) {
			assert_int_equal(timer_is_set(&timers[k]), model[k] >= 0);
			if (model[k] >= 0 && model[k] < earliest)
				earliest = model[k];
		}
		assert_int_equal(timers_next(&h, &next), earliest != INT64_MAX);
		if (earliest != INT64_MAX)
			assert_int_equal(next.ms, earliest);
	}
	timers_fini(&h);
}

static void test_at_most(void **state)
{
	struct timers h = { 0 };

	(void)state;
	last_due = 0;
	for (int i = 0; i < 10; i++) {
		timers[i] = (struct timer) { .fire = on_fire };
		fired[i] = 0;
		assert_true(timers_set(&h, &timers[i], (struct mono_time) { i }));
	}
	assert_int_equal(timers_fire(&h, (struct mono_time) { 100 }, 3), 3);
	assert_true(timer_is_set(&timers[3]));
	assert_int_equal(timers_fire(&h, (struct mono_time) { 8 }, 100), 6);
	assert_true(timer_is_set(&timers[9]));
	timers_clear(&h, &timers[9]);
	assert_int_equal(timers_fire(&h, (struct mono_time) { 100 }, 100), 0);
	timers_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random), cmocka_unit_test(test_at_most) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
