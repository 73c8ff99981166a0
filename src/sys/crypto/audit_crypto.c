#include "sys/crypto/audit_crypto.h"

#include <sodium.h>

void audit_sha256(struct bytes first, struct bytes second, uint8_t out[AUDIT_HASH_SIZE])
{
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, first.p, first.n);
	(void)crypto_hash_sha256_update(&state, second.p, second.n);
	(void)crypto_hash_sha256_final(&state, out);
}

bool audit_verify_signature(const uint8_t key[AUDIT_KEY_SIZE], struct bytes text,
			    const uint8_t signature[AUDIT_SIGNATURE_SIZE])
{
	struct buf b;
	bool fine;

	buf_init(&b, sizeof(AUDIT_HEAD_CONTEXT) + text.n);
	buf_add_str(&b, AUDIT_HEAD_CONTEXT);
	buf_add(&b, text);
	fine = !buf_bad(&b) && crypto_sign_verify_detached(signature, b.p, b.n, key) == 0;
	buf_fini(&b);
	return fine;
}
