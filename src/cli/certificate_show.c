/* certificate show, compare, delete. */
#include "cli/api.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/findings_print.h"
#include "cli/resolve.h"
#include "cli/when.h"
#include "cli/output/table.h"

#include <string.h>

#define SHOW_WIDTH 20

static void print_uses(const struct fields *f, const json_t *c)
{
	const json_t *use;
	char moment[WHEN_TEXT_MAX];
	size_t i;

	json_array_foreach(json_object_get(c, "used_by"), i, use)
	{
		if (json_flag(use, "console"))
			field_print(f, "used", "by the console, since %s",
				    when_moment(json_text(use, "proven_at"), moment));
		else
			field_print(f, "used", "by '%s', seen %s by %s", json_text(use, "gateway"),
				    when_moment(json_text(use, "proven_at"), moment), json_text(use, "by"));
	}
	if (json_array_size(json_object_get(c, "used_by")) == 0)
		field_print(f, "used", "no");
}

static void print_id(const struct fields *f, const char *name, const json_t *c, const char *member)
{
	if (json_has(c, member))
		field_print(f, name, "%lld", (long long)json_number(c, member));
}

static void print_text(const struct fields *f, const char *name, const json_t *c, const char *member)
{
	if (json_text(c, member)[0])
		field_print(f, name, "%s", json_text(c, member));
}

/* What Gatewright knows about it. */
static void print_summary(const struct fields *f, const json_t *c)
{
	CLEANUP(util_freep) char *names = json_joined(json_object_get(c, "names"), "; ");
	char from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];

	print_id(f, "certificate", c, "id");
	print_text(f, "display name", c, "display_name");
	print_text(f, "kind", c, "kind");
	print_text(f, "holder", c, "holder");
	print_text(f, "organization", c, "organization");
	print_text(f, "locality", c, "locality");
	print_text(f, "country", c, "country");
	if (names && names[0])
		field_print(f, "names", "%s", names);
	field_print(f, "valid from", "%s", when_moment(json_text(c, "not_before"), from));
	field_print(f, "valid until", "%s (%lld days left)", when_moment(json_text(c, "not_after"), until),
		    (long long)json_number(c, "days_left"));
	print_text(f, "status", c, "status");
	field_print(f, "private key", "%s", json_flag(c, "has_key") ? "here, sealed" : "not here");
	print_uses(f, c);
	print_id(f, "issuer", c, "issuer");
	print_id(f, "root", c, "root");
	print_id(f, "predecessor", c, "predecessor");
	print_text(f, "SHA-256 fingerprint", c, "fingerprint");
	print_text(f, "as devices show it", c, "fingerprint_groups");
}

/* What the certificate itself says, field by field. */
static void print_content(const struct cli *cli, const json_t *c)
{
	const json_t *fields = json_object_get(c, "fields"), *field;
	struct fields f = { cli, SHOW_WIDTH };
	size_t i;

	json_array_foreach(fields, i, field)
	{
		int n = (int)strlen(json_text(field, "name")) + 1;

		if (n > f.width && n <= 40)
			f.width = n;
	}
	if (json_array_size(fields) > 0)
		(void)fputs("\ncontent of the certificate\n", cli->out);
	json_array_foreach(fields, i, field) field_print(&f, json_text(field, "name"), "%s", json_text(field, "value"));
}

int certificate_show(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *c = NULL;
	struct fields f = { cli, SHOW_WIDTH };
	int r = resolve_certificate_whole(cli, args, args->positional[0], &c);

	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, c);
		return CLI_DONE;
	}
	print_summary(&f, c);
	print_content(cli, c);
	return CLI_DONE;
}

int certificate_renewal(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *order = NULL;
	struct fields f = { cli, SHOW_WIDTH };
	char path[API_PATH_MAX];
	json_int_t id = 0;
	int r = resolve_certificate(cli, args, args->positional[0], &id);

	if (r == CLI_DONE)
		r = api_call(cli, args, "GET", api_certificate_path(path, id, "/renewal"), NULL, &order);
	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, order);
		return CLI_DONE;
	}
	print_id(&f, "renews", order, "renews");
	print_text(&f, "kind", order, "kind");
	print_id(&f, "issuer", order, "issuer");
	print_text(&f, "display name", order, "display_name");
	print_text(&f, "holder", order, "holder");
	print_text(&f, "organization", order, "organization");
	print_text(&f, "locality", order, "locality");
	print_text(&f, "country", order, "country");
	print_text(&f, "names", order, "names");
	print_text(&f, "key", order, "key");
	print_id(&f, "path length", order, "path_len");
	return CLI_DONE;
}

