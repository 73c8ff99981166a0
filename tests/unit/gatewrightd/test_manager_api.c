/* Updates and changes through the API, when the parts behind it fail or are in the way of each other. */
#include "manager_bench.h"

#include "sys/ipc/ipc.h"
#include "sys/store/audit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int setup(void **state)
{
	struct manager_bench *b = calloc(1, sizeof(*b));

	bench_open(b);
	bench_serve_http(b);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	bench_close(*state);
	free(*state);
	return 0;
}

static const char *update(struct manager_bench *b)
{
	return bench_http(b, "POST", "gateways/edge/keystore-updates",
			  arena_printf(b->f.a, "{\"certificate\":%lld,\"force_warnings\":true,\"ssh\":{\"auth\":\"password\",\"password\":\"x\"}}",
				       (long long)b->cert[NEW]));
}

static void has(const char *answer, const char *words)
{
	if (!answer || !words || !strstr(answer, words))
		fail_msg("want '%s' in: %s", words ? words : "", answer ? answer : "nothing");
}

static int64_t events(struct manager_bench *b, const char *action, const char *outcome)
{
	struct store_event_query q = { .action = action, .outcome = outcome, .page = { "", 100 } };
	struct store_event *found = NULL;
	const char *next = NULL;
	size_t n = 0;

	assert_int_equal(store_event_list(b->s, &q, b->f.a, &found, &n, &next, &b->f.e), 0);
	return (int64_t)n;
}

static struct store_job wait_done(struct manager_bench *b, int64_t job)
{
	for (int i = 0; i < 1000; i++) {
		struct store_job row = bench_job(b, job);

		if (row.done)
			return row;
		(void)poll(NULL, 0, 10);
		bench_pass(b, 1);
	}
	fail_msg("job %lld never ends", (long long)job);
	return (struct store_job) { 0 };
}

/* A process cannot be started: the answer and the row say why; also when that could not be stored at once. */
static void test_start_fails(void **state)
{
	struct manager_bench *b = *state;
	struct store_job row;
	const char *answer;

	b->refuse_spawn = true;
	answer = update(b);
	has(answer, "HTTP/1.1 500");
	has(answer, "no more processes today");
	row = bench_job(b, 1);
	assert_true(row.done);
	assert_string_equal(row.outcome, "failed");
	has(row.detail, "no more processes today");

	bench_sql(b, "CREATE TRIGGER full BEFORE UPDATE OF done ON job BEGIN SELECT RAISE(ABORT, 'the store takes nothing'); END");
	answer = update(b);
	has(answer, "no more processes today");
	has(answer, "job 2 stays open until that can be stored");
	has(answer, "the store takes nothing");
	assert_false(bench_job(b, 2).done);
	has(update(b), "job 2 works on gateway 'edge' already");

	bench_sql(b, "DROP TRIGGER full");
	row = wait_done(b, 2);
	assert_string_equal(row.outcome, "failed");
	has(row.detail, "no more processes today: nothing had been switched");
	b->refuse_spawn = false;
	has(update(b), "HTTP/1.1 202");
	(void)close(bench_next(b, BENCH_WAIT_MS));
	(void)wait_done(b, 3);
}

/* What a job proves is about the addresses and names that it began with. */
static void test_change_during_a_job(void **state)
{
	static const struct {
		const char *body, *idle, *busy;
	} rows[] = {
		{ "{\"tls\":[\"127.0.0.1:2\"]}", "200", "409" },
		{ "{\"server_names\":[\"other.example.test\"]}", "200", "409" },
		{ "{\"ssh\":{\"user\":\"operator\"}}", "200", "200" },
	};
	struct manager_bench *b = *state;

	for (int busy = 0; busy <= 1; busy++) {
		if (busy)
			has(update(b), "HTTP/1.1 202");
		for (size_t i = 0; i < ARRAY_N(rows); i++)
			has(bench_http(b, "PATCH", "gateways/edge", rows[i].body),
			    arena_printf(b->f.a, "HTTP/1.1 %s", busy ? rows[i].busy : rows[i].idle));
	}
	(void)close(bench_next(b, BENCH_WAIT_MS));
}

/* On a thread of its own, like what follows; the bench's arena is then the thread's. */
static void *change_host(void *context)
{
	has(bench_http(context, "PATCH", "gateways/edge", "{\"ssh\":{\"host\":\"127.0.0.2\"}}"), "HTTP/1.1 200");
	return NULL;
}

/*
 * One change comes while another one is being written: both are there afterwards. The pause is not waited out for
 * anything: without it the test passes more easily.
 */
