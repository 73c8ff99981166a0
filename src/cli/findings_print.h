/* Findings for people: severity, the option it belongs to, the sentence, its name. */
#ifndef GW_CLI_FINDINGS_PRINT_H
#define GW_CLI_FINDINGS_PRINT_H

#include "cli/output/json.h"
#include "cli/verbs.h"

/*
 * One line each, `indent` before it: "blocker: --names: want at least one name, got none (san-empty)". `v` (NULL:
 * none) gives the option of the finding's field. `array` NULL or not an array: nothing.
 */
void findings_print(const struct cli *cli, FILE *out, const struct verb *v, const json_t *array, const char *indent);

bool findings_json_has(const json_t *array, const char *severity);

/* Has the problem or the list a finding about this field? */
bool findings_json_about(const json_t *array, const char *field);

#endif
