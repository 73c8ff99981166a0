#include "sys/crypto/seal.h"

#include "base/limits.h"
#include <errno.h>

#include <sodium.h>

#define MAGIC "GWK1"
#define MAGIC_SIZE 4
#define CLEAR_SIZE (MAGIC_SIZE + 1 + FINGERPRINT_SIZE) /* what is authenticated and not encrypted */
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEALED_MIN (CLEAR_SIZE + NONCE_SIZE + TAG_SIZE)

_Static_assert(SEAL_KEK_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key-encryption key fits the cipher");

static int check_kek(const struct secret *kek, struct err *e)
{
	size_t n = secret_bytes(kek).n;

	return n == SEAL_KEK_SIZE ? 0
				  : err_set(e, -EINVAL, "key-encryption key: want %d bytes, got %zu", SEAL_KEK_SIZE, n);
}

int seal(const struct secret *kek, enum cert_kind kind, const uint8_t spki_sha256[FINGERPRINT_SIZE], struct bytes plain,
	 struct buf *out, struct err *e)
{
	int r = check_kek(kek, e);
	uint8_t *p;

	if (r < 0)
		return r;
	if (kind >= CERT_KIND_N || plain.n == 0 || plain.n > LIMIT_SEAL_PLAIN_MAX)
		return err_set(e, -EINVAL, "seal: want a known kind and 1 to %d bytes, got %zu", LIMIT_SEAL_PLAIN_MAX,
			       plain.n);
	p = buf_reserve(out, SEALED_MIN + plain.n);
	if (!p)
		return err_set(e, -ENOMEM, "seal: no room for %zu bytes", SEALED_MIN + plain.n);
	memcpy(p, MAGIC, MAGIC_SIZE);
	p[MAGIC_SIZE] = (uint8_t)kind;
	memcpy(p + MAGIC_SIZE + 1, spki_sha256, FINGERPRINT_SIZE);
	randombytes_buf(p + CLEAR_SIZE, NONCE_SIZE);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(p + CLEAR_SIZE + NONCE_SIZE, NULL, plain.p, plain.n, p,
							 CLEAR_SIZE, NULL, p + CLEAR_SIZE, secret_bytes(kek).p);
	buf_added(out, SEALED_MIN + plain.n);
	return 0;
}

bool seal_peek(struct bytes sealed, enum cert_kind *ret_kind, uint8_t ret_spki_sha256[FINGERPRINT_SIZE])
{
	if (sealed.n <= SEALED_MIN || sealed.n > SEALED_MIN + LIMIT_SEAL_PLAIN_MAX ||
	    memcmp(sealed.p, MAGIC, MAGIC_SIZE) != 0 || sealed.p[MAGIC_SIZE] >= CERT_KIND_N)
		return false;
	if (ret_kind)
		*ret_kind = (enum cert_kind)sealed.p[MAGIC_SIZE];
	if (ret_spki_sha256)
		memcpy(ret_spki_sha256, sealed.p + MAGIC_SIZE + 1, FINGERPRINT_SIZE);
	return true;
}

int unseal(const struct secret *kek, struct bytes sealed, enum cert_kind *ret_kind,
	   uint8_t ret_spki_sha256[FINGERPRINT_SIZE], struct secret **ret, struct err *e)
{
	struct secret *plain CLEANUP(secret_freep) = NULL;
	int r = check_kek(kek, e);

	if (r < 0)
		return r;
	if (!seal_peek(sealed, NULL, NULL))
		return err_set(e, -EINVAL, "unseal: want a sealed key (%s), got something else", MAGIC);
	plain = secret_new(sealed.n - SEALED_MIN);
	if (!plain)
		return err_nomem(e);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret_data(plain), NULL, NULL,
						       sealed.p + CLEAR_SIZE + NONCE_SIZE,
						       sealed.n - CLEAR_SIZE - NONCE_SIZE, sealed.p, CLEAR_SIZE,
						       sealed.p + CLEAR_SIZE, secret_bytes(kek).p) != 0)
		return err_set(e, -EACCES,
			       "unseal: the key was sealed under another key-encryption key, or was changed");
	(void)seal_peek(sealed, ret_kind, ret_spki_sha256);
	*ret = TAKE(plain);
	return 0;
}
