#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "sys/conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sample {
	const char *title, *dir, *level;
	bool on;
	uint64_t threads, wait, room, mode;
	struct conf_list tags;
	struct conf_address api;
	struct conf_addresses listen, doors;
};

static const struct conf_row rows[] = {
	CONF_ROW(struct sample, title, "title", STRING, "", "0..8", "a title"),
	CONF_ROW(struct sample, dir, "dir", PATH, "/var", "", "a directory"),
	CONF_ROW(struct sample, level, "log_level", WORD, "info", "error|info|debug", "what to log"),
	CONF_ROW(struct sample, on, "on", BOOL, "no", "", "on or off"),
	CONF_ROW(struct sample, threads, "threads", NUMBER, "4", "1..64", "how many"),
	CONF_ROW(struct sample, wait, "wait", DURATION, "30s", "5s..1h", "how long"),
	CONF_ROW(struct sample, room, "room", SIZE, "1M", "4K..1G", "how much"),
	CONF_ROW(struct sample, mode, "mode", MODE, "0600", "0..0777", "who may"),
	CONF_ROW(struct sample, tags, "tag", STRINGS, "", "0..3", "words"),
	CONF_ROW(struct sample, api, "api", ADDRESS, "", "", "where"),
	CONF_ROW(struct sample, listen, "listen", ADDRESSES, "*:8443", "1..2", "where, too"),
	CONF_ROW(struct sample, doors, "door", ADDRESSES, "*:443", "0..2", "where, perhaps nowhere"),
};

static struct arena *arena;
static struct sample s;
static struct err e;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	return arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static int parse(const char *text)
{
	memset(&e, 0, sizeof(e));
	memset(&s, 0xa5, sizeof(s));
	return conf_parse(bytes_of_str(text), "f.conf", rows, ARRAY_N(rows), arena, &s, &e);
}

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(conf_defaults(rows, ARRAY_N(rows), arena, &s, &e), 0);
	assert_string_equal(s.title, "");
	assert_string_equal(s.dir, "/var");
	assert_string_equal(s.level, "info");
	assert_false(s.on);
	assert_int_equal(s.threads, 4);
	assert_int_equal(s.wait, 30);
	assert_int_equal(s.room, 1 << 20);
	assert_int_equal(s.mode, 0600);
	assert_int_equal(s.tags.n, 0);
	assert_null(s.api.host);
	assert_int_equal(s.listen.n, 1);
	assert_string_equal(s.listen.items[0].host, "*");
	assert_int_equal(s.listen.items[0].port, 8443);
}

static void test_everything_set(void **state)
{
	(void)state;
	assert_int_equal(parse("# a comment\n"
			       "\n"
			       "title = \"a #1 \"   # quoted\n"
			       "  dir=/srv/a#b\t# a hash inside a word is part of it\n"
			       "log_level = debug\non = yes\nthreads = 64\nwait = 2m\nroom = 64K\nmode = 0660\n"
			       "tag = one\ntag = \"two words\"\n"
			       "api = gw.example.com:443\n"
			       "listen = [2001:db8::1]:8443\nlisten = 192.0.2.1:443"),
			 0);
	assert_string_equal(s.title, "a #1 ");
	assert_string_equal(s.dir, "/srv/a#b");
	assert_string_equal(s.level, "debug");
	assert_true(s.on);
	assert_int_equal(s.threads, 64);
	assert_int_equal(s.wait, 120);
	assert_int_equal(s.room, 65536);
	assert_int_equal(s.mode, 0660);
	assert_int_equal(s.tags.n, 2);
	assert_string_equal(s.tags.items[0], "one");
	assert_string_equal(s.tags.items[1], "two words");
	assert_string_equal(s.api.host, "gw.example.com");
	assert_int_equal(s.api.port, 443);
	assert_int_equal(s.listen.n, 2);
	assert_string_equal(s.listen.items[0].host, "2001:db8::1");
	assert_string_equal(s.listen.items[0].text, "[2001:db8::1]:8443");
}

