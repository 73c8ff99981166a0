/* What a TLS client saw, a line per address and name. */
#ifndef GW_CLI_PROBES_PRINT_H
#define GW_CLI_PROBES_PRINT_H

#include "cli/output/json.h"

/* `probes` is an array of the API's probes. 0 or CLI_FAILED. */
int probes_print(const struct cli *cli, const json_t *probes);

#endif
