/* approval list, grant, refuse. */
#include "cli/approval.h"

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/when.h"
#include "cli/output/table.h"

#include <limits.h>

#define APPROVALS_SHOWN 20
#define APPROVALS_MAX 100000

int approval_add(const struct cli *cli, const struct args *args, json_t *body)
{
	struct err e = { 0 };
	long number = 0;

	if (!args_has(args, OPT_APPROVAL))
		return CLI_DONE;
	if (args_number(args, OPT_APPROVAL, 1, LONG_MAX, &number, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	(void)json_object_set_new(body, "approval", json_integer(number));
	return CLI_DONE;
}

bool approval_waits(const struct cli *cli, const json_t *answer)
{
	const json_t *approval = json_object_get(answer, "approval");

	if (!approval)
		return false;
	cli_say_error(cli, "another administrator must approve this first: approval %lld waits",
		      (long long)json_number(approval, "id"));
	cli_note(cli, "When it is granted, repeat the command with '--approval %lld'.",
		 (long long)json_number(approval, "id"));
	return true;
}

static int print_approvals(const struct cli *cli, const json_t *items, struct err *e)
{
	static const struct column columns[] = { { "APPROVAL", COLUMN_RIGHT }, { "STATE", 0 },
						 { "REQUESTED BY", 0 },	       { "EXPIRES", 0 },
						 { "DECIDED BY", 0 },	       { "WHAT", COLUMN_CUT } };
	CLEANUP(table_freep) struct table *t = table_new(cli, columns, ARRAY_N(columns));
	const json_t *item;
	size_t i;

	if (!t)
		return err_nomem(e);
	json_array_foreach(items, i, item)
	{
		char id[32], expires[WHEN_TEXT_MAX];
		const char *cells[] = { id,
					json_text(item, "state"),
					json_text(item, "requested_by"),
					when_moment(json_text(item, "expires_at"), expires),
					json_has(item, "decided_by") ? json_text(item, "decided_by") : "-",
					json_text(item, "summary") };

		(void)snprintf(id, sizeof(id), "%lld", (long long)json_number(item, "id"));
		if (table_add(t, -1, cells) < 0)
			return err_nomem(e);
	}
	return table_print(t, e);
}

int approval_list(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *items = NULL;
	long limit = APPROVALS_SHOWN;
	struct err e = { 0 };
	int r;

	if (args_number(args, OPT_LIMIT, 1, APPROVALS_MAX, &limit, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	r = api_list(cli, args, "/api/v1/approvals", (size_t)limit, &items);
	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print_list(cli, items);
	else if (json_array_size(items) == 0)
		cli_note(cli, "no approvals");
	else if (print_approvals(cli, items, &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	return CLI_DONE;
}

static int decide(struct cli *cli, const struct args *args, const char *tail)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	char path[API_PATH_MAX];
	long id = 0;
	int r;

	if (!args_parse_number(args->positional[0], 1, LONG_MAX, &id)) {
		cli_say_error(cli, "want the number of an approval, got '%s'", args->positional[0]);
		return CLI_USAGE;
	}
	(void)snprintf(path, sizeof(path), "/api/v1/approvals/%ld%s", id, tail);
	r = api_call(cli, args, "POST", path, json_object(), &answer);
	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print(cli, answer);
	else
		cli_note(cli, "approval %ld is %s: %s", id, json_text(answer, "state"), json_text(answer, "summary"));
	return CLI_DONE;
}

int approval_grant(struct cli *cli, const struct args *args)
{
	return decide(cli, args, "/grant");
}

int approval_refuse(struct cli *cli, const struct args *args)
{
	return decide(cli, args, "/refuse");
}
