#include "codec/base64.h"

static const char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct bytes b, const char *alphabet, bool padded, struct buf *out)
{
	for (size_t i = 0; i < b.n; i += 3) {
		size_t here = b.n - i < 3 ? b.n - i : 3;
		uint32_t v = (uint32_t)b.p[i] << 16;

		if (here > 1)
			v |= (uint32_t)b.p[i + 1] << 8;
		if (here > 2)
			v |= b.p[i + 2];
		for (size_t k = 0; k < 4; k++)
			if (k <= here)
				buf_add_u8(out, (uint8_t)alphabet[v >> (18 - 6 * k) & 63]);
			else if (padded)
				buf_add_u8(out, '=');
	}
}

static int sextet(uint8_t c, const char *alphabet)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* One group of 2 to 4 characters; the bits that no byte takes must be zero. */
static bool decode_group(struct bytes group, const char *alphabet, struct buf *out)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		int s = i < group.n ? sextet(group.p[i], alphabet) : 0;

		if (s < 0)
			return false;
		v = v << 6 | (uint32_t)s;
	}
	for (size_t i = 0; i + 1 < group.n; i++)
		buf_add_u8(out, (uint8_t)(v >> (16 - 8 * i)));
	return group.n == 4 || (group.n == 3 && (v & 0xff) == 0) || (group.n == 2 && (v & 0xffff) == 0);
}

static bool decode(struct bytes text, const char *alphabet, struct buf *out)
{
	if (text.n % 4 == 1)
		return false;
	for (size_t i = 0; i < text.n; i += 4) {
		size_t here = text.n - i < 4 ? text.n - i : 4;

		if (!decode_group(bytes_of(text.p + i, here), alphabet, out))
			return false;
	}
	return !buf_bad(out);
}

void base64_encode(struct bytes b, struct buf *out)
{
	encode(b, standard_alphabet, true, out);
}

void base64url_encode(struct bytes b, struct buf *out)
{
	encode(b, url_alphabet, false, out);
}

bool base64_decode(struct bytes text, struct buf *out)
{
	if (text.n % 4 != 0)
		return false;
	if (text.n > 0 && text.p[text.n - 1] == '=')
		text.n -= text.p[text.n - 2] == '=' ? 2 : 1;
	return decode(text, standard_alphabet, out);
}

bool base64url_decode(struct bytes text, struct buf *out)
{
	return decode(text, url_alphabet, out);
}
