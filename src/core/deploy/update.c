#include "core/deploy/update.h"

#include "core/deploy/update_steps.h"

#include <assert.h>

/* `switched` is stored; now it may be sent. Lost meanwhile: nothing was sent. */
static void enter_switched(struct update *u, struct wall_time now, struct update_action *out)
{
	if (!u->connected) {
		update_blame(u, "the connection was lost before the switch", NULL);
		update_fail(u, out);
		return;
	}
	u->switch_sent = true;
	u->deadline = wall_add(now, u->options.confirm_within_s + update_limit_ms(US_SWITCHED) / 1000);
	update_act(u, out, UA_SWITCH, "switch to the new keystore");
	out->seconds = u->options.confirm_within_s;
}

static void move_to_switched(struct update *u, struct wall_time now, struct update_action *out)
{
	int64_t store_s = update_limit_ms(US_STAGED) / 1000, switch_s = update_limit_ms(US_SWITCHED) / 1000;

	update_move(u, out, US_SWITCHED);
	out->has_deadline = true;
	out->deadline = wall_add(now, store_s + switch_s + u->options.confirm_within_s);
}

static void enter_checked(struct update *u, struct wall_time now, struct update_action *out)
{
	if (!u->connected) {
		update_blame(u, "the connection was lost", NULL);
		update_fail(u, out);
	} else if (u->options.stage) {
		u->stage_sent = true;
		update_act(u, out, UA_STAGE, "send the new keystore");
	} else {
		move_to_switched(u, now, out);
	}
}

static void on_stored(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	(void)ev;
	assert(update_may_move(u->state, u->moving_to));
	u->state = u->moving_to;
	if (update_must_stop(u) && u->state != US_ROLLING_BACK) {
		update_stop(u, now, out);
		return;
	}
	switch (u->state) {
	case US_CONNECTING:
		update_act(u, out, UA_CONNECT, "connect");
		break;
	case US_CHECKED:
		enter_checked(u, now, out);
		break;
	case US_STAGED:
		move_to_switched(u, now, out);
		break;
	case US_SWITCHED:
		enter_switched(u, now, out);
		break;
	case US_PROBING:
		update_probe(u, out, 0, UPDATE_PROBES_MAX);
		break;
	case US_ROLLING_BACK:
		update_roll_back(u, now, out);
		break;
	case US_QUEUED:
	case US_CONFIRMED:
	case US_ROLLED_BACK:
	case US_FAILED:
	case US_N:
		assert(u->state != u->moving_to); /* never moved into by UA_MOVE */
	}
}

static void on_connected(struct update *u, const struct update_event *ev, struct wall_time now,
			 struct update_action *out)
{
	(void)ev;
	u->connected = true;
	if (u->switch_sent)
		update_ask_status(u, now, out);
	else if (update_must_stop(u))
		update_stop(u, now, out);
	else
		update_act(u, out, UA_CHECK, "check the host");
}

static void on_connect_failed(struct update *u, const struct update_event *ev, struct wall_time now,
			      struct update_action *out)
{
	u->connected = false;
	u->refused = ev->permanent;
	if (u->switch_sent) {
		update_reconnect(u, now, out);
		return;
	}
	update_blame(u, "", ev->text ? ev->text : "no connection to the host");
	update_fail(u, out);
}

static void on_checked(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	struct err e = { 0 };

	if (update_judge_check(&u->options, &ev->check, &e) < 0) {
		update_blame(u, "check: ", err_text(&e));
		update_fail(u, out);
	} else if (update_must_stop(u)) {
		update_stop(u, now, out);
	} else {
		update_move(u, out, US_CHECKED);
	}
}

static void on_staged(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	(void)ev;
	if (update_must_stop(u))
		update_stop(u, now, out);
	else
		update_move(u, out, US_STAGED);
}

static void on_switched(struct update *u, const struct update_event *ev, struct wall_time now,
			struct update_action *out)
{
	(void)ev;
	u->deadline = wall_add(now, u->options.confirm_within_s);
	if (update_must_stop(u))
		update_stop(u, now, out);
	else
		update_move(u, out, US_PROBING);
}

