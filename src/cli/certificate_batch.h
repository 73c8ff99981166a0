/* certificate create --batch. */
#ifndef GW_CLI_CERTIFICATE_BATCH_H
#define GW_CLI_CERTIFICATE_BATCH_H

#include "cli/api.h"

/* Create what the file of --batch says, all or none; `base` (borrowed) has the members that a line may leave out. */
int certificate_create_batch(struct cli *cli, const struct args *args, const json_t *base);

#endif
