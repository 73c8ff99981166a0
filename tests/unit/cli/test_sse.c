/* Server-sent events: what is fed, in one piece and byte by byte, and what comes out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sys/http/sse.h"

#include <errno.h>
#include <stdlib.h>

/* Events as one text: "[event|id|data]" each. */
static const struct {
	const char *name, *stream, *events;
	int result;
} rows[] = {
	{ "one", "data: a\n\n", "[message||a]", 0 },
	{ "no end", "data: a\n", "", 0 },
	{ "named", "event: step\ndata: {}\n\n", "[step||{}]", 0 },
	{ "with id", "id: 7\ndata: a\n\n", "[message|7|a]", 0 },
	{ "the id stays", "id: 7\ndata: a\n\ndata: b\n\n", "[message|7|a][message|7|b]", 0 },
	{ "an empty id clears", "id: 7\ndata: a\n\nid\ndata: b\n\n", "[message|7|a][message||b]", 0 },
	{ "the name does not stay", "event: x\ndata: a\n\ndata: b\n\n", "[x||a][message||b]", 0 },
	{ "two lines of data", "data: a\ndata: b\n\n", "[message||a\nb]", 0 },
	{ "empty data", "data\n\n", "[message||]", 0 },
	{ "empty lines of data", "data\ndata\n\n", "[message||\n]", 0 },
	{ "no data, no event", "event: x\nid: 9\n\ndata: a\n\n", "[message|9|a]", 0 },
	{ "comment", ": still here\n\ndata: a\n\n", "[message||a]", 0 },
	{ "comments only", ":\n:\n\n", "", 0 },
	{ "one blank is dropped", "data:a\n\ndata: b\n\ndata:  c\n\n", "[message||a][message||b][message|| c]", 0 },
	{ "colon in the value", "data: a:b: c\n\n", "[message||a:b: c]", 0 },
	{ "CR", "data: a\rdata: b\r\r", "[message||a\nb]", 0 },
	{ "CR LF", "data: a\r\ndata: b\r\n\r\n", "[message||a\nb]", 0 },
	{ "mixed", "data: a\r\ndata: b\r\n\n", "[message||a\nb]", 0 },
	{ "LF CR is two", "data: a\n\rdata: b\n\n", "[message||a][message||b]", 0 },
	{ "byte order mark", "\xef\xbb\xbf" "data: a\n\n", "[message||a]", 0 },
	{ "byte order mark later", "data: a\n\n\xef\xbb\xbf" "data: b\n\n", "[message||a]", 0 },
	{ "unknown field", "retry: 10\nfoo: bar\ndata: a\n\n", "[message||a]", 0 },
	{ "name of a field with a blank", "data : a\n\ndata: b\n\n", "[message||b]", 0 },
	{ "UTF-8", "data: \xc3\xa9\n\n", "[message||\xc3\xa9]", 0 },
	{ "not UTF-8", "data: a\n\ndata: \xff\n\n", "[message||a]", -EPROTO },
	{ "long id", "id: 0123456789012345678901234567890123456789012345678901234567890123\ndata: a\n\n", "", -EPROTO },
	{ "id that just fits", "id: 012345678901234567890123456789012345678901234567890123456789012\ndata: a\n\n",
	  "[message|012345678901234567890123456789012345678901234567890123456789012|a]", 0 },
	{ "long name", "event: 0123456789012345678901234567890123456789012345678901234567890123\ndata: a\n\n", "", -EPROTO },
};

static int collect(const struct sse_event *event, void *context)
{
	struct buf *out = context;

	buf_printf(out, "[%s|%s|", event->event, event->id);
	buf_add(out, event->data);
	buf_add_str(out, "]");
	return 0;
}

/* Feed in pieces of `step` bytes. */
static int feed(const char *stream, size_t step, struct buf *out)
{
	struct bytes rest = bytes_of_str(stream);
	struct err e = { 0 };
	struct sse s;
	int r = 0;

	sse_init(&s);
	while (rest.n > 0 && r == 0) {
		size_t n = rest.n < step ? rest.n : step;

		r = sse_feed(&s, bytes_of(rest.p, n), collect, out, &e);
		rest = bytes_of(rest.p + n, rest.n - n);
	}
	sse_fini(&s);
	return r;
}

static void test_rows(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 100000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		for (size_t j = 0; j < ARRAY_N(steps); j++) {
			struct buf out;
			int r;

			buf_init(&out, 4096);
			r = feed(rows[i].stream, steps[j], &out);
			if (r != rows[i].result || strcmp(buf_str(&out), rows[i].events) != 0)
				fail_msg("%s, %zu bytes at a time:\n want %d %s\n got  %d %s", rows[i].name, steps[j],
					 rows[i].result, rows[i].events, r, buf_str(&out));
			buf_fini(&out);
		}
	}
}

static int refuse(const struct sse_event *event, void *context)
{
	(void)event;
	return ++*(int *)context == 2 ? 42 : 0;
}

static void test_sink_stops(void **state)
{
	struct err e = { 0 };
	struct sse s;
	int n = 0;

	(void)state;
	sse_init(&s);
	assert_int_equal(sse_feed(&s, bytes_of_str("data: a\n\ndata: b\n\ndata: c\n\n"), refuse, &n, &e), 42);
	assert_int_equal(n, 2);
	sse_fini(&s);
}

static void test_limits(void **state)
{
	CLEANUP(util_freep) char *line = malloc(SSE_LINE_MAX);
	struct err e = { 0 };
	struct sse s;
	struct buf out;

	(void)state;
	assert_non_null(line);
	memset(line, 'x', SSE_LINE_MAX);
	buf_init(&out, 4096);
	sse_init(&s);
	assert_int_equal(sse_feed(&s, bytes_of(line, SSE_LINE_MAX), collect, &out, &e), 0);
	assert_int_equal(sse_feed(&s, bytes_of("x", 1), collect, &out, &e), -EPROTO);
	sse_fini(&s);
	buf_fini(&out);
}

/* A lost connection: what was half read is gone, the id is not. */
static void test_reconnect(void **state)
{
	struct err e = { 0 };
	struct sse s;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	sse_init(&s);
	assert_int_equal(sse_feed(&s, bytes_of_str("id: 3\ndata: a\n\nevent: x\ndata: half"), collect, &out, &e), 0);
	sse_reconnect(&s);
	assert_string_equal(s.id, "3");
	assert_int_equal(sse_feed(&s, bytes_of_str("data: b\n\n"), collect, &out, &e), 0);
	assert_string_equal(buf_str(&out), "[message|3|a][message|3|b]");
	sse_fini(&s);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_sink_stops),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_reconnect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
