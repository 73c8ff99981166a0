/* One function per action of the update machine: act, then say as an event what came of it. */
#include "gatewrightd/deploy/deploy.h"
#include "base/limits.h"

#include "gatewrightd/deploy/stage.h"
#include "sys/clock.h"
#include "sys/net/net.h"
#include "sys/ssh/visible.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define SLICE_MS 1000 /* how often a long pause looks at the clock */

/* What every step works with. */
struct step {
	struct deploy *d;
	const struct update_action *action;
	enum update_state state;
	struct mono_time deadline;
	struct outcome *out;
	struct update_event *ev;
	struct err e;
};

static void answer(struct step *s, enum update_event_kind kind, const char *text)
{
	*s->ev = (struct update_event) { .kind = kind };
	(void)snprintf(s->out->text, sizeof(s->out->text), "%s", text);
	s->ev->text = s->out->text;
}

static void drop_host(struct deploy *d)
{
	host_close(d->host, false);
	d->host = NULL;
}

/* The conversation failed: whatever the reason, this connection is no good any more. */
static void lost(struct step *s, int code)
{
	drop_host(s->d);
	answer(s, code == -ETIMEDOUT ? UE_TIMED_OUT : UE_LOST, err_text(&s->e));
}

static void refused(struct step *s, const struct host_reply *r)
{
	answer(s, UE_STEP_FAILED, r->text);
	s->ev->failure = r->failure;
	s->ev->restored = r->report.restored;
}

/* We refuse, not the host. */
static void refuse(struct step *s, enum host_failure failure)
{
	answer(s, UE_STEP_FAILED, err_text(&s->e));
	s->ev->failure = failure;
}

/* Send `request`, read the reply; false: *ev is written already (connection lost). */
static bool ask(struct step *s, const struct buf *request, struct host_reply *reply)
{
	int r = buf_bad(request) ? err_nomem(&s->e) : 0;

	if (r == 0 && !s->d->host)
		r = err_set(&s->e, -EPIPE, "there is no connection to the host");
	if (r == 0)
		r = host_request(s->d->host, buf_bytes(request), reply, s->deadline, &s->e);
	visible_add(&s->out->host_output, buf_bytes(&reply->output), true);
	if (r < 0)
		lost(s, r);
	return r == 0;
}

static void step_connect(struct step *s)
{
	int r;

	drop_host(s->d);
	r = host_open(s->d->job, s->deadline, &s->d->host, &s->d->host_key, &s->e);
	if (r == 0) {
		answer(s, UE_CONNECTED, "");
		return;
	}
	answer(s, UE_CONNECT_FAILED, err_text(&s->e));
	s->ev->permanent = r > 0;
}

/* What is served now, for the record and for the check. That nothing answers yet is no reason to stop. */
static void look_before(struct step *s)
{
	struct mono_time until = { clock_mono().ms + LIMIT_PROBE_BEFORE_MS };

	s->out->has_probes = step_probe(s->d, US_CONNECTING, until.ms < s->deadline.ms ? until : s->deadline, &s->e) ==
			     0;
}

static void step_check(struct step *s)
{
	struct update_check check = { 0 };
	struct host_reply reply;
	struct buf request;
	int r;

	look_before(s);
	buf_init(&request, HOSTPROTO_LINE_MAX);
	host_reply_init(&reply);
	hostproto_put_check(&request);
	if (ask(s, &request, &reply)) {
		r = reply.ok ? check_judge(s->d, &reply, &check, &s->e) : 0;
		if (!reply.ok) {
			refused(s, &reply);
		} else if (r < 0) {
			refuse(s, HF_INCOMPATIBLE);
		} else {
			answer(s, UE_CHECKED, "");
			s->ev->check = check;
		}
	}
	host_reply_fini(&reply);
	buf_fini(&request);
}

/* Ask with `request` (freed here); `done` is the event for ok. True: *reply is ok; the caller frees it either way. */
static bool simple_request(struct step *s, struct buf *request, struct host_reply *reply, enum update_event_kind done)
{
	bool answered;

	host_reply_init(reply);
	answered = ask(s, request, reply);
	buf_wipe(request);
	if (!answered)
		return false;
	if (!reply->ok) {
		refused(s, reply);
		return false;
	}
	answer(s, done, "");
	return true;
}

