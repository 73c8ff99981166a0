#include "core/deploy/update_steps.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void update_say(char out[ERR_TEXT_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(out, ERR_TEXT_MAX, format, args);
	va_end(args);
}

/* The first reason is the cause; what follows from it is not. */
void update_blame(struct update *u, const char *context, const char *text)
{
	if (u->cause[0])
		return;
	if (text && text[0])
		update_say(u->cause, "%s%s", context, text);
	else
		update_say(u->cause, "%s", context);
}

static void stop_wanted(struct update *u)
{
	if (u->manager_gone)
		update_blame(u, "the manager went away", NULL);
	else
		update_blame(u, "cancelled", NULL);
}

bool update_must_stop(const struct update *u)
{
	return u->cancelled || u->manager_gone;
}

void update_act(struct update *u, struct update_action *out, enum update_action_kind kind, const char *text)
{
	out->kind = kind;
	out->state = u->state;
	update_say(out->text, "%s", text);
	u->doing = kind;
}

void update_finish(struct update *u, struct update_action *out, enum update_result result, const char *text,
		   const char *detail)
{
	enum update_state to = update_final_state(result, u->state);

	assert(to == u->state || update_may_move(u->state, to));
	u->state = to;
	update_act(u, out, UA_FINISH, "");
	out->result = result;
	if (detail && detail[0])
		update_say(out->text, "%s: %s", text, detail);
	else
		update_say(out->text, "%s", text);
}

void update_move(struct update *u, struct update_action *out, enum update_state to)
{
	assert(update_may_move(u->state, to));
	u->moving_to = to;
	update_act(u, out, UA_MOVE, update_state_word(to));
	out->state = to;
	out->has_deadline = u->deadline.s != 0;
	out->deadline = u->deadline;
}

/* 50 ms, doubled up to 3.2 s. */
int64_t update_backoff_ms(int n)
{
	return INT64_C(50) << (n < 6 ? n : 6);
}

/* Before the switch: the old keystore was never touched. What was staged goes, when the host can still be told. */
void update_fail(struct update *u, struct update_action *out)
{
	if (u->connected && u->stage_sent && !u->discard_sent) {
		u->discard_sent = true;
		update_act(u, out, UA_DISCARD, "remove what was staged");
		return;
	}
	update_finish(u, out, UR_FAILED, "the old keystore is untouched", u->cause);
}

void update_probe(struct update *u, struct update_action *out, int round, int rounds)
{
	update_act(u, out, UA_PROBE, "");
	out->delay_ms = round == 0 ? 0 : update_backoff_ms(round - 1);
	if (round == 0)
		update_say(out->text, "probe");
	else
		update_say(out->text, "probe again, %d of %d", round + 1, rounds);
}

/* No connection any more. When the host's deadline and a margin are over, what is served is the truth. */
static void look_last(struct update *u, struct wall_time now, struct update_action *out)
{
	struct wall_time settled = wall_add(u->deadline, UPDATE_MARGIN_S);

	u->last_look = true;
	if (now.s >= settled.s) {
		update_probe(u, out, 0, UPDATE_PROBES_OLD_MAX);
		return;
	}
	update_act(u, out, UA_SLEEP_UNTIL, "the host cannot be asked: wait for its dead-man switch");
	out->until = settled;
}

void update_reconnect(struct update *u, struct wall_time now, struct update_action *out)
{
	if (u->refused || u->reconnects >= UPDATE_RECONNECTS_MAX || now.s >= u->deadline.s) {
		look_last(u, now, out);
		return;
	}
	update_act(u, out, UA_CONNECT, "");
	out->delay_ms = update_backoff_ms(u->reconnects++);
	update_say(out->text, "connect again, %d of %d", u->reconnects, UPDATE_RECONNECTS_MAX);
}

void update_ask_status(struct update *u, struct wall_time now, struct update_action *out)
{
	if (!u->connected) {
		update_reconnect(u, now, out);
		return;
	}
	if (u->statuses >= UPDATE_STATUSES_MAX) {
		look_last(u, now, out);
		return;
	}
	update_act(u, out, UA_STATUS, "ask the host what is live");
	out->delay_ms = u->statuses == 0 ? 0 : update_backoff_ms(u->statuses - 1);
	u->statuses++;
}

/* In rolling-back: the next thing to do there. */
void update_roll_back(struct update *u, struct wall_time now, struct update_action *out)
{
	if (u->restored || u->last_look)
		update_probe(u, out, 0, UPDATE_PROBES_OLD_MAX);
	else if (u->connected)
		update_act(u, out, UA_ROLLBACK, "restore the old keystore");
	else
		update_reconnect(u, now, out);
}

/* After the switch: back to the old keystore. The state is stored first, unless nobody is there to store it. */
void update_go_back(struct update *u, struct wall_time now, struct update_action *out)
{
	if (u->state == US_ROLLING_BACK) {
		update_roll_back(u, now, out);
		return;
	}
	if (!u->manager_gone) {
		update_move(u, out, US_ROLLING_BACK);
		return;
	}
	assert(update_may_move(u->state, US_ROLLING_BACK));
	u->state = US_ROLLING_BACK;
	update_roll_back(u, now, out);
}

void update_stop(struct update *u, struct wall_time now, struct update_action *out)
{
	stop_wanted(u);
	if (u->switch_sent)
		update_go_back(u, now, out);
	else
		update_fail(u, out);
}

void update_confirm(struct update *u, struct wall_time now, struct update_action *out)
{
	if (!u->connected) {
		update_reconnect(u, now, out);
		return;
	}
	u->confirm_sent = true;
	update_act(u, out, UA_CONFIRM, "disarm the dead-man switch");
}
