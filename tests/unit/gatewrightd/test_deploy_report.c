/* The channel to the manager: moves, cancellations, refusals, silence, death. The manager's answers are written beforehand. */
#include "../crypto/fixture.h"

#include "gatewrightd/deploy/report.h"
#include "gatewrightd/messages.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
	struct report r;
	int manager;
};

static struct pair open_pair(void)
{
	struct pair p = { .r = { .job = 7 } };
	int fds[2];

	assert_int_equal(ipc_pair(fds, NULL), 0);
	p.r.fd = fds[0];
	p.manager = fds[1];
	return p;
}

static void close_pair(struct pair *p)
{
	(void)close(p->r.fd);
	if (p->manager >= 0)
		(void)close(p->manager);
}

static void say(const struct pair *p, uint16_t type, uint32_t id)
{
	struct buf b;

	buf_init(&b, 1024);
	if (type == MSG_REFUSED)
		ipc_refuse(&b, id, -EIO, "the disk is full");
	else
		wire_begin(&b, type, id);
	assert_int_equal(ipc_send(p->manager, &b, -1, NULL), 0);
	buf_fini(&b);
}

enum answer { ANSWER_OK, ANSWER_OTHER_ID, ANSWER_CANCEL, ANSWER_REFUSED, ANSWER_DEATH, ANSWER_NONE };

