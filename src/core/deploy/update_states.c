/* The tables of the update machine: states with their edges and limits, results, and which event may answer which
 * action. */
#include "core/deploy/update.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

static const struct state_row {
	const char *name;
	unsigned may_move_to;
	int64_t limit_ms; /* of one action in this state */
} states[US_N] = {
	/*		       name		may move to						limit_ms */
	[US_QUEUED] = { "queued", BIT(US_CONNECTING) | BIT(US_FAILED), 10000 },
	[US_CONNECTING] = { "connecting", BIT(US_CHECKED) | BIT(US_FAILED), 40000 },
	[US_CHECKED] = { "checked", BIT(US_STAGED) | BIT(US_SWITCHED) | BIT(US_FAILED), 60000 },
	[US_STAGED] = { "staged", BIT(US_SWITCHED) | BIT(US_FAILED), 30000 },
	[US_SWITCHED] = { "switched", BIT(US_PROBING) | BIT(US_ROLLING_BACK) | BIT(US_FAILED), 90000 },
	[US_PROBING] = { "probing", BIT(US_CONFIRMED) | BIT(US_ROLLING_BACK), 30000 },
	[US_ROLLING_BACK] = { "rolling-back", BIT(US_ROLLED_BACK), 90000 },
	[US_CONFIRMED] = { "confirmed", 0, 0 },
	[US_ROLLED_BACK] = { "rolled-back", 0, 0 },
	[US_FAILED] = { "failed", 0, 0 },
};

static const struct result_row {
	const char *word;
	enum update_state state; /* US_N: stays where it was */
} results[UR_N] = {
	[UR_CONFIRMED] = { "confirmed", US_CONFIRMED },
	[UR_ROLLED_BACK] = { "rolled-back", US_ROLLED_BACK },
	[UR_FAILED] = { "failed", US_FAILED },
	[UR_UNKNOWN] = { "unknown", US_N },
};

#define ON_SSH (BIT(UE_LOST) | BIT(UE_STEP_FAILED))

/* The events that answer an action; the asynchronous ones are in `always`. */
static const unsigned answers[UA_N] = {
	[UA_MOVE] = BIT(UE_STORED),
	[UA_CONNECT] = BIT(UE_CONNECTED) | BIT(UE_CONNECT_FAILED),
	[UA_CHECK] = BIT(UE_CHECKED) | ON_SSH,
	[UA_STAGE] = BIT(UE_STAGED) | ON_SSH,
	[UA_SWITCH] = BIT(UE_SWITCHED) | BIT(UE_SWITCH_FAILED) | ON_SSH,
	[UA_PROBE] = BIT(UE_PROBED),
	[UA_STATUS] = BIT(UE_STATUS) | ON_SSH,
	[UA_CONFIRM] = BIT(UE_CONFIRMED) | BIT(UE_NOT_PENDING) | ON_SSH,
	[UA_ROLLBACK] = BIT(UE_ROLLED_BACK) | BIT(UE_NOT_PENDING) | ON_SSH,
	[UA_DISCARD] = BIT(UE_DISCARDED) | ON_SSH,
	[UA_SLEEP_UNTIL] = BIT(UE_WOKE),
};

static const unsigned always = BIT(UE_LOST) | BIT(UE_TIMED_OUT) | BIT(UE_CANCEL) | BIT(UE_MANAGER_GONE);

const char *update_state_word(enum update_state s)
{
	return states[s].name;
}

const char *update_result_word(enum update_result r)
{
	return results[r].word;
}

bool update_state_from_word(struct bytes word, enum update_state *ret)
{
	for (size_t i = 0; i < US_N; i++) {
		if (bytes_equal_str(word, states[i].name)) {
			*ret = (enum update_state)i;
			return true;
		}
	}
	return false;
}

bool update_result_from_word(struct bytes word, enum update_result *ret)
{
	for (size_t i = 0; i < UR_N; i++) {
		if (bytes_equal_str(word, results[i].word)) {
			*ret = (enum update_result)i;
			return true;
		}
	}
	return false;
}

bool update_may_move(enum update_state from, enum update_state to)
{
	return (states[from].may_move_to & BIT(to)) != 0;
}

bool update_state_is_final(enum update_state s)
{
	return states[s].may_move_to == 0;
}

int64_t update_limit_ms(enum update_state s)
{
	return states[s].limit_ms;
}

int64_t update_window_max_s(void)
{
	return (states[US_STAGED].limit_ms + states[US_SWITCHED].limit_ms) / 1000 + UPDATE_CONFIRM_WITHIN_MAX_S;
}

enum update_state update_final_state(enum update_result r, enum update_state stands)
{
	return results[r].state == US_N ? stands : results[r].state;
}

bool update_accepts(const struct update *u, enum update_event_kind kind)
{
	if (!u->started)
		return kind == UE_STARTED;
	if (u->doing == UA_FINISH)
		return false;
	return ((answers[u->doing] | always) & BIT(kind)) != 0;
}

int update_init(struct update *u, const struct update_options *options, struct err *e)
{
	if (options->confirm_within_s < UPDATE_CONFIRM_WITHIN_MIN_S ||
	    options->confirm_within_s > UPDATE_CONFIRM_WITHIN_MAX_S)
		return err_set(e, -EINVAL, "time to confirm within: want %d to %d seconds, got %" PRId64,
			       UPDATE_CONFIRM_WITHIN_MIN_S, UPDATE_CONFIRM_WITHIN_MAX_S, options->confirm_within_s);
	if (options->skew_max_s < 0)
		return err_set(e, -EINVAL, "clock skew allowed: want at least 0 seconds, got %" PRId64,
			       options->skew_max_s);
	*u = (struct update) { .options = *options, .state = US_QUEUED, .doing = UA_WAIT };
	return 0;
}

int update_judge_check(const struct update_options *options, const struct update_check *check, struct err *e)
{
	int64_t skew = check->skew_s < 0 ? -check->skew_s : check->skew_s;

	if (skew > options->skew_max_s)
		return err_set(e, -ERANGE,
			       "the host's clock is %" PRId64 " s %s: want at most %" PRId64
			       " s off, set the clock first",
			       skew, check->skew_s < 0 ? "behind" : "ahead", options->skew_max_s);
	if (check->free_bytes >= 0 && check->free_bytes < check->need_bytes)
		return err_set(e, -ENOSPC,
			       "not enough space for a keystore on the host: want %" PRId64 " bytes, got %" PRId64,
			       check->need_bytes, check->free_bytes);
	if (check->pending && !check->pending_ours)
		return err_set(e, -EBUSY,
			       "another update of this keystore awaits its confirmation on the host, for %" PRId64
			       " s more",
			       check->pending_left_s);
	if (check->running == HOST_RUNNING_NO && !options->first_install)
		return err_set(e, -ESRCH, "the gateway is not running on the host, so that nothing could be proven");
	if (check->live == LIVE_OTHER)
		return err_set(e, -ESTALE,
			       "the gateway's files hold another certificate than the one it was compared with: probe "
			       "the gateway, "
			       "then choose again");
	if (check->live == LIVE_NOTHING && !options->first_install)
		return err_set(e, -ENOENT,
			       "the gateway's files hold no certificate: are the paths of its target right?");
	return 0;
}
