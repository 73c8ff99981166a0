#include "gatewrightd/deploy/report.h"

#include "gatewrightd/messages.h"
#include "sys/clock.h"
#include "sys/ipc/ipc.h"

#include <errno.h>

static void begin(struct report *r, struct buf *b, uint16_t type)
{
	buf_init(b, WIRE_MESSAGE_MAX);
	wire_begin(b, type, ++r->last_id);
	wire_add_u64(b, FIELD_JOB, r->job);
}

/* All or none: the manager judges from what comes, and a part of a round proves nothing. */
static void add_probes(struct buf *b, const struct bytes *list, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += WIRE_FIELD_HEAD + list[i].n;
	for (size_t i = 0; i < n && total <= REPORT_PROBES_MAX; i++)
		wire_add(b, FIELD_PROBE, list[i]);
}

/* What a command printed is for people: of a lot of it as much as there is room for. */
static void add_output(struct buf *b, struct bytes output)
{
	size_t room = WIRE_MESSAGE_MAX - b->n - WIRE_FIELD_HEAD;

	if (output.n > room) {
		output.n = room;
		while (output.n > 0 && (output.p[output.n] & 0xc0) == 0x80) /* within a character of UTF-8 */
			output.n--;
	}
	if (output.n > 0)
		wire_add(b, FIELD_HOST_OUTPUT, output);
}

static void add_time(struct buf *b, uint16_t tag, struct wall_time t)
{
	if (t.s != 0)
		wire_add_u64(b, tag, (uint64_t)t.s);
}

static int send_message(struct report *r, struct buf *b, struct err *e)
{
	int done = r->gone ? -EPIPE : ipc_send(r->fd, b, -1, e);

	if (done == -EPIPE)
		r->gone = true;
	buf_wipe(b);
	return done;
}

void report_step(struct report *r, const struct report_step *s)
{
	struct buf b;

	begin(r, &b, MSG_DEPLOY_STEP);
	wire_add_str(&b, FIELD_STATE, update_state_word(s->state));
	wire_add_str(&b, FIELD_STEP, s->step);
	wire_add_str(&b, FIELD_OUTCOME, s->outcome);
	if (s->text && s->text[0])
		wire_add_str(&b, FIELD_TEXT, s->text);
	if (s->time_ms >= 0)
		wire_add_u64(&b, FIELD_TIME_MS, (uint64_t)s->time_ms);
	if (s->old_generation && s->old_generation[0])
		wire_add_str(&b, FIELD_OLD_GENERATION, s->old_generation);
	if (s->host_key && s->host_key[0]) {
		wire_add_str(&b, FIELD_HOST_KEY, s->host_key);
		wire_add_str(&b, FIELD_HOST_KEY_TYPE, s->host_key_type);
	}
	add_time(&b, FIELD_DEADLINE, s->deadline);
	add_probes(&b, s->probes, s->probes_n);
	add_output(&b, s->host_output);
	(void)send_message(r, &b, NULL);
}

/* A message that is not the awaited answer. */
static void note(struct report *r, const struct wire_message *m)
{
	if (m->type == MSG_DEPLOY_CANCEL)
		r->cancelled = true;
}

static int refused(const struct wire_message *m, struct err *e)
{
	struct bytes text = wire_get(m, FIELD_ERROR_TEXT);

	if (text.n == 0 || bytes_has_control(text))
		text = bytes_of_str("no reason given");
	return err_set(e, -EACCES, "the manager refused: %.*s", text.n < ERR_TEXT_MAX ? (int)text.n : ERR_TEXT_MAX,
		       (const char *)text.p);
}

/* Is `m` the answer to `id`? 2: no, it was noted. 0: yes, done. */
static int judge(struct report *r, const struct wire_message *m, uint32_t id, struct err *e)
{
	if (m->id == id && m->type == MSG_OK)
		return 0;
	if (m->id == id && m->type == MSG_REFUSED)
		return refused(m, e);
	note(r, m);
	return 2;
}

/* The answer to the message with `id`; others are noted. 1: gone. */
static int await(struct report *r, uint32_t id, int timeout_ms, struct err *e)
{
	int64_t deadline = clock_mono().ms + timeout_ms;
	struct wire_message m;
	struct buf b;
	int done = 2;

	buf_init(&b, WIRE_MESSAGE_MAX);
	while (done == 2) {
		int64_t left = deadline - clock_mono().ms;

		done = ipc_receive(r->fd, left > 0 ? (int)left : 0, &b, &m, NULL, e);
		if (done == 2) {
			done = err_set(e, -ETIMEDOUT, "the manager did not answer in time");
		} else if (done == 1) {
			r->gone = true;
		} else if (done == 0) {
			done = judge(r, &m, id, e);
		}
	}
	buf_fini(&b);
	return done;
}

static int call(struct report *r, struct buf *b, int timeout_ms, struct err *e)
{
	uint32_t id = r->last_id;
	int done = send_message(r, b, e);

	if (r->gone)
		return 1;
	return done < 0 ? done : await(r, id, timeout_ms, e);
}

int report_move(struct report *r, enum update_state state, struct wall_time deadline, int timeout_ms, struct err *e)
{
	struct buf b;

	begin(r, &b, MSG_DEPLOY_MOVE);
	wire_add_str(&b, FIELD_STATE, update_state_word(state));
	add_time(&b, FIELD_DEADLINE, deadline);
	return call(r, &b, timeout_ms, e);
}

int report_result(struct report *r, const struct report_result *s, int timeout_ms, struct err *e)
{
	struct buf b;

	begin(r, &b, MSG_DEPLOY_RESULT);
	wire_add_str(&b, FIELD_STATE, update_state_word(s->state));
	wire_add_str(&b, FIELD_RESULT, update_result_word(s->result));
	wire_add_str(&b, FIELD_TEXT, s->text);
	if (s->host_key && s->host_key[0]) {
		wire_add_str(&b, FIELD_HOST_KEY, s->host_key);
		wire_add_str(&b, FIELD_HOST_KEY_TYPE, s->host_key_type);
	}
	if (s->old_generation && s->old_generation[0])
		wire_add_str(&b, FIELD_OLD_GENERATION, s->old_generation);
	add_time(&b, FIELD_DEADLINE, s->deadline);
	add_probes(&b, s->probes, s->probes_n);
	return call(r, &b, timeout_ms, e);
}

void report_listen(struct report *r)
{
	struct wire_message m;
	struct buf b;

	if (r->gone)
		return;
	buf_init(&b, WIRE_MESSAGE_MAX);
	for (int done = 0; done == 0;) {
		done = ipc_receive(r->fd, 0, &b, &m, NULL, NULL);
		if (done == 0)
			note(r, &m);
		else if (done != 2)
			r->gone = true;
	}
	buf_fini(&b);
}