static void step_stage(struct step *s)
{
	struct host_reply reply;
	struct buf request;

	buf_init(&request, LIMIT_STAGE_REQUEST_MAX);
	if (stage_request(s->d->job, s->d->keys_fd, &request, &s->e) < 0) {
		buf_wipe(&request);
		refuse(s, HF_MISMATCH);
		return;
	}
	(void)simple_request(s, &request, &reply, UE_STAGED);
	host_reply_fini(&reply);
}

/* A generation of unknown content is live now: what it holds is what the probes must see. *ev is written only when the
 * connection is lost. */
static void learn_new(struct step *s)
{
	struct job *j = s->d->job;
	struct chain_facts *live = NULL;
	struct host_reply reply;
	struct buf request;

	buf_init(&request, HOSTPROTO_LINE_MAX);
	hostproto_put_check(&request);
	host_reply_init(&reply);
	if (ask(s, &request, &reply) && reply.ok && check_live_chain(s->d, &reply, &live, &s->e) == 0)
		j->new_chain = live;
	host_reply_fini(&reply);
	buf_fini(&request);
}

static void step_switch(struct step *s)
{
	const struct job *j = s->d->job;
	struct host_reply reply;
	struct buf request;
	bool ok;

	buf_init(&request, HOSTPROTO_LINE_MAX);
	hostproto_put_switch(&request, j->generation, j->token, s->action->seconds);
	ok = simple_request(s, &request, &reply, UE_SWITCHED);
	if (ok) {
		(void)snprintf(s->d->old_generation, sizeof(s->d->old_generation), "%s", reply.report.old);
		s->d->deadline = wall_add(clock_wall(), s->action->seconds);
	} else if (s->ev->kind == UE_STEP_FAILED) {
		s->ev->kind = UE_SWITCH_FAILED;
	}
	host_reply_fini(&reply);
	if (ok && j->new_chain->n == 0)
		learn_new(s);
}

/* The switch is over, and what it brought is not known: its answer was lost, or the host did not say. */
static bool is_blind(const struct step *s)
{
	return (s->state == US_SWITCHED || s->state == US_PROBING) && s->d->job->new_chain->n == 0;
}

static void step_do_probe(struct step *s)
{
	if (is_blind(s) && s->d->host)
		learn_new(s);
	if (is_blind(s)) {
		answer(s, UE_PROBED, "the host did not say what the generation holds, so that nothing can be proven");
		s->ev->seen = SEEN_OTHER;
		return;
	}
	if (step_probe(s->d, s->state, s->deadline, &s->e) < 0) {
		answer(s, UE_PROBED, err_text(&s->e));
		s->ev->seen = SEEN_UNREACHABLE;
		return;
	}
	s->out->has_probes = true;
	answer(s, UE_PROBED, s->d->round->text);
	s->ev->seen = s->d->round->seen;
}

static struct update_status status_of(const struct deploy *d, const struct host_report *h)
{
	struct update_status st = { .left_s = h->has_left ? h->left_s : 0 };

	if (strcmp(h->live, d->job->generation) == 0)
		st.live = GENERATION_NEW;
	else if (d->old_generation[0] == '\0' || strcmp(h->live, d->old_generation) == 0)
		st.live = GENERATION_OLD;
	else
		st.live = GENERATION_OTHER;
	if (h->pending[0] == '\0')
		st.pending = PENDING_NONE;
	else
		st.pending = strcmp(h->pending, d->job->token) == 0 ? PENDING_OURS : PENDING_OTHER;
	return st;
}

static void step_status(struct step *s)
{
	struct host_reply reply;
	struct buf request;

	buf_init(&request, HOSTPROTO_LINE_MAX);
	hostproto_put_status(&request);
	if (simple_request(s, &request, &reply, UE_STATUS))
		s->ev->status = status_of(s->d, &reply.report);
	host_reply_fini(&reply);
}

