/* gateway list, show, candidates. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/findings_print.h"
#include "cli/probes_print.h"
#include "cli/when.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

#include <string.h>

/* The certificate of this number in a list, or NULL. */
static const json_t *find_id(const json_t *items, json_int_t id)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		if (json_number(item, "id") == id)
			return item;
	}
	return NULL;
}

static void ssh_text(const json_t *gateway, char *out, size_t size)
{
	const json_t *ssh = json_object_get(gateway, "ssh");
	const char *host = json_text(ssh, "host"), *user = json_text(ssh, "user");
	bool brackets = strchr(host, ':') != NULL;

	if (!host[0]) {
		(void)snprintf(out, size, "-");
		return;
	}
	(void)snprintf(out, size, "%s%s%s%s%s:%lld", user, user[0] ? "@" : "", brackets ? "[" : "", host,
		       brackets ? "]" : "", (long long)(json_has(ssh, "port") ? json_number(ssh, "port") : 22));
}

static int add_gateway(struct table *t, const json_t *g, const json_t *used)
{
	const json_t *c = json_has(g, "certificate") ? find_id(used, json_number(g, "certificate")) : NULL;
	CLEANUP(util_freep) char *tls = json_joined(json_object_get(g, "tls"), ", ");
	char ssh[300], expires[WHEN_TEXT_MAX] = "", days[32] = "", proven[WHEN_TEXT_MAX], job[32] = "";
	const char *cells[] = { json_text(g, "name"),
				json_text(g, "target"),
				tls,
				ssh,
				c ? json_text(c, "display_name") : "-",
				expires,
				days,
				proven,
				job };
	int row;

	ssh_text(g, ssh, sizeof(ssh));
	(void)when_date(json_text(g, "proven_at"), proven);
	if (json_has(g, "active_job"))
		(void)snprintf(job, sizeof(job), "%lld", (long long)json_number(g, "active_job"));
	if (c) {
		(void)when_date(json_text(c, "not_after"), expires);
		(void)snprintf(days, sizeof(days), "%lld", (long long)json_number(c, "days_left"));
	}
	row = table_add(t, -1, cells);
	if (row >= 0 && c && json_number(c, "days_left") < 30)
		table_colour(t, row, 6, json_number(c, "days_left") < 0 ? "red" : "yellow");
	return row;
}

static int print_gateways(const struct cli *cli, const json_t *items, const json_t *used, struct err *e)
{
	static const struct column columns[] = {
		{ "NAME", 0 },
		{ "TARGET", 0 },
		{ "TLS", COLUMN_CUT },
		{ "SSH", COLUMN_CUT },
		{ "CERTIFICATE", COLUMN_CUT },
		{ "EXPIRES", 0 },
		{ "DAYS", COLUMN_RIGHT },
		{ "PROVEN", 0 },
		{ "JOB", COLUMN_RIGHT },
	};
	CLEANUP(table_freep) struct table *t = table_new(cli, columns, ARRAY_N(columns));
	const json_t *item;
	size_t i;

	if (!t)
		return err_nomem(e);
	json_array_foreach(items, i, item)
	{
		if (add_gateway(t, item, used) < 0)
			return err_nomem(e);
	}
	return table_print(t, e);
}

int gateway_list(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *items = NULL;
	CLEANUP(json_freep) json_t *used = NULL;
	struct err e = { 0 };
	int r = api_list(cli, args, "/api/v1/gateways", 0, &items);

	if (r == CLI_DONE && cli->json) {
		json_print_list(cli, items);
		return CLI_DONE;
	}
	if (r == CLI_DONE && json_array_size(items) == 0) {
		cli_note(cli, "no gateways");
		return CLI_DONE;
	}
	if (r == CLI_DONE)
		r = api_list(cli, args, "/api/v1/certificates?used=true", 0, &used);
	if (r == CLI_DONE && print_gateways(cli, items, used, &e) < 0)
		r = cli_fail(cli, CLI_FAILED, &e);
	return r;
}

static void print_certificate(const struct fields *f, const char *name, const json_t *c)
{
	char day[WHEN_TEXT_MAX];

	if (!json_has(c, "id")) {
		field_print(f, name, "none is known to be in use");
		return;
	}
	field_print(f, name, "%lld '%s', until %s (%lld days left)", (long long)json_number(c, "id"),
		    json_text(c, "display_name"), when_date(json_text(c, "not_after"), day),
		    (long long)json_number(c, "days_left"));
}

