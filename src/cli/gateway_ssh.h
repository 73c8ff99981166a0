/* The "ssh" member of a keystore update: how to log in, with its secrets. */
#ifndef GW_CLI_GATEWAY_SSH_H
#define GW_CLI_GATEWAY_SSH_H

#include "cli/args.h"
#include "cli/output/json.h"

/* Host, port and user as given; no secret. 0 or an exit code. Returned: json_decref. */
MUST_USE int gateway_ssh_place(const struct cli *cli, const struct args *args, json_t **ret);

/* Add "auth" and its secrets to `ssh`: read, or asked for at the terminal. `gateway` and `user` are for the prompt. */
MUST_USE int gateway_ssh_login(const struct cli *cli, const struct args *args, const char *gateway, const char *user,
			       json_t *ssh);

/* Pure: is this private key encrypted? PEM and OpenSSH's own form. */
bool gateway_ssh_key_is_encrypted(struct bytes key);

#endif
