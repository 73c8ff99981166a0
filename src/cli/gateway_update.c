/*
 * gateway update-keystore, rollback: check first, then the host key, then the question, then the secrets, then the job.
 * Nothing secret is asked for before the checks have said yes.
 */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/findings_print.h"
#include "cli/gateway_ssh.h"
#include "cli/host_key.h"
#include "cli/job_follow.h"
#include "cli/resolve.h"
#include "cli/output/table.h"
#include "core/deploy/update.h"

#include <string.h>

/* What is asked for, how, and of what it is made; `job` is the request's body without secrets. */
struct renewal {
	struct cli *cli;
	const struct args *args;
	const char *gateway;
	const char *call;	 /* "/keystore-updates", "/rollback" */
	bool is_rollback;	 /* what served before is looked at the same way, but only told */
	json_t *before;		 /* the gateway as it was */
	json_t *old, *candidate; /* certificates, or NULL */
	json_t *ssh, *job;
};

static void renewal_fini(struct renewal *u)
{
	json_decref(u->before);
	json_decref(u->old);
	json_decref(u->candidate);
	json_decref(u->ssh);
	json_decref(u->job);
}

static int get_certificate(const struct renewal *u, json_int_t id, json_t **ret)
{
	char path[API_PATH_MAX];

	return api_call(u->cli, u->args, "GET", api_certificate_path(path, id, ""), NULL, ret);
}

static int get_gateway(const struct renewal *u, json_t **ret)
{
	char path[API_PATH_MAX];

	return api_call(u->cli, u->args, "GET", api_gateway_path(path, u->gateway, ""), NULL, ret);
}

/* The request's body, all but what the checks and the person add. */
static int make_job(struct renewal *u)
{
	struct err e = { 0 };
	long seconds = 0;
	int r;

	u->job = json_object();
	if (args_number(u->args, OPT_CONFIRM_WITHIN, UPDATE_CONFIRM_WITHIN_MIN_S, UPDATE_CONFIRM_WITHIN_MAX_S, &seconds,
			&e) < 0)
		return cli_fail(u->cli, CLI_USAGE, &e);
	if (seconds > 0)
		(void)json_object_set_new(u->job, "confirm_within", json_integer(seconds));
	if (args_has(u->args, OPT_FORCE_WARNINGS))
		(void)json_object_set_new(u->job, "force_warnings", json_true());
	if (args_has(u->args, OPT_GENERATION))
		(void)json_object_set_new(u->job, "generation", json_string(args_get(u->args, OPT_GENERATION)));
	r = gateway_ssh_place(u->cli, u->args, &u->ssh);
	if (r == CLI_DONE && json_object_size(u->ssh) > 0)
		(void)json_object_set(u->job, "ssh", u->ssh);
	return r;
}

static int look_up(struct renewal *u)
{
	const char *word = args_get(u->args, OPT_CERTIFICATE);
	int r = get_gateway(u, &u->before);

	if (r == CLI_DONE && json_has(u->before, "certificate"))
		r = get_certificate(u, json_number(u->before, "certificate"), &u->old);
	if (r == CLI_DONE && word)
		r = resolve_certificate_whole(u->cli, u->args, word, &u->candidate);
	if (r == CLI_DONE && word)
		(void)json_object_set(u->job, "certificate", json_object_get(u->candidate, "id"));
	return r;
}

static void print_plan(const struct cli *cli, const json_t *answer)
{
	const json_t *sentence;
	size_t i;

	json_array_foreach(json_object_get(answer, "plan"), i, sentence)
		cli_note(cli, "  %zu. %s", i + 1, json_is_string(sentence) ? json_string_value(sentence) : "");
}

/* Warnings stop, unless they are forced or a person says so. */
static int settle_warnings(const struct renewal *u, const json_t *findings)
{
	if (!findings_json_has(findings, "warning") || args_has(u->args, OPT_FORCE_WARNINGS))
		return CLI_DONE;
	if (!args_has(u->args, OPT_DRY_RUN) && u->cli->can_ask && !u->cli->json &&
	    ask_yes_no(u->cli, "Go on in spite of the warnings?") == CLI_DONE) {
		(void)json_object_set_new(u->job, "force_warnings", json_true());
		return CLI_DONE;
	}
	cli_say_error(u->cli, "there are warnings: want '--force-warnings' to go on; nothing was changed");
	return CLI_REFUSED;
}

/* Ask what would happen. With --dry-run that is all. */
static int check_first(const struct renewal *u)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	json_t *body = json_copy(u->job);
	const json_t *findings;
	char path[API_PATH_MAX];
	int r;

	(void)json_object_set_new(body, "dry_run", json_true());
	r = api_call(u->cli, u->args, "POST", api_gateway_path(path, u->gateway, u->call), body, &answer);
	if (r != CLI_DONE)
		return r;
	findings = json_object_get(answer, "findings");
	if (u->cli->json && args_has(u->args, OPT_DRY_RUN))
		json_print(u->cli, answer);
	findings_print(u->cli, u->cli->err, u->args->verb, findings, "");
	if (args_has(u->args, OPT_DRY_RUN))
		print_plan(u->cli, answer);
	if (u->is_rollback)
		return CLI_DONE;
	if (findings_json_has(findings, "blocker") ||
	    (json_has(answer, "compatible") && !json_flag(answer, "compatible"))) {
		cli_say_error(u->cli, "the certificate can't be used on gateway '%s': nothing was changed", u->gateway);
		return CLI_REFUSED;
	}
	return settle_warnings(u, findings);
}