static void test_two_changes(void **state)
{
	struct manager_bench *b = *state;
	struct store_gateway row;

	for (int i = 0; i < 20; i++) {
		const char *name = arena_printf(b->f.a, "name-%d.example.test", i);
		const char *sql = arena_printf(b->f.a, "UPDATE gateway SET server_names = '[\"%s\"]'", name);
		pthread_t thread;

		bench_sql(b, "UPDATE gateway SET ssh_host = '127.0.0.1', server_names = '[]'");
		bench_sql(b, "BEGIN IMMEDIATE");
		assert_int_equal(pthread_create(&thread, NULL, change_host, b), 0);
		bench_sql(b, sql);
		(void)poll(NULL, 0, 20);
		bench_sql(b, "COMMIT");
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_int_equal(store_gateway_get(b->s, b->gateway, b->f.a, &row, &b->f.e), 0);
		assert_string_equal(row.ssh_host, "127.0.0.2");
		has(row.server_names, name);
	}
}

static void *ask_what_is_served(void *context)
{
	struct manager_bench *b = context;

	has(bench_http(b, "POST", "gateways/edge/probe", "{}"), arena_printf(b->f.a, "\"certificate\":%lld", (long long)b->cert[NEW]));
	return NULL;
}

/* A gateway can be asked what it serves without its target file; the answer names what was seen. */

static void test_probe_without_target(void **state)
{
	struct manager_bench *b = *state;
	struct buf m = bench_message(MSG_DEPLOY_RESULT);
	pthread_t thread;
	int fd;

	wire_add_str(&m, FIELD_RESULT, "confirmed");
	wire_add_str(&m, FIELD_PROBE, bench_probe(b, NEW));
	bench_sql(b, "UPDATE gateway SET target = 'gone'");
	assert_int_equal(pthread_create(&thread, NULL, ask_what_is_served, b), 0);
	fd = bench_next(b, BENCH_WAIT_MS);
	bench_send(b, fd, &m, true);
	(void)close(fd);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(bench_uses(b, NEW) && !bench_uses(b, OLD));
	assert_int_equal(events(b, "gateway.probe", NULL), 1);
}

static void break_audit(struct manager_bench *b)
{
	bench_sql(b, "CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'the store takes nothing'); END");
}

/* What changes no row has its event before it begins: without one nobody is asked and nothing is stopped. */
static void test_no_deed_without_its_event(void **state)
{
	static const char *const asks[] = { "gateways/edge/probe", "gateways/edge/host-key" };
	struct manager_bench *b = *state;
	int fd;

	break_audit(b);
	for (size_t i = 0; i < ARRAY_N(asks); i++)
		has(bench_http(b, "POST", asks[i], "{}"), "the store takes nothing");
	assert_int_equal(bench_next(b, 200), -1);
	bench_sql(b, "DROP TRIGGER full");
	has(update(b), "HTTP/1.1 202");
	fd = bench_next(b, BENCH_WAIT_MS);
	break_audit(b);
	has(bench_http(b, "POST", "jobs/1/cancel", "{}"), "the store takes nothing");
	assert_int_equal(poll(&(struct pollfd) { .fd = fd, .events = POLLIN }, 1, 200), 0);
	bench_sql(b, "DROP TRIGGER full");
	has(bench_http(b, "POST", "jobs/1/cancel", "{}"), "HTTP/1.1 200");
	assert_int_equal(ipc_receive(fd, BENCH_WAIT_MS, &b->buf, &b->in, NULL, &b->f.e), 0);
	assert_int_equal(b->in.type, MSG_DEPLOY_CANCEL);
	assert_int_equal(events(b, "job.cancel", "done"), 1);
	assert_int_equal(events(b, "job.cancel", "failed"), 0);
	(void)close(fd);
}

/* A question that could not be asked: that it was begun, and how it went. */
static void test_a_deed_that_fails_after_its_event(void **state)
{
	struct manager_bench *b = *state;

	b->refuse_spawn = true;
	has(bench_http(b, "POST", "gateways/edge/probe", "{}"), "no more processes today");
	assert_int_equal(events(b, "gateway.probe", "done"), 1);
	assert_int_equal(events(b, "gateway.probe", "failed"), 1);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(test_start_fails), TEST(test_change_during_a_job), TEST(test_two_changes),
					    TEST(test_probe_without_target),
					    TEST(test_no_deed_without_its_event), TEST(test_a_deed_that_fails_after_its_event) };

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120); /* a manager that hangs must not hang the tests */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
