/* Request lines taken apart; failure words. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/util.h"
#include "gate/failure.h"
#include "gate/keystore.h"
#include "gate/words.h"

static const struct {
	const char *line;
	int n; /* -1: refused */
} lines[] = {
	{ "check", 1 },
	{ "switch g1 tok-1_2:3@4+5=6/7 60", 4 },
	{ "a b c d e f g h", 8 },
	{ "a b c d e f g h i", -1 },
	{ "", -1 },
	{ " a", -1 },
	{ "a ", -1 },
	{ "a  b", -1 },
	{ "a\tb", -1 },
	{ "a\rb", -1 },
	{ "a;b", -1 },
	{ "a$b", -1 },
	{ "a\x80", -1 },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(lines); i++) {
		struct words w;
		bool fine = words_split(bytes_of_str(lines[i].line), &w);

		if ((fine ? (int)w.n : -1) != lines[i].n)
			fail_msg("'%s': want %d words, got %d", lines[i].line, lines[i].n, fine ? (int)w.n : -1);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		long long want; /* -1: refused */
	} rows[] = {
		{ "0", 10, 0 },	  { "10", 10, 10 }, { "11", 10, -1 },
		{ "", 10, -1 },	  { "-1", 10, -1 }, { "+1", 10, -1 },
		{ "1a", 10, -1 }, { "007", 10, 7 }, { "99999999999999999999", UINT64_MAX, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		uint64_t v = 0;
		bool fine = words_number(bytes_of_str(rows[i].text), rows[i].max, &v);

		if ((fine ? (long long)v : -1) != rows[i].want)
			fail_msg("'%s'", rows[i].text);
	}
}

static void test_names(void **state)
{
	static const char sixty_four[] = "0123456789012345678901234567890123456789012345678901234567890123";
	static const struct {
		const char *text;
		bool id, token;
	} rows[] = {
		{ "g1", true, true },	    { "2026.11-x", true, true }, { "", false, false },
		{ "-", false, false },	    { ".", false, true },	 { "..", false, true },
		{ ".g", false, true },	    { "-g", false, true },	 { "a/b", false, true },
		{ "a_b", false, true },	    { "a b", false, false },	 { "a*", false, false },
		{ sixty_four, true, true },
	};
	char longer[66] = "x";

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		if (keystore_id_is_valid(bytes_of_str(rows[i].text)) != rows[i].id)
			fail_msg("ID '%s'", rows[i].text);
		if (keystore_token_is_valid(bytes_of_str(rows[i].text)) != rows[i].token)
			fail_msg("token '%s'", rows[i].text);
	}
	memcpy(longer + 1, sixty_four, 64);
	assert_false(keystore_id_is_valid(bytes_of_str(longer)));
	assert_false(keystore_token_is_valid(bytes_of_str(longer)));
	assert_false(keystore_id_is_valid(bytes_of("a\0b", 3)));
}

/* Every word of the protocol has a kind that gives it back. */
static void test_failures(void **state)
{
	static const char *const words[] = { "bad-request", "busy",	   "no-space",	   "read-only",
					     "missing",	    "exists",	   "mismatch",	   "reload-failed",
					     "not-running", "not-pending", "incompatible", "io" };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(words); i++)
		assert_string_equal(failure_word(failure_kind(bytes_of_str(words[i]))), words[i]);
	assert_int_equal(failure_kind(bytes_of_str("nonsense")), -EIO);
	assert_string_equal(failure_word(-EXDEV), "io");
	assert_string_equal(failure_word(-EDQUOT), "no-space");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
