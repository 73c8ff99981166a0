/* The option '--role' as the API wants it. */
#ifndef GW_CLI_ROLES_OPTION_H
#define GW_CLI_ROLES_OPTION_H

#include "cli/args.h"
#include "cli/output/json.h"

/* A list of the words as given. Returned: json_decref. */
json_t *roles_of_option(const struct args *args);

#endif
