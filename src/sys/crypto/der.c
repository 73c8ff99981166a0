#include "sys/crypto/der.h"

#include "base/limits.h"
#include "base/rd.h"

#include <errno.h>

#define CONSTRUCTED 0x20
#define CLASS_MASK 0xc0

enum universal_tag {
	TAG_BOOLEAN = 1,
	TAG_INTEGER = 2,
	TAG_BIT_STRING = 3,
	TAG_NULL = 5,
	TAG_OID = 6,
	TAG_ENUMERATED = 10
};

struct element {
	uint8_t identifier; /* of a long tag: the first byte */
	struct bytes content;
};

static const char *read_long_tag(struct rd *r)
{
	uint32_t tag = 0;
	uint8_t c;

	do {
		c = rd_u8(r);
		if (tag == 0 && c == 0x80)
			return "the tag number is padded";
		if (tag >> 21)
			return "the tag number is too large";
		tag = tag << 7 | (c & 0x7f);
	} while ((c & 0x80) && !r->bad);
	return tag < 31 ? "a small tag number is in the long form" : NULL;
}

static const char *read_length(struct rd *r, size_t *ret)
{
	uint8_t first = rd_u8(r);
	size_t n = 0;

	if (first < 0x80) {
		*ret = first;
		return NULL;
	}
	if (first == 0x80)
		return "the length is indefinite";
	if (first > 0x84)
		return "the length is too large";
	for (int i = 0; i < (first & 0x7f); i++) {
		uint8_t c = rd_u8(r);

		if (i == 0 && c == 0)
			return "the length is padded";
		n = n << 8 | c;
	}
	if (n < 0x80)
		return "a small length is in the long form";
	*ret = n;
	return NULL;
}

static const char *read_element(struct rd *r, struct element *ret)
{
	const char *wrong = NULL;
	size_t n = 0;

	ret->identifier = rd_u8(r);
	if ((ret->identifier & 0x1f) == 0x1f)
		wrong = read_long_tag(r);
	if (!wrong && !r->bad)
		wrong = read_length(r, &n);
	if (!wrong)
		ret->content = rd_bytes(r, n);
	return r->bad ? "it ends too early" : wrong;
}

static const char *check_integer(struct bytes c)
{
	if (c.n == 0)
		return "an integer is empty";
	if (c.n > 1 && ((c.p[0] == 0 && c.p[1] < 0x80) || (c.p[0] == 0xff && c.p[1] >= 0x80)))
		return "an integer is padded";
	return NULL;
}

static const char *check_bit_string(struct bytes c)
{
	if (c.n == 0 || c.p[0] > 7 || (c.n == 1 && c.p[0] != 0))
		return "a bit string has no right count of unused bits";
	if (c.n > 1 && (c.p[c.n - 1] & (BIT(c.p[0]) - 1)))
		return "an unused bit of a bit string is set";
	return NULL;
}

static const char *check_oid(struct bytes c)
{
	bool start = true;

	if (c.n == 0 || (c.p[c.n - 1] & 0x80))
		return "an object identifier is cut off";
	for (size_t i = 0; i < c.n; i++) {
		if (start && c.p[i] == 0x80)
			return "an object identifier is padded";
		start = !(c.p[i] & 0x80);
	}
	return NULL;
}

static const char *check_primitive(struct element el)
{
	switch (el.identifier) {
	case TAG_BOOLEAN:
		return el.content.n == 1 && (el.content.p[0] == 0 || el.content.p[0] == 0xff)
			       ? NULL
			       : "a boolean is not 00 or ff";
	case TAG_INTEGER:
	case TAG_ENUMERATED:
		return check_integer(el.content);
	case TAG_BIT_STRING:
		return check_bit_string(el.content);
	case TAG_NULL:
		return el.content.n == 0 ? NULL : "a null is not empty";
	case TAG_OID:
		return check_oid(el.content);
	default:
		return NULL;
	}
}

/* Only SEQUENCE, SET and tags that are not universal may be constructed: DER has no strings in pieces. */
static bool may_be_constructed(uint8_t identifier)
{
	return (identifier & CLASS_MASK) != 0 || identifier == 0x30 || identifier == 0x31;
}

/* A stack of what is left of each open element, innermost on top. */
int der_check(struct bytes der, struct err *e)
{
	struct rd open[LIMIT_DER_DEPTH_MAX] = { rd_of(der) };
	struct element el;
	size_t depth = 0;
	bool first = true;

	for (;;) {
		struct rd *r = &open[depth];
		const uint8_t *at = r->rest.p;
		const char *wrong;

		if (r->rest.n == 0 && !first) {
			if (depth == 0)
				return 0;
			depth--;
			continue;
		}
		if (depth == 0 && !first)
			return err_set(e, -EINVAL, "%zu bytes behind its end", r->rest.n);
		first = false;
		wrong = read_element(r, &el);
		if (!wrong && !(el.identifier & CONSTRUCTED))
			wrong = check_primitive(el);
		else if (!wrong && !may_be_constructed(el.identifier))
			wrong = "a string is in pieces";
		else if (!wrong && depth + 1 == LIMIT_DER_DEPTH_MAX)
			wrong = "it is nested too deeply";
		else if (!wrong)
			open[++depth] = rd_of(el.content);
		if (wrong)
			return err_set(e, -EINVAL, "not DER at byte %td: %s", at ? at - der.p : 0, wrong);
	}
}

bool der_first_inner(struct bytes der, struct bytes *ret)
{
	struct rd outer = rd_of(der), inner;
	struct element el;
	struct bytes content;

	if (read_element(&outer, &el) || !(el.identifier & CONSTRUCTED))
		return false;
	content = el.content;
	inner = rd_of(content);
	if (read_element(&inner, &el))
		return false;
	*ret = bytes_of(content.p, content.n - inner.rest.n);
	return true;
}
