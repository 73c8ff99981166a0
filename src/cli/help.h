/* Help texts, made from the tables of verbs.h. */
#ifndef GW_CLI_HELP_H
#define GW_CLI_HELP_H

#include "cli/args.h"

/* What `args` asks help for: a verb, a noun's actions, or all. */
void help_print(FILE *out, const struct args *args);

#endif
