#include "core/access/secrets.h"

#include "codec/base64.h"

static const char code_alphabet[] = "abcdefghjkmnpqrstuvwxyz023456789"; /* no i, l, o, 1 */
static const char base32_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const char *access_secret_format(const uint8_t secret[ACCESS_SECRET_SIZE], char out[ACCESS_SECRET_TEXT])
{
	struct buf b;

	out[0] = '\0';
	buf_init(&b, ACCESS_SECRET_TEXT);
	base64url_encode(bytes_of(secret, ACCESS_SECRET_SIZE), &b);
	if (!buf_bad(&b) && b.n == ACCESS_SECRET_TEXT - 1) {
		memcpy(out, b.p, b.n);
		out[b.n] = '\0';
	}
	buf_wipe(&b);
	return out;
}

bool access_secret_parse(struct bytes text, uint8_t out[ACCESS_SECRET_SIZE])
{
	struct buf b;
	bool fine;

	buf_init(&b, ACCESS_SECRET_TEXT);
	fine = text.n == ACCESS_SECRET_TEXT - 1 && base64url_decode(text, &b) && b.n == ACCESS_SECRET_SIZE;
	if (fine)
		memcpy(out, b.p, b.n);
	buf_wipe(&b);
	return fine;
}

const char *token_format(const uint8_t secret[ACCESS_SECRET_SIZE], char out[TOKEN_TEXT_SIZE])
{
	memcpy(out, TOKEN_PREFIX, strlen(TOKEN_PREFIX));
	(void)access_secret_format(secret, out + strlen(TOKEN_PREFIX));
	return out;
}

bool token_parse(struct bytes text, uint8_t out[ACCESS_SECRET_SIZE])
{
	size_t n = strlen(TOKEN_PREFIX);

	return text.n > n && memcmp(text.p, TOKEN_PREFIX, n) == 0 &&
	       access_secret_parse(bytes_of(text.p + n, text.n - n), out);
}

/* Five bits at a time, the first one first; the last digit is filled with zeros. */
static size_t digits_of(struct bytes b, const char *alphabet, char *out)
{
	unsigned held = 0, bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < b.n; i++) {
		held = (held << 8 | b.p[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			out[n++] = alphabet[held >> (bits - 5) & 31];
	}
	if (bits > 0)
		out[n++] = alphabet[held << (5 - bits) & 31];
	return n;
}

const char *code_format(const uint8_t random[CODE_RANDOM_SIZE], char out[CODE_TEXT_SIZE])
{
	char digits[CODE_DIGITS];
	size_t n = 0;

	(void)digits_of(bytes_of(random, CODE_RANDOM_SIZE), code_alphabet, digits);
	for (size_t i = 0; i < CODE_DIGITS; i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = '-';
		out[n++] = digits[i];
	}
	out[n] = '\0';
	return out;
}

bool code_normalize(struct bytes text, char out[CODE_DIGITS + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = (char)text.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == '-' || c == ' ')
			continue;
		if (n == CODE_DIGITS || c == '\0' || !strchr(code_alphabet, c))
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n == CODE_DIGITS;
}

const char *base32_encode(struct bytes b, char *out)
{
	out[digits_of(b, base32_alphabet, out)] = '\0';
	return out;
}
