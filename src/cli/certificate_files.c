/* certificate export, import: what goes to files and comes from them. */
#include "cli/approval.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/findings_print.h"
#include "cli/resolve.h"
#include "cli/when.h"
#include "codec/base64.h"

#include <errno.h>
#include <string.h>

#define IMPORT_MAX ((size_t)LIMIT_IMPORT_FILE_MAX)
#define EXPORT_MAX (16u * 1024 * 1024)

static const struct ask_secret new_passphrase = { OPT_PASSPHRASE_FD, OPT_PASSPHRASE_STDIN,
						  "New passphrase of the keystore: ", true, "passphrase" };
static const struct ask_secret old_passphrase = { OPT_PASSPHRASE_FD, OPT_PASSPHRASE_STDIN,
						  "Passphrase of the file: ", false, "passphrase" };

static bool is_keystore(const struct args *args)
{
	const char *format = args_get(args, OPT_FORMAT);

	return format && strcmp(format, "keystore") == 0;
}

/* Before anything is asked or made: does the output make sense? */
static int check_output(const struct cli *cli, const struct args *args)
{
	const char *out = args_get(args, OPT_OUT);
	bool to_standard = !out || strcmp(out, "-") == 0;
	bool passphrase = args_has(args, OPT_PASSPHRASE_FD) || args_has(args, OPT_PASSPHRASE_STDIN);

	if (is_keystore(args) && !out)
		cli_say_error(cli, "a keystore goes to a file: want '--out FILE'");
	else if (is_keystore(args) && to_standard && cli->out_is_terminal)
		cli_say_error(cli, "a keystore is binary and not written to a terminal: want '--out FILE'");
	else if (is_keystore(args) && cli->json)
		cli_say_error(cli, "a keystore is written to a file, want no '--json'");
	else if (!is_keystore(args) && passphrase)
		cli_say_error(cli, "a passphrase is only for '--format keystore'");
	else
		return CLI_DONE;
	return CLI_USAGE;
}

static int decode(const json_t *answer, bool keystore, struct buf *out, struct err *e)
{
	const char *data = json_text(answer, "data");

	if (!data[0])
		return err_set(e, -EPROTO, "gatewrightd answers an export without data");
	if (!keystore)
		buf_add_str(out, data);
	else if (!base64_decode(bytes_of_str(data), out))
		return err_set(e, -EPROTO, "gatewrightd answers an export: want base64, got something else");
	return buf_bad(out) ? err_nomem(e) : 0;
}

static int write_out(const struct cli *cli, const char *out, struct bytes content, bool overwrite, struct err *e)
{
	if (out && strcmp(out, "-") != 0)
		return files_write(out, content, overwrite, e);
	if (fwrite(content.p, 1, content.n, cli->out) != content.n || fflush(cli->out) != 0)
		return err_errno(e, "write standard output");
	return 0;
}

static int save(const struct cli *cli, const struct args *args, const json_t *answer)
{
	const char *out = args_get(args, OPT_OUT);
	struct err e = { 0 };
	struct buf content;
	int r;

	if (cli->json && !out) {
		json_print(cli, answer);
		return CLI_DONE;
	}
	buf_init(&content, EXPORT_MAX);
	r = decode(answer, is_keystore(args), &content, &e);
	if (r == 0)
		r = write_out(cli, out, buf_bytes(&content), args_has(args, OPT_OVERWRITE), &e);
	buf_wipe(&content);
	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	if (out && strcmp(out, "-") != 0)
		cli_note(cli, "written: %s", out);
	return CLI_DONE;
}

int certificate_export(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *answer = NULL;
	CLEANUP(secret_freep) struct secret *passphrase = NULL;
	const char *format = args_get(args, OPT_FORMAT);
	char path[API_PATH_MAX];
	json_int_t id = 0;
	int r = check_output(cli, args);

	if (r == CLI_DONE)
		r = resolve_certificate(cli, args, args->positional[0], &id);
	(void)json_object_set_new(body, "format", json_string(format ? format : "pem"));
	if (r == CLI_DONE && is_keystore(args))
		r = ask_secret(cli, args, &new_passphrase, &passphrase);
	if (r == CLI_DONE && passphrase)
		r = ask_secret_to_json(cli, passphrase, "passphrase", body, "passphrase");
	if (r == CLI_DONE)
		r = approval_add(cli, args, body);
	if (r == CLI_DONE)
		r = api_call(cli, args, "POST", api_certificate_path(path, id, "/export"), TAKE(body), &answer);
	if (r == CLI_DONE && approval_waits(cli, answer))
		return CLI_REFUSED;
	return r == CLI_DONE ? save(cli, args, answer) : r;
}

