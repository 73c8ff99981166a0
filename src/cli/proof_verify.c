/* proof verify, key. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/proof_check.h"
#include "cli/proof_read.h"
#include "cli/resolve.h"
#include "codec/hex.h"
#include "cli/output/table.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Is the key the one that was pinned? 0, or -EINVAL with the sentence; *ret_pinned: something was pinned. */
static int check_pin(const struct args *args, const struct proof_doc *d, bool *ret_pinned, struct err *e)
{
	const char *file = args_get(args, OPT_PROOF_KEY_FILE), *print = args_get(args, OPT_FINGERPRINT);
	char hex[65], wanted[65];
	uint8_t key[32];
	struct buf text;
	int r = 0;

	*ret_pinned = file || print;
	(void)hex_encode(bytes_of(d->thumbprint, 32), hex);
	if (print && (!resolve_prefix(print, wanted) || strlen(wanted) != 64))
		return err_set(e, -EINVAL, "option '--fingerprint': want 64 hexadecimal digits, got '%s'", print);
	if (print && strcmp(wanted, hex) != 0)
		return err_set(e, -EINVAL, "the proof is signed with another key: want fingerprint %s, got %s", wanted,
			       hex);
	if (!file)
		return 0;
	buf_init(&text, 65536);
	r = files_read(file, &text, e);
	if (r == 0)
		r = proof_key_read(buf_bytes(&text), key, e);
	buf_fini(&text);
	if (r == 0 && memcmp(key, d->key, 32) != 0)
		return err_set(e, -EINVAL, "the proof is signed with another key than the one in '%s'", file);
	return r;
}

static void print_side(const struct fields *f, const char *name, const json_t *side)
{
	if (json_has(side, "fingerprint"))
		field_print(f, name, "%s  '%s', until %s", json_text(side, "fingerprint"),
			    json_text(side, "display_name"), json_text(side, "not_after"));
	else
		field_print(f, name, "none was in use");
}

static void print_verdict(const struct cli *cli, const json_t *p, const struct proof_verdict *v)
{
	struct fields f = { cli, 12 };

	field_print(&f, "gateway", "%s (%s)", json_text(p, "gateway"), json_text(p, "target"));
	field_print(&f, "job", "%lld", (long long)json_number(p, "job"));
	field_print(&f, "made at", "%s", json_text(p, "made_at"));
	field_print(&f, "result", "%s", json_text(p, "result"));
	print_side(&f, "old", json_object_get(p, "old"));
	print_side(&f, "new", json_object_get(p, "new"));
	(void)fputc('\n', cli->out);
	for (size_t i = 0; i < v->n; i++)
		cli_say(cli, "%s %s", v->lines[i].good ? "good:" : "BAD: ", v->lines[i].text);
}

static void print_json(const struct cli *cli, const struct proof_doc *d, const struct proof_verdict *v, bool pinned)
{
	json_t *checks = json_array(), *all;
	char hex[65];

	for (size_t i = 0; i < v->n; i++)
		(void)json_array_append_new(
			checks, json_pack("{s:b, s:s}", "good", v->lines[i].good, "text", v->lines[i].text));
	all = json_pack("{s:b, s:s, s:b, s:o, s:O}", "valid", !v->bad, "fingerprint",
			hex_encode(bytes_of(d->thumbprint, 32), hex), "pinned", pinned, "checks", checks, "proof",
			d->payload);
	if (all)
		json_print(cli, all);
	json_decref(all);
}

static int verdict(const struct cli *cli, const struct proof_doc *d, bool pinned)
{
	CLEANUP(util_freep) struct proof_verdict *v = calloc(1, sizeof(*v));
	char hex[65];
	struct err e = { 0 };

	if (!v || proof_check(d->payload, v, &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	if (cli->json) {
		print_json(cli, d, v, pinned);
	} else {
		print_verdict(cli, d->payload, v);
		cli_say(cli, "good: the signature is of the key %s", hex_encode(bytes_of(d->thumbprint, 32), hex));
		if (!pinned)
			cli_say(cli,
				"note: nothing says whose key that is: compare with 'gatewright proof key', or give "
				"--fingerprint or --key-file");
		cli_say(cli, "%s", v->bad ? "the proof is NOT VALID" : "the proof is valid");
	}
	return v->bad ? CLI_REFUSED : CLI_DONE;
}

int proof_verify(struct cli *cli, const struct args *args)
{
	struct proof_doc d = { .payload = NULL };
	struct err e = { 0 };
	struct buf file;
	bool pinned = false;
	int r;

	if (sodium_init() < 0) {
		cli_say_error(cli, "libsodium can't be set up");
		return CLI_FAILED;
	}
	buf_init(&file, PROOF_FILE_MAX);
	r = files_read(args->positional[0], &file, &e);
	if (r < 0) {
		buf_fini(&file);
		return cli_fail(cli, CLI_FAILED, &e);
	}
	r = proof_read(buf_bytes(&file), &d, &e);
	buf_fini(&file);
	if (r == 0)
		r = check_pin(args, &d, &pinned, &e);
	r = r < 0 ? cli_fail(cli, CLI_REFUSED, &e) : verdict(cli, &d, pinned);
	proof_doc_fini(&d);
	return r;
}

int proof_key(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	CLEANUP(util_freep) char *text = NULL;
	const char *out = args_get(args, OPT_OUT);
	struct err e = { 0 };
	struct fields f = { cli, 12 };
	int r = api_call(cli, args, "GET", "/api/v1/proof-key", NULL, &answer);

	if (r != CLI_DONE)
		return r;
	if (out && strcmp(out, "-") != 0) {
		text = json_dumps(answer, JSON_INDENT(2));
		if (!text || files_write(out, bytes_of_str(text), args_has(args, OPT_OVERWRITE), &e) < 0)
			return cli_fail(cli, CLI_FAILED, &e);
		cli_note(cli, "written: %s", out);
	} else if (cli->json || out) {
		json_print(cli, answer);
	} else {
		field_print(&f, "fingerprint", "%s", json_text(answer, "fingerprint"));
		field_print(&f, "key", "%s", json_text(json_object_get(answer, "jwk"), "x"));
	}
	return CLI_DONE;
}
