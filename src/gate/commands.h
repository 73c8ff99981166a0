/* The short local commands. */
#ifndef GW_GATE_COMMANDS_H
#define GW_GATE_COMMANDS_H

#include "gate/exit_codes.h"
#include "gate/gate_config.h"
#include "gate/options.h"

enum exit_code command_rollback(const struct gate_config *config, const struct options *options);
enum exit_code command_confirm(const struct gate_config *config, const struct options *options);
enum exit_code command_list(const struct gate_config *config, const struct options *options);
enum exit_code command_status(const struct gate_config *config, const struct options *options);
enum exit_code command_session(const struct gate_config *config);

#endif
