/* What the files of sys/crypto share about keys. Internal to sys/crypto. */
#ifndef GW_SYS_CRYPTO_PKEY_INTERNAL_H
#define GW_SYS_CRYPTO_PKEY_INTERNAL_H

#include "sys/crypto/pkey.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define PUBLIC_BITS_MAX 160 /* an uncompressed P-521 point has 133 */

struct pkey {
	EVP_PKEY *p;
	struct key_spec spec;
	uint8_t spki_sha256[FINGERPRINT_SIZE];
	uint8_t public[PUBLIC_BITS_MAX]; /* the point of an EC or Ed25519 key; computing it takes a third of a signature
					  */
	size_t public_n;		 /* 0: another kind of key */
};

/* `p` is taken, also on failure. -EINVAL: a kind of key that is not supported. */
MUST_USE int pkey_wrap(EVP_PKEY *p, struct pkey **ret, struct err *e);

/* The same for a key that came from outside: it must also sign something that its public half verifies. */
MUST_USE int pkey_wrap_foreign(EVP_PKEY *p, struct pkey **ret, struct err *e);

/*
 * The key of a decoded PKCS#8 structure; the caller frees. Kinds that are not supported never reach OpenSSL's decoders,
 * of which some calculate with numbers of any length.
 */
MUST_USE int pkey_of_pkcs8(const PKCS8_PRIV_KEY_INFO *p8, EVP_PKEY **ret, struct err *e);

/* Unencrypted PKCS#8, nothing behind it; the caller frees. */
MUST_USE int pkey_decode_pkcs8(struct bytes der, EVP_PKEY **ret, struct err *e);

/* Write the public half of `k` into `out`, EC points uncompressed. False: OpenSSL's error queue says why. */
bool pkey_write_public(const struct pkey *k, X509_PUBKEY **out);

/*
 * The one form in which keys are kept here, PKCS#8 as OpenSSL writes it, for the kinds whose encoding has a fixed
 * length: EC P-256 and P-384 with their public half (RFC 5915), Ed25519 (RFC 8410). Straight between locked memory and
 * the key; OpenSSL's encoders would put a copy on the heap, and take ten times as long. 1: not of this form, take the
 * general way.
 */
MUST_USE int pkcs8_write(const EVP_PKEY *p, enum key_alg alg, struct secret **ret, struct err *e);
MUST_USE int pkcs8_read(struct bytes der, EVP_PKEY **ret);

/* One more for the same key. NULL without memory. */
struct pkey *pkey_clone(const struct pkey *k);

/*
 * How much work would the key derivation of this algorithm (PBES2 with PBKDF2 or scrypt, or PKCS#12) be? It is added to
 * *work, that of the whole file, 0 at its start. -EINVAL when it is more than LIMIT_PBE_ITERATIONS_MAX, or *work then
 * more than LIMIT_PBE_ITERATIONS_ALL_MAX, so that a file made to do so can't keep a process busy for hours. Unknown
 * algorithms pass.
 */
MUST_USE int pbe_check_cost(const X509_ALGOR *alg, int64_t *work, struct err *e);

/* The same for a number of iterations that is known. */
MUST_USE int pbe_add_work(int64_t iterations, int64_t *work, struct err *e);

#endif
