/* What a deploy process reports about its job: stored first, answered then. */
#include "gatewrightd/manager/jobs/finish.h"
#include "gatewrightd/manager/jobs/probes.h"
#include "gatewrightd/messages.h"
#include "sys/ipc/ipc.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>

#define TEXT_MAX 1024
#define HOST_OUTPUT_MAX 65536

static const char *const move_sentences[US_N] = {
	[US_CONNECTING] = "connecting to the host",
	[US_CHECKED] = "checking the host",
	[US_STAGED] = "bringing the new keystore to the host",
	[US_SWITCHED] = "switching to the new keystore",
	[US_PROBING] = "looking at what is served",
	[US_ROLLING_BACK] = "going back to the old keystore",
};

int follow_answer_ok(int fd, uint32_t id, struct err *e)
{
	struct buf b;
	int r;

	buf_init(&b, WIRE_MESSAGE_MAX);
	wire_begin(&b, MSG_OK, id);
	r = ipc_send_within(fd, &b, -1, 0, e);
	buf_fini(&b);
	return r == -EPIPE ? 0 : r; /* that it is gone is found when its channel is read */
}

/* One line of printable text, cut; "" when absent or strange. */
static const char *take_text(const struct wire_message *m, uint16_t tag, size_t max, bool lines, struct arena *a)
{
	struct bytes b = wire_get(m, tag);
	char *text;

	if (b.n > max)
		b.n = max;
	text = bytes_is_utf8(b) ? arena_str(a, b) : NULL;
	for (char *p = text; p && *p; p++)
		if ((unsigned char)*p < 0x20 && !(lines && (*p == '\n' || *p == '\t')))
			*p = ' ';
	return text ? text : "";
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static int check_move(struct supervisor *s, struct work *w, struct bytes word, enum update_state *ret, struct arena *a,
		      struct err *e)
{
	enum update_state from = US_QUEUED;
	struct store_job job = { 0 };
	int r = store_job_get(s->store, w->job_id, a, &job, e);

	if (r != 0)
		return r < 0 ? r : err_set(e, -ENOENT, "there is no job %lld", (long long)w->job_id);
	if (!update_state_from_word(word, ret) || !update_state_from_word(bytes_of_str(job.state), &from))
		return err_set(e, -EPROTO, "its deploy process wants to enter a state that there is not");
	if (!update_may_move(from, *ret) || update_state_is_final(*ret))
		return err_set(e, -EPROTO, "its deploy process wants to go from '%s' to '%s'", job.state,
			       update_state_word(*ret));
	return 0;
}

/* When the host's dead-man switch fires; 0: not said. One that is beyond every window would block the gateway. */
static int take_deadline(const struct wire_message *m, int64_t *ret, struct err *e)
{
	int64_t latest = clock_wall().s + update_window_max_s();
	uint64_t deadline = 0;

	(void)wire_get_u64(m, FIELD_DEADLINE, &deadline);
	if (deadline > (uint64_t)latest)
		return err_set(e, -EPROTO, "its deploy process reported a deadline that no window reaches");
	*ret = (int64_t)deadline;
	return 0;
}

static int store_move(struct supervisor *s, struct work *w, enum update_state to, const struct wire_message *m,
		      struct arena *a, struct err *e)
{
	int64_t deadline = 0;
	const char *old = take_text(m, FIELD_OLD_GENERATION, 64, false, a);
	int r = take_deadline(m, &deadline, e);

	if (r == 0)
		r = store_begin(s->store, e);
	if (r < 0)
		return r;
	r = store_job_move(s->store, w->job_id, update_state_word(to), move_sentences[to] ? move_sentences[to] : "",
			   clock_wall(), e);
	if (r == 0)
		r = store_job_set_switch(s->store, w->job_id, deadline, NULL, or_null(old), e);
	if (r > 0)
		r = err_set(e, -EPROTO, "its deploy process works on a job that is done");
	return store_end(s->store, r, e);
}

/* The commit comes before the answer, and the answer before the process goes on. */
static int on_move(struct supervisor *s, struct work *w, const struct wire_message *m, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1024 * 1024);
	enum update_state to = US_QUEUED;
	int r = a ? check_move(s, w, wire_get(m, FIELD_STATE), &to, a, e) : err_nomem(e);

	if (r == 0)
		r = store_move(s, w, to, m, a, e);
	if (r == 0)
		work_allow_silence(w, to);
	return r < 0 ? r : follow_answer_ok(w->fd, m->id, e);
}

