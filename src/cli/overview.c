/* overview; gateway keystores, probes: the history of a gateway. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/when.h"
#include "cli/output/table.h"

#include <string.h>

static const char *colour_of(const char *word)
{
	if (strcmp(word, "danger") == 0)
		return "red";
	return strcmp(word, "warning") == 0 ? "yellow" : strcmp(word, "ok") == 0 ? "green" : "";
}

/* `columns` and the cells that `cells_of` fills, a row for each item. */
#define CELLS_MAX 6
struct row {
	const char *cells[CELLS_MAX];
	char texts[CELLS_MAX][WHEN_TEXT_MAX]; /* room for a number, too */
};
typedef void cells_of(const json_t *item, struct row *row);

static const char *number_in(struct row *row, size_t i, const json_t *item, const char *name)
{
	row->texts[i][0] = '\0';
	if (json_has(item, name))
		(void)snprintf(row->texts[i], sizeof(row->texts[i]), "%lld", (long long)json_number(item, name));
	return row->texts[i];
}

static int print_rows(struct cli *cli, const struct column *columns, size_t n, const json_t *items, cells_of *fill,
		      size_t coloured)
{
	CLEANUP(table_freep) struct table *t = table_new(cli, columns, n);
	struct err e = { 0 };
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		struct row row = { 0 };
		int at;

		fill(item, &row);
		at = t ? table_add(t, -1, row.cells) : -1;
		if (at < 0) {
			(void)err_nomem(&e);
			return cli_fail(cli, CLI_FAILED, &e);
		}
		if (coloured < n && colour_of(row.cells[coloured])[0])
			table_colour(t, at, coloured, colour_of(row.cells[coloured]));
	}
	return t && table_print(t, &e) == 0 ? CLI_DONE : cli_fail(cli, CLI_FAILED, &e);
}

static void attention_cells(const json_t *item, struct row *row)
{
	row->cells[0] = json_text(item, "severity");
	row->cells[1] = json_text(item, "text");
}

static void gateway_cells(const json_t *item, struct row *row)
{
	row->cells[0] = json_text(item, "name");
	row->cells[1] = json_text(item, "state");
	row->cells[2] = number_in(row, 2, item, "days_left");
	row->cells[3] = number_in(row, 3, item, "certificate");
	row->cells[4] = when_moment(json_text(item, "probed_at"), row->texts[4]);
	row->cells[5] = number_in(row, 5, item, "active_job");
}

static void say_count(struct cli *cli, const char *before, long long n, const char *one, const char *many)
{
	(void)fprintf(cli->out, "%s%lld %s", before, n, n == 1 ? one : many);
}

static void say_counts(struct cli *cli, const json_t *counts, size_t running)
{
	say_count(cli, "", (long long)json_number(counts, "roots"), "root", "roots");
	say_count(cli, ", ", (long long)json_number(counts, "intermediates"), "intermediate", "intermediates");
	say_count(cli, ", ", (long long)json_number(counts, "end_entities"), "end entity", "end entities");
	say_count(cli, ", ", (long long)json_number(counts, "gateways"), "gateway", "gateways");
	say_count(cli, ", ", (long long)running, "job", "jobs");
	(void)fputs(" under way\n", cli->out);
}

static int print_overview(struct cli *cli, const json_t *o)
{
	static const struct column attention[] = { { "ATTENTION", 0 }, { "", COLUMN_WRAP } };
	static const struct column gateways[] = {
		{ "GATEWAY", 0 },   { "STATE", 0 },	     { "DAYS", COLUMN_RIGHT }, { "CERTIFICATE", COLUMN_RIGHT },
		{ "LOOKED AT", 0 }, { "JOB", COLUMN_RIGHT },
	};
	const json_t *counts = json_object_get(o, "counts");
	int r = CLI_DONE;

	if (json_array_size(json_object_get(o, "attention")) > 0)
		r = print_rows(cli, attention, ARRAY_N(attention), json_object_get(o, "attention"), attention_cells, 0);
	else
		cli_say(cli, "nothing wants attention");
	if (r == CLI_DONE && json_array_size(json_object_get(o, "gateways")) > 0) {
		(void)fputc('\n', cli->out);
		r = print_rows(cli, gateways, ARRAY_N(gateways), json_object_get(o, "gateways"), gateway_cells, 1);
	}
	(void)fputc('\n', cli->out);
	say_counts(cli, counts, json_array_size(json_object_get(o, "running")));
	return r;
}

int overview(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	int r = api_call(cli, args, "GET", "/api/v1/overview", NULL, &answer);

	if (r != CLI_DONE)
		return r;
	if (!cli->json)
		return print_overview(cli, answer);
	json_print(cli, answer);
	return CLI_DONE;
}

/* A list below a gateway. */
static int print_history(struct cli *cli, const struct args *args, const char *tail, const struct column *columns,
			 size_t n, cells_of *fill, const char *none)
{
	CLEANUP(json_freep) json_t *items = NULL;
	char path[API_PATH_MAX];
	int r = api_list(cli, args, api_gateway_path(path, args->positional[0], tail), 0, &items);

	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print_list(cli, items);
	} else if (json_array_size(items) == 0) {
		cli_note(cli, "%s", none);
	} else {
		return print_rows(cli, columns, n, items, fill, n);
	}
	return CLI_DONE;
}

static void keystore_cells(const json_t *item, struct row *row)
{
	row->cells[0] = json_text(item, "generation");
	row->cells[1] = number_in(row, 1, item, "certificate");
	row->cells[2] = when_moment(json_text(item, "installed_at"), row->texts[2]);
	row->cells[3] = number_in(row, 3, item, "job");
	row->cells[4] = json_flag(item, "current") ? "yes" : "";
}

int gateway_keystores(struct cli *cli, const struct args *args)
{
	static const struct column columns[] = {
		{ "GENERATION", 0 }, { "CERTIFICATE", COLUMN_RIGHT }, { "INSTALLED", 0 }, { "JOB", COLUMN_RIGHT },
		{ "CURRENT", 0 },
	};

	return print_history(cli, args, "/keystores", columns, ARRAY_N(columns), keystore_cells,
			     "no job has installed a keystore there");
}

/* How many of a round's probes were well. */
static void probe_cells(const json_t *item, struct row *row)
{
	const json_t *probes = json_object_get(item, "probes"), *p;
	size_t i, good = 0;

	json_array_foreach(probes, i, p) good += json_flag(p, "ok") ? 1 : 0;
	(void)snprintf(row->texts[3], sizeof(row->texts[3]), "%zu of %zu", good, json_array_size(probes));
	row->cells[0] = when_moment(json_text(item, "probed_at"), row->texts[0]);
	row->cells[1] = json_text(item, "phase");
	row->cells[2] = number_in(row, 2, item, "job");
	row->cells[3] = row->texts[3];
	row->cells[4] = json_text(json_array_get(probes, 0), "fingerprint");
}

int gateway_probes(struct cli *cli, const struct args *args)
{
	static const struct column columns[] = {
		{ "LOOKED AT", 0 },
		{ "PHASE", 0 },
		{ "JOB", COLUMN_RIGHT },
		{ "WELL", COLUMN_RIGHT },
		{ "FINGERPRINT", COLUMN_CUT },
	};

	return print_history(cli, args, "/probes", columns, ARRAY_N(columns), probe_cells, "nobody has looked at it");
}