static void on_switch_failed(struct update *u, const struct update_event *ev, struct wall_time now,
			     struct update_action *out)
{
	update_blame(u, "switch: ", ev->text ? ev->text : host_failure_word(ev->failure));
	if (ev->restored == RESTORED_UNTOUCHED) {
		u->switch_sent = false;
		update_fail(u, out);
		return;
	}
	u->restored = ev->restored == RESTORED_YES;
	update_go_back(u, now, out);
}

static void probe_after_switch(struct update *u, const struct update_event *ev, struct wall_time now,
			       struct update_action *out)
{
	int64_t delay_s = update_backoff_ms(u->probes) / 1000 + 1;
	bool again = ev->seen == SEEN_OLD || ev->seen == SEEN_UNREACHABLE;

	if (ev->seen == SEEN_NEW) {
		u->probed_new = true;
		if (u->confirmed)
			update_finish(u, out, UR_CONFIRMED,
				      "the new certificate is served, and the host had the switch confirmed", ev->text);
		else if (update_must_stop(u))
			update_stop(u, now, out);
		else
			update_confirm(u, now, out);
		return;
	}
	if (update_must_stop(u) && !u->confirmed) {
		update_stop(u, now, out);
	} else if (again && u->probes + 1 < UPDATE_PROBES_MAX && now.s + delay_s + UPDATE_RESERVE_S <= u->deadline.s) {
		u->probes++;
		update_probe(u, out, u->probes, UPDATE_PROBES_MAX);
	} else if (u->confirmed) {
		update_finish(u, out, UR_UNKNOWN,
			      "somebody confirmed the switch on the host, but the new certificate is not served",
			      ev->text);
	} else {
		update_blame(u, "probe: ", ev->text ? ev->text : "the new certificate is not served");
		update_go_back(u, now, out);
	}
}

static void end_not_old(struct update *u, const struct update_event *ev, struct update_action *out)
{
	if (u->confirmed)
		update_finish(u, out, UR_UNKNOWN, "the new keystore is confirmed on the host, by whom is not known",
			      u->cause);
	else if (u->restored && ev->seen == SEEN_UNREACHABLE)
		update_finish(u, out, UR_ROLLED_BACK,
			      "the host has restored the old keystore, but no probe could see what is served",
			      u->cause);
	else if (u->restored)
		update_finish(u, out, UR_UNKNOWN,
			      "the host has restored the old keystore, but another certificate is served", ev->text);
	else
		update_finish(u, out, UR_UNKNOWN, "what the gateway serves is not known, look at it", ev->text);
}

/* In rolling-back, or without any connection: the old certificate is what we want to see. */
static void probe_after_going_back(struct update *u, const struct update_event *ev, struct update_action *out)
{
	bool back = ev->seen == SEEN_OLD || (u->options.first_install && u->restored && ev->seen != SEEN_NEW);

	if (back && !u->confirmed) {
		update_finish(u, out, UR_ROLLED_BACK, "the old keystore is served again", u->cause);
		return;
	}
	if (++u->probes_old < UPDATE_PROBES_OLD_MAX && !u->confirmed) {
		update_probe(u, out, u->probes_old, UPDATE_PROBES_OLD_MAX);
		return;
	}
	end_not_old(u, ev, out);
}

/*
 * The deadline is over and the host was not asked. The new certificate is still served: the host would have gone back
 * unless the confirmation had arrived; so when it was sent, it has.
 */
static void probe_at_last(struct update *u, const struct update_event *ev, struct wall_time now,
			  struct update_action *out)
{
	bool proves = ev->seen == SEEN_NEW && (u->confirm_sent || u->confirmed) && u->state == US_PROBING;

	if (proves && !u->confirmed && now.s < u->deadline.s + UPDATE_HOOK_S) {
		update_act(u, out, UA_SLEEP_UNTIL,
			   "the new certificate is served: wait until no boot hook can go back");
		out->until = wall_add(u->deadline, UPDATE_HOOK_S);
	} else if (proves) {
		update_finish(
			u, out, UR_CONFIRMED,
			"the new certificate is served after the time when the host would have gone back unconfirmed",
			ev->text);
	} else if (ev->seen == SEEN_NEW && u->probes_old + 1 >= UPDATE_PROBES_OLD_MAX) {
		update_finish(u, out, UR_UNKNOWN,
			      "the new certificate is served unconfirmed: the dead-man switch of the host did not "
			      "fire, look at it",
			      u->cause);
	} else if (u->state != US_ROLLING_BACK && ev->seen == SEEN_OLD) {
		update_blame(u, "the connection was lost, and the host went back by itself", NULL);
		update_go_back(u, now, out); /* and looks once more: is it the old one everywhere? */
	} else {
		probe_after_going_back(u, ev, out);
	}
}

