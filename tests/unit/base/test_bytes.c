#include "unit.h"

static void test_equal(void **state)
{
	(void)state;
	assert_true(bytes_equal(B("abc"), B("abc")));
	assert_false(bytes_equal(B("abc"), B("abd")));
	assert_false(bytes_equal(B("abc"), B("ab")));
	assert_true(bytes_equal(B("a\0b"), B("a\0b")));
	assert_false(bytes_equal(B("a\0b"), B("a\0c")));
	assert_true(bytes_equal(BYTES_NONE, B("")));
	assert_true(bytes_equal_str(B("abc"), "abc"));
	assert_false(bytes_equal_str(B("abc\0"), "abc"));
	assert_true(bytes_equal_str(BYTES_NONE, NULL));
	assert_int_equal(bytes_of_str(NULL).n, 0);
}

static void test_nocase(void **state)
{
	(void)state;
	assert_true(bytes_equal_ascii_nocase(B("Gw.EXAMPLE"), B("gW.example")));
	assert_false(bytes_equal_ascii_nocase(B("gw"), B("gx")));
	assert_false(bytes_equal_ascii_nocase(B("gw"), B("gw.")));
	assert_false(bytes_equal_ascii_nocase(B("@"), B("`"))); /* before A, before a */
	assert_false(bytes_equal_ascii_nocase(B("["), B("{"))); /* behind Z, behind z */
	assert_false(bytes_equal_ascii_nocase(B("\xc3\xbc"), B("\xc3\x9c")));
}

static void test_control(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		uint8_t b[2] = { 'x', (uint8_t)c };

		assert_int_equal(bytes_has_control(bytes_of(b, 2)), c < 0x20 || c == 0x7f);
	}
	assert_false(bytes_has_control(BYTES_NONE));
}

static const struct utf8_row {
	const char *name;
	struct bytes text;
	bool want;
} utf8_rows[] = {
#define ROW(name, text, want) { name, { (const uint8_t *)(text), sizeof(text) - 1 }, want }
	ROW("nothing", "", true),
	ROW("NUL", "\0", true),
	ROW("U+007F", "\x7f", true),
	ROW("a lone continuation", "\x80", false),
	ROW("overlong U+007F", "\xc1\xbf", false),
	ROW("U+0080", "\xc2\x80", true),
	ROW("U+07FF", "\xdf\xbf", true),
	ROW("two bytes, cut", "\xc2", false),
	ROW("two bytes, no continuation", "\xc2\x41", false),
	ROW("overlong U+07FF", "\xe0\x9f\xbf", false),
	ROW("U+0800", "\xe0\xa0\x80", true),
	ROW("U+D7FF", "\xed\x9f\xbf", true),
	ROW("surrogate U+D800", "\xed\xa0\x80", false),
	ROW("surrogate U+DFFF", "\xed\xbf\xbf", false),
	ROW("U+E000", "\xee\x80\x80", true),
	ROW("U+FFFF", "\xef\xbf\xbf", true),
	ROW("three bytes, cut", "\xe2\x82", false),
	ROW("overlong U+FFFF", "\xf0\x8f\xbf\xbf", false),
	ROW("U+10000", "\xf0\x90\x80\x80", true),
	ROW("U+10FFFF", "\xf4\x8f\xbf\xbf", true),
	ROW("U+110000", "\xf4\x90\x80\x80", false),
	ROW("four bytes, cut", "\xf0\x9f\x94", false),
	ROW("four bytes, bad last", "\xf0\x9f\x94\x41", false),
	ROW("lead byte F5", "\xf5\x80\x80\x80", false),
	ROW("lead byte FF", "\xff", false),
	ROW("good, then bad", "ab\xc3\xbc\xfc", false),
#undef ROW
};

static void test_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(utf8_rows); i++)
		if (bytes_is_utf8(utf8_rows[i].text) != utf8_rows[i].want)
			fail_msg("%s", utf8_rows[i].name);
}

static void test_trim(void **state)
{
	(void)state;
	assert_true(bytes_equal_str(bytes_trim(B(" \t\r\n\v\fa b \n")), "a b"));
	assert_int_equal(bytes_trim(B("  ")).n, 0);
	assert_int_equal(bytes_trim(BYTES_NONE).n, 0);
	assert_int_equal(bytes_trim(B("\x08")).n, 1);
	assert_int_equal(bytes_trim(B("\x0e")).n, 1);
	assert_int_equal(bytes_trim(B("\0")).n, 1);
}

static void test_strdup(void **state)
{
	char *s = bytes_strdup(B("abc"));

	(void)state;
	assert_string_equal(s, "abc");
	free(s);
	s = bytes_strdup(BYTES_NONE);
	assert_string_equal(s, "");
	free(s);
	assert_null(bytes_strdup(B("a\0b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal), cmocka_unit_test(test_nocase), cmocka_unit_test(test_control),
		cmocka_unit_test(test_utf8),  cmocka_unit_test(test_trim),   cmocka_unit_test(test_strdup),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
