/* Commands that may need a second person. */
#ifndef GW_CLI_APPROVAL_H
#define GW_CLI_APPROVAL_H

#include "cli/args.h"
#include "cli/output/json.h"

/* The option '--approval' into the body. 0 or CLI_USAGE with the sentence printed. */
MUST_USE int approval_add(const struct cli *cli, const struct args *args, json_t *body);

/* Is the answer an approval that waits for another administrator? Then what to do next was said. */
bool approval_waits(const struct cli *cli, const json_t *answer);

#endif
