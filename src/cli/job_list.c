/* job list, show, watch, cancel, proof. */
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/job_follow.h"
#include "cli/job_progress.h"
#include "cli/list.h"
#include "cli/proof_read.h"
#include "cli/resolve.h"
#include "cli/when.h"

#include <string.h>

#define JOBS_SHOWN 20
#define JOBS_MAX 100000
#define DETAIL_WIDTH_MIN 100
#define FINISHED_WIDTH_MIN 150

static int add_job(struct table *t, const json_t *job)
{
	char id[CELL_NUMBER_MAX], certificate[CELL_NUMBER_MAX] = "", created[WHEN_TEXT_MAX], finished[WHEN_TEXT_MAX];
	const char *outcome = json_text(job, "outcome");
	const char *cells[] = { cell_number(job, "id", id),
				json_text(job, "kind"),
				json_text(job, "gateway"),
				certificate,
				json_text(job, "state"),
				outcome[0] ? outcome : "-",
				created,
				json_text(job, "detail"),
				finished };
	int row;

	if (json_has(job, "certificate"))
		(void)cell_number(job, "certificate", certificate);
	(void)when_moment(json_text(job, "created_at"), created);
	(void)when_moment(json_text(job, "finished_at"), finished);
	row = table_add(t, -1, cells);
	if (row >= 0 && outcome[0])
		table_colour(t, row, 5, strcmp(outcome, "confirmed") == 0 ? "green" : "red");
	return row;
}

/* How many of the last columns a narrow terminal has no room for; `job show` has them. */
static size_t left_out(const struct cli *cli)
{
	if (cli->width == 0 || cli->width >= FINISHED_WIDTH_MIN)
		return 0;
	return cli->width >= DETAIL_WIDTH_MIN ? 1 : 2;
}

int job_list(struct cli *cli, const struct args *args)
{
	static const struct column columns[] = {
		{ "JOB", COLUMN_RIGHT }, { "KIND", 0 },	   { "GATEWAY", 0 }, { "CERTIFICATE", COLUMN_RIGHT },
		{ "STATE", 0 },		 { "OUTCOME", 0 }, { "CREATED", 0 }, { "DETAIL", COLUMN_CUT },
		{ "FINISHED", 0 },
	};
	const struct list jobs = { "no jobs", columns, ARRAY_N(columns) - left_out(cli), add_job };
	const char *gateway = args_get(args, OPT_GATEWAY), *state = args_get(args, OPT_STATE);
	char word[400], other[200], path[API_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/api/v1/jobs%s%s%s%s", gateway ? "?gateway=" : "",
		       gateway ? api_encode(gateway, word, sizeof(word)) : "",
		       state ? gateway ? "&state=" : "?state=" : "",
		       state ? api_encode(state, other, sizeof(other)) : "");
	return list_print_limited(cli, args, path, JOBS_SHOWN, JOBS_MAX, &jobs);
}

static void print_moment(const struct fields *f, const char *name, const json_t *job, const char *member)
{
	char moment[WHEN_TEXT_MAX];

	if (json_has(job, member))
		field_print(f, name, "%s", when_moment(json_text(job, member), moment));
}

static void print_job(const struct cli *cli, const json_t *job)
{
	struct fields f = { cli, 12 };
	const json_t *step;
	size_t i;

	field_print(&f, "job", "%lld", (long long)json_number(job, "id"));
	field_print(&f, "kind", "%s", json_text(job, "kind"));
	field_print(&f, "gateway", "%s", json_text(job, "gateway"));
	if (json_has(job, "certificate"))
		field_print(&f, "certificate", "%lld", (long long)json_number(job, "certificate"));
	field_print(&f, "state", "%s", json_text(job, "state"));
	if (json_text(job, "outcome")[0])
		field_print(&f, "outcome", "%s", json_text(job, "outcome"));
	if (json_text(job, "detail")[0])
		field_print(&f, "detail", "%s", json_text(job, "detail"));
	print_moment(&f, "created", job, "created_at");
	print_moment(&f, "finished", job, "finished_at");
	if (!json_flag(job, "done"))
		print_moment(&f, "deadline", job, "deadline");
	if (json_text(job, "served_fingerprint")[0])
		field_print(&f, "served", "%s", json_text(job, "served_fingerprint"));
	field_print(&f, "proof", "%s", json_flag(job, "proof") ? "yes" : "no");
	if (json_array_size(json_object_get(job, "steps")) > 0)
		(void)fputc('\n', cli->out);
	json_array_foreach(json_object_get(job, "steps"), i, step)
		progress_print_step(cli, step, i > 0 ? json_array_get(json_object_get(job, "steps"), i - 1) : NULL);
}

/* GET or POST on a job, and the job that comes back. */
static int show(struct cli *cli, const struct args *args, const char *method, const char *tail)
{
	CLEANUP(json_freep) json_t *job = NULL;
	char path[API_PATH_MAX];
	json_int_t id = 0;
	int r = resolve_job(cli, args->positional[0], &id);

	if (r == CLI_DONE)
		r = api_call(cli, args, method, api_job_path(path, id, tail), method[0] == 'P' ? json_object() : NULL,
			     &job);
	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print(cli, job);
	else
		print_job(cli, job);
	return CLI_DONE;
}

int job_show(struct cli *cli, const struct args *args)
{
	return show(cli, args, "GET", "");
}

int job_cancel(struct cli *cli, const struct args *args)
{
	return show(cli, args, "POST", "/cancel");
}

int job_watch(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *job = NULL;
	struct job_follow how = { .cli = cli, .args = args, .quiet = cli->json, .lines = cli->json };
	int r = resolve_job(cli, args->positional[0], &how.id);

	return r == CLI_DONE ? job_follow(&how, &job) : r;
}

/* The bytes that 'proof verify' wants, to the file or standard output. */
static int write_proof(const struct cli *cli, const struct args *args, struct bytes file, struct err *e)
{
	const char *out = args_get(args, OPT_OUT);

	if (out && strcmp(out, "-") != 0) {
		int r = files_write(out, file, args_has(args, OPT_OVERWRITE), e);

		if (r == 0)
			cli_note(cli, "written: %s", out);
		return r;
	}
	if (fwrite(file.p, 1, file.n, cli->out) != file.n)
		return err_errno(e, "write standard output");
	return 0;
}

int job_proof(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *proof = NULL;
	char path[API_PATH_MAX];
	struct err e = { 0 };
	struct buf file;
	json_int_t id = 0;
	int r = resolve_job(cli, args->positional[0], &id);

	if (r == CLI_DONE)
		r = api_call(cli, args, "GET", api_job_path(path, id, "/proof"), NULL, &proof);
	if (r != CLI_DONE)
		return r;
	buf_init(&file, PROOF_FILE_MAX);
	r = proof_to_file(proof, &file, &e);
	if (r == 0)
		r = write_proof(cli, args, buf_bytes(&file), &e);
	buf_fini(&file);
	return r < 0 ? cli_fail(cli, CLI_FAILED, &e) : CLI_DONE;
}