static void test_move(void **state)
{
	/* what the manager says, in order; the first move has id 1 */
	static const struct {
		const char *name;
		enum answer says[3];
		int want;
		bool cancelled, gone;
		const char *error;
	} rows[] = {
		{ "stored", { ANSWER_OK, ANSWER_NONE, ANSWER_NONE }, 0, false, false, NULL },
		{ "an old answer before", { ANSWER_OTHER_ID, ANSWER_OK, ANSWER_NONE }, 0, false, false, NULL },
		{ "cancelled, then stored", { ANSWER_CANCEL, ANSWER_OK, ANSWER_NONE }, 0, true, false, NULL },
		{ "refused", { ANSWER_REFUSED, ANSWER_NONE, ANSWER_NONE }, -EACCES, false, false, "the disk is full" },
		{ "dies", { ANSWER_DEATH, ANSWER_NONE, ANSWER_NONE }, 1, false, true, NULL },
		{ "cancels and dies", { ANSWER_CANCEL, ANSWER_DEATH, ANSWER_NONE }, 1, true, true, NULL },
		{ "silent", { ANSWER_NONE, ANSWER_NONE, ANSWER_NONE }, -ETIMEDOUT, false, false, "in time" },
		{ "only an old answer", { ANSWER_OTHER_ID, ANSWER_NONE, ANSWER_NONE }, -ETIMEDOUT, false, false, "in time" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct pair p = open_pair();
		struct err e = { 0 };
		int r;

		for (size_t k = 0; k < ARRAY_N(rows[i].says); k++) {
			static const uint16_t types[] = { MSG_OK, MSG_OK, MSG_DEPLOY_CANCEL, MSG_REFUSED };

			if (rows[i].says[k] < ANSWER_DEATH)
				say(&p, types[rows[i].says[k]], rows[i].says[k] == ANSWER_OTHER_ID ? 99 : 1);
			if (rows[i].says[k] == ANSWER_DEATH) {
				(void)shutdown(p.manager, SHUT_WR);
			}
		}
		r = report_move(&p.r, US_CHECKED, (struct wall_time){ 0 }, 50, &e);
		if (r != rows[i].want || p.r.cancelled != rows[i].cancelled || p.r.gone != rows[i].gone)
			fail_msg("%s: got %d, cancelled %d, gone %d: %s", rows[i].name, r, p.r.cancelled, p.r.gone, err_text(&e));
		if (rows[i].error && !strstr(err_text(&e), rows[i].error))
			fail_msg("%s: got '%s'", rows[i].name, err_text(&e));
		close_pair(&p);
	}
}

static void test_move_says(void **state)
{
	static struct wire_message m;
	struct pair p = open_pair();
	uint64_t deadline = 0;
	struct buf b;

	(void)state;
	buf_init(&b, WIRE_MESSAGE_MAX);
	say(&p, MSG_OK, 1);
	assert_int_equal(report_move(&p.r, US_SWITCHED, (struct wall_time){ 1800000000 }, 1000, NULL), 0);
	assert_int_equal(ipc_receive(p.manager, 0, &b, &m, NULL, NULL), 0);
	assert_int_equal(m.type, MSG_DEPLOY_MOVE);
	assert_true(bytes_equal_str(wire_get(&m, FIELD_STATE), "switched"));
	assert_true(wire_get_u64(&m, FIELD_DEADLINE, &deadline));
	assert_int_equal(deadline, 1800000000);
	buf_fini(&b);
	close_pair(&p);
}

/* Nobody listens: nothing blocks, nothing is sent again. */
static void test_gone(void **state)
{
	struct report_step step = { .state = US_CHECKED, .step = "check", .outcome = "started", .time_ms = -1 };
	struct pair p = open_pair();

	(void)state;
	(void)close(p.manager);
	p.manager = -1;
	report_step(&p.r, &step);
	assert_true(p.r.gone);
	assert_int_equal(report_move(&p.r, US_STAGED, (struct wall_time){ 0 }, 60000, NULL), 1);
	assert_int_equal(report_result(&p.r, &(struct report_result){ .text = "x" }, 60000, NULL), 1);
	close_pair(&p);
}

static void test_listen(void **state)
{
	struct pair p = open_pair();

	(void)state;
	report_listen(&p.r);
	assert_false(p.r.gone || p.r.cancelled);
	say(&p, MSG_DEPLOY_CANCEL, 5);
	report_listen(&p.r);
	assert_true(p.r.cancelled && !p.r.gone);
	(void)close(p.manager);
	p.manager = -1;
	report_listen(&p.r);
	assert_true(p.r.gone);
	close_pair(&p);
}

/* A round of probes comes as a whole or not at all; what the host printed yields to it. */
static void test_many_probes(void **state)
{
	static const struct {
		const char *name;
		size_t size, n, want, output_want;
	} rows[] = {
		{ "some", 1000, 20, 20, 16384 },
		{ "as many as fit", REPORT_PROBES_MAX / 64 - WIRE_FIELD_HEAD, 64, 64, 4050 },
		{ "one byte more", REPORT_PROBES_MAX / 64 - WIRE_FIELD_HEAD + 1, 64, 0, 16384 },
	};
	static uint8_t probe[WIRE_MESSAGE_MAX], output[16384];
	static struct wire_message m;

	(void)state;
	memset(probe, ' ', sizeof(probe));
	for (size_t i = 0; i < sizeof(output); i += 2)
		memcpy(output + i, "\xc3\xa9", 2);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct bytes probes[64];
		struct report_step step = { .state = US_PROBING, .step = "probe", .outcome = "done", .time_ms = 1, .probes = probes,
					    .probes_n = rows[i].n, .host_output = bytes_of(output, sizeof(output)) };
		struct pair p = open_pair();
		struct bytes got;
		struct buf b;

		for (size_t k = 0; k < rows[i].n; k++)
			probes[k] = bytes_of(probe, rows[i].size);
		buf_init(&b, WIRE_MESSAGE_MAX);
		report_step(&p.r, &step);
		assert_int_equal(ipc_receive(p.manager, 0, &b, &m, NULL, NULL), 0);
		got = wire_get(&m, FIELD_HOST_OUTPUT);
		if (wire_count(&m, FIELD_PROBE) != rows[i].want || got.n > rows[i].output_want || got.n + 200 < rows[i].output_want)
			fail_msg("%s: got %zu probes, %zu bytes of output", rows[i].name, wire_count(&m, FIELD_PROBE), got.n);
		assert_true(bytes_is_utf8(got));
		assert_false(p.r.gone);
		buf_fini(&b);
		close_pair(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move),   cmocka_unit_test(test_move_says),   cmocka_unit_test(test_gone),
		cmocka_unit_test(test_listen), cmocka_unit_test(test_many_probes),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
