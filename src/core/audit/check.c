/* Is a log whole: line by line, in the order of the lines. */
#include "core/audit/audit.h"

#include <stdio.h>

#define WHAT_MAX 160

static void problem(struct audit_check *c, int64_t n, const char *format, ...) PRINTF_LIKE(3, 4);

static void problem(struct audit_check *c, int64_t n, const char *format, ...)
{
	char what[WHAT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	c->problems++;
	c->problem(c->context, n, what);
}

/* True: its hash can be checked against the one before. */
static bool check_order(struct audit_check *c, int64_t n)
{
	if (c->events == 0 && c->first > 0 && n > c->first)
		problem(c, c->first, "the log begins at event %lld, want event %lld", (long long)n,
			(long long)c->first);
	if (c->events == 0)
		return n == 1; /* a part of a log begins with what cannot be checked */
	if (n == c->last + 1)
		return true;
	if (n <= c->last)
		problem(c, n, "event %lld stands behind event %lld: the order was changed", (long long)n,
			(long long)c->last);
	else if (n == c->last + 2)
		problem(c, n - 1, "event %lld is missing", (long long)n - 1);
	else
		problem(c, c->last + 1, "events %lld to %lld are missing", (long long)c->last + 1, (long long)n - 1);
	return false;
}

static void check_kept(struct audit_check *c, int64_t n, const uint8_t hash[AUDIT_HASH_SIZE])
{
	if (c->kept.n == n && memcmp(c->kept.hash, hash, AUDIT_HASH_SIZE) != 0)
		problem(c, n, "event %lld is not the one whose head the keys process has kept", (long long)n);
}

static void check_event(struct audit_check *c, struct bytes text, const uint8_t hash[AUDIT_HASH_SIZE])
{
	uint8_t want[AUDIT_HASH_SIZE];
	int64_t n = 0;

	if (!audit_text_number(text, &n)) {
		problem(c, 0, "line %lld is no event", (long long)c->lines);
		return;
	}
	if (check_order(c, n)) {
		c->hash(bytes_of(c->previous, AUDIT_HASH_SIZE), text, want);
		if (memcmp(want, hash, AUDIT_HASH_SIZE) != 0)
			problem(c, n, "event %lld was changed, or the one before it was replaced", (long long)n);
	}
	check_kept(c, n, hash);
	c->events++;
	if (n > c->last || c->events == 1) {
		c->last = n;
		memcpy(c->previous, hash, AUDIT_HASH_SIZE);
	}
}

static void check_signature(struct audit_check *c, const struct audit_head *head, struct bytes text,
			    const uint8_t key[AUDIT_KEY_SIZE], const uint8_t signature[AUDIT_SIGNATURE_SIZE])
{
	if (!c->has_key) {
		c->has_key = true;
		memcpy(c->key, key, AUDIT_KEY_SIZE);
	}
	if (memcmp(c->key, key, AUDIT_KEY_SIZE) != 0)
		problem(c, head->n, "the head of event %lld is signed by another key", (long long)head->n);
	else if (!c->verify(key, text, signature))
		problem(c, head->n, "the head of event %lld has a wrong signature", (long long)head->n);
	else if (head->n > c->last_head)
		c->last_head = head->n;
}

/* A head stands behind the event that it is about. */
static void check_head(struct audit_check *c, struct bytes text, const uint8_t key[AUDIT_KEY_SIZE],
		       const uint8_t signature[AUDIT_SIGNATURE_SIZE])
{
	struct audit_head head;

	if (!audit_head_parse(text, &head)) {
		problem(c, 0, "line %lld is no head", (long long)c->lines);
		return;
	}
	c->heads++;
	check_signature(c, &head, text, key, signature);
	if (head.n > c->last)
		problem(c, head.n, "a head tells of event %lld, and the events before it end at %lld",
			(long long)head.n, (long long)c->last);
	else if (head.n < c->last)
		problem(c, head.n, "the head of event %lld stands behind event %lld", (long long)head.n,
			(long long)c->last);
	else if (memcmp(head.hash, c->previous, AUDIT_HASH_SIZE) != 0)
		problem(c, head.n, "event %lld is not the one that its head was signed for", (long long)head.n);
}

void audit_check_line(struct audit_check *c, struct bytes line)
{
	uint8_t hash[AUDIT_HASH_SIZE], key[AUDIT_KEY_SIZE], signature[AUDIT_SIGNATURE_SIZE];
	struct buf text;

	c->lines++;
	buf_init(&text, line.n + 2);
	if (audit_head_split(line, &text, key, signature)) {
		check_head(c, buf_bytes(&text), key, signature);
	} else {
		buf_reset(&text);
		if (audit_line_split(line, &text, hash))
			check_event(c, buf_bytes(&text), hash);
		else
			problem(c, 0, "line %lld is neither an event nor a head", (long long)c->lines);
	}
	buf_fini(&text);
}

void audit_check_end(struct audit_check *c)
{
	if (c->kept.n > c->last)
		problem(c, c->kept.n,
			"the log ends at event %lld, and the keys process has kept the head of event %lld",
			(long long)c->last, (long long)c->kept.n);
}

int64_t audit_check_unsigned(const struct audit_check *c)
{
	return c->last > c->last_head ? c->last - c->last_head : 0;
}
