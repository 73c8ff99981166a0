/*
 * The last head of the audit log that was signed, kept where the store's user cannot write: who cuts the end off the
 *log cannot cut it off here.
 *
 * The file has two places of SLOT bytes, written in turn, so that a write that was cut off leaves the other one:
 *	"GWH1" | number (8 bytes) | length (2) | text | SHA-256 of all before, at the place's end
 */
#include "gatewrightd/keys/inner.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#define MAGIC "GWH1"
#define SLOT 512
#define SLOTS 2
#define CHECK_AT (SLOT - crypto_hash_sha256_BYTES)

static_assert(4 + 8 + 2 + HEAD_TEXT_MAX <= CHECK_AT, "a head fits its place");

/* 1: nothing was written here yet. */
static int read_slot(const uint8_t slot[SLOT], struct kept_head *ret, struct err *e)
{
	static const uint8_t empty[SLOT];
	uint8_t check[crypto_hash_sha256_BYTES];
	struct rd r = rd_of(bytes_of(slot, SLOT));
	uint16_t length;

	if (memcmp(slot, empty, SLOT) == 0)
		return 1;
	(void)crypto_hash_sha256(check, slot, CHECK_AT);
	(void)rd_bytes(&r, strlen(MAGIC));
	ret->n = rd_be64(&r);
	length = rd_be16(&r);
	if (memcmp(check, slot + CHECK_AT, sizeof(check)) != 0 || memcmp(slot, MAGIC, strlen(MAGIC)) != 0 ||
	    length > HEAD_TEXT_MAX)
		return err_set(e, -EINVAL, "the kept head of the audit log is damaged");
	memcpy(ret->text, rd_bytes(&r, length).p, length);
	ret->text[length] = '\0';
	return 0;
}

/* One damaged place beside a good one is a write that was cut off. */
int keys_keep_head(struct keys *k, int fd, struct err *e)
{
	uint8_t slots[SLOTS][SLOT] = { { 0 } };
	ssize_t n = read(fd, slots, sizeof(slots));
	bool any = false;
	int r = 0;

	k->head.fd = fd;
	if (n < 0)
		return err_errno(e, "read the kept head of the audit log");
	for (size_t i = 0; i < SLOTS; i++) {
		struct kept_head one = { .fd = fd, .place = i };
		int got = read_slot(slots[i], &one, e);

		if (got < 0)
			r = got;
		if (got == 0 && (!any || one.n > k->head.n)) {
			k->head = one;
			any = true;
		}
	}
	return any ? 0 : r;
}

static int write_slot(struct kept_head *head, struct err *e)
{
	uint8_t slot[SLOT] = MAGIC;
	size_t length = strlen(head->text);

	if (head->fd < 0)
		return 0;
	for (size_t i = 0; i < 8; i++)
		slot[4 + i] = (uint8_t)(head->n >> (56 - 8 * i));
	slot[12] = (uint8_t)(length >> 8);
	slot[13] = (uint8_t)length;
	memcpy(slot + 14, head->text, length);
	(void)crypto_hash_sha256(slot + CHECK_AT, slot, CHECK_AT);
	if (lseek(head->fd, (off_t)(head->place * SLOT), SEEK_SET) < 0 || write(head->fd, slot, SLOT) != SLOT)
		return err_errno(e, "keep the head of the audit log");
	return 0;
}

static int keep(struct keys *k, uint64_t n, struct bytes text, struct err *e)
{
	struct kept_head next = { .fd = k->head.fd, .n = n, .place = (k->head.place + 1) % SLOTS };
	int r;

	if (n <= k->head.n)
		return 0;
	memcpy(next.text, text.p, text.n);
	next.text[text.n] = '\0';
	r = write_slot(&next, e);
	if (r == 0)
		k->head = next;
	return r;
}

int keys_sign_head(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_PAYLOAD, "payload", FORM_TEXT, 1, 1, HEAD_TEXT_MAX },
		{ FIELD_NUMBER, "number", FORM_U64, 1, 1, 8 },
	};
	struct bytes text = wire_get(c->m, FIELD_PAYLOAD);
	struct buf payload;
	uint64_t n = 0;
	int r = fields_check(c->m, rules, ARRAY_N(rules), e);

	if (r < 0)
		return r;
	(void)wire_get_u64(c->m, FIELD_NUMBER, &n);
	buf_init(&payload, sizeof(HEAD_CONTEXT) + HEAD_TEXT_MAX);
	buf_add_str(&payload, HEAD_CONTEXT);
	buf_add(&payload, text);
	r = buf_bad(&payload) ? err_nomem(e) : keep(c->keys, n, text, e);
	if (r == 0)
		r = proof_sign(c->keys, buf_bytes(&payload), c->out, e);
	buf_fini(&payload);
	return r;
}

int keys_last_head(struct keys_call *c, struct err *e)
{
	int r = fields_check(c->m, NULL, 0, e);

	if (r == 0 && c->keys->head.n > 0) {
		wire_add_u64(c->out, FIELD_NUMBER, c->keys->head.n);
		wire_add_str(c->out, FIELD_PAYLOAD, c->keys->head.text);
	}
	return r;
}