static void on_probed(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	if (u->last_look)
		probe_at_last(u, ev, now, out);
	else if (u->state == US_ROLLING_BACK)
		probe_after_going_back(u, ev, out);
	else
		probe_after_switch(u, ev, now, out);
}

/* The host says that our switch awaits its confirmation. */
static void status_pending(struct update *u, const struct update_status *s, struct wall_time now,
			   struct update_action *out)
{
	if (s->left_s <= 0) {
		update_ask_status(u, now, out);
		return;
	}
	u->deadline = wall_add(now, s->left_s);
	if (s->live != GENERATION_NEW)
		update_blame(u, "the connection was lost during the switch, and the new keystore is not live", NULL);
	if (u->state == US_ROLLING_BACK || s->live != GENERATION_NEW)
		update_go_back(u, now, out);
	else if (update_must_stop(u))
		update_stop(u, now, out);
	else if (u->state == US_SWITCHED)
		update_move(u, out, US_PROBING);
	else if (u->probed_new)
		update_confirm(u, now, out);
	else
		update_probe(u, out, u->probes, UPDATE_PROBES_MAX);
}

/* Nothing pends and the new keystore is live: the host took a confirmation, ours or somebody's. */
static void status_confirmed(struct update *u, struct update_action *out)
{
	u->confirmed = true;
	if (u->state == US_ROLLING_BACK)
		end_not_old(u, &(struct update_event) { .seen = SEEN_NEW }, out);
	else if (u->state == US_PROBING && u->probed_new)
		update_finish(u, out, UR_CONFIRMED,
			      "the new certificate is served, and the host says that the switch is confirmed", NULL);
	else if (u->state == US_PROBING)
		update_probe(u, out, u->probes, UPDATE_PROBES_MAX);
	else if (u->manager_gone)
		update_finish(u, out, UR_UNKNOWN, "the switch is confirmed on the host, and the manager went away",
			      NULL);
	else
		update_move(u, out, US_PROBING);
}

static void on_status(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	const struct update_status *s = &ev->status;

	if (s->pending == PENDING_OURS) {
		status_pending(u, s, now, out);
		return;
	}
	if (s->pending == PENDING_NONE && s->live == GENERATION_NEW) {
		status_confirmed(u, out);
		return;
	}
	if (s->pending == PENDING_OTHER)
		update_blame(u, "another update of this keystore has begun on the host", NULL);
	else if (s->live == GENERATION_OTHER)
		update_blame(u, "somebody has put another keystore in place on the host", NULL);
	else
		update_blame(u, "the host went back by itself: no confirmation came in time", NULL);
	/* only the old generation is the old keystore; from any other our token leads nowhere, and a look must tell */
	if (s->live == GENERATION_OLD)
		u->restored = true;
	else
		u->last_look = true;
	update_go_back(u, now, out);
}

static void on_rolled_back(struct update *u, const struct update_event *ev, struct wall_time now,
			   struct update_action *out)
{
	u->restored = ev->restored != RESTORED_NO;
	if (!u->restored)
		update_blame(u, "rollback: ", ev->text ? ev->text : "the host could not restore the old keystore");
	(void)now;
	update_probe(u, out, 0, UPDATE_PROBES_OLD_MAX);
}

/* The host answered `fail`. */
static void on_step_failed(struct update *u, const struct update_event *ev, struct wall_time now,
			   struct update_action *out)
{
	static const char *const context[UA_N] = {
		[UA_CHECK] = "check: ",
		[UA_STAGE] = "stage: ",
		[UA_CONFIRM] = "confirm: ",
		[UA_ROLLBACK] = "rollback: ",
	};

