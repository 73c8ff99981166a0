/* Golden answers of the HTTP side. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "gate/health.h"

#include <stdio.h>
#include <string.h>

static void fill(struct health_facts *f)
{
	*f = (struct health_facts) { .generation = "g1", .fingerprint = "ab", .not_after = { 1700000000 } };
	buf_init(&f->subject, 100);
	buf_add_str(&f->subject, "CN=a\"b");
	buf_init(&f->names, 100);
	buf_add_str(&f->names, "[\"gw.example.com\"]");
}

static const struct health_moment moment = { { 1700000000 - 86400 * 2 - 1 }, { 5000 }, 7, 3 };

static void expect(struct buf *out, const char *want)
{
	assert_false(buf_bad(out));
	assert_string_equal(buf_str(out), want);
	buf_fini(out);
}

static void test_report(void **state)
{
	struct health_facts f;
	struct buf out;

	(void)state;
	fill(&f);
	buf_init(&out, 65536);
	health_answer(&f, moment, false, false, &out);
	expect(&out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 208\r\nCache-Control: "
		     "no-store\r\n\r\n"
		     "{\"status\":\"ok\",\"generation\":\"g1\",\"fingerprint\":\"ab\",\"subject\":\"CN=a\\\"b\","
		     "\"names\":[\"gw.example.com\"],"
		     "\"not_after\":\"2023-11-14T22:13:20Z\",\"days_left\":2,\"pending\":null,\"uptime\":7,"
		     "\"connections\":3,\"version\":\"0.1.0\"}");
	f.pending = true;
	memcpy(f.old_id, "g0", 3);
	f.due = (struct mono_time) { 5001 };
	health_answer(&f, moment, false, false, &out);
	assert_non_null(strstr(buf_str(&out), "\"pending\":{\"generation\":\"g1\",\"old\":\"g0\",\"seconds_left\":1}"));
	buf_fini(&out);
	health_facts_fini(&f);
}

static void test_expired(void **state)
{
	struct health_moment m = moment;
	struct health_facts f;
	struct buf out;

	(void)state;
	fill(&f);
	buf_init(&out, 65536);
	m.now.s = f.not_after.s;
	health_answer(&f, m, false, false, &out);
	assert_non_null(strstr(buf_str(&out), "\"status\":\"ok\""));
	buf_reset(&out);
	m.now.s++;
	health_answer(&f, m, false, false, &out);
	assert_non_null(strstr(buf_str(&out), "\"status\":\"expired\""));
	buf_fini(&out);
	health_facts_fini(&f);
}

static void test_head_and_problem(void **state)
{
	struct health_facts f;
	struct buf out;

	(void)state;
	fill(&f);
	buf_init(&out, 65536);
	health_answer(&f, moment, true, true, &out);
	expect(&out,
	       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 208\r\nCache-Control: no-store\r\n"
	       "Connection: close\r\n\r\n");
	health_problem(405, "want GET or HEAD", false, false, &out);
	expect(&out,
	       "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: application/problem+json\r\nContent-Length: 92\r\n"
	       "Cache-Control: no-store\r\nAllow: GET, HEAD\r\n\r\n"
	       "{\"type\":\"about:blank\",\"title\":\"Method Not Allowed\",\"status\":405,\"detail\":\"want GET or "
	       "HEAD\"}");
	health_facts_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_head_and_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
