/*
 * The certificates seen last, decoded, and who signed whom. Decoding a public key costs more than all the rest of a
 * parse, a signature check as much again, and the certificates of the CAs come by with every request. Both are
 * functions of the bytes alone, so a memory of them, by SHA-256 of the DER, changes nothing but time. One per process,
 * locked. Internal to sys/crypto.
 */
#ifndef GW_SYS_CRYPTO_X509_CACHE_H
#define GW_SYS_CRYPTO_X509_CACHE_H

#include "core/pki/facts.h"

#include <openssl/x509.h>

/* A reference for the caller, or NULL. */
X509 *x509_cache_get(const uint8_t fingerprint[FINGERPRINT_SIZE]);
void x509_cache_put(const uint8_t fingerprint[FINGERPRINT_SIZE], X509 *x);

/* Was it checked whether `issuer` signed `child`, and did it? */
bool x509_cache_signed(const uint8_t child[FINGERPRINT_SIZE], const uint8_t issuer[FINGERPRINT_SIZE], bool *ret);
void x509_cache_put_signed(const uint8_t child[FINGERPRINT_SIZE], const uint8_t issuer[FINGERPRINT_SIZE],
			   bool is_signed);

#endif