static int confirm(const struct renewal *u)
{
	char question[512];

	if (args_has(u->args, OPT_YES) || !u->cli->can_ask || u->cli->json)
		return CLI_DONE;
	if (u->candidate)
		(void)snprintf(question, sizeof(question), "Install certificate %lld on gateway '%.200s'?",
			       (long long)json_number(u->candidate, "id"), u->gateway);
	else
		(void)snprintf(question, sizeof(question), "Go back to an earlier keystore on gateway '%.200s'?",
			       u->gateway);
	if (ask_yes_no(u->cli, question) == CLI_DONE)
		return CLI_DONE;
	cli_say_error(u->cli, "not wanted: nothing was changed");
	return CLI_FAILED;
}

static int start(const struct renewal *u, json_t **ret)
{
	const char *user = json_text(u->ssh, "user");
	json_t *body = json_copy(u->job);
	char path[API_PATH_MAX];
	int r;

	if (!user[0])
		user = json_text(json_object_get(u->before, "ssh"), "user");
	r = gateway_ssh_login(u->cli, u->args, u->gateway, user[0] ? user : "the host's user", u->ssh);
	(void)json_object_set(body, "ssh", u->ssh);
	if (r != CLI_DONE) {
		json_decref(body);
		return r;
	}
	return api_call(u->cli, u->args, "POST", api_gateway_path(path, u->gateway, u->call), body, ret);
}

static void print_line(const struct cli *cli, const char *what, const json_t *c, const char *fingerprint)
{
	struct fields f = { cli, 8 };

	if (c)
		field_print(&f, what, "%s  certificate %lld '%s'", fingerprint, (long long)json_number(c, "id"),
			    json_text(c, "display_name"));
	else
		field_print(&f, what, "%s", fingerprint);
}

/* Old and new as TLS clients see them, and where Used went. */
static int print_end(const struct renewal *u, const json_t *job)
{
	CLEANUP(json_freep) json_t *after = NULL;
	CLEANUP(json_freep) json_t *now = NULL;
	const char *served = json_text(job, "served_fingerprint");
	int r = get_gateway(u, &after);

	if (r == CLI_DONE && json_has(after, "certificate"))
		r = get_certificate(u, json_number(after, "certificate"), &now);
	if (r != CLI_DONE)
		return r;
	(void)fputc('\n', u->cli->out);
	if (u->old)
		print_line(u->cli, "before", u->old, json_text(u->old, "fingerprint"));
	print_line(u->cli, "served", now && strcmp(json_text(now, "fingerprint"), served) == 0 ? now : NULL,
		   served[0] ? served : "not seen");
	if (now && json_number(now, "id") != json_number(u->old, "id"))
		cli_say(u->cli, "Used: now certificate %lld '%s'%s", (long long)json_number(now, "id"),
			json_text(now, "display_name"), u->old ? ", no longer its predecessor" : "");
	else if (now)
		cli_say(u->cli, "Used: still certificate %lld '%s'", (long long)json_number(now, "id"),
			json_text(now, "display_name"));
	if (json_flag(job, "proof"))
		cli_say(u->cli, "proof: gatewright job proof %lld --out FILE", (long long)json_number(job, "id"));
	return CLI_DONE;
}

static int follow(const struct renewal *u, const json_t *started)
{
	CLEANUP(json_freep) json_t *job = NULL;
	struct job_follow how = {
		.cli = u->cli, .args = u->args, .id = json_number(started, "id"), .quiet = u->cli->json
	};
	int r;

	if (args_has(u->args, OPT_NO_WATCH)) {
		if (u->cli->json)
			json_print(u->cli, started);
		else
			cli_say(u->cli, "job %lld: gatewright job watch %lld", (long long)how.id, (long long)how.id);
		return CLI_DONE;
	}
	r = job_follow(&how, &job);
	if (job && u->cli->json)
		json_print(u->cli, job);
	if (job && !u->cli->json && json_flag(job, "done"))
		(void)print_end(u, job);
	return r;
}

/*
 * A look at the host key before the job spares a person from typing a password for nothing. Where nobody types and a
 * key is pinned, the job itself stops at another one, before anything secret is sent: no second connection.
 */
static bool needs_no_look(const struct renewal *u)
{
	return !u->cli->can_ask && !args_has(u->args, OPT_ACCEPT_HOST_KEY) &&
	       json_has(json_object_get(u->before, "ssh"), "host_key");
}

static int run(struct renewal *u)
{
	CLEANUP(json_freep) json_t *started = NULL;
	int r = make_job(u);

	if (r == CLI_DONE)
		r = look_up(u);
	if (r == CLI_DONE)
		r = check_first(u);
	if (r != CLI_DONE || args_has(u->args, OPT_DRY_RUN))
		return r;
	if (!needs_no_look(u))
		r = host_key_settle(u->cli, u->args, u->gateway, u->ssh, u->job);
	if (r == CLI_DONE)
		r = confirm(u);
	if (r == CLI_DONE)
		r = start(u, &started);
	return r == CLI_DONE ? follow(u, started) : r;
}

int gateway_update_keystore(struct cli *cli, const struct args *args)
{
	struct renewal u = { .cli = cli, .args = args, .gateway = args->positional[0], .call = "/keystore-updates" };
	int r;

	if (!args_has(args, OPT_CERTIFICATE)) {
		cli_say_error(
			cli,
			"want '--certificate CERTIFICATE': 'gatewright gateway candidates %s' lists what can be used",
			args->positional[0]);
		return CLI_USAGE;
	}
	r = run(&u);
	renewal_fini(&u);
	return r;
}

int gateway_rollback(struct cli *cli, const struct args *args)
{
	struct renewal u = {
		.cli = cli, .args = args, .gateway = args->positional[0], .call = "/rollback", .is_rollback = true
	};
	int r = run(&u);

	renewal_fini(&u);
	return r;
}