/* NULL: accepted. Else the whole sentence. */
static const struct {
	const char *text, *sentence;
} lines[] = {
	{ "threads = 1", NULL },
	{ "threads = 64", NULL },
	{ "threads = 0", "f.conf:1: option 'threads': want a number 1..64, got '0'" },
	{ "threads = 65", "f.conf:1: option 'threads': want a number 1..64, got '65'" },
	{ "threads = -1", "f.conf:1: option 'threads': want a number 1..64, got '-1'" },
	{ "threads = 4x", "f.conf:1: option 'threads': want a number 1..64, got '4x'" },
	{ "threads = 0x4", "f.conf:1: option 'threads': want a number 1..64, got '0x4'" },
	{ "threads = 18446744073709551617", "f.conf:1: option 'threads': want a number 1..64, got '18446744073709551617'" },
	{ "threads =", "f.conf:1: option 'threads': want a value, got none (\"\" is the empty text)" },
	{ "threads = # 4", "f.conf:1: option 'threads': want a value, got none (\"\" is the empty text)" },
	{ "threads = \"4\"", NULL },
	{ "threads 4", "f.conf:1: want 'name = value', got 'threads 4'" },
	{ "= 4", "f.conf:1: want 'name = value', got '= 4'" },
	{ "thread = 4", "f.conf:1: unknown option 'thread' (did you mean 'threads'?)" },
	{ "log-level = info", "f.conf:1: unknown option 'log-level' (did you mean 'log_level'?)" },
	{ "lsiten = *:1", "f.conf:1: unknown option 'lsiten' (did you mean 'listen'?)" },
	{ "frobnicate = 4", "f.conf:1: unknown option 'frobnicate'" },
	{ "Threads = 4", "f.conf:1: unknown option 'Threads' (did you mean 'threads'?)" },
	{ "\n\nthreads = 4\n\nthreads = 4", "f.conf:5: option 'threads': want it once, got it again (first in line 3)" },
	{ "wait = 5s", NULL },
	{ "wait = 1h", NULL },
	{ "wait = 4s", "f.conf:1: option 'wait': want a duration with its unit (30s, 5m, 2h, 7d) 5s..1h, got '4s'" },
	{ "wait = 61m", "f.conf:1: option 'wait': want a duration with its unit (30s, 5m, 2h, 7d) 5s..1h, got '61m'" },
	{ "wait = 30", "f.conf:1: option 'wait': want a duration with its unit (30s, 5m, 2h, 7d) 5s..1h, got '30'" },
	{ "wait = 1 m", "f.conf:1: option 'wait': want a duration with its unit (30s, 5m, 2h, 7d) 5s..1h, got '1 m'" },
	{ "room = 4096", NULL },
	{ "room = 1G", NULL },
	{ "room = 4095", "f.conf:1: option 'room': want a size (4096, 64K, 16M, 1G) 4K..1G, got '4095'" },
	{ "room = 2G", "f.conf:1: option 'room': want a size (4096, 64K, 16M, 1G) 4K..1G, got '2G'" },
	{ "room = 9999999999999999G", "f.conf:1: option 'room': want a size (4096, 64K, 16M, 1G) 4K..1G, got '9999999999999999G'" },
	{ "mode = 0777", NULL },
	{ "mode = 01000", "f.conf:1: option 'mode': want an octal file mode 0..0777, got '01000'" },
	{ "mode = 600", "f.conf:1: option 'mode': want an octal file mode 0..0777, got '600'" },
	{ "mode = 0680", "f.conf:1: option 'mode': want an octal file mode 0..0777, got '0680'" },
	{ "on = true", "f.conf:1: option 'on': want 'yes' or 'no', got 'true'" },
	{ "on = no", NULL },
	{ "log_level = warning", "f.conf:1: option 'log_level': want one of error|info|debug, got 'warning'" },
	{ "log_level = error|info", "f.conf:1: option 'log_level': want one of error|info|debug, got 'error|info'" },
	{ "log_level = \"\"", "f.conf:1: option 'log_level': want one of error|info|debug, got ''" },
	{ "title = 12345678", NULL },
	{ "title = \"\"", NULL },
	{ "title = 123456789", "f.conf:1: option 'title': want a text 0..8 bytes long, got '123456789'" },
	{ "title = \"a", "f.conf:1: option 'title': want double quotes around the whole value, got '\"a'" },
	{ "title = a\"b\"", "f.conf:1: option 'title': want double quotes around the whole value, got 'a\"b\"'" },
	{ "title = \"a\" b", "f.conf:1: option 'title': want double quotes around the whole value, got '\"a\" b'" },
	{ "dir = relative", "f.conf:1: option 'dir': want an absolute path, got 'relative'" },
	{ "dir = \"\"", "f.conf:1: option 'dir': want an absolute path, got ''" },
	{ "tag = a\ntag = b\ntag = c", NULL },
	{ "tag = a\ntag = b\ntag = c\ntag = d", "f.conf:4: option 'tag': want at most 3 values, got more" },
	{ "listen = *:1\nlisten = *:65535", NULL },
	{ "listen = *:0", "f.conf:1: option 'listen': want host:port, got '*:0'" },
	{ "listen = *:65536", "f.conf:1: option 'listen': want host:port, got '*:65536'" },
	{ "listen = 8443", "f.conf:1: option 'listen': want host:port, got '8443'" },
	{ "listen = :8443", "f.conf:1: option 'listen': want host:port, got ':8443'" },
	{ "listen = ::1:8443", "f.conf:1: option 'listen': want host:port, got '::1:8443'" },
	{ "listen = [::1]:8443", NULL },
	{ "listen = [::x]:8443", "f.conf:1: option 'listen': want host:port, got '[::x]:8443'" },
	{ "listen = [::1]", "f.conf:1: option 'listen': want host:port, got '[::1]'" },
	{ "listen = a b:8443", "f.conf:1: option 'listen': want host:port, got 'a b:8443'" },
	{ "listen = none", "f.conf:1: option 'listen': want host:port, got 'none'" },
	{ "door = none", NULL },
	{ "door = *:1\ndoor = none", "f.conf:2: option 'door': want host:port, got 'none'" },
	{ "door = none\ndoor = *:1", "f.conf:2: option 'door': want 'none' alone, got one more value" },
	{ "door = none\ndoor = none", "f.conf:2: option 'door': want 'none' alone, got one more value" },
	{ "threads = 4\r\n", "f.conf:1: want UTF-8 text and lines that end with LF, got a control character or other bytes" },
	{ "title = \xff", "f.conf:1: want UTF-8 text and lines that end with LF, got a control character or other bytes" },
	{ "threads = 4\nthreads", "f.conf:2: want 'name = value', got 'threads'" },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(lines); i++) {
		int r = parse(lines[i].text);

		if (r != (lines[i].sentence ? -EINVAL : 0))
			fail_msg("'%s': %d: %s", lines[i].text, r, err_text(&e));
		if (lines[i].sentence)
			assert_string_equal(err_text(&e), lines[i].sentence);
	}
}

