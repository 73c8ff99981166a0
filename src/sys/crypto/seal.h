/*
 * Keys at rest: XChaCha20-Poly1305 (libsodium) under the key-encryption key. A sealed blob is
 * "GWK1" | kind (1 byte, enum cert_kind) | SHA-256 of the SubjectPublicKeyInfo | nonce (24) | ciphertext and tag;
 * all before the nonce is authenticated, so a CA key can't be passed off as an end-entity key.
 *
 * Kind and key, and not one certificate: who can give another certificate along is the manager, which may export every
 * key anyway, and a certificate that is only claimed leads to nothing that a client accepts, because clients check the
 * real issuer's. A certificate that was issued again for its key stays usable.
 */
#ifndef GW_SYS_CRYPTO_SEAL_H
#define GW_SYS_CRYPTO_SEAL_H

#include "core/pki/profile.h"
#include "sys/secret.h"
#include "base/buf.h"

#define SEAL_KEK_SIZE 32

MUST_USE int seal(const struct secret *kek, enum cert_kind kind, const uint8_t spki_sha256[FINGERPRINT_SIZE],
		  struct bytes plain, struct buf *out, struct err *e);

/* -EINVAL: not a sealed blob; -EACCES: it was sealed under another key or changed. Kind and key hash are written when
 * given. */
MUST_USE int unseal(const struct secret *kek, struct bytes sealed, enum cert_kind *ret_kind,
		    uint8_t ret_spki_sha256[FINGERPRINT_SIZE], struct secret **ret, struct err *e);

/* The clear part only, unauthenticated: for display. */
bool seal_peek(struct bytes sealed, enum cert_kind *ret_kind, uint8_t ret_spki_sha256[FINGERPRINT_SIZE]);

#endif
