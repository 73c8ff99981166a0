#include "core/audit/audit.h"

#include "base/rd.h"
#include "codec/hex.h"

void audit_head_text(const struct audit_head *head, struct buf *out)
{
	char hex[2 * AUDIT_HASH_SIZE + 1], at[TIME_TEXT_MAX];

	buf_printf(out, "{\"head\":%lld,\"at\":\"%s\",\"first\":%lld,\"hash\":\"%s\"}", (long long)head->n,
		   time_format(head->at, at), (long long)head->first,
		   hex_encode(bytes_of(head->hash, AUDIT_HASH_SIZE), hex));
}

static void expect(struct rd *r, const char *text)
{
	struct bytes got = rd_bytes(r, strlen(text));

	if (!bytes_equal_str(got, text))
		r->bad = true;
}

static int64_t number(struct rd *r)
{
	int64_t v = 0;
	size_t n = 0;

	while (r->rest.n > 0 && r->rest.p[0] >= '0' && r->rest.p[0] <= '9' && n++ < 18)
		v = v * 10 + (rd_u8(r) - '0');
	if (n == 0)
		r->bad = true;
	return v;
}

bool audit_head_parse(struct bytes text, struct audit_head *ret)
{
	struct rd r = rd_of(text);
	bool found = false;

	expect(&r, "{\"head\":");
	ret->n = number(&r);
	expect(&r, ",\"at\":\"");
	if (r.bad || !time_parse(rd_until(&r, '"', &found), &ret->at))
		return false;
	expect(&r, ",\"first\":");
	ret->first = number(&r);
	expect(&r, ",\"hash\":\"");
	if (r.bad || !hex_decode(rd_bytes(&r, (size_t)2 * AUDIT_HASH_SIZE), ret->hash, AUDIT_HASH_SIZE))
		return false;
	expect(&r, "\"}");
	return rd_done(&r);
}

#define KEY_BEGIN ",\"public_key\":\""
#define SIGNATURE_BEGIN "\",\"signature\":\""
#define END "\"}"
#define TAIL                                                                                                   \
	(sizeof(KEY_BEGIN) - 1 + 2 * AUDIT_KEY_SIZE + sizeof(SIGNATURE_BEGIN) - 1 + 2 * AUDIT_SIGNATURE_SIZE + \
	 sizeof(END) - 1)

void audit_head_line(struct bytes text, const uint8_t key[AUDIT_KEY_SIZE],
		     const uint8_t signature[AUDIT_SIGNATURE_SIZE], struct buf *out)
{
	char hex[2 * AUDIT_SIGNATURE_SIZE + 1];

	buf_add(out, bytes_of(text.p, text.n > 0 ? text.n - 1 : 0));
	buf_add_str(out, KEY_BEGIN);
	buf_add_str(out, hex_encode(bytes_of(key, AUDIT_KEY_SIZE), hex));
	buf_add_str(out, SIGNATURE_BEGIN);
	buf_add_str(out, hex_encode(bytes_of(signature, AUDIT_SIGNATURE_SIZE), hex));
	buf_add_str(out, END);
}

bool audit_head_split(struct bytes line, struct buf *text, uint8_t key[AUDIT_KEY_SIZE],
		      uint8_t signature[AUDIT_SIGNATURE_SIZE])
{
	struct rd r;

	if (line.n <= TAIL)
		return false;
	r = rd_of(bytes_of(line.p + line.n - TAIL, TAIL));
	expect(&r, KEY_BEGIN);
	if (r.bad || !hex_decode(rd_bytes(&r, (size_t)2 * AUDIT_KEY_SIZE), key, AUDIT_KEY_SIZE))
		return false;
	expect(&r, SIGNATURE_BEGIN);
	if (r.bad || !hex_decode(rd_bytes(&r, (size_t)2 * AUDIT_SIGNATURE_SIZE), signature, AUDIT_SIGNATURE_SIZE))
		return false;
	expect(&r, END);
	buf_add(text, bytes_of(line.p, line.n - TAIL));
	buf_add_str(text, "}");
	return rd_done(&r) && !buf_bad(text);
}
