#include "unit.h"
#include "codec/wire.h"

static void test_round_trip(void **state)
{
	struct wire_message m;
	struct buf b;
	struct bytes v;
	uint64_t n = 0;
	size_t cursor = 0;

	(void)state;
	buf_init(&b, WIRE_MESSAGE_MAX);
	wire_begin(&b, 17, 0xfffffffe);
	wire_add_str(&b, 3, "first");
	wire_add(&b, 9, BYTES_NONE);
	wire_add_u64(&b, 4, UINT64_MAX - 1);
	wire_add_str(&b, 3, "second");
	wire_add_str(&b, 5, NULL);
	assert_true(wire_parse(buf_bytes(&b), &m));
	assert_int_equal(m.type, 17);
	assert_int_equal(m.id, 0xfffffffe);
	assert_int_equal(m.n, 4);
	assert_true(bytes_equal_str(wire_get(&m, 3), "first"));
	assert_int_equal(wire_count(&m, 3), 2);
	assert_true(wire_has(&m, 9));
	assert_int_equal(wire_get(&m, 9).n, 0);
	assert_false(wire_has(&m, 5));
	assert_int_equal(wire_get(&m, 5).n, 0);
	assert_true(wire_get_u64(&m, 4, &n));
	assert_true(n == UINT64_MAX - 1);
	assert_true(wire_next(&m, 3, &cursor, &v));
	assert_true(wire_next(&m, 3, &cursor, &v));
	assert_true(bytes_equal_str(v, "second"));
	assert_false(wire_next(&m, 3, &cursor, &v));
	buf_fini(&b);
}

static void test_u64_is_eight_bytes(void **state)
{
	struct wire_message m;
	struct buf b;
	uint64_t n = 77;

	(void)state;
	buf_init(&b, 1000);
	wire_begin(&b, 1, 1);
	wire_add(&b, 1, B("1234567"));
	wire_add(&b, 2, B("123456789"));
	wire_add(&b, 3, B("\0\0\0\0\0\0\0\1"));
	assert_true(wire_parse(buf_bytes(&b), &m));
	assert_false(wire_get_u64(&m, 1, &n));
	assert_false(wire_get_u64(&m, 2, &n));
	assert_false(wire_get_u64(&m, 4, &n));
	assert_int_equal(n, 77);
	assert_true(wire_get_u64(&m, 3, &n));
	assert_int_equal(n, 1);
	buf_fini(&b);
}

static const struct bad_row {
	const char *name;
	struct bytes datagram;
	bool want;
} rows[] = {
#define ROW(name, text, want) { name, { (const uint8_t *)(text), sizeof(text) - 1 }, want }
	ROW("nothing", "", false),
	ROW("a cut header", "\0\1\0\0\0\0\0", false),
	ROW("a header", "\0\1\0\0\0\0\0\2", true),
	ROW("the reserved bits are set", "\0\1\0\1\0\0\0\2", false),
	ROW("a cut tag", "\0\1\0\0\0\0\0\2\0", false),
	ROW("a tag alone", "\0\1\0\0\0\0\0\2\0\1", false),
	ROW("a cut length", "\0\1\0\0\0\0\0\2\0\1\0\0\0", false),
	ROW("an empty field", "\0\1\0\0\0\0\0\2\0\1\0\0\0\0", true),
	ROW("a field of one byte", "\0\1\0\0\0\0\0\2\0\1\0\0\0\1x", true),
	ROW("a byte is missing", "\0\1\0\0\0\0\0\2\0\1\0\0\0\2x", false),
	ROW("a byte too many", "\0\1\0\0\0\0\0\2\0\1\0\0\0\1xy", false),
	ROW("a length of 4 GiB", "\0\1\0\0\0\0\0\2\0\1\xff\xff\xff\xffx", false),
#undef ROW
};

static void test_malformed(void **state)
{
	struct wire_message m;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		if (wire_parse(rows[i].datagram, &m) != rows[i].want)
			fail_msg("%s", rows[i].name);
}

static void test_field_count(void **state)
{
	struct wire_message m;
	struct buf b;

	(void)state;
	buf_init(&b, WIRE_MESSAGE_MAX);
	wire_begin(&b, 1, 1);
	for (int i = 0; i < WIRE_FIELDS_MAX; i++)
		wire_add_u64(&b, 1, (uint64_t)i);
	assert_true(wire_parse(buf_bytes(&b), &m));
	assert_int_equal(wire_count(&m, 1), WIRE_FIELDS_MAX);
	wire_add(&b, 1, BYTES_NONE);
	assert_false(wire_parse(buf_bytes(&b), &m));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_u64_is_eight_bytes),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_field_count),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
