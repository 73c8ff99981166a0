/* How a gateway is: from what its last probe saw and when its chain ends. */
#ifndef GW_CORE_FLEET_STATE_H
#define GW_CORE_FLEET_STATE_H

#include "base/time.h"

#define FLEET_WARNING_DAYS 30 /* a certificate that is in use is to be renewed by then */
#define FLEET_DANGER_DAYS 7

enum fleet_state { FLEET_OK, FLEET_WARNING, FLEET_DANGER, FLEET_UNKNOWN };
enum fleet_probe { FLEET_PROBE_NEVER, FLEET_PROBE_GOOD, FLEET_PROBE_BAD };

/* Of a certificate in use whose chain ends, with the earliest of its certificates, at `chain_end`. */
enum fleet_state fleet_judge_certificate(struct wall_time chain_end, bool revoked, struct wall_time now);

/* Of a gateway; `certificate` is the state of the one it is known to use, FLEET_UNKNOWN: none is known. */
enum fleet_state fleet_judge_gateway(enum fleet_state certificate, enum fleet_probe probe);

const char *fleet_state_word(enum fleet_state state); /* "ok" "warning" "danger" "unknown" */

#endif
