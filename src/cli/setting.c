/* setting list, set. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/output/table.h"

#include <limits.h>
#include <string.h>

#define PATH "/api/v1/settings"

static const char *value_text(const json_t *v, char out[32])
{
	if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : "no";
	(void)snprintf(out, 32, "%lld", (long long)json_integer_value(v));
	return out;
}

static int print_settings(const struct cli *cli, const json_t *all, struct err *e)
{
	static const struct column columns[] = {
		{ "SETTING", 0 }, { "VALUE", COLUMN_RIGHT }, { "DEFAULT", COLUMN_RIGHT }, { "MEANING", COLUMN_WRAP }
	};
	CLEANUP(table_freep) struct table *t = table_new(cli, columns, ARRAY_N(columns));
	const char *name;
	json_t *limits;

	if (!t)
		return err_nomem(e);
	json_object_foreach(json_object_get(all, "limits"), name, limits)
	{
		char value[32], fallback[32];
		const char *cells[] = { name, value_text(json_object_get(all, name), value),
					value_text(json_object_get(limits, "default"), fallback),
					json_text(limits, "meaning") };

		if (table_add(t, -1, cells) < 0)
			return err_nomem(e);
	}
	return table_print(t, e);
}

static int answer_settings(const struct cli *cli, const json_t *all)
{
	struct err e = { 0 };

	if (cli->json)
		json_print(cli, all);
	else if (print_settings(cli, all, &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	return CLI_DONE;
}

int setting_list(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *all = NULL;
	int r = api_call(cli, args, "GET", PATH, NULL, &all);

	return r == CLI_DONE ? answer_settings(cli, all) : r;
}

/* A number, yes or no; the API says what a setting takes. */
int setting_set(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *all = NULL;
	const char *value = args->positional[1];
	json_t *v = NULL;
	long number = 0;
	int r;

	if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
		v = json_boolean(strcmp(value, "yes") == 0);
	else if (args_parse_number(value, 0, LONG_MAX, &number))
		v = json_integer(number);
	if (!v || json_object_set_new(body, args->positional[0], v) < 0) {
		cli_say_error(cli, "setting '%s': want a number, yes or no, got '%s'", args->positional[0], value);
		return CLI_USAGE;
	}
	r = api_call(cli, args, "PATCH", PATH, TAKE(body), &all);
	return r == CLI_DONE ? answer_settings(cli, all) : r;
}
