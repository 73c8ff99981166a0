/* What depends on the time: sessions end, tokens expire, waits pass, heads are signed. */
#include "manager_bench.h"

#include "gatewrightd/manager/access/caller.h"
#include "gatewrightd/manager/access/hasher.h"
#include "gatewrightd/manager/access/login.h"
#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/audit.h"
#include "sys/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define COOKIE_MAX 600
#define FINE "HTTP/1.1 200"
#define NOT_SIGNED_IN "HTTP/1.1 401"

struct access_bench {
	struct manager_bench b;
	char password[CODE_TEXT_SIZE];
	int64_t user;
};

#define OK(call)                                                                      \
	do {                                                                          \
		int r__ = (call);                                                     \
		if (r__ != 0)                                                         \
			fail_msg("%s: got %d: %s", #call, r__, err_text(&b->f.e)); \
	} while (0)

static int setup(void **state)
{
	struct access_bench *a = calloc(1, sizeof(*a));
	struct manager_bench *b = &a->b;
	char hash[PASSWORD_HASH_SIZE];
	struct store_account account = { .name = "bob", .roles = "viewer", .password = hash };

	bench_open(b);
	OK(password_one_time(a->password, hash, &b->f.e));
	OK(store_account_add(b->s, &account, &a->user, &b->f.e));
	OK(store_account_set_password(b->s, a->user, hash, false, &b->f.e));
	bench_serve_http(b);
	*state = a;
	return 0;
}

static int teardown(void **state)
{
	bench_close(&((struct access_bench *)*state)->b);
	free(*state);
	return 0;
}

static void begins(const char *answer, const char *with)
{
	if (strncmp(answer, with, strlen(with)) != 0)
		fail_msg("want '%s', got: %s", with, answer);
}

static const char *sign_in(struct access_bench *a, const char *headers)
{
	char body[200];

	(void)snprintf(body, sizeof(body), "{\"user\":\"bob\",\"password\":\"%s\"}", a->password);
	return bench_http_with(&a->b, "POST", "session", headers, body);
}

/* "Cookie: NAME=value" of an answer that sets it. */
static const char *cookie_of(struct access_bench *a, const char *answer, const char *name)
{
	const char *at = strstr(answer, name);

	assert_non_null(at);
	return arena_printf(a->b.f.a, "Cookie: %.*s\r\n", (int)strcspn(at, ";"), at);
}

static const char *session(struct access_bench *a, const char *cookie)
{
	return bench_http_with(&a->b, "GET", "session", cookie, "");
}

static void idle_sessions_end(void **state)
{
	struct access_bench *a = *state;
	const char *cookie = cookie_of(a, sign_in(a, ""), SESSION_COOKIE "=");

	begins(session(a, cookie), FINE);
	bench_pass(&a->b, 1700);
	begins(session(a, cookie), FINE);
	bench_pass(&a->b, 1700);
	begins(session(a, cookie), FINE);
	bench_pass(&a->b, 1801);
	begins(session(a, cookie), NOT_SIGNED_IN);
}

static void every_session_ends(void **state)
{
	struct access_bench *a = *state;
	const char *cookie = cookie_of(a, sign_in(a, ""), SESSION_COOKIE "=");

	for (int i = 0; i < 25; i++) {
		bench_pass(&a->b, 1700);
		begins(session(a, cookie), FINE);
	}
	bench_pass(&a->b, 43200 - 25 * 1700);
	begins(session(a, cookie), NOT_SIGNED_IN);
}

static void count_failures(struct access_bench *a, const char *name, int64_t n)
{
	struct manager_bench *b = &a->b;

	OK(store_throttle_set(b->s, name, n, clock_wall(), &b->f.e));
}

static int64_t failures(struct access_bench *a, const char *name)
{
	struct manager_bench *b = &a->b;
	struct wall_time last;
	int64_t n = 0;

	OK(store_throttle_get(b->s, name, &n, &last, &b->f.e));
	return n;
}

static void waits_pass(void **state)
{
	struct access_bench *a = *state;
	const char *answer, *mark = cookie_of(a, sign_in(a, ""), MARK_COOKIE "=");

	assert_int_equal(failures(a, "account:bob"), 0);
	assert_int_equal(failures(a, "address:unix"), 0); /* the Unix socket is not counted */
	count_failures(a, "account:bob", 20);
	answer = sign_in(a, "");
	begins(answer, "HTTP/1.1 429");
	assert_true(strstr(answer, "Retry-After: 300") || strstr(answer, "Retry-After: 299"));
	assert_int_equal(failures(a, "account:bob"), 20); /* what is not looked at is not counted */
	begins(sign_in(a, mark), "HTTP/1.1 201");
	bench_pass(&a->b, 301);
	begins(sign_in(a, ""), "HTTP/1.1 201");
	assert_int_equal(failures(a, "account:bob"), 20); /* a right password does not forgive the others' */
	bench_pass(&a->b, 5 * 900);
	begins(bench_http(&a->b, "POST", "session", "{\"user\":\"bob\",\"password\":\"x\"}"), NOT_SIGNED_IN);
	assert_int_equal(failures(a, "account:bob"), 1);
}

static void a_mark_is_forgotten(void **state)
{
	struct access_bench *a = *state;
	const char *mark = cookie_of(a, sign_in(a, ""), MARK_COOKIE "=");

	bench_pass(&a->b, MARK_DAYS * DAY_S + 1);
	count_failures(a, "account:bob", 20);
	begins(sign_in(a, mark), "HTTP/1.1 429");
}

/* Some are hashed, some wait for it, the next is told to come again, and that is no failure of his. */
static void only_so_many_wait_for_a_hash(void **state)
{
	struct access_bench *a = *state;
	struct hasher *h = a->b.m.hasher;
	const char *answer;

	for (int i = 0; i < HASHING_MAX + HASHING_WAITING_MAX; i++)
		assert_true(hasher_enter(h));
	assert_false(hasher_enter(h));
	for (int i = 0; i < 6; i++) {
		answer = sign_in(a, "");
		begins(answer, "HTTP/1.1 429");
		assert_non_null(strstr(answer, "Retry-After: 1\r\n"));
	}
	assert_int_equal(failures(a, "account:bob"), 0);
	hasher_leave(h);
	begins(sign_in(a, ""), "HTTP/1.1 201");
	assert_true(hasher_enter(h)); /* the place was given back */
	assert_false(hasher_enter(h));
	for (int i = 0; i < HASHING_MAX + HASHING_WAITING_MAX; i++)
		hasher_leave(h);
	assert_int_equal(failures(a, "account:bob"), 0);
}

static void on_the_way(void *context)
{
	*(bool *)context = true;
}

static void a_stopping_hasher_looks_at_nothing(void **state)
{
	struct access_bench *a = *state;
	struct secret *password = secret_of(bytes_of_str(a->password));
	struct hash_work work = { .password = password, .done = on_the_way };
	bool done = false;

	work.context = &done;
	hasher_stop(a->b.m.hasher);
	assert_false(hasher_enter(a->b.m.hasher));
	begins(sign_in(a, ""), "HTTP/1.1 429");
	hasher_add(a->b.m.hasher, &work); /* as somebody who had his place before */
	assert_true(done);
	assert_int_equal(work.failed, -EPIPE);
	secret_free(password);
}

static void tokens_expire(void **state)
{
	struct access_bench *a = *state;
	char until[TIME_TEXT_MAX];
	const char *answer, *at, *header;

	(void)time_format(wall_add(clock_wall(), 3600), until);
	answer = bench_http(&a->b, "POST", "tokens",
			    arena_printf(a->b.f.a,
					 "{\"name\":\"t\",\"user\":\"bob\",\"roles\":[\"viewer\"],\"expires_at\":\"%s\"}", until));
	begins(answer, "HTTP/1.1 201");
	at = strstr(answer, "gwt_");
	assert_non_null(at);
	header = arena_printf(a->b.f.a, "Authorization: Bearer %.47s\r\n", at);
	begins(session(a, header), FINE);
	bench_pass(&a->b, 3500);
	begins(session(a, header), FINE);
	bench_pass(&a->b, 101);
	begins(session(a, header), NOT_SIGNED_IN);
}

/* ---- heads of the audit log ---- */

static void write_events(struct manager_bench *b, int n)
{
	const struct audit_event event = {
		.actor = "system", .address = "unix", .action = "user.create", .object = "user:x", .outcome = "done"
	};

	for (int i = 0; i < n; i++)
		OK(audit_write(b->s, &event, clock_wall(), &b->f.e));
}

static int64_t wait_for_head(struct manager_bench *b, int64_t n)
{
	struct store_head head = { .n = 0 };

	for (int i = 0; i < BENCH_WAIT_MS / 10; i++) {
		int r = store_head_last(b->s, b->f.a, &head, &b->f.e);

		assert_true(r >= 0);
		if (r == 0 && head.n >= n)
			return head.n;
		auditor_wake(b->m.auditor);
		(void)poll(NULL, 0, 10);
	}
	return head.n;
}

static void heads_are_signed_in_time(void **state)
{
	struct access_bench *a = *state;
	struct manager_bench *b = &a->b;
	struct store_head head;

	write_events(b, 3);
	OK(auditor_start(&b->m, -1, "", &b->m.auditor, &b->f.e));
	bench_pass(b, AUDIT_HEAD_EVERY_S);
	assert_int_equal(wait_for_head(b, 3), 3);
	write_events(b, AUDIT_HEAD_EVENTS);
	assert_int_equal(wait_for_head(b, 3 + AUDIT_HEAD_EVENTS), 3 + AUDIT_HEAD_EVENTS);
	write_events(b, 1);
	assert_int_equal(store_head_of(b->s, 4 + AUDIT_HEAD_EVENTS, b->f.a, &head, &b->f.e), 1);
	auditor_stop(b->m.auditor); /* an orderly end with news */
	b->m.auditor = NULL;
	OK(store_head_of(b->s, 4 + AUDIT_HEAD_EVENTS, b->f.a, &head, &b->f.e));
	assert_non_null(strstr(bench_http(b, "POST", "audit-verification", ""), "\"ok\":true,\"events\":260,\"heads\":3,\"unsigned\":0"));
}

/* Only what happens while the setting is on, each event once. */
static void events_go_to_syslog(void **state)
{
	struct access_bench *a = *state;
	struct manager_bench *b = &a->b;
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), from = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char line[4096] = "";
	ssize_t n;

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/log", b->dir);
	assert_int_equal(bind(to, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	OK(auditor_start(&b->m, from, sa.sun_path, &b->m.auditor, &b->f.e));
	write_events(b, 2);
	begins(bench_http(b, "PATCH", "settings", "{\"audit_syslog\":true}"), FINE);
	while (!strstr(line, "setting.change")) {
		n = recv(to, line, sizeof(line) - 1, 0);
		assert_true(n > 0);
		line[n] = '\0';
	}
	assert_non_null(strstr(line, "gatewrightd"));
	begins(bench_http(b, "PATCH", "settings", "{\"audit_syslog\":false}"), FINE);
	auditor_stop(b->m.auditor);
	b->m.auditor = NULL;
	assert_int_equal(recv(to, line, sizeof(line), MSG_DONTWAIT), -1);
	(void)close(to);
	(void)unlink(sa.sun_path);
}

/* The numbers of the events that came, up to the one of `action`. */
static size_t receive_until(int to, const char *action, int64_t *numbers, size_t max)
{
	char line[4096] = "";
	size_t got = 0;

	while (!strstr(line, action)) {
		struct pollfd p = { .fd = to, .events = POLLIN };
		ssize_t n = poll(&p, 1, BENCH_WAIT_MS) == 1 ? recv(to, line, sizeof(line) - 1, 0) : -1;
		const char *number;

		assert_true(n > 0 && got < max);
		line[n] = '\0';
		number = strstr(line, "{\"n\":");
		assert_non_null(number);
		numbers[got++] = strtoll(number + 5, NULL, 10);
	}
	return got;
}

static void restart_auditor(struct access_bench *a, const char *path)
{
	struct manager_bench *b = &a->b;

	auditor_stop(b->m.auditor);
	b->m.auditor = NULL;
	write_events(b, 2); /* while nobody sends */
	OK(auditor_start(&b->m, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), path, &b->m.auditor, &b->f.e));
}

/* Each event once and in order: over restarts, and when syslog was away for a while. */
static void syslog_gets_each_event_once(void **state)
{
	struct access_bench *a = *state;
	struct manager_bench *b = &a->b;
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int64_t numbers[40];
	size_t n;
	int to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/log", b->dir);
	assert_int_equal(bind(to, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	write_events(b, 2);
	OK(auditor_start(&b->m, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), sa.sun_path, &b->m.auditor, &b->f.e));
	begins(bench_http(b, "PATCH", "settings", "{\"audit_syslog\":true}"), FINE);
	n = receive_until(to, "setting.change", numbers, ARRAY_N(numbers));
	restart_auditor(a, sa.sun_path);
	(void)close(to);
	(void)unlink(sa.sun_path);
	begins(bench_http(b, "POST", "users", "{\"name\":\"x\",\"roles\":[]}"), "HTTP/1.1 201");
	restart_auditor(a, sa.sun_path);
	to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(to, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	begins(bench_http(b, "POST", "users/x/reset", "{}"), FINE);
	n += receive_until(to, "user.reset", numbers + n, ARRAY_N(numbers) - n);
	for (size_t i = 1; i < n; i++)
		assert_int_equal(numbers[i], numbers[i - 1] + 1);
	begins(bench_http(b, "PATCH", "settings", "{\"audit_syslog\":false}"), FINE);
	restart_auditor(a, sa.sun_path);
	begins(bench_http(b, "PATCH", "settings", "{\"audit_syslog\":true}"), FINE);
	n = receive_until(to, "\"audit_syslog\":true", numbers, ARRAY_N(numbers));
	assert_int_equal(n, 1); /* none of those from when it was off */
	auditor_stop(b->m.auditor);
	b->m.auditor = NULL;
	(void)close(to);
	(void)unlink(sa.sun_path);
}

static size_t refused_reads(struct access_bench *a, struct store_event **ret)
{
	struct manager_bench *b = &a->b;
	struct store_event_query q = { .action = "call.read", .page = { "", 100 } };
	const char *next = NULL;
	size_t n = 0;

	OK(store_event_list(b->s, &q, b->f.a, ret, &n, &next, &b->f.e));
	return n;
}

static void wait_for_refused_reads(struct access_bench *a, size_t n, const char *detail)
{
	struct store_event *found = NULL;
	size_t got = 0;

	for (int i = 0; i < BENCH_WAIT_MS / 10 && (got = refused_reads(a, &found)) < n; i++) {
		auditor_wake(a->b.m.auditor);
		(void)poll(NULL, 0, 10);
	}
	assert_int_equal(got, n);
	if (!strstr(found[0].text, detail))
		fail_msg("want '%s' in: %s", detail, found[0].text);
}

/* A refused read leaves an event, the same again a count that is told when its time has passed. */
static void refused_reads_are_counted(void **state)
{
	static const char wrong[] = "Authorization: Bearer gwt_none\r\n";
	struct access_bench *a = *state;
	struct manager_bench *b = &a->b;
	const char *cookie = cookie_of(a, sign_in(a, ""), SESSION_COOKIE "=");

	OK(auditor_start(&b->m, -1, "", &b->m.auditor, &b->f.e));
	for (int i = 0; i < 4; i++)
		begins(bench_http_with(b, "GET", "users", cookie, ""), "HTTP/1.1 403");
	begins(bench_http_with(b, "GET", "session", "Cookie: " SESSION_COOKIE "=ended\r\n", ""), NOT_SIGNED_IN);
	wait_for_refused_reads(a, 1, "\"actor\":\"user:bob\"");
	for (int i = 0; i < 3; i++)
		begins(bench_http_with(b, "GET", "certificates", wrong, ""), NOT_SIGNED_IN);
	wait_for_refused_reads(a, 2, "\"actor\":\"nobody\"");
	bench_pass(b, 61);
	wait_for_refused_reads(a, 3, "3 more like it since");
	bench_pass(b, 600);
	wait_for_refused_reads(a, 4, "2 more like it since");
	begins(bench_http_with(b, "GET", "tokens?all=true", cookie, ""), "HTTP/1.1 403");
	begins(bench_http_with(b, "GET", "tokens?all=true", cookie, ""), "HTTP/1.1 403");
	wait_for_refused_reads(a, 5, "permission ADMIN");
	auditor_stop(b->m.auditor); /* what is untold then is told */
	b->m.auditor = NULL;
	wait_for_refused_reads(a, 6, "1 more like it since");
}

static void a_line_for_syslog(void **state)
{
	struct store_event event = { .n = 1, .at = { 1800000000 }, .action = "user.create", .text = "{\"n\":1}" };
	struct buf b;
	char want[200];

	(void)state;
	(void)snprintf(want, sizeof(want), "<110>1 2027-01-15T08:00:00Z gw gatewrightd %ld user.create - {\"n\":1}", (long)getpid());
	buf_init(&b, 1024);
	audit_syslog_line(&event, "gw", &b);
	assert_string_equal(buf_str(&b), want);
	buf_fini(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(idle_sessions_end),	T(every_session_ends),	      T(waits_pass), T(a_mark_is_forgotten),
		T(only_so_many_wait_for_a_hash), T(a_stopping_hasher_looks_at_nothing),
		T(tokens_expire),	T(heads_are_signed_in_time), T(events_go_to_syslog),
		T(refused_reads_are_counted), T(syslog_gets_each_event_once), cmocka_unit_test(a_line_for_syslog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
