#include "core/pki/dn.h"
#include "base/rd.h"

enum der_tag {
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_T61_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_DIRECTORY_NAME = 0xa4,
};

struct tlv {
	uint8_t tag;
	struct bytes value;
};

/* One element; definite lengths of at most two octets, in their shortest form: no Name is longer. X.690 section 10.1.
 */
static struct tlv take(struct rd *r)
{
	struct tlv t = { rd_u8(r), BYTES_NONE };
	size_t n = rd_u8(r);

	if (n == 0x81) {
		n = rd_u8(r);
		r->bad = r->bad || n < 0x80;
	} else if (n == 0x82) {
		n = rd_be16(r);
		r->bad = r->bad || n < 0x100;
	} else if (n >= 0x80) {
		r->bad = true;
	}
	t.value = rd_bytes(r, n);
	return t;
}

/* The element that is all of `b` and has the tag; false otherwise. */
static bool whole(struct bytes b, uint8_t tag, struct bytes *ret)
{
	struct rd r = rd_of(b);
	struct tlv t = take(&r);

	*ret = t.value;
	return rd_done(&r) && t.tag == tag;
}

/* The relative names inside of a Name. */
static bool open_name(struct bytes name, struct rd *ret)
{
	struct bytes inner;

	if (whole(name, DER_DIRECTORY_NAME, &inner))
		name = inner;
	if (!whole(name, DER_SEQUENCE, &inner))
		return false;
	*ret = rd_of(inner);
	return true;
}

static bool is_string(uint8_t tag)
{
	return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_T61_STRING || tag == DER_IA5_STRING;
}

/* The next character of a string value: lower case, a run of spaces as one; -1 at the end. */
static int next_folded(struct bytes *s)
{
	uint8_t c;

	if (s->n == 0)
		return -1;
	c = s->p[0];
	*s = bytes_of(s->p + 1, s->n - 1);
	while (c == ' ' && s->n > 0 && s->p[0] == ' ')
		*s = bytes_of(s->p + 1, s->n - 1);
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool strings_equal(struct bytes a, struct bytes b)
{
	int ca, cb;

	a = bytes_trim(a);
	b = bytes_trim(b);
	do {
		ca = next_folded(&a);
		cb = next_folded(&b);
	} while (ca == cb && ca >= 0);
	return ca == cb;
}

/* AttributeTypeAndValue: SEQUENCE { OID, value }. */
static bool read_attribute(struct bytes sequence, struct tlv *ret_type, struct tlv *ret_value)
{
	struct rd r = rd_of(sequence);

	*ret_type = take(&r);
	*ret_value = take(&r);
	return rd_done(&r) && ret_type->tag == DER_OID;
}

static bool attributes_equal(struct bytes a, struct bytes b)
{
	struct tlv type_a, type_b, value_a, value_b;

	if (!read_attribute(a, &type_a, &value_a) || !read_attribute(b, &type_b, &value_b) ||
	    !bytes_equal(type_a.value, type_b.value))
		return false;
	if (is_string(value_a.tag) && is_string(value_b.tag))
		return strings_equal(value_a.value, value_b.value);
	return value_a.tag == value_b.tag && bytes_equal(value_a.value, value_b.value);
}

/* RelativeDistinguishedName: a SET; of one attribute almost always, and otherwise in DER's own order. */
static bool relative_names_equal(struct bytes a, struct bytes b)
{
	struct rd ra = rd_of(a), rb = rd_of(b);

	while (!ra.bad && !rb.bad && ra.rest.n > 0 && rb.rest.n > 0) {
		struct tlv ta = take(&ra), tb = take(&rb);

		if (ta.tag != DER_SEQUENCE || tb.tag != DER_SEQUENCE || !attributes_equal(ta.value, tb.value))
			return false;
	}
	return rd_done(&ra) && rd_done(&rb);
}

/* Every attribute of a SET can be read, and there is one. */
static bool set_is_readable(struct bytes set)
{
	struct rd r = rd_of(set);
	size_t n = 0;

	while (!r.bad && r.rest.n > 0) {
		struct tlv attribute = take(&r), type, value;

		if (attribute.tag != DER_SEQUENCE || !read_attribute(attribute.value, &type, &value))
			return false;
		n++;
	}
	return rd_done(&r) && n > 0;
}

bool dn_is_readable(struct bytes name)
{
	struct rd r;

	if (!open_name(name, &r))
		return false;
	while (!r.bad && r.rest.n > 0) {
		struct tlv set = take(&r);

		if (set.tag != DER_SET || !set_is_readable(set.value))
			return false;
	}
	return rd_done(&r);
}

/* Walks both names while `prefix` lasts; *ret_rest is what `name` has behind it. */
static bool match_prefix(struct bytes name, struct bytes prefix, size_t *ret_rest)
{
	struct rd rn, rp;

	if (!dn_is_readable(name) || !dn_is_readable(prefix) || !open_name(name, &rn) || !open_name(prefix, &rp))
		return false;
	while (rp.rest.n > 0) {
		if (rn.rest.n == 0 || !relative_names_equal(take(&rn).value, take(&rp).value))
			return false;
	}
	*ret_rest = rn.rest.n;
	return true;
}

bool dn_starts_with(struct bytes name, struct bytes prefix)
{
	size_t rest;

	return match_prefix(name, prefix, &rest);
}

bool dn_equal(struct bytes a, struct bytes b)
{
	size_t rest;

	return match_prefix(a, b, &rest) && rest == 0;
}
