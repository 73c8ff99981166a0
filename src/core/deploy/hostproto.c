#include "core/deploy/hostproto.h"

#include "base/rd.h"
#include "codec/hex.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

static const struct failure_row {
	const char *word;
	int code;
} failures[HF_N] = {
	[HF_BAD_REQUEST] = { "bad-request", -EPROTO },
	[HF_BUSY] = { "busy", -EBUSY },
	[HF_NO_SPACE] = { "no-space", -ENOSPC },
	[HF_READ_ONLY] = { "read-only", -EROFS },
	[HF_MISSING] = { "missing", -ENOENT },
	[HF_EXISTS] = { "exists", -EEXIST },
	[HF_MISMATCH] = { "mismatch", -EINVAL },
	[HF_TEST_FAILED] = { "test-failed", -EINVAL },
	[HF_RELOAD_FAILED] = { "reload-failed", -EIO },
	[HF_NOT_RUNNING] = { "not-running", -ESRCH },
	[HF_NOT_PENDING] = { "not-pending", -ENOENT },
	[HF_INCOMPATIBLE] = { "incompatible", -EINVAL },
	[HF_IO] = { "io", -EIO },
};

static const char *const host_kinds[HOST_KIND_N] = { [HOST_KIND_SCRIPT] = "script", [HOST_KIND_GATE] = "gate" };

const char *host_kind_word(enum host_kind k)
{
	return host_kinds[k];
}

const char *host_failure_word(enum host_failure f)
{
	return failures[f].word;
}

int host_failure_code(enum host_failure f)
{
	return failures[f].code;
}

bool host_failure_from_word(struct bytes word, enum host_failure *ret)
{
	for (size_t i = 0; i < HF_N; i++) {
		if (bytes_equal_str(word, failures[i].word)) {
			*ret = (enum host_failure)i;
			return true;
		}
	}
	return false;
}

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool hostproto_is_word(struct bytes word)
{
	if (word.n == 0 || word.n > HOSTPROTO_LINE_MAX / 8)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		if (!is_alnum(word.p[i]) && (word.p[i] == '\0' || !strchr("._:@+=/-", word.p[i])))
			return false;
	}
	return true;
}

bool hostproto_is_id(struct bytes id)
{
	if (id.n == 0 || id.n > HOSTPROTO_ID_MAX || id.p[0] == '.' || id.p[0] == '-')
		return false;
	for (size_t i = 0; i < id.n; i++) {
		if (!is_alnum(id.p[i]) && id.p[i] != '.' && id.p[i] != '-')
			return false;
	}
	return true;
}

/* The start of what the host said, made printable, for a sentence. */
#define QUOTE_SIZE 68
static const char *quote(struct bytes line, char out[QUOTE_SIZE])
{
	size_t n = line.n < QUOTE_SIZE - 4 ? line.n : QUOTE_SIZE - 4;

	for (size_t i = 0; i < n; i++)
		out[i] = line.p[i] >= 0x20 && line.p[i] < 0x7f ? (char)line.p[i] : '?';
	memcpy(out + n, line.n > n ? "..." : "", line.n > n ? 4 : 1);
	return out;
}

static int bad_line(struct bytes line, const char *want, struct err *e)
{
	char text[QUOTE_SIZE];

	return err_set(e, -EPROTO, "the host's reply: want %s, got '%s'", want, quote(line, text));
}

