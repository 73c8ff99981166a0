/* The console's certificate: made, changed, looked at, gone back from, and renewed when its time has come. */
#include "manager_bench.h"

#include "gatewrightd/manager/console.h"
#include "sys/clock.h"
#include "sys/ipc/ipc.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void has(const char *answer, const char *words)
{
	if (!strstr(answer, words))
		fail_msg("want '%s' in: %s", words, answer);
}

static int64_t stored(struct manager_bench *b)
{
	int64_t id = 0;

	assert_int_equal(store_console_get(b->s, &id, &b->f.e), 0);
	return id;
}

static struct console_state served(struct manager_bench *b)
{
	struct console_state state;

	console_state(b->m.console, &state);
	return state;
}

static void wait_served(struct manager_bench *b, int64_t id)
{
	for (int i = 0; i < 3000 && (served(b).certificate != id || stored(b) != id); i++)
		(void)poll(NULL, 0, 10);
	assert_int_equal(served(b).certificate, id);
	assert_int_equal(stored(b), id);
}

static int setup(void **state)
{
	struct manager_bench *b = calloc(1, sizeof(*b));

	bench_open(b);
	bench_serve_https(b);
	for (int i = 0; i < 3000 && served(b).certificate == 0; i++)
		(void)poll(NULL, 0, 10);
	assert_int_not_equal(served(b).certificate, 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	bench_close(*state);
	free(*state);
	return 0;
}

static struct store_cert cert(struct manager_bench *b, int64_t id)
{
	struct store_cert row = { 0 };

	assert_int_equal(store_cert_get(b->s, id, b->f.a, &row, &b->f.e), 0);
	return row;
}

/* Be the deploy process that looks at the door: it sees certificate `id`; 0: no handshake. */
static void look(struct manager_bench *b, int64_t id)
{
	struct buf m = bench_message(MSG_DEPLOY_RESULT);
	char print[2 * FINGERPRINT_SIZE + 1] = "";
	int fd = bench_next(b, BENCH_WAIT_MS);

	assert_true(fd >= 0);
	assert_true(bytes_equal_str(wire_get(&b->in, FIELD_TLS_ADDRESS), b->door.text));
	for (size_t i = 0; id != 0 && i < FINGERPRINT_SIZE; i++)
		(void)snprintf(print + 2 * i, 3, "%02x", cert(b, id).fingerprint[i]);
	wire_add_str(&m, FIELD_RESULT, "confirmed");
	wire_add_str(&m, FIELD_PROBE,
		     id ? arena_printf(b->f.a, "{\"address\":\"%s\",\"ok\":true,\"error\":null,\"fingerprint\":\"%s\"}", b->door.text, print)
			: "{\"address\":\"x\",\"ok\":false,\"error\":\"nobody listens\",\"fingerprint\":null}");
	bench_send(b, fd, &m, true);
	(void)close(fd);
}

/* A call on a thread of its own; the bench's arena is the thread's until it is joined. */
struct put {
	struct manager_bench *b;
	const char *body, *want;
};

static void *put(void *context)
{
	const struct put *p = context;

	has(bench_http(p->b, "PUT", "console-certificate", p->body), p->want);
	return NULL;
}

static void test_first(void **state)
{
	struct manager_bench *b = *state;
	int64_t id = stored(b);

	assert_int_equal(served(b).certificate, id);
	assert_string_equal(cert(b, id).display_name, "Gatewright Console");
	assert_int_equal(cert(b, id).used, 1);
	assert_int_equal(cert(b, cert(b, id).issuer_id).kind, CERT_ROOT);
}

static int64_t issue(struct manager_bench *b, int64_t issuer)
{
	const char *body = arena_printf(b->f.a, "{\"kind\":\"end-entity\",\"issuer\":%lld,\"display_name\":\"Other\",\"names\":\"other.example.test\"}",
					(long long)issuer);
	const char *answer = bench_http(b, "POST", "certificates", body), *id = strstr(answer, "\"id\":");

	has(answer, "HTTP/1.1 201");
	return id ? strtoll(id + 5, NULL, 10) : 0;
}

/* The other one has other names: that is a warning. What a handshake shows decides. */
static void test_change(void **state)
{
	struct manager_bench *b = *state;
	int64_t first = stored(b), other = issue(b, cert(b, first).issuer_id);
	const char *plain = arena_printf(b->f.a, "{\"certificate\":%lld}", (long long)other);
	struct put force = { b, arena_printf(b->f.a, "{\"certificate\":%lld,\"force_warnings\":true}", (long long)other), NULL };
	pthread_t thread;

	has(bench_http(b, "PUT", "console-certificate", plain), "console-name-missing");

	force.want = "HTTP/1.1 422";
	assert_int_equal(pthread_create(&thread, NULL, put, &force), 0);
	look(b, first);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(stored(b), first);
	assert_int_equal(served(b).certificate, first);

	force.want = "the certificate before is served again";
	assert_int_equal(pthread_create(&thread, NULL, put, &force), 0);
	look(b, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(stored(b), first);

	force.want = "HTTP/1.1 200";
	assert_int_equal(pthread_create(&thread, NULL, put, &force), 0);
	look(b, other);
	assert_int_equal(pthread_join(thread, NULL), 0);
	wait_served(b, other);
	assert_int_equal(cert(b, first).used, 0);
	assert_int_equal(cert(b, other).used, 1);
}

/* Not a second before two thirds of its life; a successor that could not be shown is taken again, not made again. */
static void test_successor(void **state)
{
	struct manager_bench *b = *state;
	struct store_cert first = cert(b, stored(b));
	int64_t life = first.not_after.s - first.not_before.s, ids[4];
	size_t n = 0;

	bench_pass(b, first.not_before.s + life - life / 3 - clock_wall().s - 3600);
	console_wake(b->m.console);
	assert_int_equal(bench_next(b, 300), -1);
	bench_pass(b, 3601);
	console_wake(b->m.console);
	look(b, first.id);
	for (int i = 0; i < 3000 && !served(b).error[0]; i++)
		(void)poll(NULL, 0, 10);
	has(served(b).error, "look at the own door");
	assert_int_equal(served(b).certificate, first.id);
	assert_int_equal(store_cert_successors(b->s, first.id, ids, 4, &n, &b->f.e), 0);
	assert_int_equal(n, 1);
	console_wake(b->m.console);
	look(b, ids[0]);
	wait_served(b, ids[0]);
	assert_int_equal(cert(b, ids[0]).issuer_id, first.issuer_id);
	assert_string_equal(cert(b, ids[0]).names, first.names);
	assert_int_equal(store_cert_successors(b->s, first.id, ids, 4, &n, &b->f.e), 0);
	assert_int_equal(n, 1);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(test_first), TEST(test_change), TEST(test_successor) };

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120); /* a manager that hangs must not hang the tests */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