static bool is_state(const char *word, enum update_state state)
{
	return bytes_equal_str(bytes_of_str(word), update_state_word(state));
}

/* Probes on the way: the first ones, of before, are kept; those between switch and confirmation are counted. */
static int note_probes(struct supervisor *s, struct work *w, const char *state, const struct wire_message *m,
		       struct arena *a, struct err *e)
{
	struct store_job job = { 0 };
	char *list = NULL;
	int r = probes_take(m, &list, e);

	if (r == 0 && (is_state(state, US_SWITCHED) || is_state(state, US_PROBING)))
		probes_count(list, &w->handshakes_tried, &w->handshakes_lost);
	else if (r == 0 && !is_state(state, US_ROLLING_BACK))
		r = store_job_get(s->store, w->job_id, a, &job, e);
	if (r == 0 && job.gateway_id != 0)
		r = probes_keep(s->store, job.gateway_id, job.id, "before", list, clock_wall(), e);
	free(list);
	return r < 0 ? r : 0;
}

static int begin_step(struct supervisor *s, struct work *w, struct store_step *st, struct err *e)
{
	int64_t n = 0;
	int r;

	st->started_at = clock_wall();
	if (strcmp(st->outcome, "started") != 0)
		st->ended_at = st->started_at;
	r = store_step_begin(s->store, st, &n, e);
	if (r == 0 && strcmp(st->outcome, "started") == 0)
		w->step_n = n;
	return r;
}

static int store_step(struct supervisor *s, struct work *w, struct store_step *st, struct err *e)
{
	int r;

	if (strcmp(st->outcome, "started") == 0)
		finish_open_step(s, w, "its end was not reported");
	if (w->step_n == 0)
		return begin_step(s, w, st, e);
	st->n = w->step_n;
	st->ended_at = clock_wall();
	r = store_step_end(s->store, st, e);
	w->step_n = 0;
	return r;
}

static int learn(struct supervisor *s, struct work *w, const struct wire_message *m, struct arena *a, struct err *e)
{
	int64_t deadline = 0;
	const char *old = take_text(m, FIELD_OLD_GENERATION, 64, false, a);
	int r = take_deadline(m, &deadline, e);

	if (r < 0 || (deadline == 0 && !old[0]))
		return r;
	return store_job_set_switch(s->store, w->job_id, deadline, NULL, or_null(old), e);
}

static int on_step(struct supervisor *s, struct work *w, const struct wire_message *m, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1024 * 1024);
	struct store_step st = { .job_id = w->job_id };
	uint64_t time_ms = 0;
	int r;

	if (!a)
		return err_nomem(e);
	(void)wire_get_u64(m, FIELD_TIME_MS, &time_ms);
	st.state = take_text(m, FIELD_STATE, 32, false, a);
	st.text = take_text(m, FIELD_STEP, TEXT_MAX, false, a);
	st.outcome = take_text(m, FIELD_OUTCOME, 16, false, a);
	st.detail = or_null(take_text(m, FIELD_TEXT, TEXT_MAX, false, a));
	st.host_output = or_null(take_text(m, FIELD_HOST_OUTPUT, HOST_OUTPUT_MAX, true, a));
	st.time_ms = (int64_t)time_ms;
	if (strcmp(st.outcome, "started") != 0 && strcmp(st.outcome, "done") != 0 && strcmp(st.outcome, "failed") != 0)
		return err_set(e, -EPROTO, "its deploy process reported a step with outcome '%s'", st.outcome);
	r = store_begin(s->store, e);
	if (r < 0)
		return r;
	r = store_step(s, w, &st, e);
	if (r == 0)
		r = learn(s, w, m, a, e);
	if (r == 0 && wire_has(m, FIELD_PROBE))
		r = note_probes(s, w, st.state, m, a, e);
	return store_end(s->store, r, e);
}

