/* The records `pending` and `history` as text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "gate/pending.h"

#include <stdio.h>

static const char whole[] = "token t1\nold a\nnew b\nboot 0-1\ndeadline 1700000000\n";

static void test_golden(void **state)
{
	struct pending p = { "t1", "a", "b", "0-1", { 1700000000 } }, back;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	pending_format(&p, &b);
	assert_string_equal(buf_str(&b), whole);
	assert_true(pending_parse(bytes_of_str(whole), &back));
	assert_string_equal(back.token, "t1");
	assert_string_equal(back.old_id, "a");
	assert_string_equal(back.new_id, "b");
	assert_int_equal(back.deadline.s, 1700000000);
	buf_fini(&b);
}

/* A record cut anywhere, or with one byte changed into a space, is not a record that says something else. */
static void test_damaged(void **state)
{
	struct pending p;
	char copy[sizeof(whole)];

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_false(pending_parse(bytes_of(whole, n), &p));
	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		if (whole[i] == ' ')
			continue;
		memcpy(copy, whole, sizeof(whole));
		copy[i] = ' ';
		/* boot is free text for people; everything else must be refused */
		if (i >= strlen("token t1\nold a\nnew b\nboot ") && i < strlen("token t1\nold a\nnew b\nboot 0-1"))
			continue;
		if (pending_parse(bytes_of_str(copy), &p))
			fail_msg("byte %zu", i);
	}
	assert_true(pending_parse(bytes_of_str("token t\nold -\nnew b\nboot x\ndeadline 1\n"), &p));
	assert_false(pending_parse(bytes_of_str("token t\nold a\nnew -\nboot x\ndeadline 1\n"), &p));
	assert_false(pending_parse(bytes_of_str("token t\nold ../a\nnew b\nboot x\ndeadline 1\n"), &p));
	assert_false(pending_parse(bytes_of_str("token t\nold a\nnew b\nboot x\ndeadline 1\nmore\n"), &p));
	assert_false(pending_parse(bytes_of_str("token t\nold a\nnew b\nboot x\ndeadline 1x\n"), &p));
}

static void test_history(void **state)
{
	struct history h;
	char many[LIMIT_KEYSTORE_HISTORY_MAX * 8];
	size_t n = 0;

	(void)state;
	history_parse(bytes_of_str("a\nb\na\n../x\n\nc\nhalf"), &h);
	assert_int_equal(h.n, 3);
	assert_string_equal(h.ids[0], "b");
	assert_string_equal(h.ids[1], "a");
	assert_string_equal(h.ids[2], "c");
	assert_true(history_has(&h, "a"));
	assert_false(history_has(&h, "half"));
	for (int i = 0; i < LIMIT_KEYSTORE_HISTORY_MAX + 2; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n, "g%d\n", i);
	history_parse(bytes_of(many, n), &h);
	assert_int_equal(h.n, LIMIT_KEYSTORE_HISTORY_MAX);
	assert_string_equal(h.ids[0], "g2");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_golden), cmocka_unit_test(test_damaged),
					    cmocka_unit_test(test_history) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