static int print_difference(const struct cli *cli, const json_t *rows, struct err *e)
{
	static const struct column columns[] = {
		{ "", 0 }, { "FIELD", 0 }, { "CURRENT", COLUMN_WRAP }, { "CANDIDATE", COLUMN_WRAP }
	};
	CLEANUP(table_freep) struct table *t = table_new(cli, columns, ARRAY_N(columns));
	const json_t *row;
	size_t i;

	if (!t)
		return err_nomem(e);
	json_array_foreach(rows, i, row)
	{
		bool same = json_flag(row, "same");
		const char *cells[] = { same ? "" : "*", json_text(row, "field"), json_text(row, "current"),
					json_text(row, "candidate") };
		int n;

		if (!cells[2][0] && !cells[3][0])
			continue; /* neither has it */
		n = table_add(t, -1, cells);
		if (n < 0)
			return err_nomem(e);
		for (size_t c = 0; !same && c < ARRAY_N(columns); c++)
			table_colour(t, n, c, "yellow");
	}
	return table_print(t, e);
}

static int print_comparison(const struct cli *cli, const struct args *args, const json_t *answer)
{
	const json_t *findings = json_object_get(answer, "findings");
	bool compatible = json_flag(answer, "compatible");
	struct err e = { 0 };

	if (cli->json) {
		json_print(cli, answer);
	} else {
		if (print_difference(cli, json_object_get(answer, "rows"), &e) < 0)
			return cli_fail(cli, CLI_FAILED, &e);
		(void)fputc('\n', cli->out);
		findings_print(cli, cli->out, args->verb, findings, "");
		(void)fputs(compatible ? "compatible: the candidate can replace the current one\n" : "not compatible\n",
			    cli->out);
	}
	return compatible ? CLI_DONE : CLI_REFUSED;
}

int certificate_compare(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	char path[API_PATH_MAX], tail[64];
	json_int_t current = 0, candidate = 0;
	int r = resolve_certificate(cli, args, args->positional[0], &current);

	if (r == CLI_DONE)
		r = resolve_certificate(cli, args, args->positional[1], &candidate);
	if (r != CLI_DONE)
		return r;
	(void)snprintf(tail, sizeof(tail), "/compare/%lld", (long long)candidate);
	r = api_call(cli, args, "GET", api_certificate_path(path, current, tail), NULL, &answer);
	return r == CLI_DONE ? print_comparison(cli, args, answer) : r;
}

/* It can't be undone: a terminal is asked, anything else has to say --yes. */
static int confirm(const struct cli *cli, const struct args *args, const json_t *c, bool is_delete)
{
	char question[512];

	if (args_has(args, OPT_YES))
		return CLI_DONE;
	if (!cli->can_ask) {
		cli_say_error(cli, "%s can't be undone and there is no terminal to ask on: want '--yes'",
			      is_delete ? "deleting" : "revoking");
		return CLI_USAGE;
	}
	cli_note(cli, "certificate %lld '%s', %s%s", (long long)json_number(c, "id"), json_text(c, "display_name"),
		 json_text(c, "kind"), is_delete ? ", and its private key" : "");
	(void)snprintf(question, sizeof(question), "%s certificate %lld?", is_delete ? "Delete" : "Revoke",
		       (long long)json_number(c, "id"));
	return ask_yes_no(cli, question);
}

static int delete_one(struct cli *cli, const struct args *args, const char *word)
{
	CLEANUP(json_freep) json_t *c = NULL;
	CLEANUP(json_freep) json_t *nothing = NULL;
	char path[API_PATH_MAX];
	int r = resolve_certificate_whole(cli, args, word, &c);

	if (r == CLI_DONE)
		r = confirm(cli, args, c, true);
	if (r == CLI_DONE)
		r = api_call(cli, args, "DELETE", api_certificate_path(path, json_number(c, "id"), ""), NULL, &nothing);
	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print(cli, c);
	else
		cli_note(cli, "deleted certificate %lld '%s'", (long long)json_number(c, "id"),
			 json_text(c, "display_name"));
	return CLI_DONE;
}

int certificate_delete(struct cli *cli, const struct args *args)
{
	int r = CLI_DONE;

	for (size_t i = 0; i < args->positional_n && r == CLI_DONE; i++)
		r = delete_one(cli, args, args->positional[i]);
	return r;
}

int certificate_revoke(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *c = NULL;
	CLEANUP(json_freep) json_t *answer = NULL;
	bool dry_run = args_has(args, OPT_DRY_RUN);
	char path[API_PATH_MAX];
	int r = resolve_certificate_whole(cli, args, args->positional[0], &c);

	if (r == CLI_DONE && !dry_run)
		r = confirm(cli, args, c, false);
	if (r == CLI_DONE)
		r = api_call(cli, args, "POST", api_certificate_path(path, json_number(c, "id"), "/revoke"),
			     json_pack("{sb}", "dry_run", (int)dry_run), &answer);
	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print(cli, answer);
	else
		cli_note(cli, "%s certificate %lld '%s'", dry_run ? "could revoke" : "revoked",
			 (long long)json_number(c, "id"), json_text(c, "display_name"));
	return CLI_DONE;
}
