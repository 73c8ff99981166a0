/* `keystore install FILE`: the local renewal. */
#ifndef GW_GATE_INSTALL_H
#define GW_GATE_INSTALL_H

#include "gate/exit_codes.h"
#include "gate/gate_config.h"
#include "gate/options.h"

enum exit_code install_run(const struct gate_config *config, const struct options *options);

/*
 * Open the keystore as the user it belongs to (root becomes that user for good), making it when it is absent. For the
 * local commands and the session.
 */
struct keystore;
MUST_USE int install_open_keystore(const struct gate_config *config, struct keystore **ret, struct err *e);

#endif
