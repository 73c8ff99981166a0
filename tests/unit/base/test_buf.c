#include "unit.h"
#include "base/buf.h"
#include "base/rd.h"

static void test_append(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(buf_str(&b), "");
	buf_add_str(&b, "ab");
	buf_add_str(&b, NULL);
	buf_add(&b, B("c\0d"));
	buf_printf(&b, "-%d-%s", 42, "x");
	assert_true(bytes_equal(buf_bytes(&b), B("abc\0d-42-x")));
	assert_false(buf_bad(&b));
	buf_consume(&b, 5);
	assert_string_equal(buf_str(&b), "-42-x");
	buf_consume(&b, 99);
	assert_int_equal(b.n, 0);
	buf_fini(&b);
	buf_fini(&b);
	assert_int_equal(b.max, 1000);
}

static void test_integers(void **state)
{
	struct buf b;
	struct rd r;

	(void)state;
	buf_init(&b, 100);
	buf_add_u8(&b, 0xfe);
	buf_add_be16(&b, 0x0102);
	buf_add_be32(&b, 0xfffefdfc);
	buf_add_be64(&b, 0x0102030405060708);
	assert_true(bytes_equal(buf_bytes(&b), B("\xfe\x01\x02\xff\xfe\xfd\xfc\1\2\3\4\5\6\7\x08")));
	r = rd_of(buf_bytes(&b));
	assert_int_equal(rd_u8(&r), 0xfe);
	assert_int_equal(rd_be16(&r), 0x0102);
	assert_int_equal(rd_be32(&r), 0xfffefdfc);
	assert_false(rd_done(&r));
	assert_true(rd_be64(&r) == 0x0102030405060708);
	assert_true(rd_done(&r));
	buf_fini(&b);
}

/* Exactly the maximum fits; what does not fit changes nothing, and neither does anything behind it. */
static void test_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add(&b, B("1234"));
	assert_false(buf_bad(&b));
	buf_add(&b, B(""));
	assert_false(buf_bad(&b));
	buf_add(&b, B("5"));
	assert_true(buf_bad(&b));
	assert_true(bytes_equal_str(buf_bytes(&b), "1234"));
	buf_consume(&b, 2);
	buf_add(&b, B("x")); /* sticky */
	assert_true(bytes_equal_str(buf_bytes(&b), "34"));
	assert_null(buf_str(&b));
	buf_reset(&b);
	assert_false(buf_bad(&b));
	buf_add(&b, B("12345"));
	assert_true(buf_bad(&b));
	assert_int_equal(b.n, 0);
	buf_fini(&b);
}

static void test_huge_reserve(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_add(&b, B("1"));
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_true(buf_bad(&b));
	buf_fini(&b);
	buf_init(&b, 0);
	buf_add(&b, B("1"));
	assert_true(buf_bad(&b));
	buf_fini(&b);
}

static void test_growth(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 100000; i++)
		buf_add_u8(&b, (uint8_t)(i * 7));
	assert_false(buf_bad(&b));
	assert_int_equal(b.n, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], (uint8_t)(i * 7));
	buf_add_u8(&b, 1);
	assert_true(buf_bad(&b));
	buf_wipe(&b);
	assert_null(b.p);
}

static void test_reading_past_the_end(void **state)
{
	struct rd r = rd_of(B("ab"));
	bool found;

	(void)state;
	assert_int_equal(rd_be32(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rd_u8(&r), 0); /* sticky */
	assert_false(rd_done(&r));
	r = rd_of(B("ab"));
	assert_int_equal(rd_bytes(&r, 3).n, 0);
	assert_true(r.bad);
	assert_int_equal(rd_until(&r, 'b', &found).n, 0);
	r = rd_of(B("ab"));
	assert_int_equal(rd_bytes(&r, 2).n, 2);
	assert_true(rd_done(&r));
	assert_int_equal(rd_bytes(&r, 0).n, 0);
	assert_true(rd_done(&r));
	r = rd_of(BYTES_NONE);
	assert_true(rd_done(&r));
}

static void test_until(void **state)
{
	struct rd r = rd_of(B("a;;b"));
	bool found;

	(void)state;
	assert_true(bytes_equal_str(rd_until(&r, ';', &found), "a"));
	assert_true(found);
	assert_int_equal(rd_until(&r, ';', &found).n, 0);
	assert_true(found);
	assert_true(bytes_equal_str(rd_until(&r, ';', &found), "b"));
	assert_false(found);
	assert_true(rd_done(&r));
	assert_int_equal(rd_until(&r, ';', &found).n, 0);
	assert_false(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),	     cmocka_unit_test(test_integers),
		cmocka_unit_test(test_maximum),	     cmocka_unit_test(test_huge_reserve),
		cmocka_unit_test(test_growth),	     cmocka_unit_test(test_reading_past_the_end),
		cmocka_unit_test(test_until),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
