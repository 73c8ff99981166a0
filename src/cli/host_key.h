/* The SSH host key of a gateway: pinned, unknown, or changed. */
#ifndef GW_CLI_HOST_KEY_H
#define GW_CLI_HOST_KEY_H

#include "cli/api.h"

/* POST .../host-key; `body` is taken. Returned: json_decref. */
MUST_USE int host_key_ask(struct cli *cli, const struct args *args, const char *gateway, json_t *body, json_t **ret);

/*
 * Before a job: 0 when the key is the pinned one, or was accepted by --accept-host-key or by the person at the
 * terminal (then "accept_host_key" is added to `job`). `ssh` (borrowed, NULL: as stored) is where to look.
 * CLI_REFUSED: changed, or unknown with nobody to ask; the sentence says which option to give.
 */
MUST_USE int host_key_settle(struct cli *cli, const struct args *args, const char *gateway, const json_t *ssh,
			     json_t *job);

#endif
