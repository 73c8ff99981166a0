/* target list, health. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/output/table.h"

#include <string.h>

static void print_target(const struct cli *cli, const json_t *target)
{
	const json_t *param;
	struct fields f = { cli, 22 };
	char name[80];
	size_t i;

	cli_say(cli, "%s: %s", json_text(target, "name"), json_text(target, "title"));
	json_array_foreach(json_object_get(target, "params"), i, param)
	{
		const char *fallback = json_text(param, "default");

		(void)snprintf(name, sizeof(name), "  %.60s", json_text(param, "name"));
		field_print(&f, name, "%s%s%s%s", json_text(param, "meaning"), fallback[0] ? " (default " : "",
			    fallback, fallback[0] ? ")" : "");
	}
}

int target_list(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *items = NULL;
	const json_t *target;
	size_t i;
	int r = api_list(cli, args, "/api/v1/targets", 0, &items);

	if (r != CLI_DONE)
		return r;
	if (cli->json) {
		json_print_list(cli, items);
		return CLI_DONE;
	}
	json_array_foreach(items, i, target) print_target(cli, target);
	return CLI_DONE;
}

int health(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	struct fields f = { cli, 12 };
	const char *name;
	json_t *state, *console;
	int r = api_call(cli, args, "GET", "/api/v1/health", NULL, &answer);

	if (r != CLI_DONE)
		return r;
	console = json_object_get(answer, "console");
	if (cli->json) {
		json_print(cli, answer);
	} else {
		field_print(&f, "status", "%s", json_text(answer, "status"));
		field_print(&f, "version", "%s", json_text(answer, "version"));
		json_object_foreach(json_object_get(answer, "processes"), name, state)
			field_print(&f, name, "%s", json_is_string(state) ? json_string_value(state) : "?");
		field_print(&f, "console", "%s%s%s", json_text(console, "state"),
			    json_text(console, "error")[0] ? ": " : "", json_text(console, "error"));
	}
	return strcmp(json_text(answer, "status"), "ok") == 0 ? CLI_DONE : CLI_FAILED;
}
