/* The connection: rows of events, and random walks in virtual time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/util.h"
#include "gate/conn.h"

#include <stdio.h>
#include <stdlib.h>

static const struct conn_limits limits = { .idle_ms = 60000 };

#define GET "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

/*
 * A script: '1' first byte, 'e' established, 'f' handshake failed, 'g' a request, 'G' half of one, 'h' the other half,
 * 's' sent, 'z' end, 'b' broken, 'x' stop, 'T' to just before the deadline (nothing may happen), 't' to the deadline,
 * 'n' another path, 'p' POST, 'c' HEAD and close, 'B' with a body, 'j' junk, '2' two requests at once. The actions come
 * out as letters: T start TLS, H health, h health for HEAD, number: problem, S shutdown, C close; upper-case L behind:
 * last.
 */
static const struct {
	const char *name, *script, *want;
	enum conn_state end;
} rows[] = {
	{ "a request", "1eg", "TH", CONN_OPEN },
	{ "two, one after the other", "1egsgs", "THH", CONN_OPEN },
	{ "two at once", "1e2ss", "THH", CONN_OPEN },
	{ "in two pieces", "1eGhs", "TH", CONN_OPEN },
	{ "HEAD and close", "1ecs", "ThLS", CONN_DRAINING },
	{ "close and drained", "1ecsz", "ThLSC", CONN_CLOSED },
	{ "not found, goes on", "1ensgs", "T404H", CONN_OPEN },
	{ "another method", "1eps", "T405", CONN_OPEN },
	{ "a body ends it", "1eBs", "T413LS", CONN_DRAINING },
	{ "junk ends it", "1ejs", "T400LS", CONN_DRAINING },
	{ "silent: not before its time", "T", "", CONN_ACCEPTED },
	{ "silent", "t", "C", CONN_CLOSED },
	{ "handshake: not before its time", "1T", "T", CONN_TLS },
	{ "handshake too slow", "1t", "TC", CONN_CLOSED },
	{ "handshake failed", "1f", "TC", CONN_CLOSED },
	{ "ended in the handshake", "1z", "TC", CONN_CLOSED },
	{ "ended before it", "z", "C", CONN_CLOSED },
	{ "idle: not before its time", "1eT", "T", CONN_OPEN },
	{ "idle", "1et", "TS", CONN_DRAINING },
	{ "idle after a request", "1egst", "THS", CONN_DRAINING },
	{ "slow head", "1eGt", "TC", CONN_CLOSED },
	{ "slow reader", "1egt", "THC", CONN_CLOSED },
	{ "draining too long", "1ett", "TSC", CONN_CLOSED },
	{ "peer says goodbye", "1ez", "TS", CONN_DRAINING },
	{ "peer says goodbye while it is answered", "1egzs", "THS", CONN_DRAINING },
	{ "broken", "1eb", "TC", CONN_CLOSED },
	{ "broken while answered", "1egb", "THC", CONN_CLOSED },
	{ "stop: silent", "x", "C", CONN_CLOSED },
	{ "stop: handshake finishes first", "1xe", "TS", CONN_DRAINING },
	{ "stop: idle", "1ex", "TS", CONN_DRAINING },
	{ "stop: answer is finished", "1egxs", "THS", CONN_DRAINING },
	{ "stop: a half head may end", "1eGxhs", "THLS", CONN_DRAINING },
	{ "stop: no second request", "1e2xs", "THS", CONN_DRAINING },
	{ "after close nothing", "tegsztbx", "C", CONN_CLOSED },
};

static void render(const struct conn_actions *a, char *out, size_t size)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct conn_action *x = &a->items[i];
		size_t n = strlen(out);

		switch (x->kind) {
		case CONN_START_TLS:
			(void)snprintf(out + n, size - n, "T");
			break;
		case CONN_SEND_HEALTH:
			(void)snprintf(out + n, size - n, "%s%s", x->head_only ? "h" : "H", x->last ? "L" : "");
			break;
		case CONN_SEND_PROBLEM:
			(void)snprintf(out + n, size - n, "%d%s", x->status, x->last ? "L" : "");
			assert_non_null(x->why);
			break;
		case CONN_SHUTDOWN:
			(void)snprintf(out + n, size - n, "S");
			break;
		case CONN_CLOSE:
			(void)snprintf(out + n, size - n, "C");
			break;
		case CONN_ACTION_N:
			fail();
		}
	}
}

static void bytes_in(struct conn *c, const char *s, struct mono_time now, struct conn_actions *out)
{
	conn_on_bytes(c, bytes_of_str(s), now, out);
}

