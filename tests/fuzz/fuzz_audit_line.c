/* An exported audit log comes from anywhere: what is taken for a line is that line again when it is put together. */
#include "fuzz.h"
#include "core/audit/audit.h"

static void no_hash(struct bytes first, struct bytes second, uint8_t out[AUDIT_HASH_SIZE])
{
	(void)first;
	(void)second;
	for (size_t i = 0; i < AUDIT_HASH_SIZE; i++)
		out[i] = 0;
}

static bool verify(const uint8_t key[AUDIT_KEY_SIZE], struct bytes text, const uint8_t signature[AUDIT_SIGNATURE_SIZE])
{
	(void)text;
	return key[0] == signature[0];
}

static void count(void *context, int64_t n, const char *what)
{
	int64_t *problems = context;

	FUZZ_ASSERT(n >= 0 && what[0]);
	(*problems)++;
}

static void check_parts(struct bytes line)
{
	uint8_t hash[AUDIT_HASH_SIZE], key[AUDIT_KEY_SIZE], signature[AUDIT_SIGNATURE_SIZE];
	struct audit_head head;
	struct buf text, back;

	buf_init(&text, line.n + 2);
	buf_init(&back, line.n + 8);
	if (audit_line_split(line, &text, hash)) {
		audit_line(buf_bytes(&text), hash, &back);
		FUZZ_ASSERT(!buf_bad(&back) && bytes_equal_ascii_nocase(buf_bytes(&back), line));
	}
	buf_reset(&text);
	buf_reset(&back);
	if (audit_head_split(line, &text, key, signature)) {
		audit_head_line(buf_bytes(&text), key, signature, &back);
		FUZZ_ASSERT(!buf_bad(&back) && bytes_equal_ascii_nocase(buf_bytes(&back), line));
		(void)audit_head_parse(buf_bytes(&text), &head);
	}
	buf_fini(&text);
	buf_fini(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t problems = 0;
	struct audit_check c = { .hash = no_hash, .verify = verify, .problem = count, .context = &problems };
	struct bytes all = bytes_of(data, size);

	for (size_t at = 0, end; at < size; at = end + 1) {
		for (end = at; end < size && data[end] != '\n';)
			end++;
		check_parts(bytes_of(data + at, end - at));
		audit_check_line(&c, bytes_of(data + at, end - at));
	}
	audit_check_end(&c);
	FUZZ_ASSERT(problems == c.problems && audit_check_unsigned(&c) >= 0);
	FUZZ_ASSERT(c.events + c.heads <= c.lines && (size_t)c.lines <= all.n);
	return 0;
}
