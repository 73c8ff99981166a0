/* certificate list: the tree of issuers. */
#include "cli/certificate_tree.h"
#include "cli/commands.h"
#include "cli/resolve.h"
#include "cli/when.h"
#include "cli/output/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CELL_MAX 64
#define SOON_DAYS 30

/* What a cell may need to write into; the rest is borrowed from the JSON or returned in `owned`. */
struct cell {
	char text[CELL_MAX];
	char *owned;
};

static const char *cell_id(const json_t *c, struct cell *cell)
{
	(void)snprintf(cell->text, CELL_MAX, "%lld", (long long)json_number(c, "id"));
	return cell->text;
}

static const char *cell_issuer(const json_t *c, struct cell *cell)
{
	(void)snprintf(cell->text, CELL_MAX, "%lld", (long long)json_number(c, "issuer"));
	return json_has(c, "issuer") ? cell->text : "";
}

static const char *cell_names(const json_t *c, struct cell *cell)
{
	cell->owned = json_joined(json_object_get(c, "names"), "; ");
	return cell->owned;
}

static const char *cell_expires(const json_t *c, struct cell *cell)
{
	return when_date(json_text(c, "not_after"), cell->text);
}

static const char *cell_days(const json_t *c, struct cell *cell)
{
	(void)snprintf(cell->text, CELL_MAX, "%lld", (long long)json_number(c, "days_left"));
	return cell->text;
}

static const char *cell_has_key(const json_t *c, struct cell *cell)
{
	(void)cell;
	return json_flag(c, "has_key") ? "yes" : "no";
}

static const char *cell_used(const json_t *c, struct cell *cell)
{
	const json_t *use;
	struct buf out;
	size_t i;

	buf_init(&out, 65536);
	json_array_foreach(json_object_get(c, "used_by"), i, use) buf_printf(
		&out, "%s%s", i > 0 ? ", " : "", json_flag(use, "console") ? "the console" : json_text(use, "gateway"));
	cell->owned = buf_str(&out) ? strdup(buf_str(&out)) : NULL;
	buf_fini(&out);
	return cell->owned;
}

/* A column of the table: a row. `make` NULL: the member as it stands. */
static const struct list_column {
	const char *word, *title, *member, *help;
	int flags;
	bool standard;
	const char *(*make)(const json_t *c, struct cell *cell);
} list_columns[] = {
	{ "display-name", "DISPLAY NAME", "display_name", "its name, in the tree of issuers", COLUMN_TREE, true, NULL },
	{ "id", "ID", NULL, "its number", COLUMN_RIGHT, true, cell_id },
	{ "subject", "SUBJECT", "subject", "its whole subject", COLUMN_CUT, true, NULL },
	{ "names", "NAMES", NULL, "host names and IP addresses", COLUMN_WRAP, true, cell_names },
	{ "expires", "EXPIRES", NULL, "the last day of validity", 0, true, cell_expires },
	{ "days", "DAYS", NULL, "whole days left", COLUMN_RIGHT, true, cell_days },
	{ "status", "STATUS", "status", "valid, not-yet-valid, expired, revoked", 0, true, NULL },
	{ "used", "USED", NULL, "gateways that were seen serving it, and the console", COLUMN_WRAP, true, cell_used },
	{ "kind", "KIND", "kind", "root, intermediate, end-entity", 0, false, NULL },
	{ "key", "KEY", "key", "kind of key", 0, false, NULL },
	{ "has-key", "HAS KEY", NULL, "is the private key here?", 0, false, cell_has_key },
	{ "issuer", "ISSUER", NULL, "number of its issuer", COLUMN_RIGHT, false, cell_issuer },
	{ "serial", "SERIAL", "serial", "serial number", 0, false, NULL },
	{ "fingerprint", "FINGERPRINT", "fingerprint", "SHA-256 of the certificate", 0, false, NULL },
	{ "organization", "ORGANIZATION", "organization", "organization or company", COLUMN_CUT, false, NULL },
	{ "locality", "LOCALITY", "locality", "city or locality", COLUMN_CUT, false, NULL },
	{ "country", "COUNTRY", "country", "country code", 0, false, NULL },
	{ "holder", "HOLDER", "holder", "first and last name of the holder", COLUMN_CUT, false, NULL },
};
#define COLUMNS_N ARRAY_N(list_columns)
#define SUBJECT_WIDTH_MIN 140

