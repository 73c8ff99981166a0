/* What the files of sys/crypto share about X509 objects. Internal to sys/crypto. */
#ifndef GW_SYS_CRYPTO_X509_INTERNAL_H
#define GW_SYS_CRYPTO_X509_INTERNAL_H

#include "sys/crypto/x509.h"

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* OpenSSL has macros of these names, with other values, for what core/pki/facts.h numbers as RFC 5280 does. */
#undef KU_DIGITAL_SIGNATURE
#undef KU_NON_REPUDIATION
#undef KU_KEY_ENCIPHERMENT
#undef KU_DATA_ENCIPHERMENT
#undef KU_KEY_AGREEMENT
#undef KU_KEY_CERT_SIGN
#undef KU_CRL_SIGN
#undef KU_ENCIPHER_ONLY
#undef KU_DECIPHER_ONLY

DEFINE_CLEANUP(X509, X509_free);
DEFINE_CLEANUP(X509_NAME, X509_NAME_free);
DEFINE_CLEANUP(X509_SIG, X509_SIG_free);
DEFINE_CLEANUP(X509_PUBKEY, X509_PUBKEY_free);
DEFINE_CLEANUP(EVP_PKEY, EVP_PKEY_free);
DEFINE_CLEANUP(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free);
DEFINE_CLEANUP(PKCS12, PKCS12_free);
DEFINE_CLEANUP(BIO, BIO_vfree);
DEFINE_CLEANUP(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free);
DEFINE_CLEANUP(ASN1_BIT_STRING, ASN1_BIT_STRING_free);
DEFINE_CLEANUP(ASN1_INTEGER, ASN1_INTEGER_free);
DEFINE_CLEANUP(BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free);
DEFINE_CLEANUP(EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free);
DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free);
DEFINE_CLEANUP(NAME_CONSTRAINTS, NAME_CONSTRAINTS_free);
DEFINE_CLEANUP(AUTHORITY_KEYID, AUTHORITY_KEYID_free);

/* Memory of OpenSSL's i2d functions, which may have held a secret. */
struct ossl_bytes {
	uint8_t *p;
	int n;
};
static inline void ossl_bytes_fini(struct ossl_bytes *b)
{
	if (b->p)
		OPENSSL_clear_free(b->p, b->n > 0 ? (size_t)b->n : 0);
	*b = (struct ossl_bytes) { NULL, 0 };
}
static inline struct bytes ossl_bytes_view(const struct ossl_bytes *b)
{
	return bytes_of(b->p, (size_t)b->n);
}

/* One DER certificate into an X509 that the caller frees and does not change: others may share it. Strict as
 * x509_parse() says. */
MUST_USE int x509_decode(struct bytes der, X509 **ret, struct err *e);

/* By OpenSSL, which knows the processor's instructions for it. False: it failed; `ret` is then zero. Only after a first
 * x509_decode(). */
bool x509_sha256(struct bytes b, uint8_t ret[FINGERPRINT_SIZE]);

/* The public key of an x509_decode()d certificate, borrowed from it; NULL: damaged, or of a kind that nobody here
 * knows. */
EVP_PKEY *x509_key(const X509 *x);

/* RSA, Ed25519, or EC on a curve that has a name here? */
bool x509_key_is_known_kind(const X509_PUBKEY *spki);

/* The facts of `x`, whose encoding is `der` (copied into `a`). */
MUST_USE int x509_facts(X509 *x, struct bytes der, struct arena *a, struct cert_facts *ret, struct err *e);

/* All extensions of `x` into `ret`, one function per extension, in the order of RFC 5280 section 4.2. */
MUST_USE int x509_read_extensions(const X509 *x, struct arena *a, struct cert_facts *ret, struct err *e);

/* Does the signature of `child` verify with the key of `issuer`? Of the facts, DER and fingerprints must be there. */
bool x509_signed_by(X509 *child, const struct cert_facts *child_facts, X509 *issuer,
		    const struct cert_facts *issuer_facts);

/* KEY_ALG_OTHER for what has no name here (explicit curve parameters too). */
enum key_alg x509_key_alg(const EVP_PKEY *p, int *ret_bits);

#endif