/* The request for one file, without a passphrase. */
static int import_body(const struct cli *cli, const struct args *args, const char *file, json_t *body)
{
	struct buf content, text;
	struct err e = { 0 };
	json_t *data = NULL;
	int r;

	buf_init(&content, IMPORT_MAX);
	buf_init(&text, 2 * IMPORT_MAX);
	r = files_read(file, &content, &e);
	if (r == 0) {
		base64_encode(buf_bytes(&content), &text);
		data = buf_bad(&text) ? NULL : json_stringn((const char *)text.p, text.n);
		r = json_object_set_new(body, "data", data) < 0 ? err_nomem(&e) : 0;
	}
	buf_wipe(&content);
	buf_wipe(&text);
	if (args_has(args, OPT_DRY_RUN))
		(void)json_object_set_new(body, "dry_run", json_true());
	return r < 0 ? cli_fail(cli, CLI_FAILED, &e) : approval_add(cli, args, body);
}

static int try_import(struct cli *cli, json_t *body, const struct secret *passphrase, struct api_reply *ret)
{
	CLEANUP(json_freep) json_t *sent = json_object();
	int r = json_object_update(sent, body) < 0 ? CLI_FAILED : CLI_DONE;

	if (r == CLI_DONE && passphrase)
		r = ask_secret_to_json(cli, passphrase, "passphrase", sent, "passphrase");
	return r == CLI_DONE ? api_request(cli, "POST", "/api/v1/certificates/import", TAKE(sent), ret) : r;
}

/* Does the problem say that a passphrase is missing? */
static bool wants_passphrase(const struct api_reply *reply)
{
	return reply->status >= 400 && reply->status <= 499 &&
	       (findings_json_about(json_object_get(reply->json, "findings"), "passphrase") ||
		strstr(json_text(reply->json, "detail"), "passphrase"));
}

static void print_imported(const struct cli *cli, const json_t *answer, bool dry_run)
{
	const json_t *item;
	char day[WHEN_TEXT_MAX];
	size_t i;

	json_array_foreach(json_object_get(answer, "imported"), i, item) cli_note(
		cli, "%s %s '%s', until %s%s, %.16s", dry_run ? "would import" : "imported", json_text(item, "kind"),
		json_text(item, "display_name"), when_date(json_text(item, "not_after"), day),
		json_flag(item, "has_key") ? ", with its key" : "", json_text(item, "fingerprint"));
	json_array_foreach(json_object_get(answer, "skipped"), i, item)
		cli_note(cli, "skipped %.16s: %s", json_text(item, "fingerprint"), json_text(item, "reason"));
	if (dry_run && json_has(answer, "would_import"))
		cli_note(cli, "would import %lld certificates", (long long)json_number(answer, "would_import"));
	findings_print(cli, cli->err, NULL, json_object_get(answer, "notes"), "");
}

/* Ask gatewrightd; when it wants a passphrase that was not given, ask for it and once more. */
static int import_one(struct cli *cli, const struct args *args, const char *file, struct secret **passphrase)
{
	CLEANUP(json_freep) json_t *body = json_object();
	struct api_reply reply = { 0, NULL };
	int r = import_body(cli, args, file, body);

	if (r == CLI_DONE)
		r = try_import(cli, body, *passphrase, &reply);
	if (r == CLI_DONE && wants_passphrase(&reply) && !*passphrase && cli->can_ask) {
		api_reply_fini(&reply);
		r = ask_secret(cli, args, &old_passphrase, passphrase);
		if (r == CLI_DONE)
			r = try_import(cli, body, *passphrase, &reply);
	}
	if (r != CLI_DONE)
		return r;
	if (reply.status >= 300) {
		r = api_report(cli, args, &reply);
		if (wants_passphrase(&reply)) {
			r = CLI_REFUSED;
			if (!*passphrase)
				cli_note(cli, "want '--passphrase-fd' or '--passphrase-stdin'");
		}
	} else if (approval_waits(cli, reply.json)) {
		r = CLI_REFUSED;
	} else if (cli->json) {
		json_print(cli, reply.json);
	} else {
		print_imported(cli, reply.json, args_has(args, OPT_DRY_RUN));
	}
	api_reply_fini(&reply);
	return r;
}

int certificate_import(struct cli *cli, const struct args *args)
{
	CLEANUP(secret_freep) struct secret *passphrase = NULL;
	bool given = args_has(args, OPT_PASSPHRASE_FD) || args_has(args, OPT_PASSPHRASE_STDIN);
	int r = CLI_DONE;

	if (args_has(args, OPT_APPROVAL) && args->positional_n > 1) {
		cli_say_error(cli, "an approval is for one file: want one, got %zu", args->positional_n);
		return CLI_USAGE;
	}
	if (given && args_has(args, OPT_PASSPHRASE_STDIN) && strcmp(args->positional[0], "-") == 0) {
		cli_say_error(cli, "standard input can't be the file and the passphrase: want '--passphrase-fd'");
		return CLI_USAGE;
	}
	if (given)
		r = ask_secret(cli, args, &old_passphrase, &passphrase);
	for (size_t i = 0; i < args->positional_n && r == CLI_DONE; i++) {
		r = import_one(cli, args, args->positional[i], &passphrase);
		/* What was asked for one file is not tried on the next. */
		if (!given)
			secret_free(TAKE(passphrase));
	}
	return r;
}