static void test_none(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(s.doors.n, 1);
	assert_int_equal(parse("door = none"), 0);
	assert_int_equal(s.doors.n, 0);
}

static void test_nul_byte(void **state)
{
	static const char text[] = "threads = 4\0 = 5";

	(void)state;
	assert_int_equal(conf_parse(bytes_of(text, sizeof(text) - 1), "f", rows, ARRAY_N(rows), arena, &s, &e), -EINVAL);
}

/* A list that needs a value, when the default has none. */
static void test_list_minimum(void **state)
{
	static const struct conf_row needed[] = { CONF_ROW(struct sample, listen, "listen", ADDRESSES, "", "1..2", "where") };

	(void)state;
	assert_int_equal(conf_parse(BYTES_NONE, "f", needed, 1, arena, &s, &e), -EINVAL);
	assert_string_equal(err_text(&e), "f: option 'listen': want at least 1, got 0");
	assert_int_equal(conf_parse(bytes_of_str("listen = *:1"), "f", needed, 1, arena, &s, &e), 0);
}

static void test_no_memory(void **state)
{
	struct arena *tiny = arena_new(8);

	(void)state;
	assert_int_equal(conf_parse(bytes_of_str("dir = /a/long/path/that/does/not/fit"), "f", rows, ARRAY_N(rows), tiny, &s, &e), -ENOMEM);
	arena_free(tiny);
}

static void write_file(int fd, size_t n)
{
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, '#', n);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, text, n, 0), (ssize_t)n);
	free(text);
}

static void test_files(void **state)
{
	char path[] = "/tmp/gatewright-test-conf-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	write_file(fd, LIMIT_CONF_FILE_MAX);
	assert_int_equal(conf_load(path, rows, ARRAY_N(rows), arena, &s, &e), 0);
	write_file(fd, LIMIT_CONF_FILE_MAX + 1);
	assert_int_equal(conf_load(path, rows, ARRAY_N(rows), arena, &s, &e), -EINVAL);
	(void)close(fd);
	(void)unlink(path);
	assert_int_equal(conf_load(path, rows, ARRAY_N(rows), arena, &s, &e), -ENOENT);
	assert_int_equal(conf_load("/", rows, ARRAY_N(rows), arena, &s, &e), -EISDIR);
}

static void test_describe(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	conf_describe(rows, 2, &b);
	assert_string_equal(buf_str(&b), "title = \"\"\n    a title; a text 0..8 bytes long\n"
					 "dir = /var\n    a directory; an absolute path\n");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),     cmocka_unit_test(test_everything_set), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nul_byte),     cmocka_unit_test(test_list_minimum),   cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_files),	     cmocka_unit_test(test_describe),	 cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("conf", tests, set_up, tear_down);
}