/* What the probes of the end saw must bear it out: the row tells what a probe has shown, or that nobody knows. */
static int check_seen(struct supervisor *s, const struct job_end *end, const struct store_job *job, struct arena *a,
		      struct err *e)
{
	uint8_t served[FINGERPRINT_SIZE];
	struct store_cert fresh = { 0 };
	int r = job->cert_id != 0 ? store_cert_get(s->store, job->cert_id, a, &fresh, e) : 1;
	bool is_new;

	if (r < 0)
		return r;
	/* what a generation of unknown content holds is not known here: then it is the same everywhere */
	is_new = r == 0 ? probes_judge(end->probes, fresh.fingerprint, NULL) == SEEN_NEW
			: probes_served(end->probes, served);
	if (end->result == UR_CONFIRMED && !is_new)
		return err_set(e, -EPROTO,
			       "its deploy process reported '%s' without probes that saw the new certificate",
			       update_result_word(end->result));
	if (end->result == UR_ROLLED_BACK && r == 0 && is_new && job->cert_id != job->previous_id)
		return err_set(e, -EPROTO, "its deploy process reported '%s', but its probes saw the new certificate",
			       update_result_word(end->result));
	return 0;
}

static int check_end(struct supervisor *s, const struct job_end *end, struct arena *a, struct err *e)
{
	enum update_state from = US_QUEUED, to;
	struct store_job job = { 0 };
	int r = store_job_get(s->store, end->job_id, a, &job, e);

	if (r != 0)
		return r < 0 ? r : err_set(e, -ENOENT, "there is no job %lld", (long long)end->job_id);
	(void)update_state_from_word(bytes_of_str(job.state), &from);
	to = update_final_state(end->result, from);
	if (to != from && !update_may_move(from, to))
		return err_set(e, -EPROTO, "its deploy process reported the end '%s' in state '%s'",
			       update_result_word(end->result), job.state);
	return check_seen(s, end, &job, a, e);
}

static int on_result(struct supervisor *s, struct work *w, const struct wire_message *m, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1024 * 1024);
	struct job_end end = { .job_id = w->job_id,
			       .handshakes_tried = w->handshakes_tried,
			       .handshakes_lost = w->handshakes_lost };
	char *probes = NULL;
	int r;

	if (!a)
		return err_nomem(e);
	if (!update_result_from_word(wire_get(m, FIELD_RESULT), &end.result))
		return err_set(e, -EPROTO, "its deploy process reported a result that there is not");
	end.text = take_text(m, FIELD_TEXT, TEXT_MAX, false, a);
	r = probes_take(m, &probes, e);
	if (r < 0)
		return r;
	end.probes = wire_has(m, FIELD_PROBE) ? probes : NULL;
	r = check_end(s, &end, a, e);
	if (r == 0) {
		finish_open_step(s, w, end.text);
		r = learn(s, w, m, a, e);
	}
	if (r == 0)
		r = finish_job(s, &end, e);
	free(probes);
	if (r == 0) {
		w->over = true;
		r = follow_answer_ok(w->fd, m->id, e);
	}
	return r;
}

int follow_message(struct supervisor *s, struct work *w, const struct wire_message *m, struct err *e)
{
	switch (m->type) {
	case MSG_DEPLOY_MOVE:
		return on_move(s, w, m, e);
	case MSG_DEPLOY_STEP:
		return on_step(s, w, m, e);
	case MSG_DEPLOY_RESULT:
		return on_result(s, w, m, e);
	default:
		return err_set(e, -EPROTO, "its deploy process sent a message of type %u", m->type);
	}
}
