#include "cli/list.h"

static int print_table(const struct cli *cli, const json_t *items, const struct list *list, struct err *e)
{
	CLEANUP(table_freep) struct table *t = table_new(cli, list->columns, list->columns_n);
	const json_t *item;
	size_t i;

	if (!t)
		return err_nomem(e);
	json_array_foreach(items, i, item)
	{
		if (list->add_row(t, item) < 0)
			return err_nomem(e);
	}
	return table_print(t, e);
}

int list_print(struct cli *cli, const struct args *args, const char *path, size_t limit, const struct list *list)
{
	CLEANUP(json_freep) json_t *items = NULL;
	struct err e = { 0 };
	int r = api_list(cli, args, path, limit, &items);

	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print_list(cli, items);
	else if (json_array_size(items) == 0)
		cli_note(cli, "%s", list->nothing);
	else if (print_table(cli, items, list, &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	return CLI_DONE;
}

int list_print_limited(struct cli *cli, const struct args *args, const char *path, long fallback, long most,
		       const struct list *list)
{
	long limit = fallback;
	struct err e = { 0 };

	if (args_number(args, OPT_LIMIT, 1, most, &limit, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	return list_print(cli, args, path, (size_t)limit, list);
}

const char *cell_number(const json_t *item, const char *name, char out[CELL_NUMBER_MAX])
{
	(void)snprintf(out, CELL_NUMBER_MAX, "%lld", (long long)json_number(item, name));
	return out;
}