static void step(struct conn *c, char event, struct mono_time *now, struct conn_actions *out)
{
	switch (event) {
	case '1':
		conn_on_first_byte(c, *now, out);
		break;
	case 'e':
		conn_on_tls_established(c, *now, out);
		break;
	case 'f':
		conn_on_tls_failed(c, "no shared cipher", out);
		break;
	case 'g':
		bytes_in(c, GET, *now, out);
		break;
	case '2':
		bytes_in(c, GET GET, *now, out);
		break;
	case 'G':
		bytes_in(c, "GET /healthz HTTP/1.1\r\nHo", *now, out);
		break;
	case 'h':
		bytes_in(c, "st: a\r\n\r\n", *now, out);
		break;
	case 'n':
		bytes_in(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", *now, out);
		break;
	case 'p':
		bytes_in(c, "POST /healthz HTTP/1.1\r\nHost: a\r\n\r\n", *now, out);
		break;
	case 'c':
		bytes_in(c, "HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", *now, out);
		break;
	case 'B':
		bytes_in(c, "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", *now, out);
		break;
	case 'j':
		bytes_in(c, "\x01\x02\r\n\r\n", *now, out);
		break;
	case 's':
		conn_on_sent(c, *now, out);
		break;
	case 'z':
		conn_on_end(c, *now, out);
		break;
	case 'b':
		conn_on_broken(c, "reset", out);
		break;
	case 'x':
		conn_on_stop(c, *now, out);
		break;
	case 'T':
		now->ms = c->deadline.ms - 1;
		conn_on_timer(c, *now, out);
		break;
	case 't':
		now->ms = c->deadline.ms > now->ms ? c->deadline.ms : now->ms;
		conn_on_timer(c, *now, out);
		break;
	default:
		fail_msg("no such event '%c'", event);
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct mono_time now = { 1000 };
		char got[64] = "";
		struct conn c;

		conn_init(&c, &limits, now);
		for (const char *p = rows[i].script; *p; p++) {
			struct conn_actions out = { 0 };

			step(&c, *p, &now, &out);
			render(&out, got, sizeof(got));
			now.ms += 1;
		}
		if (strcmp(got, rows[i].want) != 0 || c.state != rows[i].end)
			fail_msg("%s: want %s in '%s', got %s in '%s'", rows[i].name, rows[i].want,
				 conn_state_name(rows[i].end), got, conn_state_name(c.state));
		conn_fini(&c);
	}
}

/* No byte extends the time for a head: the slow client is cut when the first byte's time is over. */
static void test_slowloris(void **state)
{
	struct mono_time now = { 0 };
	struct conn_actions out = { 0 };
	struct conn c;

	(void)state;
	conn_init(&c, &limits, now);
	step(&c, '1', &now, &out);
	step(&c, 'e', &now, &out);
	for (now.ms = 0; now.ms < LIMIT_CONN_HEAD_MS; now.ms += 100) {
		out.n = 0;
		conn_on_bytes(&c, bytes_of("a", 1), now, &out);
		conn_on_timer(&c, now, &out);
		assert_int_equal(out.n, 0);
	}
	conn_on_timer(&c, now, &out);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.items[0].kind, CONN_CLOSE);
	conn_fini(&c);
}

/* Room is what it takes: never more than a head, nothing while it answers; a head that fills it is refused. */
static void test_room(void **state)
{
	struct mono_time now = { 0 };
	struct conn_actions out = { 0 };
	char xs[LIMIT_HTTP_HEAD_MAX];
	struct conn c;

	(void)state;
	memset(xs, 'x', sizeof(xs));
	conn_init(&c, &limits, now);
	assert_int_equal(conn_room(&c), 0);
	step(&c, '1', &now, &out);
	step(&c, 'e', &now, &out);
	assert_int_equal(conn_room(&c), LIMIT_HTTP_HEAD_MAX);
	out.n = 0;
	conn_on_bytes(&c, bytes_of(xs, sizeof(xs) - 1), now, &out);
	assert_int_equal(out.n, 0);
	assert_int_equal(conn_room(&c), 1);
	conn_on_bytes(&c, bytes_of(xs, 1), now, &out);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.items[0].status, 431);
	assert_true(out.items[0].last);
	assert_int_equal(conn_room(&c), 0);
	conn_fini(&c);
}

static void check_invariants(const struct conn *c, const struct conn_actions *out, struct mono_time now,
			     bool closed_before)
{
	size_t closes = 0;

	assert_true(out->n <= CONN_ACTIONS_MAX);
	for (size_t i = 0; i < out->n; i++)
		closes += out->items[i].kind == CONN_CLOSE;
	if (closed_before)
		assert_int_equal(out->n, 0);
	assert_int_equal(closes, c->state == CONN_CLOSED && !closed_before);
	if (c->state == CONN_CLOSED) {
		assert_null(c->in.p);
		return;
	}
	assert_true(c->deadline.ms > now.ms);
	assert_true(c->deadline.ms <= now.ms + 60000);
	assert_true(c->in.n <= LIMIT_HTTP_HEAD_MAX);
	assert_true(conn_room(c) <= LIMIT_GATE_READ_MAX);
}

static void test_walks(void **state)
{
	static const char events[] = "1efgGhncpBj2szbxTttt1e1egsgsgsgs";
	uint32_t seed = 20261124;

	(void)state;
	for (int walk = 0; walk < 20000; walk++) {
		struct mono_time now = { walk };
		struct conn c;

		conn_init(&c, &limits, now);
		for (int i = 0; i < 40; i++) {
			struct conn_actions out = { 0 };
			bool closed_before = c.state == CONN_CLOSED;
			char event;

			seed = seed * 1664525 + 1013904223;
			event = events[(seed >> 10) % (sizeof(events) - 1)];
			if (event == 'T' && closed_before)
				continue;
			if (strchr("gGhncpBj2", event) && conn_room(&c) < 200)
				continue; /* the caller never gives more than there is room */
			now.ms += (seed >> 20) % 3;
			if (!closed_before && now.ms >= c.deadline.ms)
				event = 't'; /* the caller's timer fires first */
			step(&c, event, &now, &out);
			check_invariants(&c, &out, now, closed_before);
		}
		/* Left alone it ends: no row stays for ever. */
		for (int i = 0; i < 4 && c.state != CONN_CLOSED; i++) {
			struct conn_actions out = { 0 };

			step(&c, 't', &now, &out);
		}
		assert_int_equal(c.state, CONN_CLOSED);
		conn_fini(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_slowloris),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
