/* audit verify: by gatewrightd, or of an exported file without asking anybody. */
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/proof_read.h"
#include "cli/resolve.h"
#include "codec/hex.h"
#include "sys/crypto/audit_crypto.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define FILE_MAX ((size_t)1024 * 1024 * 1024)
#define PROBLEMS_SHOWN 100

/* ---- what came out ---- */

static int print_verdict(const struct cli *cli, const json_t *v)
{
	const json_t *problem;
	size_t i;

	if (cli->json) {
		json_print(cli, v);
		return json_flag(v, "ok") ? CLI_DONE : CLI_REFUSED;
	}
	json_array_foreach(json_object_get(v, "problems"), i, problem)
		cli_say(cli, "BAD:  %s", json_text(problem, "what"));
	cli_say(cli,
		"%lld events, %lld signed heads; %lld events stand behind the last head and could be cut off unseen",
		(long long)json_number(v, "events"), (long long)json_number(v, "heads"),
		(long long)json_number(v, "unsigned"));
	cli_say(cli, "%s", json_flag(v, "ok") ? "the audit log is whole" : "the audit log is NOT WHOLE");
	return json_flag(v, "ok") ? CLI_DONE : CLI_REFUSED;
}

static int verify_online(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	int r;

	if (args_has(args, OPT_PROOF_KEY_FILE) || args_has(args, OPT_FINGERPRINT)) {
		cli_say_error(cli, "a key is pinned for a FILE only: gatewrightd asks the one that has it");
		return CLI_USAGE;
	}
	r = api_call(cli, args, "POST", "/api/v1/audit-verification", json_object(), &answer);
	return r == CLI_DONE ? print_verdict(cli, answer) : r;
}

/* ---- a file ---- */

static void add_problem(void *context, int64_t n, const char *what)
{
	json_t *list = context;

	if (json_array_size(list) < PROBLEMS_SHOWN)
		(void)json_array_append_new(list, json_pack("{s:I, s:s}", "n", (json_int_t)n, "what", what));
}

static int pin_key(const struct args *args, struct audit_check *check, struct err *e)
{
	const char *file = args_get(args, OPT_PROOF_KEY_FILE);
	struct buf text;
	int r;

	if (!file)
		return 0;
	buf_init(&text, 65536);
	r = files_read(file, &text, e);
	if (r == 0)
		r = proof_key_read(buf_bytes(&text), check->key, e);
	buf_fini(&text);
	check->has_key = r == 0;
	return r;
}

/* All heads are of one key: is it the one whose fingerprint was given? */
static int check_fingerprint(const struct args *args, struct audit_check *check, struct err *e)
{
	const char *print = args_get(args, OPT_FINGERPRINT);
	uint8_t thumbprint[32];
	char hex[65], wanted[65];

	if (!print)
		return 0;
	if (!resolve_prefix(print, wanted) || strlen(wanted) != 64)
		return err_set(e, -EINVAL, "option '--fingerprint': want 64 hexadecimal digits, got '%s'", print);
	proof_key_thumbprint(check->key, thumbprint);
	(void)hex_encode(bytes_of(thumbprint, sizeof(thumbprint)), hex);
	if (!check->has_key || strcmp(hex, wanted) != 0) {
		check->problems++;
		add_problem(check->context, 0, "no head is signed by the key with this fingerprint");
	}
	return 0;
}

static void check_lines(struct audit_check *check, struct bytes lines)
{
	while (lines.n > 0) {
		const uint8_t *end = memchr(lines.p, '\n', lines.n);
		size_t length = end ? (size_t)(end - lines.p) : lines.n;

		audit_check_line(check, bytes_of(lines.p, length));
		length += end != NULL;
		lines = bytes_of(lines.p + length, lines.n - length);
	}
	audit_check_end(check);
}

static int verify_file(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *problems = json_array();
	CLEANUP(json_freep) json_t *verdict = NULL;
	struct audit_check check = {
		.hash = audit_sha256, .verify = audit_verify_signature, .problem = add_problem, .context = problems
	};
	bool pinned = args_has(args, OPT_PROOF_KEY_FILE) || args_has(args, OPT_FINGERPRINT);
	struct err e = { 0 };
	struct buf file;
	int r = pin_key(args, &check, &e);

	buf_init(&file, FILE_MAX);
	if (r == 0)
		r = files_read(args->positional[0], &file, &e);
	if (r == 0) {
		check_lines(&check, buf_bytes(&file));
		r = check_fingerprint(args, &check, &e);
	}
	buf_fini(&file);
	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	verdict = json_pack("{s:b, s:I, s:I, s:I, s:b, s:O}", "ok", check.problems == 0, "events",
			    (json_int_t)check.events, "heads", (json_int_t)check.heads, "unsigned",
			    (json_int_t)audit_check_unsigned(&check), "pinned", pinned, "problems", problems);
	r = print_verdict(cli, verdict);
	if (!pinned && !cli->json)
		cli_say(cli,
			"note: nothing says whose key signed the heads: compare with 'gatewright proof key', or give "
			"--fingerprint or --key-file");
	return r;
}

int audit_verify(struct cli *cli, const struct args *args)
{
	if (args->positional_n == 0)
		return verify_online(cli, args);
	if (sodium_init() < 0) {
		cli_say_error(cli, "libsodium can't be set up");
		return CLI_FAILED;
	}
	return verify_file(cli, args);
}
