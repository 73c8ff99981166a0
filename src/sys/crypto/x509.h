/* DER certificates to facts, and profiles to DER certificates. The only place that knows OpenSSL's X509. */
#ifndef GW_SYS_CRYPTO_X509_H
#define GW_SYS_CRYPTO_X509_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/pki/facts.h"
#include "core/pki/profile.h"
#include "sys/secret.h"

#define X509_DER_MAX 65536 /* bytes; also in schema/limits.def */

/* Exactly one certificate, nothing behind it, into facts that live in `a`. -EINVAL with what is wrong and where. */
MUST_USE int x509_parse(struct bytes der, struct arena *a, struct cert_facts *ret, struct err *e);

/*
 * The chain of `leaf`: leaf first, then issuers found by name, key identifier and signature in `pool` (DER, any order;
 * duplicates allowed), up to a self-signed one or as far as they go. Fills n, signature_valid and complete; the key
 * and revocation members stay false. -EINVAL when the leaf does not parse; a broken pool member is skipped.
 */
MUST_USE int x509_chain_build(struct bytes leaf, const struct bytes *pool, size_t pool_n, struct arena *a,
			      struct chain_facts *ret, struct err *e);

/* The chain exactly as given, leaf first, certificates unsorted; fills signature_valid and complete. For what a server
 * sent. */
MUST_USE int x509_chain_of(const struct bytes *ders, size_t n, struct arena *a, struct chain_facts *ret, struct err *e);

/* Does the signature of `cert` verify with the key of `issuer`? */
MUST_USE int x509_verify(const struct cert_facts *cert, const struct cert_facts *issuer, bool *ret, struct err *e);

/* PEM text of one certificate, appended. */
MUST_USE int x509_der_to_pem(struct bytes der, struct buf *out, struct err *e);

/* All certificates of a PEM text, in order, as DER in `a`; other blocks are skipped. At most `max`. */
MUST_USE int x509_pem_to_ders(struct bytes pem, struct arena *a, struct bytes *ders, size_t max, size_t *ret_n,
			      struct err *e);

/* Every field in words, in the order of the certificate, for "show content". */
struct x509_field {
	const char *name, *value;
};
MUST_USE int x509_describe(const struct cert_facts *c, struct arena *a, struct x509_field **ret, size_t *ret_n,
			   struct err *e);

#endif