	if (u->doing == UA_SWITCH) {
		on_switch_failed(u, ev, now, out);
		return;
	}
	if (context[u->doing])
		update_blame(u, context[u->doing], ev->text ? ev->text : host_failure_word(ev->failure));
	if (!u->switch_sent)
		update_fail(u, out);
	else if (u->doing == UA_CONFIRM)
		update_go_back(u, now, out);
	else
		update_ask_status(u, now, out);
}

/* While nothing is under way over SSH, a lost connection is only noted; whoever needs it next connects again. */
static void on_lost(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	bool needed = u->doing != UA_MOVE && u->doing != UA_PROBE && u->doing != UA_SLEEP_UNTIL;

	u->connected = false;
	if (u->doing == UA_CONNECT) {
		on_connect_failed(u, ev, now, out);
	} else if (needed && u->switch_sent) {
		update_reconnect(u, now, out);
	} else if (needed) {
		update_blame(u, "the connection was lost", NULL);
		update_fail(u, out);
	}
}

static void on_manager_gone(struct update *u, const struct update_event *ev, struct wall_time now,
			    struct update_action *out)
{
	u->manager_gone = true;
	if (ev->text && ev->text[0])
		update_blame(u, "", ev->text);
	if (u->doing == UA_MOVE)
		update_stop(u, now, out);
}

static void on_cancel(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	(void)ev;
	(void)now;
	(void)out;
	u->cancelled = true;
}

static void on_started(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	(void)ev;
	(void)now;
	u->started = true;
	update_move(u, out, US_CONNECTING);
}

static void on_confirmed(struct update *u, const struct update_event *ev, struct wall_time now,
			 struct update_action *out)
{
	(void)ev;
	(void)now;
	u->confirmed = true;
	update_finish(u, out, UR_CONFIRMED,
		      "the new certificate is served, and the host has disarmed its dead-man switch", NULL);
}

static void on_not_pending(struct update *u, const struct update_event *ev, struct wall_time now,
			   struct update_action *out)
{
	(void)ev;
	update_ask_status(u, now, out);
}

static void on_discarded(struct update *u, const struct update_event *ev, struct wall_time now,
			 struct update_action *out)
{
	(void)ev;
	(void)now;
	update_fail(u, out);
}

static void on_woke(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out)
{
	(void)ev;
	(void)now;
	update_probe(u, out, 0, UPDATE_PROBES_OLD_MAX);
}

static void on_timed_out(struct update *u, const struct update_event *ev, struct wall_time now,
			 struct update_action *out)
{
	struct update_event late = { .kind = ev->kind, .seen = SEEN_UNREACHABLE, .text = "no answer in time" };

	if (u->doing == UA_MOVE)
		on_manager_gone(u, &late, now, out);
	else if (u->doing == UA_PROBE)
		on_probed(u, &late, now, out);
	else if (u->doing == UA_SLEEP_UNTIL)
		on_woke(u, &late, now, out);
	else
		on_lost(u, &late, now, out);
}

typedef void handler(struct update *u, const struct update_event *ev, struct wall_time now, struct update_action *out);

static handler *const handlers[UE_N] = {
	[UE_STARTED] = on_started,
	[UE_STORED] = on_stored,
	[UE_CONNECTED] = on_connected,
	[UE_CONNECT_FAILED] = on_connect_failed,
	[UE_CHECKED] = on_checked,
	[UE_STAGED] = on_staged,
	[UE_SWITCHED] = on_switched,
	[UE_SWITCH_FAILED] = on_switch_failed,
	[UE_PROBED] = on_probed,
	[UE_STATUS] = on_status,
	[UE_CONFIRMED] = on_confirmed,
	[UE_NOT_PENDING] = on_not_pending,
	[UE_ROLLED_BACK] = on_rolled_back,
	[UE_DISCARDED] = on_discarded,
	[UE_STEP_FAILED] = on_step_failed,
	[UE_WOKE] = on_woke,
	[UE_LOST] = on_lost,
	[UE_TIMED_OUT] = on_timed_out,
	[UE_CANCEL] = on_cancel,
	[UE_MANAGER_GONE] = on_manager_gone,
};

void update_on_event(struct update *u, const struct update_event *event, struct wall_time now,
		     struct update_action *out)
{
	assert(update_accepts(u, event->kind));
	*out = (struct update_action) { .kind = UA_WAIT, .state = u->state };
	handlers[event->kind](u, event, now, out);
}
