/* session show, password, totp, totp-remove, end-all. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/sign_in.h"
#include "cli/output/table.h"

#include <string.h>

#define CODE_TRIES 3 /* of a new second factor */
#define GROUP 4	     /* letters of a secret that are read at a time */

int session_show(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	CLEANUP(util_freep) char *roles = NULL;
	CLEANUP(util_freep) char *permissions = NULL;
	struct fields f = { cli, 14 };
	int r = api_call(cli, args, "GET", "/api/v1/session", NULL, &answer);

	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, answer);
		return CLI_DONE;
	}
	roles = json_joined(json_object_get(answer, "roles"), ", ");
	permissions = json_joined(json_object_get(answer, "permissions"), ", ");
	field_print(&f, "user", "%s", json_text(answer, "user"));
	field_print(&f, "by", "%s", json_text(answer, "by"));
	field_print(&f, "roles", "%s", roles ? roles : "");
	field_print(&f, "permissions", "%s", permissions ? permissions : "");
	return CLI_DONE;
}

/* A call that answers nothing. */
static int post(struct cli *cli, const struct args *args, const char *path, json_t *body)
{
	CLEANUP(json_freep) json_t *nothing = NULL;

	return api_call(cli, args, "POST", path, json_incref(body), &nothing);
}

/* ---- the password ---- */

static int change_password(struct cli *cli, const struct args *args, const struct secret *current)
{
	CLEANUP(secret_freep) struct secret *fresh = NULL;
	CLEANUP(json_freep) json_t *body = json_object();
	struct ask_secret ask = { OPT_NEW_PASSWORD_FD, OPT_N, "New password: ", true, "new password" };
	int r = ask_secret(cli, args, &ask, &fresh);

	if (r == CLI_DONE)
		r = ask_secret_to_json(cli, current, "password", body, "current");
	if (r == CLI_DONE)
		r = ask_secret_to_json(cli, fresh, "new password", body, "new");
	if (r == CLI_DONE)
		r = post(cli, args, "/api/v1/session/password", body);
	if (r == CLI_DONE)
		cli_note(cli, "changed the password of '%s'; its other sessions have ended", args->positional[0]);
	return r;
}

int session_password(struct cli *cli, const struct args *args)
{
	CLEANUP(secret_freep) struct secret *password = NULL;
	int r = sign_in(cli, args, args->positional[0], &password);

	return r == CLI_DONE ? sign_out(cli, args, change_password(cli, args, password)) : r;
}

/* ---- the second factor ---- */

/* For an authenticator that can't take the URI, somebody types the secret. */
static void show_secret(const struct cli *cli, const json_t *answer)
{
	const char *secret = json_text(answer, "secret");
	char groups[256] = "";
	size_t n = 0;

	if (cli->json) {
		json_print_line(cli, answer);
		return;
	}
	for (size_t i = 0; secret[i] && n + 2 < sizeof(groups); i++) {
		if (i > 0 && i % GROUP == 0)
			groups[n++] = ' ';
		groups[n++] = secret[i];
	}
	groups[n] = '\0';
	cli_note(cli, "the secret for the authenticator, shown this once:");
	cli_say(cli, "%s", groups);
	cli_say(cli, "%s", json_text(answer, "uri"));
	(void)fflush(cli->out);
	explicit_bzero(groups, sizeof(groups));
}

static int show_codes(const struct cli *cli, const json_t *answer)
{
	const json_t *code;
	size_t i;

	if (cli->json) {
		json_print_line(cli, answer);
		return CLI_DONE;
	}
	cli_note(
		cli,
		"the second factor counts from now on; its recovery codes, shown this once, each of which works once:");
	json_array_foreach(json_object_get(answer, "recovery_codes"), i, code)
		cli_say(cli, "%s", json_string_value(code));
	return CLI_DONE;
}

/* A code that was typed wrong is asked for again: the secret is in the authenticator already. */
static int confirm(struct cli *cli, const struct args *args)
{
	for (int tries = 1;; tries++) {
		CLEANUP(json_freep) json_t *body = json_object();
		struct api_reply reply = { 0, NULL };
		int r = sign_in_code(cli, args, "Code that the authenticator shows: ", body);

		if (r == CLI_DONE)
			r = api_request(cli, "POST", "/api/v1/session/totp/confirm", TAKE(body), &reply);
		if (r != CLI_DONE)
			return r;
		r = api_exit_of_status(reply.status);
		r = r == CLI_DONE ? show_codes(cli, reply.json) : api_report(cli, args, &reply);
		api_reply_fini(&reply);
		if (r != CLI_REFUSED || tries == CODE_TRIES)
			return r;
	}
}

static int set_up_totp(struct cli *cli, const struct args *args, const struct secret *password)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *answer = NULL;
	int r = ask_secret_to_json(cli, password, "password", body, "password");

	if (r == CLI_DONE)
		r = api_call(cli, args, "POST", "/api/v1/session/totp", TAKE(body), &answer);
	if (r != CLI_DONE)
		return r;
	show_secret(cli, answer);
	return confirm(cli, args);
}

int session_totp(struct cli *cli, const struct args *args)
{
	CLEANUP(secret_freep) struct secret *password = NULL;
	int r = sign_in(cli, args, args->positional[0], &password);

	return r == CLI_DONE ? sign_out(cli, args, set_up_totp(cli, args, password)) : r;
}

static int remove_totp(struct cli *cli, const struct args *args, const struct secret *password)
{
	CLEANUP(json_freep) json_t *body = json_object();
	int r = ask_secret_to_json(cli, password, "password", body, "password");

	if (r == CLI_DONE)
		r = sign_in_code(cli, args, "The next code, or a recovery code: ", body);
	if (r == CLI_DONE)
		r = post(cli, args, "/api/v1/session/totp/remove", body);
	if (r == CLI_DONE)
		cli_note(cli, "'%s' has no second factor any more", args->positional[0]);
	return r;
}

int session_totp_remove(struct cli *cli, const struct args *args)
{
	CLEANUP(secret_freep) struct secret *password = NULL;
	int r = sign_in(cli, args, args->positional[0], &password);

	return r == CLI_DONE ? sign_out(cli, args, remove_totp(cli, args, password)) : r;
}

/* ---- everywhere ---- */

int session_end_all(struct cli *cli, const struct args *args)
{
	CLEANUP(secret_freep) struct secret *password = NULL;
	CLEANUP(json_freep) json_t *nothing = NULL;
	int r = sign_in(cli, args, args->positional[0], &password);

	if (r == CLI_DONE)
		r = api_call(cli, args, "DELETE", "/api/v1/sessions", NULL, &nothing);
	if (r == CLI_DONE)
		cli_note(cli, "'%s' is signed out everywhere", args->positional[0]);
	return r;
}
