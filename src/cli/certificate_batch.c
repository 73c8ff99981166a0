/* certificate create --batch: a file with a certificate per line to one request, and its answer back to lines. */
#include "cli/approval.h"
#include "cli/certificate_batch.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/findings_print.h"
#include "cli/when.h"

#include "base/limits.h"
#include "base/rd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/api/v1/certificates/batch"

struct batch {
	struct cli *cli;
	const char *file;
	const json_t *base; /* what the options say, for lines that don't */
	json_t *certificates;
	size_t lines[LIMIT_ISSUE_BATCH_MAX]; /* where each stands in the file */
};

static const char *file_name(const struct batch *b)
{
	return strcmp(b->file, "-") == 0 ? "standard input" : b->file;
}

static int take_line(struct batch *b, struct bytes text, size_t line)
{
	json_error_t why;
	json_t *row;

	text = bytes_trim(text);
	if (text.n == 0 || text.p[0] == '#')
		return CLI_DONE;
	if (json_array_size(b->certificates) == LIMIT_ISSUE_BATCH_MAX) {
		cli_say_error(b->cli, "%s line %zu: want at most %d certificates at a time, got one more", file_name(b),
			      line, LIMIT_ISSUE_BATCH_MAX);
		return CLI_USAGE;
	}
	row = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(row)) {
		cli_say_error(b->cli, "%s line %zu: want a JSON object like {\"names\": \"gw.example.com\"}, got %s",
			      file_name(b), line, row ? "another value" : why.text);
		json_decref(row);
		return CLI_USAGE;
	}
	(void)json_object_update_missing(row, (json_t *)(uintptr_t)b->base);
	if (!json_has(row, "kind") && !json_has(row, "renews"))
		(void)json_object_set_new(row, "kind", json_string("end-entity"));
	b->lines[json_array_size(b->certificates)] = line;
	(void)json_array_append_new(b->certificates, row);
	return CLI_DONE;
}

static int take_file(struct batch *b)
{
	struct err e = { 0 };
	struct buf content;
	struct rd rest;
	int r = CLI_DONE;

	buf_init(&content, LIMIT_HTTP_BODY_MAX);
	if (files_read(b->file, &content, &e) < 0) {
		buf_fini(&content);
		return cli_fail(b->cli, CLI_FAILED, &e);
	}
	rest = rd_of(buf_bytes(&content));
	for (size_t line = 1; r == CLI_DONE && rest.rest.n > 0; line++) {
		bool found;

		r = take_line(b, rd_until(&rest, '\n', &found), line);
	}
	buf_fini(&content);
	if (r == CLI_DONE && json_array_size(b->certificates) == 0) {
		cli_say_error(b->cli, "%s: want a certificate on at least one line, got none", file_name(b));
		r = CLI_USAGE;
	}
	return r;
}

/* Each with the line that it is about. */
static void print_findings(const struct batch *b, const struct args *args, FILE *out, const json_t *findings)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		CLEANUP(json_freep) json_t *one = json_array();
		json_int_t item = json_number(finding, "item");
		char indent[48];

		if (item < 0 || item >= LIMIT_ISSUE_BATCH_MAX)
			continue;
		(void)snprintf(indent, sizeof(indent), "  line %zu: ", b->lines[item]);
		(void)json_array_append(one, (json_t *)(uintptr_t)finding);
		findings_print(b->cli, out, args->verb, one, indent);
	}
}

/* A sentence about one begins with its place in the list, as in "certificates[3]: ...". Returns the rest of it, or
 * NULL. */
static const char *sentence_about(const char *detail, size_t *ret_item)
{
	static const char before[] = "certificates[", after[] = "]: ";
	char *end = NULL;

	if (strncmp(detail, before, strlen(before)) != 0)
		return NULL;
	*ret_item = strtoul(detail + strlen(before), &end, 10);
	return strncmp(end, after, strlen(after)) == 0 ? end + strlen(after) : NULL;
}

static int report(const struct batch *b, const struct args *args, const struct api_reply *reply)
{
	size_t item = 0;
	const char *sentence = sentence_about(json_text(reply->json, "detail"), &item);

	if (b->cli->json || !sentence || item >= json_array_size(b->certificates))
		return api_report(b->cli, args, reply);
	cli_say_error(b->cli, "%s line %zu: %s; none was created", file_name(b), b->lines[item], sentence);
	print_findings(b, args, b->cli->err, json_object_get(reply->json, "findings"));
	return api_exit_of_status(reply->status);
}

static void print_created(const struct batch *b, const struct args *args, const json_t *answer)
{
	const json_t *item;
	char day[WHEN_TEXT_MAX];
	size_t i;

	if (args_has(args, OPT_DRY_RUN))
		cli_say(b->cli, "checked: %zu certificates would be created", json_array_size(b->certificates));
	json_array_foreach(json_object_get(answer, "items"), i, item)
		cli_say(b->cli, "created %lld '%s', until %s, %.16s", (long long)json_number(item, "id"),
			json_text(item, "display_name"), when_date(json_text(item, "not_after"), day),
			json_text(item, "fingerprint"));
	print_findings(b, args, b->cli->out, json_object_get(answer, "notes"));
}

static int ask(const struct batch *b, const struct args *args)
{
	struct api_reply reply = { 0, NULL };
	json_t *body = json_object();
	int r;

	(void)json_object_set(body, "certificates", b->certificates);
	if (args_has(args, OPT_DRY_RUN))
		(void)json_object_set_new(body, "dry_run", json_true());
	r = approval_add(b->cli, args, body);
	if (r != CLI_DONE) {
		json_decref(body);
		return r;
	}
	r = api_request(b->cli, "POST", PATH, body, &reply);
	if (r != CLI_DONE)
		return r;
	if (reply.status >= 300)
		r = report(b, args, &reply);
	else if (b->cli->json)
		json_print(b->cli, reply.json);
	if (reply.status < 300 && approval_waits(b->cli, reply.json))
		r = CLI_REFUSED;
	else if (reply.status < 300 && !b->cli->json)
		print_created(b, args, reply.json);
	api_reply_fini(&reply);
	return r;
}

int certificate_create_batch(struct cli *cli, const struct args *args, const json_t *base)
{
	struct batch b = { .cli = cli, .file = args_get(args, OPT_BATCH), .base = base, .certificates = json_array() };
	int r = take_file(&b);

	if (r == CLI_DONE)
		r = ask(&b, args);
	json_decref(b.certificates);
	return r;
}
