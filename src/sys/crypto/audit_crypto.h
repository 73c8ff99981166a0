/* What core/audit wants of cryptography: SHA-256, and Ed25519 signatures of heads (libsodium; sodium_init() was
 * called). */
#ifndef GW_SYS_CRYPTO_AUDIT_CRYPTO_H
#define GW_SYS_CRYPTO_AUDIT_CRYPTO_H

#include "core/audit/audit.h"

/* An audit_hash and an audit_verifier. */
void audit_sha256(struct bytes first, struct bytes second, uint8_t out[AUDIT_HASH_SIZE]);
bool audit_verify_signature(const uint8_t key[AUDIT_KEY_SIZE], struct bytes text,
			    const uint8_t signature[AUDIT_SIGNATURE_SIZE]);

#endif
