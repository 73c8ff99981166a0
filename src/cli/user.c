/* user add, list, show, set, reset, delete. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/list.h"
#include "cli/roles_option.h"
#include "cli/when.h"

#include <string.h>

static const char *user_path(char out[API_PATH_MAX], const char *name, const char *tail)
{
	char word[API_PATH_MAX - 128];

	(void)snprintf(out, API_PATH_MAX, "/api/v1/users/%s%s", api_encode(name, word, sizeof(word)), tail);
	return out;
}

/* Printed on standard output, so that it can be piped to where it is kept; never logged. */
static int print_password(const struct cli *cli, const json_t *answer, const char *what, const char *name)
{
	if (cli->json) {
		json_print(cli, answer);
	} else {
		cli_note(cli, "%s user '%s'; the one-time password, shown this once:", what, name);
		cli_say(cli, "%s", json_text(answer, "one_time_password"));
	}
	return CLI_DONE;
}

int user_add(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *answer = NULL;
	int r;

	(void)json_object_set_new(body, "name", json_string(args->positional[0]));
	(void)json_object_set_new(body, "roles", roles_of_option(args));
	r = api_call(cli, args, "POST", "/api/v1/users", TAKE(body), &answer);
	return r == CLI_DONE ? print_password(cli, answer, "added", args->positional[0]) : r;
}

static int add_user(struct table *t, const json_t *item)
{
	CLEANUP(util_freep) char *roles = json_joined(json_object_get(item, "roles"), ", ");
	char last[WHEN_TEXT_MAX], created[WHEN_TEXT_MAX];
	const char *cells[] = { json_text(item, "name"),
				roles,
				json_flag(item, "disabled")		  ? "disabled"
				: json_flag(item, "must_change_password") ? "new password"
									  : "active",
				json_flag(item, "totp") ? "yes" : "no",
				when_moment(json_text(item, "last_login_at"), last),
				when_date(json_text(item, "created_at"), created) };

	return table_add(t, -1, cells);
}

int user_list(struct cli *cli, const struct args *args)
{
	static const struct column columns[] = { { "USER", 0 }, { "ROLES", COLUMN_CUT }, { "STATE", 0 },
						 { "TOTP", 0 }, { "LAST LOG-IN", 0 },	 { "CREATED", 0 } };
	static const struct list users = { "no users", columns, ARRAY_N(columns), add_user };

	return list_print(cli, args, "/api/v1/users", 0, &users);
}

static void print_user(const struct cli *cli, const json_t *u)
{
	CLEANUP(util_freep) char *roles = json_joined(json_object_get(u, "roles"), ", ");
	struct fields f = { cli, 16 };
	char moment[WHEN_TEXT_MAX];

	field_print(&f, "user", "%s", json_text(u, "name"));
	field_print(&f, "roles", "%s", roles && roles[0] ? roles : "none");
	field_print(&f, "disabled", "%s", json_flag(u, "disabled") ? "yes" : "no");
	field_print(&f, "second factor", "%s", json_flag(u, "totp") ? "yes" : "no");
	field_print(&f, "password", "%s", json_flag(u, "must_change_password") ? "for one use" : "the user's own");
	field_print(&f, "created", "%s", when_moment(json_text(u, "created_at"), moment));
	field_print(&f, "last log-in", "%s", when_moment(json_text(u, "last_login_at"), moment));
}

static int answer_user(const struct cli *cli, const json_t *answer)
{
	if (cli->json)
		json_print(cli, answer);
	else
		print_user(cli, answer);
	return CLI_DONE;
}

int user_show(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	char path[API_PATH_MAX];
	int r = api_call(cli, args, "GET", user_path(path, args->positional[0], ""), NULL, &answer);

	return r == CLI_DONE ? answer_user(cli, answer) : r;
}

int user_set(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *answer = NULL;
	const char *disabled = args_get(args, OPT_DISABLED);
	char path[API_PATH_MAX];
	int r;

	if (disabled && strcmp(disabled, "yes") != 0 && strcmp(disabled, "no") != 0) {
		cli_say_error(cli, "option '--disabled': want yes or no, got '%s'", disabled);
		return CLI_USAGE;
	}
	if (disabled)
		(void)json_object_set_new(body, "disabled", json_boolean(strcmp(disabled, "yes") == 0));
	if (args_has(args, OPT_ROLE))
		(void)json_object_set_new(body, "roles", roles_of_option(args));
	if (json_object_size(body) == 0) {
		cli_say_error(cli, "nothing to set: want '--role' or '--disabled'");
		return CLI_USAGE;
	}
	r = api_call(cli, args, "PATCH", user_path(path, args->positional[0], ""), TAKE(body), &answer);
	return r == CLI_DONE ? answer_user(cli, answer) : r;
}

static int confirm(const struct cli *cli, const struct args *args, const char *question)
{
	if (args_has(args, OPT_YES))
		return CLI_DONE;
	if (!cli->can_ask) {
		cli_say_error(cli, "that can't be undone and there is no terminal to ask on: want '--yes'");
		return CLI_USAGE;
	}
	return ask_yes_no(cli, question);
}

int user_reset(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	char path[API_PATH_MAX];
	int r = confirm(cli, args, "End this user's sessions, tokens, second factor and password?");

	if (r == CLI_DONE)
		r = api_call(cli, args, "POST", user_path(path, args->positional[0], "/reset"), json_object(), &answer);
	return r == CLI_DONE ? print_password(cli, answer, "reset", args->positional[0]) : r;
}

int user_delete(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *nothing = NULL;
	char path[API_PATH_MAX];
	int r = confirm(cli, args, "Remove this user, its sessions and its tokens?");

	if (r == CLI_DONE)
		r = api_call(cli, args, "DELETE", user_path(path, args->positional[0], ""), NULL, &nothing);
	if (r == CLI_DONE)
		cli_note(cli, "deleted user '%s'", args->positional[0]);
	return r;
}
