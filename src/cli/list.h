/* What every verb that lists does: ask, then print JSON, a table, or that there is nothing. */
#ifndef GW_CLI_LIST_H
#define GW_CLI_LIST_H

#include "cli/api.h"
#include "cli/output/table.h"

#define CELL_NUMBER_MAX 32

struct list {
	const char *nothing; /* "no tokens" */
	const struct column *columns;
	size_t columns_n;
	int (*add_row)(struct table *t, const json_t *item); /* negative: without memory */
};

/* At most `limit` items of `path` (0: all). Returns a CLI_... code; what went wrong was said. */
int list_print(struct cli *cli, const struct args *args, const char *path, size_t limit, const struct list *list);

/* The same with '--limit', 1 to `most`. */
int list_print_limited(struct cli *cli, const struct args *args, const char *path, long fallback, long most,
		       const struct list *list);

const char *cell_number(const json_t *item, const char *name, char out[CELL_NUMBER_MAX]);

#endif
