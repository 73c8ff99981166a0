#include "cli/host_key.h"
#include "cli/ask.h"

#include <string.h>

int host_key_ask(struct cli *cli, const struct args *args, const char *gateway, json_t *body, json_t **ret)
{
	char path[API_PATH_MAX];

	return api_call(cli, args, "POST", api_gateway_path(path, gateway, "/host-key"), body, ret);
}

static int accept_unknown(const struct cli *cli, const char *gateway, const json_t *answer, json_t *job)
{
	const char *key = json_text(answer, "host_key");

	cli_note(cli, "The host key of '%s' is not known yet:", gateway);
	cli_note(cli, "  %s %s", json_text(answer, "type"), key);
	if (!cli->can_ask) {
		cli_say_error(cli, "compare it with the host's and give '--accept-host-key %s'", key);
		return CLI_REFUSED;
	}
	if (ask_yes_no(cli, "Is this the host's key? It will be pinned.") != CLI_DONE) {
		cli_say_error(cli, "the host key was not accepted: nothing was changed");
		return CLI_REFUSED;
	}
	return json_object_set_new(job, "accept_host_key", json_string(key)) < 0 ? CLI_FAILED : CLI_DONE;
}

int host_key_settle(struct cli *cli, const struct args *args, const char *gateway, const json_t *ssh, json_t *job)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	const char *accepted = args_get(args, OPT_ACCEPT_HOST_KEY);
	json_t *body, *where;
	int r;

	if (accepted)
		return json_object_set_new(job, "accept_host_key", json_string(accepted)) < 0 ? CLI_FAILED : CLI_DONE;
	body = json_object();
	where = json_object();
	if (json_has(ssh, "host"))
		(void)json_object_set(where, "host", json_object_get(ssh, "host"));
	if (json_has(ssh, "port"))
		(void)json_object_set(where, "port", json_object_get(ssh, "port"));
	if (json_object_size(where) > 0)
		(void)json_object_set(body, "ssh", where);
	json_decref(where);
	r = host_key_ask(cli, args, gateway, body, &answer);
	if (r != CLI_DONE)
		return r;
	if (!json_has(answer, "pinned"))
		return accept_unknown(cli, gateway, answer, job);
	if (json_flag(answer, "matches"))
		return CLI_DONE;
	cli_say_error(cli, "the host key of '%s' is not the one that is pinned: want %s, got %s; nothing was changed",
		      gateway, json_text(answer, "pinned"), json_text(answer, "host_key"));
	return CLI_REFUSED;
}
