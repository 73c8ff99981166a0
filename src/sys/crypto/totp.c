#include "sys/crypto/totp.h"

#include "sys/crypto/openssl_err.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define MAC_SIZE 20

int totp_code(struct bytes secret, uint64_t step, uint32_t *ret, struct err *e)
{
	uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned n = 0, at;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (uint8_t)(step >> (56 - 8 * i));
	if (!HMAC(EVP_sha1(), secret.p, (int)secret.n, counter, sizeof(counter), mac, &n) || n != MAC_SIZE)
		return err_set(e, -EIO, "one-time password: HMAC-SHA-1 cannot be computed");
	at = mac[MAC_SIZE - 1] & 15;
	*ret = (((uint32_t)mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 |
		mac[at + 3]) %
	       1000000;
	return 0;
}

/* Exactly six digits. */
static bool parse_code(struct bytes code, uint32_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < code.n; i++) {
		if (code.p[i] < '0' || code.p[i] > '9')
			return false;
		*ret = *ret % 1000000 * 10 + (uint32_t)(code.p[i] - '0');
	}
	return code.n == TOTP_DIGITS;
}

int totp_check(struct bytes secret, struct bytes code, struct wall_time now, uint64_t after, uint64_t *ret_step,
	       struct err *e)
{
	uint64_t step = now.s > 0 ? (uint64_t)now.s / TOTP_STEP_S : 0;
	uint32_t got, want = 0;
	int found = 1;

	if (!parse_code(code, &got))
		return 1;
	for (uint64_t at = step > 0 ? step - 1 : 0; at <= step + 1; at++) {
		int r = totp_code(secret, at, &want, e);

		if (r < 0)
			return r;
		if (want != got || at <= after || found == 0)
			continue;
		*ret_step = at;
		found = 0;
	}
	return found;
}
