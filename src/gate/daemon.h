/* `gatewright-gate run`: serve until SIGTERM. */
#ifndef GW_GATE_DAEMON_H
#define GW_GATE_DAEMON_H

#include "gate/gate_config.h"

/* Returns when the gate was told to end (0), or could not start or go on (negative). */
MUST_USE int daemon_run(const struct gate_config *config, struct err *e);

#endif
