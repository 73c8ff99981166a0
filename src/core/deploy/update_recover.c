/* A job without the process that worked on it: what is true, and how does it end? */
#include "core/deploy/update.h"

#include <inttypes.h>
#include <stdio.h>

#define RECOVER_BACKOFF_MAX_S 60

static const char *cause(const struct update_recovery *in)
{
	return in->cause ? in->cause : "the manager was restarted during the update";
}

/* A long cause is cut, so that what was found out stands there whole. */
static void finish(const struct update_recovery *in, struct update_recover_decision *ret, enum update_result result,
		   const char *text)
{
	bool looked = in->seen_text && result != UR_FAILED;

	ret->kind = RECOVER_FINISH;
	ret->result = result;
	(void)snprintf(ret->text, sizeof(ret->text), "%.300s: %s%s%s", cause(in), text, looked ? ": " : "",
		       looked ? in->seen_text : "");
}

static void wait_until(const struct update_recovery *in, struct update_recover_decision *ret, struct wall_time until,
		       const char *text)
{
	ret->kind = RECOVER_WAIT;
	ret->until = until;
	(void)snprintf(ret->text, sizeof(ret->text), "%.300s: %s", cause(in), text);
}

/* The latest that the host's deadline can be. */
static struct wall_time latest_deadline(const struct update_recovery *in)
{
	if (in->has_deadline)
		return in->deadline;
	return wall_add(in->entered, update_window_max_s());
}

/* When the host has gone back, unless it was confirmed or its watchdog is dead. */
static struct wall_time settled_at(const struct update_recovery *in)
{
	return wall_add(latest_deadline(in), UPDATE_MARGIN_S);
}

/* 2, 4, 8 ... seconds, at most a minute. */
static int64_t backoff_s(int attempts)
{
	int64_t s = attempts < 5 ? INT64_C(2) << attempts : RECOVER_BACKOFF_MAX_S;

	return s < RECOVER_BACKOFF_MAX_S ? s : RECOVER_BACKOFF_MAX_S;
}

static void decide_new(const struct update_recovery *in, struct update_recover_decision *ret)
{
	if (in->state == US_PROBING)
		finish(in, ret, UR_CONFIRMED,
		       "the new certificate is served after the time when the host would have gone back unconfirmed");
	else if (in->state == US_SWITCHED)
		finish(in, ret, UR_UNKNOWN,
		       "the new certificate is served, but nobody confirmed it and the host did not go back: look at "
		       "it");
	else
		finish(in, ret, UR_UNKNOWN,
		       "the new certificate is served although the update was being rolled back: look at it");
}

static void decide_settled(const struct update_recovery *in, struct wall_time now, struct update_recover_decision *ret)
{
	bool last = in->attempts + 1 >= UPDATE_RECOVER_PROBES_MAX;
	struct wall_time proven = wall_add(latest_deadline(in), UPDATE_HOOK_S);

	if (in->seen == SEEN_OLD)
		finish(in, ret, UR_ROLLED_BACK, "the old certificate is served");
	else if (in->seen == SEEN_NEW && in->state == US_PROBING && now.s < proven.s)
		wait_until(in, ret, proven,
			   "the new certificate is served: wait until no boot hook can go back any more");
	else if (in->seen == SEEN_NEW && (last || in->state == US_PROBING))
		decide_new(in, ret);
	else if (!last)
		wait_until(in, ret, wall_add(now, backoff_s(in->attempts)),
			   "the probe gave no clear answer, probe again");
	else if (in->seen == SEEN_OTHER)
		finish(in, ret, UR_UNKNOWN, "neither the old nor the new certificate is served everywhere: look at it");
	else
		finish(in, ret, UR_UNKNOWN, "what the gateway serves could not be seen: look at it");
}

void update_recover(const struct update_recovery *in, struct wall_time now, struct update_recover_decision *ret)
{
	*ret = (struct update_recover_decision) { .kind = RECOVER_FINISH };
	if (in->state == US_QUEUED || in->state == US_CONNECTING || in->state == US_CHECKED || in->state == US_STAGED) {
		finish(in, ret, UR_FAILED, "nothing had been switched, the old keystore is untouched");
		return;
	}
	if (update_state_is_final(in->state)) {
		finish(in, ret,
		       in->state == US_CONFIRMED     ? UR_CONFIRMED
		       : in->state == US_ROLLED_BACK ? UR_ROLLED_BACK
						     : UR_FAILED,
		       "it had ended");
		return;
	}
	if (in->state == US_ROLLING_BACK && in->seen == SEEN_OLD) {
		finish(in, ret, UR_ROLLED_BACK, "the old certificate is served");
		return;
	}
	if (now.s < settled_at(in).s) {
		wait_until(in, ret, settled_at(in), "wait until the host has gone back or is known to be confirmed");
		return;
	}
	decide_settled(in, now, ret);
}
