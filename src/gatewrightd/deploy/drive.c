/*
 * The driver of the update machine: action -> step -> event, and what the manager has to know of it. Nothing is decided
 * here.
 */
#include "gatewrightd/deploy/deploy.h"
#include "base/limits.h"

#include "base/log.h"
#include "sys/clock.h"

#include <stdio.h>
#include <unistd.h>

#define STEP_OUTPUT_MAX LIMIT_HOST_OUTPUT_MAX

/* A drive under way. */
struct drive {
	struct deploy *d;
	struct update update;
	enum update_state state; /* as the manager has stored it */
	enum update_state asked; /* the last one that it was asked to store */
	struct update_event ev;
	struct update_action action;
	bool told_cancel, told_gone;
	char text[ERR_TEXT_MAX]; /* what ev.text points to */
};

/* The event that says that the action worked. */
static const enum update_event_kind good[UA_N] = {
	[UA_CONNECT] = UE_CONNECTED, [UA_CHECK] = UE_CHECKED,	     [UA_STAGE] = UE_STAGED,
	[UA_SWITCH] = UE_SWITCHED,   [UA_PROBE] = UE_PROBED,	     [UA_STATUS] = UE_STATUS,
	[UA_CONFIRM] = UE_CONFIRMED, [UA_ROLLBACK] = UE_ROLLED_BACK, [UA_DISCARD] = UE_DISCARDED,
	[UA_SLEEP_UNTIL] = UE_WOKE,
};

/* A probe is done when it saw what the state hopes for: the machine's, which goes back without a manager too. */
static bool worked(const struct drive *v)
{
	if (v->ev.kind == UE_PROBED)
		return v->action.state == US_ROLLING_BACK ? v->ev.seen == SEEN_OLD : v->ev.seen == SEEN_NEW;
	if (v->ev.kind == UE_ROLLED_BACK)
		return v->ev.restored != RESTORED_NO;
	return v->ev.kind == good[v->action.kind];
}

/* An event that answers nothing. True: the machine wants something else now than what it asked for before. */
static bool tell(struct drive *v, enum update_event_kind kind)
{
	struct update_event ev = { .kind = kind };
	struct update_action next;

	update_on_event(&v->update, &ev, clock_wall(), &next);
	if (next.kind == UA_WAIT)
		return false;
	v->action = next;
	return true;
}

/*
 * Pass on what was heard. That the manager is gone answers a move; it is passed on after the answer that is already
 * there.
 */
static void tell_news(struct drive *v, bool answered)
{
	struct report *r = &v->d->report;

	if (v->action.kind == UA_FINISH)
		return;
	report_listen(r);
	if (r->cancelled && !v->told_cancel) {
		v->told_cancel = true;
		(void)tell(v, UE_CANCEL);
	}
	if (r->gone && !v->told_gone && (answered || v->action.kind != UA_MOVE)) {
		v->told_gone = true;
		(void)tell(v, UE_MANAGER_GONE);
	}
}

/* Before an action over SSH: is the connection still there? What was lost while the manager stored can't have been
 * used. */
static void look_at_connection(struct drive *v)
{
	struct deploy *d = v->d;

	if (!d->host || host_idle(d->host, -1, clock_mono(), NULL) >= 0)
		return;
	host_close(d->host, false);
	d->host = NULL;
	(void)tell(v, UE_LOST);
}

static void move(struct drive *v)
{
	struct err e = { 0 };
	struct wall_time deadline = v->action.has_deadline ? v->action.deadline : (struct wall_time) { 0 };
	int r;

	v->asked = v->action.state;
	r = report_move(&v->d->report, v->action.state, deadline, (int)update_limit_ms(US_STAGED), &e);

	v->ev = (struct update_event) { .kind = UE_STORED };
	if (r == 0) {
		v->state = v->action.state;
		look_at_connection(v);
		return;
	}
	if (r < 0)
		log_error("job %llu: move to '%s': %s", (unsigned long long)v->d->job->number,
			  update_state_word(v->action.state), err_text(&e));
	/* a manager that can't store is as good as none */
	v->told_gone = true;
	v->ev.kind = UE_MANAGER_GONE;
	if (r < 0) {
		(void)snprintf(v->text, sizeof(v->text), "the manager did not store the state '%s': %s",
			       update_state_word(v->action.state), err_text(&e));
		v->ev.text = v->text;
	}
}

/*
 * Going back did not wait for a manager that could not store. It may be there again, only slow: then it takes the state
 * that was skipped, in its order, so that the end follows from the states before it.
 */
static void catch_up(struct drive *v)
{
	bool skipped = v->told_gone && !v->d->report.gone && v->action.result == UR_ROLLED_BACK &&
		       v->asked != US_ROLLING_BACK;
	struct err e = { 0 };

	if (!skipped)
		return;
	if (report_move(&v->d->report, US_ROLLING_BACK, (struct wall_time) { 0 }, (int)update_limit_ms(US_STAGED), &e) <
	    0)
		log_warning("job %llu: %s", (unsigned long long)v->d->job->number, err_text(&e));
}

