/* Request heads, good and bad, on both sides of each boundary. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/util.h"
#include "codec/http1.h"

#include <stdio.h>
#include <stdlib.h>

#define H "Host: a\r\n"

static const struct {
	const char *name, *in;
	int want; /* 0 done, 1 more, else the status */
	const char *path, *query, *host;
	bool keep_alive;
} cases[] = {
	{ "plain", "GET / HTTP/1.1\r\n" H "\r\n", 0, "/", "", "a", true },
	{ "query", "GET /healthz?a=b?c HTTP/1.1\r\n" H "\r\n", 0, "/healthz", "a=b?c", "a", true },
	{ "empty query", "GET /x? HTTP/1.1\r\n" H "\r\n", 0, "/x", "", "a", true },
	{ "close", "GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n", 0, "/", "", "a", false },
	{ "close in a list, any case", "GET / HTTP/1.1\r\n" H "cOnnection: te ,CLOSE\r\n\r\n", 0, "/", "", "a", false },
	{ "1.0", "GET / HTTP/1.0\r\n\r\n", 0, "/", "", "", false },
	{ "1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 0, "/", "", "", true },
	{ "absolute form", "GET https://gw.example:8443/p?q HTTP/1.1\r\n" H "\r\n", 0, "/p", "q", "gw.example:8443",
	  true },
	{ "absolute form without a path", "GET http://gw HTTP/1.1\r\n" H "\r\n", 0, "/", "", "gw", true },
	{ "asterisk", "OPTIONS * HTTP/1.1\r\n" H "\r\n", 0, "*", "", "a", true },
	{ "empty line in front", "\r\nGET / HTTP/1.1\r\n" H "\r\n", 0, "/", "", "a", true },
	{ "value with tab and obs-text", "GET / HTTP/1.1\r\n" H "X:\ta\tb\xff \r\n\r\n", 0, "/", "", "a", true },
	{ "empty value", "GET / HTTP/1.1\r\n" H "X:\r\n\r\n", 0, "/", "", "a", true },
	{ "body announced", "PUT / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 0, "/", "", "a", true },
	{ "chunked", "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", 0, "/", "", "a", true },
	{ "nothing", "", 1, NULL, NULL, NULL, false },
	{ "half a line", "GET / HT", 1, NULL, NULL, NULL, false },
	{ "no empty line", "GET / HTTP/1.1\r\n" H, 1, NULL, NULL, NULL, false },
	{ "only the CR of the end", "GET / HTTP/1.1\r\n" H "\r", 1, NULL, NULL, NULL, false },
	{ "two empty lines in front", "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "bare LF", "GET / HTTP/1.1\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "bare CR in a value", "GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "no host", "GET / HTTP/1.1\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "two hosts", "GET / HTTP/1.1\r\n" H H "\r\n", 400, NULL, NULL, NULL, false },
	{ "host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "folded field", "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "space before the colon", "GET / HTTP/1.1\r\n" H "X : a\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "no colon", "GET / HTTP/1.1\r\n" H "X\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "no name", "GET / HTTP/1.1\r\n" H ": x\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "control in a value", "GET / HTTP/1.1\r\n" H "X: \x01\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "two spaces", "GET  / HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "no target", "GET HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "relative target", "GET x HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "fragment", "GET /#x HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "asterisk of GET", "GET * HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "absolute form without a host", "GET http:///x HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "method with a slash", "G/T / HTTP/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "HTTP/2.0", "GET / HTTP/2.0\r\n" H "\r\n", 505, NULL, NULL, NULL, false },
	{ "HTTP/1.x", "GET / HTTP/1.x\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "http/1.1", "GET / http/1.1\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "HTTP/1.10", "GET / HTTP/1.10\r\n" H "\r\n", 400, NULL, NULL, NULL, false },
	{ "length twice", "PUT / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, NULL, NULL,
	  NULL, false },
	{ "length with a sign", "PUT / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "length list", "PUT / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "length too long", "PUT / HTTP/1.1\r\n" H "Content-Length: 1000000000000000000\r\n\r\n", 400, NULL, NULL,
	  NULL, false },
	{ "length and chunked", "PUT / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	  NULL, NULL, NULL, false },
	{ "gzip, chunked", "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, NULL, NULL, NULL,
	  false },
	{ "chunked in 1.0", "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, NULL, NULL, NULL, false },
	{ "no request at all", "\x16\x03\x01\r\n\r\n", 400, NULL, NULL, NULL, false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct http1_request r;
		size_t used = 0;
		int status = 0;
		const char *why = NULL;
		enum http1_result got = http1_parse_request(bytes_of_str(cases[i].in), &r, &used, &status, &why);
		int as_number = got == HTTP1_DONE ? 0 : got == HTTP1_MORE ? 1 : status;

		if (as_number != cases[i].want)
			fail_msg("%s: want %d, got %d (%s)", cases[i].name, cases[i].want, as_number, why ? why : "-");
		if (got == HTTP1_BAD)
			assert_true(why && http1_reason(status)[0]);
		if (got != HTTP1_DONE)
			continue;
		if (used != strlen(cases[i].in) || !bytes_equal_str(r.path, cases[i].path) ||
		    !bytes_equal_str(r.query, cases[i].query) || !bytes_equal_str(r.host, cases[i].host) ||
		    r.keep_alive != cases[i].keep_alive)
			fail_msg("%s: another request than wanted", cases[i].name);
	}
}

/* A head of exactly `n` bytes. */
static char *head_of(size_t n)
{
	static const char first[] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
	char *s = malloc(n + 1);

	assert_non_null(s);
	memset(s, 'x', n);
	memcpy(s, first, sizeof(first) - 1);
	memcpy(s + n - 4, "\r\n\r\n", 5);
	return s;
}

static void test_length(void **state)
{
	static const struct {
		size_t n;
		enum http1_result want;
	} rows[] = { { LIMIT_HTTP_HEAD_MAX, HTTP1_DONE }, { LIMIT_HTTP_HEAD_MAX + 1, HTTP1_BAD } };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		char *s = head_of(rows[i].n);
		struct http1_request r;
		size_t used = 0;
		int status = 0;
		const char *why;

		assert_int_equal(http1_parse_request(bytes_of(s, rows[i].n), &r, &used, &status, &why), rows[i].want);
		/* without its end: more is wanted below the maximum, at the maximum it is too long already */
		assert_int_equal(http1_parse_request(bytes_of(s, LIMIT_HTTP_HEAD_MAX - 1), &r, &used, &status, &why),
				 HTTP1_MORE);
		free(s);
	}
}

static void test_fields(void **state)
{
	(void)state;
	for (int n = LIMIT_HTTP_HEADERS_MAX - 1; n <= LIMIT_HTTP_HEADERS_MAX; n++) {
		struct http1_request r;
		struct buf b;
		size_t used;
		int status = 0;
		const char *why;
		enum http1_result got;

		buf_init(&b, 8192);
		buf_add_str(&b, "GET / HTTP/1.1\r\nHost: a\r\n");
		for (int i = 0; i < n; i++)
			buf_add_str(&b, "X: y\r\n");
		buf_add_str(&b, "\r\n");
		got = http1_parse_request(buf_bytes(&b), &r, &used, &status, &why);
		assert_int_equal(got, n < LIMIT_HTTP_HEADERS_MAX ? HTTP1_DONE : HTTP1_BAD);
		if (got == HTTP1_BAD)
			assert_int_equal(status, 431);
		buf_fini(&b);
	}
}

/* However it is cut, the end is found at the same place; and every prefix of a good head wants more. */
static void test_pieces(void **state)
{
	static const char in[] = "GET /a HTTP/1.1\r\nHost: b\r\n\r\nGET";
	size_t end = sizeof(in) - 1 - 3;

	(void)state;
	for (size_t from = 0; from <= end; from++) {
		struct http1_request r;
		size_t used;
		int status;
		const char *why;

		if (from < end) {
			assert_int_equal(http1_head_end(bytes_of(in, from), 0), 0);
			assert_int_equal(http1_parse_request(bytes_of(in, from), &r, &used, &status, &why), HTTP1_MORE);
			assert_int_equal(http1_head_end(bytes_of(in, sizeof(in) - 1), from), end);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
