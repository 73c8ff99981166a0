/* Where gatewrightd's socket is. */
#ifndef GW_CLI_CLIENT_CONFIG_H
#define GW_CLI_CLIENT_CONFIG_H

/*
 * The option's value (NULL: not given), else GATEWRIGHT_SOCKET, else `socket` of gatewrightd.conf when that can be
 * read, else the built-in path. Lives until the process ends.
 */
const char *client_config_socket(const char *option);

#endif