/* `fail not-pending` is an answer of its own. */
static void note_not_pending(struct step *s)
{
	if (s->ev->kind == UE_STEP_FAILED && s->ev->failure == HF_NOT_PENDING)
		s->ev->kind = UE_NOT_PENDING;
}

static void step_confirm(struct step *s)
{
	struct host_reply reply;
	struct buf request;

	buf_init(&request, HOSTPROTO_LINE_MAX);
	hostproto_put_confirm(&request, s->d->job->token, s->d->job->keep);
	(void)simple_request(s, &request, &reply, UE_CONFIRMED);
	note_not_pending(s);
	host_reply_fini(&reply);
}

static void step_rollback(struct step *s)
{
	struct host_reply reply;
	struct buf request;

	buf_init(&request, HOSTPROTO_LINE_MAX);
	hostproto_put_rollback(&request, s->d->job->token);
	if (simple_request(s, &request, &reply, UE_ROLLED_BACK))
		s->ev->restored = reply.report.restored;
	note_not_pending(s);
	host_reply_fini(&reply);
}

static void step_discard(struct step *s)
{
	struct host_reply reply;
	struct buf request;

	buf_init(&request, HOSTPROTO_LINE_MAX);
	hostproto_put_discard(&request, s->d->job->generation);
	(void)simple_request(s, &request, &reply, UE_DISCARDED);
	host_reply_fini(&reply);
}

static void step_sleep(struct step *s)
{
	while (clock_wall().s < s->action->until.s && !s->d->report.gone) {
		if (step_pause(s->d, (struct mono_time) { clock_mono().ms + SLICE_MS }))
			drop_host(s->d);
	}
	answer(s, UE_WOKE, "");
}

bool step_pause(struct deploy *d, struct mono_time until)
{
	while (clock_mono().ms < until.ms) {
		int listen = d->report.gone ? -1 : d->report.fd;
		int r;

		if (d->host) {
			r = host_idle(d->host, listen, until, NULL);
		} else {
			struct pollfd p = { .fd = listen, .events = POLLIN };

			r = poll(&p, 1, net_left_ms(until)) > 0 ? 2 : 1; /* never negative, which would be for ever */
		}
		if (r < 0)
			return true;
		if (r == 2)
			report_listen(&d->report);
	}
	return false;
}

int step_probe(struct deploy *d, enum update_state state, struct mono_time deadline, struct err *e)
{
	const struct job *j = d->job;
	bool before = state == US_QUEUED || state == US_CONNECTING || state == US_CHECKED;
	struct probe_plan plan = {
		.addresses = j->tls_addresses,
		.addresses_n = j->tls_addresses_n,
		.names = j->tls_names,
		.names_n = j->tls_names_n,
		.new_chain = before ? j->current : j->new_chain,
		.old_chain = d->old_chain,
		.going_back = state == US_ROLLING_BACK,
		.now = clock_wall(),
	};
	struct probe_round *round = NULL;
	int r = probe_round_run(d->prober, &plan, deadline, &round, e);

	if (r < 0)
		return r;
	probe_round_free(d->round);
	d->round = round;
	return 0;
}

static void (*const steps[UA_N])(struct step *) = {
	[UA_CONNECT] = step_connect,   [UA_CHECK] = step_check,	      [UA_STAGE] = step_stage,
	[UA_SWITCH] = step_switch,     [UA_PROBE] = step_do_probe,    [UA_STATUS] = step_status,
	[UA_CONFIRM] = step_confirm,   [UA_ROLLBACK] = step_rollback, [UA_DISCARD] = step_discard,
	[UA_SLEEP_UNTIL] = step_sleep,
};

void step_run(struct deploy *d, const struct update_action *action, enum update_state state, struct outcome *out,
	      struct update_event *ev)
{
	struct step s = { .d = d, .action = action, .state = state, .out = out, .ev = ev };

	s.deadline = (struct mono_time) { clock_mono().ms + update_limit_ms(state) };
	steps[action->kind](&s);
}
