/* Filling a bundle, certificate by certificate and key by key. Internal to sys/crypto. */
#ifndef GW_SYS_CRYPTO_BUNDLE_H
#define GW_SYS_CRYPTO_BUNDLE_H

#include "sys/crypto/pkey.h"

/* Where a file's certificates and keys go while it is read; keys find their certificates at the end. */
struct bundle_parts {
	struct arena *arena;
	struct bundle *bundle;
	struct cert_facts facts[64]; /* of bundle->certs */
	struct pkey *keys[64];
	size_t keys_n;
	int64_t work; /* of its key derivations so far, pbe_check_cost() */
};

/* Parsed strictly, copied into the arena; a second one of the same bytes is passed over. */
MUST_USE int bundle_add_cert(struct bundle_parts *p, struct bytes der, struct err *e);

/* `k` is taken, also on failure; a second one of the same public half is passed over. */
MUST_USE int bundle_add_key(struct bundle_parts *p, struct pkey *k, struct err *e);

/* PKCS#12 (RFC 7292). 1: a passphrase is needed or wrong; 2: `der` is no PKCS#12 at all. */
MUST_USE int pkcs12_read(struct bytes der, const struct secret *passphrase, struct bundle_parts *p, struct err *e);

#endif
