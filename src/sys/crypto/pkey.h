/* Private keys. Only the processes keys, deploy (a key on its way out) and gatewright-gate include this. */
#ifndef GW_SYS_CRYPTO_PKEY_H
#define GW_SYS_CRYPTO_PKEY_H

#include "sys/crypto/x509.h"

struct pkey;

void pkey_free(struct pkey *k);
DEFINE_CLEANUP(struct pkey, pkey_free);

/* EC P-256, P-384, P-521, Ed25519, RSA 2048, 3072, 4096. -EINVAL for any other. */
MUST_USE int pkey_generate(struct key_spec spec, struct pkey **ret, struct err *e);

/* PKCS#8 (RFC 5958), DER, unencrypted. */
MUST_USE int pkey_to_der(const struct pkey *k, struct secret **ret, struct err *e);
MUST_USE int pkey_from_der(struct bytes der, struct pkey **ret, struct err *e);
MUST_USE int pkey_to_pem(const struct pkey *k, struct secret **ret, struct err *e);

/* One PEM key: PKCS#8 plain or encrypted, PKCS#1, SEC 1. 1: it is encrypted and no passphrase, or a wrong one, was
 * given. */
MUST_USE int pkey_from_pem(struct bytes pem, const struct secret *passphrase, struct pkey **ret, struct err *e);

bool pkey_matches(const struct pkey *k, const struct cert_facts *cert);
struct key_spec pkey_spec(const struct pkey *k);

/*
 * Build and sign the certificate of `profile` for `subject_key`'s public half. `issuer` and `issuer_key` are NULL for a
 * root (self-signed). Appends DER. RFC 5280 sections 4.1 and 4.2.
 */
MUST_USE int x509_issue(const struct cert_profile *profile, const struct pkey *subject_key,
			const struct cert_facts *issuer, const struct pkey *issuer_key, struct buf *out, struct err *e);

/*
 * The same for the lint before issuing: signed with `throw_away`, a key of the issuer's kind (RSA of any size) that is
 * used for nothing else, so that no certificate that a check would refuse is ever signed by the issuer. A root's is its
 * own subject key, too.
 */
MUST_USE int x509_issue_trial(const struct cert_profile *profile, const struct pkey *subject_key,
			      const struct cert_facts *issuer, const struct pkey *throw_away, struct buf *out,
			      struct err *e);

#define BUNDLE_MAX (1024 * 1024) /* bytes; also in schema/limits.def */

/* A PEM text (any order, several certificates and keys), a PKCS#12 file or one DER certificate, taken apart. */
struct bundle {
	struct bytes certs[64]; /* DER, in the arena */
	struct pkey *keys[64];	/* keys[i] belongs to certs[i], or NULL */
	size_t n;
	size_t orphan_keys; /* keys that belong to none of the certificates */
};

/* 1: a passphrase is needed or wrong. -EINVAL: not a bundle, says what it looks like. Returned: bundle_fini(). */
MUST_USE int bundle_read(struct bytes data, const struct secret *passphrase, struct arena *a, struct bundle *ret,
			 struct err *e);
void bundle_fini(struct bundle *b);

/* PKCS#12 (RFC 7292): AES-256-CBC with PBKDF2-HMAC-SHA256 for key and certificates, HMAC-SHA256 MAC. Leaf first in
 * `chain`. */
MUST_USE int pkcs12_write(const struct pkey *k, const struct bytes *chain, size_t n, const char *friendly_name,
			  const struct secret *passphrase, struct buf *out, struct err *e);

#endif