struct choice {
	size_t column[COLUMNS_N];
	size_t n;
};

static void list_column_words(const struct cli *cli)
{
	for (size_t i = 0; i < COLUMNS_N; i++)
		(void)fprintf(cli->out, "  %-14s%s\n", list_columns[i].word, list_columns[i].help);
}

static int choose_one(struct bytes word, struct choice *ret, struct err *e)
{
	for (size_t i = 0; i < COLUMNS_N; i++) {
		if (!bytes_equal_str(word, list_columns[i].word))
			continue;
		for (size_t j = 0; j < ret->n; j++) {
			if (ret->column[j] == i)
				return err_set(e, -EINVAL, "option '--columns': '%s' is given twice",
					       list_columns[i].word);
		}
		ret->column[ret->n++] = i;
		return 0;
	}
	return err_set(e, -EINVAL, "option '--columns': no column '%.*s', '--columns help' lists them", (int)word.n,
		       (const char *)word.p);
}

/* A subject that a narrow terminal cuts says less than the display name, and takes its room from the names. */
static bool is_shown(const struct cli *cli, const struct list_column *column)
{
	bool narrow = cli->width > 0 && cli->width < SUBJECT_WIDTH_MIN;

	return column->standard && !(narrow && strcmp(column->word, "subject") == 0);
}

static int choose_columns(const struct cli *cli, const char *words, struct choice *ret, struct err *e)
{
	struct bytes rest = bytes_of_str(words);

	ret->n = 0;
	for (size_t i = 0; !words && i < COLUMNS_N; i++) {
		if (is_shown(cli, &list_columns[i]))
			ret->column[ret->n++] = i;
	}
	while (words) {
		const uint8_t *comma = rest.n > 0 ? memchr(rest.p, ',', rest.n) : NULL;
		size_t n = comma ? (size_t)(comma - rest.p) : rest.n;
		int r = choose_one(bytes_of(rest.p, n), ret, e);

		if (r < 0)
			return r;
		if (!comma)
			break;
		rest = bytes_of(comma + 1, rest.n - n - 1);
	}
	return 0;
}

static struct table *new_table(const struct cli *cli, const struct choice *choice)
{
	struct column columns[COLUMNS_N];

	for (size_t i = 0; i < choice->n; i++)
		columns[i] = (struct column) { list_columns[choice->column[i]].title,
					       list_columns[choice->column[i]].flags };
	return table_new(cli, columns, choice->n);
}

static void colour_row(struct table *t, int row, const struct choice *choice, const json_t *c)
{
	const char *status = json_text(c, "status");
	bool bad = strcmp(status, "expired") == 0 || strcmp(status, "revoked") == 0;
	bool soon = strcmp(status, "valid") == 0 && json_number(c, "days_left") < SOON_DAYS;

	for (size_t i = 0; i < choice->n; i++) {
		const char *word = list_columns[choice->column[i]].word;

		if ((bad || soon) && (strcmp(word, "status") == 0 || strcmp(word, "days") == 0))
			table_colour(t, row, i, bad ? "red" : "yellow");
		if (strcmp(word, "used") == 0)
			table_colour(t, row, i, "green");
	}
}

static int add_row(struct table *t, const struct choice *choice, int parent, const json_t *c)
{
	const char *cells[COLUMNS_N];
	struct cell made[COLUMNS_N];
	int row;

	for (size_t i = 0; i < choice->n; i++) {
		const struct list_column *column = &list_columns[choice->column[i]];

		made[i].owned = NULL;
		cells[i] = column->make ? column->make(c, &made[i]) : json_text(c, column->member);
	}
	row = table_add(t, parent, cells);
	for (size_t i = 0; i < choice->n; i++)
		free(made[i].owned);
	if (row >= 0)
		colour_row(t, row, choice, c);
	return row;
}