static void report_started(struct drive *v)
{
	struct report_step s = {
		.state = v->action.state, .step = v->action.text, .outcome = "started", .time_ms = -1
	};

	report_step(&v->d->report, &s);
}

static void report_ended(struct drive *v, const struct outcome *out, int64_t time_ms)
{
	struct deploy *d = v->d;
	struct report_step s = {
		.state = v->action.state,
		.step = v->action.text,
		.outcome = worked(v) ? "done" : "failed",
		.text = v->ev.text,
		.host_output = buf_bytes(&out->host_output),
		.time_ms = time_ms,
	};
	struct bytes *probes = NULL;

	if (v->ev.kind == UE_SWITCHED) {
		s.old_generation = d->old_generation;
		s.deadline = d->deadline;
	}
	if (v->action.kind == UA_CONNECT) {
		s.host_key = d->host_key.fingerprint;
		s.host_key_type = d->host_key.type;
	}
	if (out->has_probes && probe_round_json(d->round, clock_wall(), REPORT_PROBES_MAX, &probes, NULL) == 0) {
		s.probes = probes;
		s.probes_n = d->round->n;
	}
	report_step(&d->report, &s);
}

/* Wait before the action. A connection that is lost meanwhile is news; false: then there is another action to do. */
static bool wait_before(struct drive *v)
{
	if (v->action.delay_ms <= 0 || !step_pause(v->d, (struct mono_time) { clock_mono().ms + v->action.delay_ms }))
		return true;
	host_close(v->d->host, false);
	v->d->host = NULL;
	return !tell(v, UE_LOST);
}

/* Whatever hangs in spite of every deadline, the process does not: its end is a lost connection for the host. */
static void arm_watchdog(const struct drive *v)
{
	int64_t seconds = update_limit_ms(v->action.state) / 1000 + LIMIT_DEPLOY_WATCHDOG_S;

	if (v->action.kind == UA_SLEEP_UNTIL && v->action.until.s > clock_wall().s)
		seconds += v->action.until.s - clock_wall().s;
	(void)alarm((unsigned)seconds);
}

/* False: it was not done, because there is another action now. */
static bool run_step(struct drive *v)
{
	struct outcome out = { 0 };
	int64_t began;

	if (!wait_before(v))
		return false;
	began = clock_mono().ms;
	arm_watchdog(v);
	buf_init(&out.host_output, STEP_OUTPUT_MAX);
	report_started(v);
	step_run(v->d, &v->action, v->action.state, &out, &v->ev);
	report_ended(v, &out, clock_mono().ms - began);
	buf_fini(&out.host_output);
	(void)alarm(0);
	(void)snprintf(v->text, sizeof(v->text), "%s", out.text);
	v->ev.text = v->text;
	log_info("job %llu: %s: %s%s%s", (unsigned long long)v->d->job->number, v->action.text,
		 worked(v) ? "done" : "failed", v->text[0] ? ": " : "", v->text);
	return true;
}

/* What was heard meanwhile counts before the answer, so that nothing more begins after a cancellation. */
static void next(struct drive *v)
{
	if (v->ev.kind != UE_STARTED)
		tell_news(v, false);
	update_on_event(&v->update, &v->ev, clock_wall(), &v->action);
	tell_news(v, true);
}

static int start(struct drive *v, struct err *e)
{
	const struct job *j = v->d->job;
	struct update_options options = {
		.confirm_within_s = j->confirm_within_s,
		.skew_max_s = j->skew_max_s,
		.stage = j->kind == JOB_UPDATE,
		.first_install = j->current->n == 0,
	};
	int r = update_init(&v->update, &options, e);

	if (r < 0)
		return r;
	v->ev = (struct update_event) { .kind = UE_STARTED };
	next(v);
	return 0;
}

static bool perform(struct drive *v)
{
	if (v->action.kind != UA_MOVE)
		return run_step(v);
	move(v);
	return true;
}

static void fill_result(struct drive *v, struct report_result *result, char text[ERR_TEXT_MAX])
{
	struct deploy *d = v->d;

	(void)snprintf(text, ERR_TEXT_MAX, "%s", v->action.text);
	result->result = v->action.result;
	result->state = update_final_state(v->action.result, v->state);
	result->text = text;
	result->old_generation = d->old_generation;
	if (v->action.result == UR_UNKNOWN)
		result->deadline = d->deadline;
}

void drive_run(struct deploy *d, struct report_result *result, char text[ERR_TEXT_MAX])
{
	struct drive v = { .d = d, .state = US_QUEUED };
	struct err e = { 0 };

	if (start(&v, &e) < 0) {
		(void)snprintf(text, ERR_TEXT_MAX, "%s", err_text(&e));
		*result = (struct report_result) { .state = US_FAILED, .result = UR_FAILED, .text = text };
		return;
	}
	while (v.action.kind != UA_FINISH) {
		if (perform(&v))
			next(&v);
	}
	catch_up(&v);
	fill_result(&v, result, text);
	host_close(d->host, true);
	d->host = NULL;
}
