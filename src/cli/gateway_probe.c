/* gateway probe, host-key: looking at a gateway without changing it. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/host_key.h"
#include "cli/probes_print.h"
#include "cli/output/table.h"

#include <string.h>

static int add_probe(struct table *t, const json_t *p)
{
	char took[32] = "", days[32] = "";
	bool ok = json_flag(p, "ok");
	const char *cells[] = { json_text(p, "address"),
				json_text(p, "server_name"),
				ok			   ? "served"
				: json_text(p, "error")[0] ? json_text(p, "error")
							   : "failed",
				json_text(p, "fingerprint"),
				json_text(p, "protocol"),
				took,
				days };
	int row;

	if (ok) {
		(void)snprintf(took, sizeof(took), "%.1f", json_decimal(p, "handshake_ms"));
		(void)snprintf(days, sizeof(days), "%lld", (long long)json_number(p, "days_left"));
	}
	row = table_add(t, -1, cells);
	if (row >= 0)
		table_colour(t, row, 2, ok ? "green" : "red");
	return row;
}

int probes_print(const struct cli *cli, const json_t *probes)
{
	static const struct column columns[] = {
		{ "ADDRESS", 0 },  { "SERVER NAME", 0 },   { "RESULT", COLUMN_WRAP }, { "FINGERPRINT", COLUMN_CUT },
		{ "PROTOCOL", 0 }, { "MS", COLUMN_RIGHT }, { "DAYS", COLUMN_RIGHT },
	};
	CLEANUP(table_freep) struct table *t = table_new(cli, columns, ARRAY_N(columns));
	struct err e = { 0 };
	const json_t *p;
	size_t i;

	json_array_foreach(probes, i, p)
	{
		if (!t || add_probe(t, p) < 0) {
			(void)err_nomem(&e);
			return cli_fail(cli, CLI_FAILED, &e);
		}
	}
	return t && table_print(t, &e) == 0 ? CLI_DONE : cli_fail(cli, CLI_FAILED, &e);
}

static bool all_ok(const json_t *probes)
{
	const json_t *p;
	size_t i;

	json_array_foreach(probes, i, p)
	{
		if (!json_flag(p, "ok"))
			return false;
	}
	return json_array_size(probes) > 0;
}

static bool any_ok(const json_t *probes)
{
	const json_t *p;
	size_t i;

	json_array_foreach(probes, i, p)
	{
		if (json_flag(p, "ok"))
			return true;
	}
	return false;
}

static int print_verdict(struct cli *cli, const struct args *args, const json_t *answer)
{
	CLEANUP(json_freep) json_t *c = NULL;
	char path[API_PATH_MAX];
	int r;

	if (!json_flag(answer, "agree")) {
		(void)fputs(any_ok(json_object_get(answer, "probes")) ? "\nthe addresses do not agree\n"
								      : "\nnothing is served there\n",
			    cli->out);
		return CLI_DONE;
	}
	if (!json_has(answer, "certificate")) {
		(void)fputs("\nthe served certificate is not in the inventory\n", cli->out);
		return CLI_DONE;
	}
	r = api_call(cli, args, "GET", api_certificate_path(path, json_number(answer, "certificate"), ""), NULL, &c);
	if (r == CLI_DONE) {
		struct fields f = { cli, 7 };

		(void)fputc('\n', cli->out);
		field_print(&f, "served", "certificate %lld '%s'", (long long)json_number(c, "id"),
			    json_text(c, "display_name"));
	}
	return r;
}

int gateway_probe(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	char path[API_PATH_MAX];
	int r = api_call(cli, args, "POST", api_gateway_path(path, args->positional[0], "/probe"), json_object(),
			 &answer);

	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, answer);
	} else {
		r = probes_print(cli, json_object_get(answer, "probes"));
		if (r == CLI_DONE)
			r = print_verdict(cli, args, answer);
	}
	if (r != CLI_DONE)
		return r;
	return all_ok(json_object_get(answer, "probes")) && json_flag(answer, "agree") ? CLI_DONE : CLI_FAILED;
}

int gateway_host_key(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	json_t *body = json_object();
	const char *accept = args_get(args, OPT_ACCEPT);
	struct fields f = { cli, 10 };
	int r;

	if (accept)
		(void)json_object_set_new(body, "accept", json_string(accept));
	r = host_key_ask(cli, args, args->positional[0], body, &answer);
	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, answer);
	} else {
		field_print(&f, "host key", "%s%s%s%s", json_text(answer, "host_key"),
			    json_text(answer, "type")[0] ? " (" : "", json_text(answer, "type"),
			    json_text(answer, "type")[0] ? ")" : "");
		field_print(&f, "pinned", "%s", json_has(answer, "pinned") ? json_text(answer, "pinned") : "no");
	}
	if (!json_has(answer, "pinned") || json_flag(answer, "matches"))
		return CLI_DONE;
	cli_say_error(cli,
		      "the host key is not the one that is pinned: if it was changed on purpose, 'gatewright gateway "
		      "host-key "
		      "%s --accept %s'",
		      args->positional[0], json_text(answer, "host_key"));
	return CLI_REFUSED;
}
