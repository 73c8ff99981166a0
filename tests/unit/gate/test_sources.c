/* Quotas per source, against a plain count, at random. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "gate/sources.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t seed16[16] = "0123456789abcdef";

static struct source_key v4(uint32_t n)
{
	uint8_t p[4] = { 192, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	return source_key_of(bytes_of(p, 4));
}

static void test_keys(void **state)
{
	static const uint8_t a[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	static const uint8_t same64[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9 };
	static const uint8_t other64[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1 };
	static const uint8_t mapped[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1 };
	static const uint8_t plain[4] = { 192, 0, 2, 1 };
	struct source_key k = source_key_of(bytes_of(a, 16)), m = source_key_of(bytes_of(mapped, 16));

	(void)state;
	assert_true(k.v6);
	assert_memory_equal(k.p, source_key_of(bytes_of(same64, 16)).p, 8);
	assert_memory_not_equal(k.p, source_key_of(bytes_of(other64, 16)).p, 8);
	assert_false(m.v6);
	assert_memory_equal(m.p, source_key_of(bytes_of(plain, 4)).p, 8);
}

static void test_quota(void **state)
{
	struct sources *s = sources_new(2, 3, seed16);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(sources_enter(s, v4(1)));
	assert_false(sources_enter(s, v4(1)));
	assert_true(sources_enter(s, v4(2)));
	assert_false(sources_enter(s, v4(3))); /* full */
	sources_leave(s, v4(1));
	assert_true(sources_enter(s, v4(1)));
	sources_leave(s, v4(2));
	assert_int_equal(sources_n(s), 1);
	assert_true(sources_enter(s, v4(3)));
	sources_free(s);
	s = sources_new(1, 0, seed16); /* no quota */
	for (int i = 0; i < 1000; i++)
		assert_true(sources_enter(s, v4(1)));
	sources_free(s);
}

#define N 200

static void test_random(void **state)
{
	struct sources *s = sources_new(100, 5, seed16);
	int model[N] = { 0 }, used = 0;
	uint32_t seed = 1;

	(void)state;
	for (int step = 0; step < 200000; step++) {
		uint32_t i;

		seed = seed * 1664525 + 1013904223;
		i = (seed >> 8) % N;
		if (seed >> 31) {
			bool want = model[i] < 5 && (model[i] > 0 || used < 100);

			assert_int_equal(sources_enter(s, v4(i)), want);
			used += want && model[i] == 0;
			model[i] += want;
		} else if (model[i] > 0) {
			sources_leave(s, v4(i));
			used -= --model[i] == 0;
		}
		assert_int_equal(sources_n(s), used);
	}
	for (uint32_t i = 0; i < N; i++)
		while (model[i]-- > 0)
			sources_leave(s, v4(i));
	assert_int_equal(sources_n(s), 0);
	sources_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_keys), cmocka_unit_test(test_quota),
					    cmocka_unit_test(test_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
