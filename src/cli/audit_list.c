/* audit list, export. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/list.h"
#include "cli/when.h"
#include "core/audit/audit.h"

#include <errno.h>
#include <string.h>

#define EVENTS_SHOWN 20
#define EVENTS_MAX 1000000
#define EXPORT_MAX ((size_t)1024 * 1024 * 1024)

/* ---- list ---- */

static int add_filter(char path[API_PATH_MAX], const char *name, const char *value)
{
	size_t n = strlen(path);
	char word[400];

	(void)snprintf(path + n, API_PATH_MAX - n, "%c%s=%s", strchr(path, '?') ? '&' : '?', name,
		       api_encode(value, word, sizeof(word)));
	return CLI_DONE;
}

/* A day to the first second of it, where the operator is. */
static int add_day(const struct cli *cli, const struct args *args, enum opt o, char path[API_PATH_MAX])
{
	const char *day = args_get(args, o);
	char text[TIME_TEXT_MAX];
	struct wall_time at;
	struct err e = { 0 };

	if (!day)
		return CLI_DONE;
	if (when_start_of_day(day, &at, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	return add_filter(path, option_rows[o].name, time_format(at, text));
}

static int list_path(const struct cli *cli, const struct args *args, char path[API_PATH_MAX])
{
	static const enum opt filters[] = { OPT_ACTOR, OPT_ACTION, OPT_OBJECT, OPT_OUTCOME };
	int r;

	(void)snprintf(path, API_PATH_MAX, "/api/v1/audit-events");
	for (size_t i = 0; i < ARRAY_N(filters); i++)
		if (args_has(args, filters[i]))
			(void)add_filter(path, option_rows[filters[i]].name, args_get(args, filters[i]));
	r = add_day(cli, args, OPT_AFTER, path);
	return r == CLI_DONE ? add_day(cli, args, OPT_BEFORE, path) : r;
}

static int add_event(struct table *t, const json_t *item)
{
	char n[CELL_NUMBER_MAX], at[WHEN_TEXT_MAX];
	const char *cells[] = { cell_number(item, "n", n), when_moment(json_text(item, "at"), at),
				json_text(item, "actor"),  json_text(item, "action"),
				json_text(item, "object"), json_text(item, "outcome"),
				json_text(item, "detail") };
	int row = table_add(t, -1, cells);

	if (row >= 0 && strcmp(cells[5], "done") != 0)
		table_colour(t, row, 5, "yellow");
	return row;
}

int audit_list(struct cli *cli, const struct args *args)
{
	static const struct column columns[] = { { "EVENT", COLUMN_RIGHT }, { "AT", 0 },
						 { "ACTOR", COLUMN_CUT },   { "ACTION", 0 },
						 { "OBJECT", COLUMN_CUT },  { "OUTCOME", 0 },
						 { "DETAIL", COLUMN_CUT } };
	static const struct list events = { "no events", columns, ARRAY_N(columns), add_event };
	char path[API_PATH_MAX];
	int r = list_path(cli, args, path);

	return r == CLI_DONE ? list_print_limited(cli, args, path, EVENTS_SHOWN, EVENTS_MAX, &events) : r;
}

/* ---- export ---- */

/* The number of the last event in the lines; 0: there is none. */
static int64_t last_event(struct bytes lines)
{
	int64_t last = 0, n;

	while (lines.n > 0) {
		const uint8_t *end = memchr(lines.p, '\n', lines.n);
		size_t length = end ? (size_t)(end - lines.p) : lines.n;

		if (audit_text_number(bytes_of(lines.p, length), &n))
			last = n;
		length += end != NULL;
		lines = bytes_of(lines.p + length, lines.n - length);
	}
	return last;
}

/* One answer: what is there from event `from` on, as much as the daemon gives at a time. */
static int ask(struct cli *cli, const struct args *args, int64_t from, struct http_answer *answer)
{
	struct api_reply reply = { 0, NULL };
	char path[API_PATH_MAX];
	struct err e = { 0 };
	int r;

	(void)snprintf(path, sizeof(path), "/api/v1/audit-export?from=%lld", (long long)from);
	r = http_client_call(cli->http, "GET", path, BYTES_NONE, answer, &e);
	if (r < 0)
		return cli_fail(cli, http_client_unreachable(r) ? CLI_UNREACHABLE : CLI_FAILED, &e);
	if (answer->status == 200)
		return CLI_DONE;
	reply.status = answer->status;
	reply.json = json_loadb((const char *)answer->body.p, answer->body.n, JSON_REJECT_DUPLICATES, NULL);
	r = api_report(cli, args, &reply);
	api_reply_fini(&reply);
	return r;
}

static int export_all(struct cli *cli, const struct args *args, struct buf *file)
{
	int64_t from = 1, last = 1;
	int r = api_open(cli);

	while (r == CLI_DONE && last > 0) {
		struct http_answer answer;

		http_answer_init(&answer);
		r = ask(cli, args, from, &answer);
		last = r == CLI_DONE ? last_event(buf_bytes(&answer.body)) : 0;
		from = last + 1;
		if (r == CLI_DONE && file)
			buf_add(file, buf_bytes(&answer.body));
		else if (r == CLI_DONE && fwrite(answer.body.p ? answer.body.p : (const uint8_t *)"", 1, answer.body.n,
						 cli->out) != answer.body.n)
			r = CLI_FAILED;
		http_answer_fini(&answer);
	}
	return r;
}

int audit_export(struct cli *cli, const struct args *args)
{
	const char *out = args_get(args, OPT_OUT);
	struct err e = { 0 };
	struct buf file;
	int r;

	if (!out || strcmp(out, "-") == 0)
		return export_all(cli, args, NULL);
	buf_init(&file, EXPORT_MAX);
	r = export_all(cli, args, &file);
	if (r == CLI_DONE && buf_bad(&file))
		(void)err_set(&e, -E2BIG, "the log is larger than %zu MiB: export it to standard output",
			      EXPORT_MAX / 1024 / 1024);
	if (r == CLI_DONE &&
	    (buf_bad(&file) || files_write(out, buf_bytes(&file), args_has(args, OPT_OVERWRITE), &e) < 0))
		r = cli_fail(cli, CLI_FAILED, &e);
	else if (r == CLI_DONE)
		cli_note(cli, "written: %s", out);
	buf_fini(&file);
	return r;
}
