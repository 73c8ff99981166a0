/* JSON values in and out: short readers that never fail, and printing. */
#ifndef GW_CLI_OUTPUT_JSON_H
#define GW_CLI_OUTPUT_JSON_H

#include "cli/cli.h"

#include <jansson.h>

static inline void json_freep(json_t **j)
{
	json_decref(*j);
}

/* jansson's memory is overwritten when it is freed: request bodies hold passwords. Call before anything of jansson. */
void json_wipe_memory(void);

/* The member, or "" / 0 / false / NULL when it is absent or of another type. Borrowed. */
const char *json_text(const json_t *object, const char *name);
json_int_t json_number(const json_t *object, const char *name);
double json_decimal(const json_t *object, const char *name);
bool json_flag(const json_t *object, const char *name);

/* "null" and absent are the same. */
bool json_has(const json_t *object, const char *name);

/* "a; b" of an array of strings; empty for anything else. Returned: free(). NULL without memory. */
char *json_joined(const json_t *array, const char *separator);

/* {"items": items, "next": null}, as a list that has only one page. */
void json_print_list(const struct cli *cli, json_t *items);

/* On the output stream, indented, with a newline; or on one line. */
void json_print(const struct cli *cli, const json_t *value);
void json_print_line(const struct cli *cli, const json_t *value);

#endif