static void print_params(const struct fields *f, const json_t *g)
{
	const char *name;
	const json_t *value;
	json_t *params = json_object_get(g, "params");

	json_object_foreach(params, name, value)
	{
		if (json_is_string(value))
			field_print(f, "parameter", "%s=%s", name, json_string_value(value));
	}
}

static void print_gateway(const struct cli *cli, const json_t *g, const json_t *certificate)
{
	CLEANUP(util_freep) char *tls = json_joined(json_object_get(g, "tls"), ", ");
	CLEANUP(util_freep) char *names = json_joined(json_object_get(g, "server_names"), ", ");
	const char *key = json_text(json_object_get(g, "ssh"), "host_key");
	struct fields f = { cli, 14 };
	char ssh[300], moment[WHEN_TEXT_MAX];

	ssh_text(g, ssh, sizeof(ssh));
	field_print(&f, "gateway", "%s", json_text(g, "name"));
	field_print(&f, "target", "%s", json_text(g, "target"));
	print_params(&f, g);
	field_print(&f, "TLS", "%s", tls && tls[0] ? tls : "-");
	field_print(&f, "server names", "%s", names && names[0] ? names : "-");
	field_print(&f, "SSH", "%s", ssh);
	field_print(&f, "host key", "%s", key[0] ? key : "not pinned yet");
	print_certificate(&f, "certificate", certificate);
	if (json_has(g, "proven_at"))
		field_print(&f, "proven", "%s", when_moment(json_text(g, "proven_at"), moment));
	if (json_has(g, "active_job"))
		field_print(&f, "active job", "%lld", (long long)json_number(g, "active_job"));
}

int gateway_show(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *g = NULL;
	CLEANUP(json_freep) json_t *certificate = NULL;
	char path[API_PATH_MAX];
	int r = api_call(cli, args, "GET", api_gateway_path(path, args->positional[0], ""), NULL, &g);

	if (r == CLI_DONE && !cli->json && json_has(g, "certificate"))
		r = api_call(cli, args, "GET", api_certificate_path(path, json_number(g, "certificate"), ""), NULL,
			     &certificate);
	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, g);
		return CLI_DONE;
	}
	print_gateway(cli, g, certificate);
	if (!json_is_array(json_object_get(g, "last_probe")))
		return CLI_DONE;
	(void)fputs("\nlast probe\n", cli->out);
	return probes_print(cli, json_object_get(g, "last_probe"));
}

/* Usable ones, then the others; the heading only when there is one. */
static void print_candidates(const struct cli *cli, const struct args *args, const json_t *items, bool usable)
{
	const json_t *item;
	char day[WHEN_TEXT_MAX];
	bool any = false;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const json_t *c = json_object_get(item, "certificate");
		CLEANUP(util_freep) char *name = NULL;

		if (json_flag(item, "usable") != usable)
			continue;
		if (!any)
			(void)fputs(usable ? "\nusable\n" : "\nnot usable\n", cli->out);
		any = true;
		name = text_clean(json_text(c, "display_name"));
		(void)fprintf(cli->out, "%6lld  %s, until %s (%lld days left)\n", (long long)json_number(c, "id"),
			      name ? name : "?", when_date(json_text(c, "not_after"), day),
			      (long long)json_number(c, "days_left"));
		findings_print(cli, cli->out, args->verb, json_object_get(item, "findings"), "        ");
	}
	if (usable && !any)
		(void)fputs("\nnone is usable\n", cli->out);
}

int gateway_candidates(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	struct fields f = { cli, 8 };
	char path[API_PATH_MAX];
	int r = api_call(cli, args, "GET", api_gateway_path(path, args->positional[0], "/candidates"), NULL, &answer);

	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print(cli, answer);
		return CLI_DONE;
	}
	print_certificate(&f, "current", json_object_get(answer, "current"));
	print_candidates(cli, args, json_object_get(answer, "items"), true);
	print_candidates(cli, args, json_object_get(answer, "items"), false);
	return CLI_DONE;
}
