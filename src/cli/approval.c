/* approval list, grant, refuse. */
#include "cli/approval.h"

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/list.h"
#include "cli/when.h"

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

static int add_approval(struct table *t, const json_t *item)
{
	char id[CELL_NUMBER_MAX], expires[WHEN_TEXT_MAX];
	const char *cells[] = { cell_number(item, "id", id),
				json_text(item, "state"),
				json_text(item, "requested_by"),
				when_moment(json_text(item, "expires_at"), expires),
				json_has(item, "decided_by") ? json_text(item, "decided_by") : "-",
				json_text(item, "summary") };

	return table_add(t, -1, cells);
}

int approval_list(struct cli *cli, const struct args *args)
{
	static const struct column columns[] = { { "APPROVAL", COLUMN_RIGHT }, { "STATE", 0 },
						 { "REQUESTED BY", 0 },	       { "EXPIRES", 0 },
						 { "DECIDED BY", 0 },	       { "WHAT", COLUMN_CUT } };
	static const struct list approvals = { "no approvals", columns, ARRAY_N(columns), add_approval };

	return list_print_limited(cli, args, "/api/v1/approvals", APPROVALS_SHOWN, APPROVALS_MAX, &approvals);
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