/* Rows in the order of the tree, each below its issuer when that is in the list. */
static int print_tree(const struct cli *cli, const struct choice *choice, const json_t *items, struct err *e)
{
	size_t n = json_array_size(items);
	CLEANUP(table_freep) struct table *t = new_table(cli, choice);
	CLEANUP(util_freep) struct tree_node *nodes = tree_order(items);
	CLEANUP(util_freep) int *rows = calloc(n + 1, sizeof(*rows));

	if (!t || !nodes || !rows)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		int parent = nodes[i].parent == TREE_NONE ? -1 : rows[nodes[i].parent];

		rows[nodes[i].item] = add_row(t, choice, parent, json_array_get(items, nodes[i].item));
		if (rows[nodes[i].item] < 0)
			return err_nomem(e);
	}
	return table_print(t, e);
}

/* `--issuer`, `--root`: the number of the certificate that is meant. */
static int add_certificate(struct cli *cli, const struct args *args, enum opt option, const char *name,
			   struct buf *path)
{
	const char *word = args_get(args, option);
	json_int_t id = 0;
	int r;

	if (!word)
		return CLI_DONE;
	if (option == OPT_LIST_ISSUER && strcmp(word, "none") == 0) {
		buf_printf(path, "&%s=none", name);
		return CLI_DONE;
	}
	r = resolve_certificate(cli, args, word, &id);
	buf_printf(path, "&%s=%lld", name, (long long)id);
	return r;
}

static int add_filters(struct cli *cli, const struct args *args, struct buf *path)
{
	const char *before = args_get(args, OPT_EXPIRES_BEFORE);
	char word[512], text[TIME_TEXT_MAX];
	struct wall_time t = { 0 };
	struct err e = { 0 };
	int r;

	/* A search has an order of its own; the tree is drawn here in any case. */
	if (args_has(args, OPT_QUERY))
		buf_printf(path, "/api/v1/certificates?q=%s",
			   api_encode(args_get(args, OPT_QUERY), word, sizeof(word)));
	else
		buf_add_str(path, "/api/v1/certificates?order=tree");
	if (args_has(args, OPT_LIST_KIND))
		buf_printf(path, "&kind=%s", args_get(args, OPT_LIST_KIND));
	if (args_has(args, OPT_USED))
		buf_add_str(path, "&used=true");
	if (before && when_start_of_day(before, &t, &e) < 0) {
		(void)err_wrap(&e, -EINVAL, "option '--expires-before'");
		return cli_fail(cli, CLI_USAGE, &e);
	}
	if (before)
		buf_printf(path, "&expires_before=%s", api_encode(time_format(t, text), word, sizeof(word)));
	r = add_certificate(cli, args, OPT_ROOT, "root", path);
	return r != CLI_DONE ? r : add_certificate(cli, args, OPT_LIST_ISSUER, "issuer", path);
}

static int fetch(struct cli *cli, const struct args *args, json_t **ret)
{
	struct buf path;
	int r;

	buf_init(&path, API_PATH_MAX);
	r = add_filters(cli, args, &path);
	if (r == CLI_DONE)
		r = buf_str(&path) ? api_list(cli, args, buf_str(&path), 0, ret) : CLI_FAILED;
	buf_fini(&path);
	return r;
}

int certificate_list(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *items = NULL;
	const char *words = args_get(args, OPT_COLUMNS);
	struct err e = { 0 };
	struct choice choice;
	int r;

	if (words && strcmp(words, "help") == 0) {
		list_column_words(cli);
		return CLI_DONE;
	}
	if (choose_columns(cli, words, &choice, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	r = fetch(cli, args, &items);
	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print_list(cli, items);
	else if (json_array_size(items) == 0)
		cli_note(cli, "no certificates");
	else if (print_tree(cli, &choice, items, &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	return CLI_DONE;
}
