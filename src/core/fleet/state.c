#include "core/fleet/state.h"

enum fleet_state fleet_judge_certificate(struct wall_time chain_end, bool revoked, struct wall_time now)
{
	int64_t days = time_days_left(now, chain_end);

	if (revoked || days < FLEET_DANGER_DAYS)
		return FLEET_DANGER;
	return days < FLEET_WARNING_DAYS ? FLEET_WARNING : FLEET_OK;
}

enum fleet_state fleet_judge_gateway(enum fleet_state certificate, enum fleet_probe probe)
{
	return probe == FLEET_PROBE_BAD ? FLEET_DANGER : certificate;
}

const char *fleet_state_word(enum fleet_state state)
{
	static const char *const words[] = {
		[FLEET_OK] = "ok", [FLEET_WARNING] = "warning", [FLEET_DANGER] = "danger", [FLEET_UNKNOWN] = "unknown"
	};

	return words[state];
}
