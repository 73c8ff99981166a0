#include "cli/sign_in.h"

#include "cli/api.h"

#include <string.h>

#define SESSION "/api/v1/session"
#define SESSION_COOKIE "__Host-gatewright"

int sign_in_code(struct cli *cli, const struct args *args, const char *prompt, json_t *body)
{
	CLEANUP(secret_freep) struct secret *code = NULL;
	int r = ask_secret(cli, args, &(struct ask_secret) { OPT_CODE_FD, OPT_N, prompt, false, "code" }, &code);

	return r == CLI_DONE ? ask_secret_to_json(cli, code, "code", body, "code") : r;
}

/* What lasts from here on is the session: its cookie, and the word against forged calls. */
static int keep(struct cli *cli, const json_t *session)
{
	struct err e = { 0 };

	if (http_client_set_csrf(cli->http, json_text(session, "csrf"), &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	return CLI_DONE;
}

static bool wants_code(const struct api_reply *reply)
{
	return reply->status == 401 && strcmp(json_text(reply->json, "reason"), "code-needed") == 0;
}

static int try(struct cli *cli, const struct args *args, json_t *body, bool with_code, bool *ret_wants_code)
{
	struct api_reply reply = { 0, NULL };
	int r = with_code ? sign_in_code(cli, args, "Code of the second factor, or a recovery code: ", body) : CLI_DONE;

	if (r == CLI_DONE)
		r = api_request(cli, "POST", SESSION, json_incref(body), &reply);
	if (r != CLI_DONE)
		return r;
	*ret_wants_code = !with_code && wants_code(&reply);
	if (!*ret_wants_code) {
		r = api_exit_of_status(reply.status);
		r = r == CLI_DONE ? keep(cli, reply.json) : api_report(cli, args, &reply);
	}
	api_reply_fini(&reply);
	return r;
}

static int ask_password(struct cli *cli, const struct args *args, const char *user, struct secret **ret)
{
	char prompt[300];
	struct ask_secret ask = { OPT_PASSWORD_FD, OPT_PASSWORD_STDIN, prompt, false, "password" };

	(void)snprintf(prompt, sizeof(prompt), "Password of %.100s in Gatewright: ", user);
	return ask_secret(cli, args, &ask, ret);
}

int sign_in(struct cli *cli, const struct args *args, const char *user, struct secret **ret)
{
	CLEANUP(secret_freep) struct secret *password = NULL;
	CLEANUP(json_freep) json_t *body = json_object();
	bool code = false;
	int r;

	if (cli->token) {
		cli_say_error(cli, "'%s %s' signs in with a password: want no token", args->verb->noun,
			      args->verb->action);
		return CLI_USAGE;
	}
	(void)json_object_set_new(body, "user", json_string(user));
	r = ask_password(cli, args, user, &password);
	if (r == CLI_DONE)
		r = ask_secret_to_json(cli, password, "password", body, "password");
	if (r == CLI_DONE)
		r = api_open(cli);
	if (r != CLI_DONE)
		return r;
	http_client_keep_cookie(cli->http, SESSION_COOKIE);
	r = try(cli, args, body, false, &code);
	if (r == CLI_DONE && code)
		r = try(cli, args, body, true, &code);
	if (r == CLI_DONE)
		*ret = TAKE(password);
	return r;
}

int sign_out(struct cli *cli, const struct args *args, int done)
{
	CLEANUP(json_freep) json_t *nothing = NULL;
	int r = api_call(cli, args, "DELETE", SESSION, NULL, &nothing);

	return done == CLI_DONE ? r : done;
}
