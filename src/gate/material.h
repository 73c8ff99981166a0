/* A keystore file (PKCS#12 or PEM) taken apart into what a generation needs. */
#ifndef GW_GATE_MATERIAL_H
#define GW_GATE_MATERIAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/pki/facts.h"
#include "sys/secret.h"

struct material {
	struct arena *arena;
	struct chain_facts chain; /* of the certificate whose key came along; has_key and key_matches are filled */
	struct secret *key_pem;
	struct buf chain_pem, root_pem; /* root_pem is empty when the chain is not complete */
};

/*
 * Read the file. `passphrase` NULL: none. `known_root`: DER of the root of today's keystore, for files that leave the
 * root out; BYTES_NONE without one. 1: a passphrase is needed or the one given is wrong. FAILURE_MISMATCH: the key
 * belongs to none of the certificates. -EINVAL: no keystore, no key, several keys. Returned: material_fini(), also
 * after a failure.
 */
MUST_USE int material_read(struct bytes file, const struct secret *passphrase, struct bytes known_root,
			   struct material *ret, struct err *e);
void material_fini(struct material *m);

#endif
