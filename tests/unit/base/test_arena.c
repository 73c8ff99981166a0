#include "unit.h"
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

static void test_aligned_and_zeroed(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		uint8_t *p = arena_alloc(a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	arena_free(a);
	arena_free(NULL);
}

static void test_maximum(void **state)
{
	struct arena *a = arena_new(100);

	(void)state;
	assert_null(arena_alloc(a, 101));
	assert_non_null(arena_alloc(a, 100));
	assert_null(arena_alloc(a, 1));
	arena_free(a);
	a = arena_new(SIZE_MAX);
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_alloc_array(a, SIZE_MAX / 2, 3));
	assert_non_null(arena_alloc_array(a, 3, 5));
	arena_free(a);
	a = arena_new(0);
	assert_null(arena_str(a, B("x")));
	arena_free(a);
}

static void test_larger_than_a_chunk(void **state)
{
	struct arena *a = arena_new(1 << 20);
	uint8_t *small = arena_alloc(a, 8), *large = arena_alloc(a, 100000), *next = arena_alloc(a, 8);

	(void)state;
	assert_non_null(small);
	assert_non_null(large);
	assert_non_null(next);
	memset(large, 1, 100000);
	assert_int_equal(small[7], 0);
	assert_int_equal(next[0], 0);
	arena_free(a);
}

static void test_copies(void **state)
{
	struct arena *a = arena_new(4096);
	struct bytes copy = B("old");
	char text[] = "abc";

	(void)state;
	assert_true(arena_bytes(a, bytes_of(text, 3), &copy));
	text[0] = 'x';
	assert_true(bytes_equal_str(copy, "abc"));
	assert_true(arena_bytes(a, BYTES_NONE, &copy));
	assert_int_equal(copy.n, 0);
	assert_string_equal(arena_str(a, B("abc")), "abc");
	assert_string_equal(arena_str(a, BYTES_NONE), "");
	assert_string_equal(arena_printf(a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_printf(a, "%s", ""), "");
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aligned_and_zeroed),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_larger_than_a_chunk),
		cmocka_unit_test(test_copies),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
