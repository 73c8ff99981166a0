/* Work on a keystore while no gate runs: the same activation, with nobody to serve it. */
#ifndef GW_GATE_OFFLINE_H
#define GW_GATE_OFFLINE_H

#include "gate/activation.h"

/* -EBUSY: a gate holds the lock, although it does not answer. All take the keystore's lock and give it back. */

/* Check and switch, confirmed at once. */
MUST_USE int offline_switch(struct keystore *ks, const char *id, struct activation_switched *ret, struct err *e);

/* Bring the directory into the state that a start of the gate would make: nothing pending, `current` whole. 1: no whole
 * generation is there. */
MUST_USE int offline_repair(struct keystore *ks, struct err *e);

#endif
