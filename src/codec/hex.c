#include "codec/hex.h"

static const char digits[] = "0123456789abcdef";

const char *hex_encode(struct bytes b, char *out)
{
	for (size_t i = 0; i < b.n; i++) {
		out[2 * i] = digits[b.p[i] >> 4];
		out[2 * i + 1] = digits[b.p[i] & 15];
	}
	out[2 * b.n] = '\0';
	return out;
}

static int digit_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_decode(struct bytes text, uint8_t *out, size_t n)
{
	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit_value(text.p[2 * i]), low = digit_value(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

const char *hex_groups(const uint8_t fingerprint[32], char out[HEX_GROUPS_SIZE])
{
	char flat[65];

	(void)hex_encode(bytes_of(fingerprint, 32), flat);
	for (size_t i = 0; i < 4; i++) {
		memcpy(out + 17 * i, flat + 16 * i, 16);
		out[17 * i + 16] = i < 3 ? ' ' : '\0';
	}
	return out;
}
