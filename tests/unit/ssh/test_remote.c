/* What can be tested of sys/ssh without a server that speaks SSH; tests/system has the real ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "fake_server.h"
#include "sys/clock.h"
#include "sys/ssh/remote.h"
#include "sys/ssh/visible.h"

#include <dirent.h>
#include <errno.h>

static void test_visible(void **state)
{
	static const struct {
		const char *name;
		struct bytes in;
		const char *out;
		bool lines;
	} rows[] = {
#define B(s) { (const uint8_t *)(s), sizeof(s) - 1 }
		{ "plain", B("nginx: test is successful"), "nginx: test is successful", false },
		{ "empty", B(""), "", false },
		{ "escape sequence", B("\x1b[2Jgone"), "\\x1b[2Jgone", false },
		{ "tab", B("a\tb"), "a b", false },
		{ "newline is kept", B("a\nb"), "a\nb", true },
		{ "newline is escaped", B("a\nb"), "a\\x0ab", false },
		{ "return is escaped", B("a\r\nb"), "a\\x0d\nb", true },
		{ "NUL", B("a\0b"), "a\\x00b", false },
		{ "DEL", B("a\x7f"), "a\\x7f", false },
		{ "two bytes", B("M\xc3\xa1laga"), "M\xc3\xa1laga", false },
		{ "C1 control", B("a\xc2\x9b" "b"), "a\\xc2\\x9bb", false },
		{ "no-break space", B("a\xc2\xa0" "b"), "a\xc2\xa0" "b", false },
		{ "four bytes", B("\xf0\x9f\x94\x91"), "\xf0\x9f\x94\x91", false },
		{ "cut character", B("a\xf0\x9f"), "a\\xf0\\x9f", false },
		{ "overlong", B("\xc0\xaf"), "\\xc0\\xaf", false },
		{ "surrogate", B("\xed\xa0\x80"), "\\xed\\xa0\\x80", false },
#undef B
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct buf out;

		buf_init(&out, 200);
		visible_add(&out, rows[i].in, rows[i].lines);
		if (!bytes_equal_str(buf_bytes(&out), rows[i].out))
			fail_msg("%s: got '%.*s'", rows[i].name, (int)out.n, (const char *)out.p);
		buf_fini(&out);
	}
}

static void test_visible_is_cut(void **state)
{
	struct buf out;
	char text[6];

	(void)state;
	buf_init(&out, 6);
	visible_add(&out, bytes_of_str("abcd\x01" "e"), false);
	assert_false(buf_bad(&out));
	assert_true(bytes_equal_str(buf_bytes(&out), "abcd"));
	buf_fini(&out);
	assert_string_equal(visible_text(bytes_of_str("  abcdefgh"), text, sizeof(text)), "abcde");
	assert_string_equal(visible_text(bytes_of_str(" ab \n"), text, sizeof(text)), "ab");
}

static int open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

static void test_not_ssh(void **state)
{
	static const struct {
		const char *name;
		enum fake_mode mode;
		int code;
		const char *error;
		int limit_ms;
	} rows[] = {
		{ "an HTTP server", FAKE_PLAIN, -ETIMEDOUT, "did not finish the SSH key exchange in time", 300 },
		{ "closes at once", FAKE_CLOSES, -EPROTO, "closed the connection before", 5000 },
		{ "says nothing", FAKE_SILENT, -ETIMEDOUT, "did not finish the SSH key exchange in time", 200 },
		{ "talks for ever", FAKE_TALKS, 0, "SSH", 700 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct fake_server *s = fake_start(rows[i].mode, BYTES_NONE, NULL, 0);
		int before = open_fds();
		int64_t began = clock_mono().ms;
		struct remote *remote = NULL;
		struct err e = { 0 };
		int r = remote_connect("127.0.0.1", fake_port(s), NULL, (struct mono_time){ began + rows[i].limit_ms }, &remote, &e);

		if (r >= 0 || (rows[i].code != 0 && r != rows[i].code) || !strstr(err_text(&e), rows[i].error))
			fail_msg("%s: got %d, %s", rows[i].name, r, err_text(&e));
		assert_null(remote);
		assert_true(clock_mono().ms - began < rows[i].limit_ms + 3000);
		fake_wait(s, 1);
		if (open_fds() > before)
			fail_msg("%s: a descriptor is left open", rows[i].name);
		fake_stop(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_visible),
		cmocka_unit_test(test_visible_is_cut),
		cmocka_unit_test(test_not_ssh),
	};

	if (remote_init(NULL) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
