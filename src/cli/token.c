/* token create, list, delete. */
#include "cli/commands.h"
#include "cli/list.h"
#include "cli/roles_option.h"
#include "cli/when.h"

#include <limits.h>

#define LIFE_DEFAULT_DAYS 90

json_t *roles_of_option(const struct args *args)
{
	json_t *roles = json_array();
	const char *role;
	size_t cursor = 0;

	while ((role = args_next(args, OPT_ROLE, &cursor)))
		(void)json_array_append_new(roles, json_string(role));
	return roles;
}

/* The end of the day that was given, or of ninety days. */
static int add_life(const struct cli *cli, const struct args *args, json_t *body)
{
	const char *day = args_get(args, OPT_VALID_UNTIL);
	struct wall_time until = wall_add(cli->now, LIFE_DEFAULT_DAYS * DAY_S);
	char text[TIME_TEXT_MAX];
	struct err e = { 0 };

	if (day && when_end_of_day(day, &until, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	(void)json_object_set_new(body, "expires_at", json_string(time_format(until, text)));
	return CLI_DONE;
}

int token_create(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *answer = NULL;
	const char *user = args_get(args, OPT_USER);
	char until[WHEN_TEXT_MAX];
	int r = add_life(cli, args, body);

	(void)json_object_set_new(body, "name", json_string(args->positional[0]));
	(void)json_object_set_new(body, "roles", roles_of_option(args));
	if (user)
		(void)json_object_set_new(body, "user", json_string(user));
	if (r == CLI_DONE)
		r = api_call(cli, args, "POST", "/api/v1/tokens", TAKE(body), &answer);
	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, answer);
		return CLI_DONE;
	}
	cli_note(cli, "token %lld of '%s', until %s, shown this once:", (long long)json_number(answer, "id"),
		 json_text(answer, "user"), when_moment(json_text(answer, "expires_at"), until));
	cli_say(cli, "%s", json_text(answer, "token"));
	return CLI_DONE;
}

static int add_token(struct table *t, const json_t *item)
{
	CLEANUP(util_freep) char *roles = json_joined(json_object_get(item, "roles"), ", ");
	char id[CELL_NUMBER_MAX], expires[WHEN_TEXT_MAX], used[WHEN_TEXT_MAX];
	const char *cells[] = { cell_number(item, "id", id),
				json_text(item, "name"),
				json_text(item, "user"),
				roles,
				when_date(json_text(item, "expires_at"), expires),
				when_moment(json_text(item, "last_used_at"), used) };

	return table_add(t, -1, cells);
}

int token_list(struct cli *cli, const struct args *args)
{
	static const struct column columns[] = {
		{ "TOKEN", COLUMN_RIGHT }, { "NAME", COLUMN_CUT }, { "USER", 0 },
		{ "ROLES", COLUMN_CUT },   { "EXPIRES", 0 },	   { "LAST USED", 0 }
	};
	static const struct list tokens = { "no tokens", columns, ARRAY_N(columns), add_token };

	return list_print(cli, args, "/api/v1/tokens", 0, &tokens);
}

int token_delete(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *nothing = NULL;
	char path[API_PATH_MAX];
	long id = 0;
	int r;

	if (!args_parse_number(args->positional[0], 1, LONG_MAX, &id)) {
		cli_say_error(cli, "want the number of a token, got '%s'", args->positional[0]);
		return CLI_USAGE;
	}
	(void)snprintf(path, sizeof(path), "/api/v1/tokens/%ld", id);
	r = api_call(cli, args, "DELETE", path, NULL, &nothing);
	if (r == CLI_DONE)
		cli_note(cli, "deleted token %ld", id);
	return r;
}
