/* Tables and trees by libsmartcols, as lsblk draws them. Every cell is cleaned (output/text.h). */
#ifndef GW_CLI_OUTPUT_TABLE_H
#define GW_CLI_OUTPUT_TABLE_H

#include "cli/cli.h"

enum column_flag {
	COLUMN_RIGHT = 1, /* numbers */
	COLUMN_TREE = 2,  /* the tree is drawn here */
	COLUMN_WRAP = 4,  /* may break over lines */
	COLUMN_CUT = 8,	  /* may be cut when the terminal is narrow */
};

struct column {
	const char *name; /* "DISPLAY NAME" */
	int flags;
};

struct table;

/* NULL without memory. Returned: table_free(). `columns` are copied. */
struct table *table_new(const struct cli *cli, const struct column *columns, size_t n);
void table_free(struct table *t);
DEFINE_CLEANUP(struct table, table_free);

/* One more row below `parent` (-1: at the top); its number, or -1 without memory. Cells NULL are empty. */
int table_add(struct table *t, int parent, const char *const *cells);

/* "red", "yellow", "green", "bold" for a cell; does nothing without colours. */
void table_colour(struct table *t, int row, size_t column, const char *colour);

/* On the output stream. -ENOMEM. */
MUST_USE int table_print(struct table *t, struct err *e);

/* "name:   value" lines, names aligned: one value per call after fields_begin(). Newlines in a value are indented. */
struct fields {
	const struct cli *cli;
	int width; /* of the name with its colon */
};
void field_print(const struct fields *f, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
