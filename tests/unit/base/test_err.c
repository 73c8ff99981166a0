#include "unit.h"
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void test_set_and_wrap(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_string_equal(err_text(&e), "unknown error");
	assert_string_equal(err_text(NULL), "unknown error");
	assert_int_equal(err_set(&e, -EINVAL, "want %d, got %d", 1, 2), -EINVAL);
	assert_int_equal(e.code, -EINVAL);
	assert_string_equal(err_text(&e), "want 1, got 2");
	assert_int_equal(err_wrap(&e, -EPROTO, "stage on '%s'", "edge-3"), -EPROTO);
	assert_int_equal(e.code, -EPROTO);
	assert_string_equal(err_text(&e), "stage on 'edge-3': want 1, got 2");
	assert_int_equal(err_wrap(&e, -EPROTO, "update"), -EPROTO);
	assert_string_equal(err_text(&e), "update: stage on 'edge-3': want 1, got 2");
}

static void test_without_a_place(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, -EIO, "x"), -EIO);
	assert_int_equal(err_wrap(NULL, -EIO, "x"), -EIO);
	assert_int_equal(err_nomem(NULL), -ENOMEM);
}

static void test_errno(void **state)
{
	struct err e = { 0 };

	(void)state;
	errno = ENOSPC;
	assert_int_equal(err_errno(&e, "write %s", "chain.pem"), -ENOSPC);
	assert_string_equal(err_text(&e), "write chain.pem: No space left on device");
	errno = 0;
	assert_int_equal(err_errno(&e, "x"), -EIO); /* never "done" by accident */
	assert_int_equal(err_nomem(&e), -ENOMEM);
	assert_string_equal(err_text(&e), "out of memory");
}

/* Whatever is too long ends in "..." and inside of the struct. */
static void test_too_long(void **state)
{
	char text[2 * ERR_TEXT_MAX];
	struct err e = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)err_set(&e, -EINVAL, "%s", text);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	assert_string_equal(e.text + ERR_TEXT_MAX - 4, "...");
	(void)err_wrap(&e, -EINVAL, "context");
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	assert_memory_equal(e.text, "context: xxx", 12);
	assert_string_equal(e.text + ERR_TEXT_MAX - 4, "...");
	text[ERR_TEXT_MAX - 1] = '\0';
	(void)err_set(&e, -EINVAL, "%s", text);
	assert_string_equal(e.text, text); /* the longest that fits is whole */
}

/* A name cut in the middle of a character: the sentence goes into JSON, which knows no half ones. */
static void test_is_utf8(void **state)
{
	char text[2 * ERR_TEXT_MAX] = "x";
	struct err e = { 0 };

	(void)state;
	(void)err_set(&e, -EINVAL, "'%.3s'", "\xc3\xa9\xc3\xa9");
	assert_string_equal(err_text(&e), "'\xc3\xa9'");
	(void)err_set(&e, -EINVAL, "a\xff\xf0\x9f\x98z");
	assert_string_equal(err_text(&e), "az");
	for (size_t at = 0; at < 4; at++) { /* the end in every place of a character */
		memset(text, 'x', at);
		for (size_t i = at; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 5);
		(void)err_set(&e, -EINVAL, "%s", text);
		assert_true(bytes_is_utf8(bytes_of_str(err_text(&e))));
		assert_true(strlen(e.text) >= ERR_TEXT_MAX - 4);
		assert_string_equal(e.text + strlen(e.text) - 3, "...");
		(void)err_wrap(&e, -EINVAL, "%s", text);
		assert_true(bytes_is_utf8(bytes_of_str(err_text(&e))));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_and_wrap), cmocka_unit_test(test_without_a_place),
		cmocka_unit_test(test_errno),	     cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_is_utf8),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