/* NUL and other control characters but TAB never stand in a line of this protocol. */
static bool is_clean(struct bytes line)
{
	for (size_t i = 0; i < line.n; i++) {
		if ((line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
			return false;
	}
	return line.n < HOSTPROTO_LINE_MAX;
}

static bool skip(struct bytes *b, const char *prefix)
{
	size_t n = strlen(prefix);

	if (b->n < n || memcmp(b->p, prefix, n) != 0)
		return false;
	*b = bytes_of(b->p + n, b->n - n);
	return true;
}

/* Up to the next space, which is consumed. */
static struct bytes take_word(struct bytes *b)
{
	struct rd r = rd_of(*b);
	bool found;
	struct bytes word = rd_until(&r, ' ', &found);

	*b = r.rest;
	return word;
}

int hostproto_parse_greeting(struct bytes line, enum host_kind *ret, struct err *e)
{
	struct bytes rest = line;

	if (!skip(&rest, "gatewright-host "))
		return bad_line(line, "the greeting 'gatewright-host 1 KIND'", e);
	if (!skip(&rest, "1 "))
		return bad_line(line, "version 1 of the host protocol", e);
	for (size_t i = 0; i < HOST_KIND_N; i++) {
		if (bytes_equal_str(rest, host_kinds[i])) {
			*ret = (enum host_kind)i;
			return 0;
		}
	}
	return bad_line(line, "kind 'script' or 'gate' in the greeting", e);
}

static int parse_fact(struct bytes line, struct bytes rest, struct host_line *ret, struct err *e)
{
	struct bytes key = take_word(&rest);

	if (!hostproto_is_word(key) || rest.n == 0)
		return bad_line(line, "'= KEY VALUE'", e);
	*ret = (struct host_line) { .kind = HOST_LINE_FACT, .key = key, .value = rest };
	return 0;
}

static int parse_fail(struct bytes line, struct bytes rest, struct host_line *ret, struct err *e)
{
	struct bytes word = take_word(&rest);
	enum host_failure failure;

	if (!host_failure_from_word(word, &failure))
		return bad_line(line, "a failure word of the host protocol", e);
	if (rest.n == 0 || !bytes_is_utf8(rest))
		return bad_line(line, "'fail WORD SENTENCE'", e);
	*ret = (struct host_line) { .kind = HOST_LINE_FAIL, .failure = failure, .text = rest };
	return 0;
}

int hostproto_parse_line(struct bytes line, struct host_line *ret, struct err *e)
{
	struct bytes rest = line;

	if (!is_clean(line))
		return bad_line(line, "a line of printable text, at most 4095 bytes", e);
	if (bytes_equal_str(line, "ok")) {
		*ret = (struct host_line) { .kind = HOST_LINE_OK };
		return 0;
	}
	if (skip(&rest, "= "))
		return parse_fact(line, rest, ret, e);
	if (skip(&rest, "fail "))
		return parse_fail(line, rest, ret, e);
	if (skip(&rest, "+ ")) {
		*ret = (struct host_line) { .kind = HOST_LINE_CHAIN, .text = rest };
		return 0;
	}
	if (bytes_equal_str(rest, "|") || skip(&rest, "| ")) {
		*ret = (struct host_line) { .kind = HOST_LINE_OUTPUT, .text = line.n > 2 ? rest : BYTES_NONE };
		return 0;
	}
	return bad_line(line, "'= KEY VALUE', '+ TEXT', '| TEXT', 'ok' or 'fail WORD SENTENCE'", e);
}

/* Requests */

static void put_word(struct buf *out, const char *word)
{
	assert(hostproto_is_word(bytes_of_str(word)));
	buf_add_u8(out, ' ');
	buf_add_str(out, word);
}

static void put_id(struct buf *out, const char *id)
{
	assert(hostproto_is_id(bytes_of_str(id)));
	put_word(out, id);
}

void hostproto_put_check(struct buf *out)
{
	buf_add_str(out, "check\n");
}

void hostproto_put_stage(struct buf *out, const char *id, size_t files_n)
{
	assert(files_n > 0 && files_n <= HOSTPROTO_FILES_MAX);
	buf_add_str(out, "stage");
	put_id(out, id);
	buf_printf(out, " %zu\n", files_n);
}

void hostproto_put_file(struct buf *out, const char *name, struct bytes content, const uint8_t sha256[32])
{
	char hash[65];

	assert(content.n > 0 && content.n <= HOSTPROTO_FILE_MAX);
	buf_add_str(out, "file");
	put_id(out, name);
	buf_printf(out, " %zu %s\n", content.n, hex_encode(bytes_of(sha256, 32), hash));
	buf_add(out, content);
}

void hostproto_put_switch(struct buf *out, const char *id, const char *token, int64_t seconds)
{
	assert(seconds >= 0);
	buf_add_str(out, "switch");
	put_id(out, id);
	put_word(out, token);
	buf_printf(out, " %" PRId64 "\n", seconds);
}

void hostproto_put_status(struct buf *out)
{
	buf_add_str(out, "status\n");
}

void hostproto_put_confirm(struct buf *out, const char *token, int64_t keep)
{
	assert(keep > 0);
	buf_add_str(out, "confirm");
	put_word(out, token);
	buf_printf(out, " %" PRId64 "\n", keep);
}

void hostproto_put_rollback(struct buf *out, const char *token)
{
	buf_add_str(out, "rollback");
	put_word(out, token);
	buf_add_u8(out, '\n');
}

void hostproto_put_discard(struct buf *out, const char *id)
{
	buf_add_str(out, "discard");
	put_id(out, id);
	buf_add_u8(out, '\n');
}

void hostproto_put_list(struct buf *out)
{
	buf_add_str(out, "list\n");
}

void hostproto_put_bye(struct buf *out)
{
	buf_add_str(out, "bye\n");
}
