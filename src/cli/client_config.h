/* Where gatewrightd's socket is, and as whom it is called. */
#ifndef GW_CLI_CLIENT_CONFIG_H
#define GW_CLI_CLIENT_CONFIG_H

#include "cli/args.h"
#include "sys/secret.h"

/*
 * The option's value (NULL: not given), else GATEWRIGHT_SOCKET, else `socket` of gatewrightd.conf when that can be
 * read, else the built-in path. Lives until the process ends.
 */
const char *client_config_socket(const char *option);

/*
 * The token that calls act as: of '--token-fd', else of '--token-file', else of the file that GATEWRIGHT_TOKEN_FILE
 * names; *ret NULL: none. A file that others can read is refused. -EINVAL and others with a sentence. Returned:
 * secret_free().
 */
MUST_USE int client_config_token(const struct args *args, struct secret **ret, struct err *e);

#endif
