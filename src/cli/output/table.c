#include "cli/output/table.h"
#include "cli/output/text.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdlib.h>

struct table {
	const struct cli *cli;
	struct libscols_table *scols;
	size_t columns_n;
};

static int scols_flags(int flags)
{
	return (flags & COLUMN_RIGHT ? SCOLS_FL_RIGHT : 0) | (flags & COLUMN_TREE ? SCOLS_FL_TREE : 0) |
	       (flags & COLUMN_WRAP ? SCOLS_FL_WRAP : 0) | (flags & COLUMN_CUT ? SCOLS_FL_TRUNC : 0);
}

void table_free(struct table *t)
{
	if (!t)
		return;
	scols_unref_table(t->scols);
	free(t);
}

struct table *table_new(const struct cli *cli, const struct column *columns, size_t n)
{
	CLEANUP(table_freep) struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->cli = cli;
	t->columns_n = n;
	t->scols = scols_new_table();
	if (!t->scols)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!scols_table_new_column(t->scols, columns[i].name, 0, scols_flags(columns[i].flags)))
			return NULL;
	}
	(void)scols_table_enable_ascii(t->scols, !cli->utf8);
	(void)scols_table_enable_colors(t->scols, cli->colour);
	(void)scols_table_set_stream(t->scols, cli->out);
	/* Not a terminal: lines are as long as they need to be, so that grep and awk see whole cells. */
	(void)scols_table_set_termforce(t->scols, cli->width > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (cli->width > 0)
		(void)scols_table_set_termwidth(t->scols, (size_t)cli->width);
	return TAKE(t);
}

int table_add(struct table *t, int parent, const char *const *cells)
{
	struct libscols_line *above = parent >= 0 ? scols_table_get_line(t->scols, (size_t)parent) : NULL;
	struct libscols_line *line = scols_table_new_line(t->scols, above);
	char *clean;

	if (!line)
		return -1;
	for (size_t i = 0; i < t->columns_n; i++) {
		clean = text_clean(cells[i] ? cells[i] : "");
		if (!clean || scols_line_refer_data(line, i, clean) != 0) {
			free(clean);
			return -1;
		}
	}
	return (int)scols_table_get_nlines(t->scols) - 1;
}

void table_colour(struct table *t, int row, size_t column, const char *colour)
{
	struct libscols_line *line = scols_table_get_line(t->scols, (size_t)row);
	struct libscols_cell *cell = line ? scols_line_get_cell(line, column) : NULL;

	if (cell && t->cli->colour)
		(void)scols_cell_set_color(cell, colour);
}

int table_print(struct table *t, struct err *e)
{
	return scols_print_table(t->scols) == 0 ? 0 : err_nomem(e);
}

void field_print(const struct fields *f, const char *name, const char *format, ...)
{
	struct buf raw, clean;
	char indent[64];
	va_list args;

	buf_init(&raw, 4u * 1024 * 1024);
	buf_init(&clean, 8u * 1024 * 1024);
	va_start(args, format);
	buf_vprintf(&raw, format, args);
	va_end(args);
	(void)snprintf(indent, sizeof(indent), "%*s", f->width + 1, "");
	text_clean_to(&clean, buf_bytes(&raw), indent);
	(void)fprintf(f->cli->out, "%s:%*s%s\n", name, f->width - (int)strlen(name), "",
		      buf_bad(&clean) ? "" : buf_str(&clean));
	buf_fini(&raw);
	buf_fini(&clean);
}
