/* console show, set-certificate. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/findings_print.h"
#include "cli/resolve.h"
#include "cli/when.h"
#include "cli/output/table.h"

static void print_state(const struct cli *cli, const json_t *state, const json_t *certificate)
{
	CLEANUP(util_freep) char *addresses = json_joined(json_object_get(state, "addresses"), ", ");
	struct fields f = { cli, 13 };
	char moment[WHEN_TEXT_MAX];

	field_print(&f, "addresses", "%s", addresses && addresses[0] ? addresses : "none");
	if (certificate) {
		field_print(&f, "certificate", "%lld '%s', until %s (%lld days left)",
			    (long long)json_number(certificate, "id"), json_text(certificate, "display_name"),
			    when_date(json_text(certificate, "not_after"), moment),
			    (long long)json_number(certificate, "days_left"));
		field_print(&f, "fingerprint", "%s", json_text(certificate, "fingerprint"));
	} else {
		field_print(&f, "certificate", "none is served");
	}
	if (json_has(state, "served_since"))
		field_print(&f, "served since", "%s", when_moment(json_text(state, "served_since"), moment));
	if (json_has(state, "error"))
		field_print(&f, "trouble", "%s", json_text(state, "error"));
}

static int show(struct cli *cli, const struct args *args, const json_t *state)
{
	CLEANUP(json_freep) json_t *certificate = NULL;
	char path[API_PATH_MAX];
	int r = CLI_DONE;

	if (cli->json) {
		json_print(cli, state);
		return CLI_DONE;
	}
	if (json_has(state, "certificate"))
		r = api_call(cli, args, "GET", api_certificate_path(path, json_number(state, "certificate"), ""), NULL,
			     &certificate);
	if (r == CLI_DONE)
		print_state(cli, state, certificate);
	return r;
}

int console_show(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *state = NULL;
	int r = api_call(cli, args, "GET", "/api/v1/console-certificate", NULL, &state);

	return r == CLI_DONE ? show(cli, args, state) : r;
}

static int rehearsed(const struct cli *cli, const struct args *args, const json_t *answer)
{
	bool compatible = json_flag(answer, "compatible");

	if (cli->json) {
		json_print(cli, answer);
	} else {
		findings_print(cli, cli->out, args->verb, json_object_get(answer, "findings"), "");
		cli_say(cli, compatible ? "the console can serve with it" : "the console cannot serve with it");
	}
	return compatible ? CLI_DONE : CLI_REFUSED;
}

int console_set_certificate(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	json_int_t id = 0;
	json_t *body;
	int r = resolve_certificate(cli, args, args->positional[0], &id);

	if (r != CLI_DONE)
		return r;
	body = json_pack("{sI,sb,sb}", "certificate", id, "force_warnings", (int)args_has(args, OPT_FORCE_WARNINGS),
			 "dry_run", (int)args_has(args, OPT_DRY_RUN));
	r = api_call(cli, args, "PUT", "/api/v1/console-certificate", body, &answer);
	if (r != CLI_DONE)
		return r;
	return args_has(args, OPT_DRY_RUN) ? rehearsed(cli, args, answer) : show(cli, args, answer);
}
