/* gateway add, set, delete: options to the gateway's members. */
#include "cli/api.h"
#include "cli/ask.h"
#include "cli/commands.h"

#include <errno.h>
#include <string.h>

static int not_utf8(const struct cli *cli, enum opt o)
{
	cli_say_error(cli, "option '--%s': want UTF-8, got other bytes", option_rows[o].name);
	return CLI_USAGE;
}

static int add_text(const struct cli *cli, const struct args *args, enum opt o, json_t *object)
{
	const char *value = args_get(args, o);

	if (value && json_object_set_new(object, option_rows[o].field, json_string(value)) < 0)
		return not_utf8(cli, o);
	return CLI_DONE;
}

static int add_list(const struct cli *cli, const struct args *args, enum opt o, json_t *object)
{
	json_t *list = json_array();
	const char *value;
	size_t cursor = 0;

	while ((value = args_next(args, o, &cursor))) {
		if (json_array_append_new(list, json_string(value)) < 0) {
			json_decref(list);
			return not_utf8(cli, o);
		}
	}
	if (json_array_size(list) > 0)
		(void)json_object_set(object, option_rows[o].field, list);
	json_decref(list);
	return CLI_DONE;
}

static int add_params(const struct cli *cli, const struct args *args, json_t *object)
{
	CLEANUP(json_freep) json_t *params = json_object();
	const char *pair, *equals;
	size_t cursor = 0;

	while ((pair = args_next(args, OPT_PARAM, &cursor))) {
		equals = strchr(pair, '=');
		if (!equals || equals == pair) {
			cli_say_error(cli, "option '--param': want NAME=VALUE, got '%s'", pair);
			return CLI_USAGE;
		}
		if (json_object_setn_new(params, pair, (size_t)(equals - pair), json_string(equals + 1)) < 0)
			return not_utf8(cli, OPT_PARAM);
	}
	if (json_object_size(params) > 0)
		(void)json_object_set(object, "params", params);
	return CLI_DONE;
}

static int add_ssh(const struct cli *cli, const struct args *args, json_t *object)
{
	CLEANUP(json_freep) json_t *ssh = json_object();
	struct err e = { 0 };
	long port = 0;
	int r = args_number(args, OPT_SSH_PORT, 1, 65535, &port, &e) < 0 ? cli_fail(cli, CLI_USAGE, &e) : CLI_DONE;

	if (r == CLI_DONE)
		r = add_text(cli, args, OPT_SSH_HOST, ssh);
	if (r == CLI_DONE)
		r = add_text(cli, args, OPT_SSH_USER, ssh);
	if (r == CLI_DONE)
		r = add_text(cli, args, OPT_HOST_KEY, ssh);
	if (port > 0)
		(void)json_object_set_new(ssh, "port", json_integer(port));
	if (json_object_size(ssh) > 0)
		(void)json_object_set(object, "ssh", ssh);
	return r;
}

static int gateway_body(const struct cli *cli, const struct args *args, json_t *body)
{
	int r = add_text(cli, args, OPT_TARGET, body);

	if (r == CLI_DONE)
		r = add_params(cli, args, body);
	if (r == CLI_DONE)
		r = add_list(cli, args, OPT_TLS, body);
	if (r == CLI_DONE)
		r = add_list(cli, args, OPT_SERVER_NAME, body);
	return r == CLI_DONE ? add_ssh(cli, args, body) : r;
}

static int finish(const struct cli *cli, const char *what, const char *name, const json_t *answer)
{
	if (cli->json && answer)
		json_print(cli, answer);
	else
		cli_note(cli, "%s gateway '%s'", what, name);
	return CLI_DONE;
}

int gateway_add(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *answer = NULL;
	int r = gateway_body(cli, args, body);

	if (r == CLI_DONE && json_object_set_new(body, "name", json_string(args->positional[0])) < 0) {
		cli_say_error(cli, "the gateway's name: want UTF-8, got other bytes");
		r = CLI_USAGE;
	}
	if (r == CLI_DONE)
		r = api_call(cli, args, "POST", "/api/v1/gateways", TAKE(body), &answer);
	return r == CLI_DONE ? finish(cli, "added", args->positional[0], answer) : r;
}

int gateway_set(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *answer = NULL;
	char path[API_PATH_MAX];
	int r = gateway_body(cli, args, body);

	if (r == CLI_DONE && json_object_size(body) == 0) {
		cli_say_error(cli, "nothing to set: want at least one option, see 'gatewright gateway set --help'");
		r = CLI_USAGE;
	}
	if (r == CLI_DONE)
		r = api_call(cli, args, "PATCH", api_gateway_path(path, args->positional[0], ""), TAKE(body), &answer);
	return r == CLI_DONE ? finish(cli, "changed", args->positional[0], answer) : r;
}

static int confirm_delete(const struct cli *cli, const struct args *args)
{
	if (args_has(args, OPT_YES))
		return CLI_DONE;
	if (!cli->can_ask) {
		cli_say_error(cli, "deleting can't be undone and there is no terminal to ask on: want '--yes'");
		return CLI_USAGE;
	}
	return ask_yes_no(cli, "Remove this gateway, its pinned host key and its history?");
}

int gateway_delete(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *nothing = NULL;
	char path[API_PATH_MAX];
	int r = confirm_delete(cli, args);

	if (r == CLI_DONE)
		r = api_call(cli, args, "DELETE", api_gateway_path(path, args->positional[0], ""), NULL, &nothing);
	return r == CLI_DONE ? finish(cli, "deleted", args->positional[0], nothing) : r;
}
