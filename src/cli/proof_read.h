/*
 * A proof file to its payload: JWS (RFC 7515 section 7.2.2, flattened), EdDSA over Ed25519 (RFC 8037). Strict: the
 * file is byte for byte as Gatewright writes it, so that one changed byte anywhere is refused.
 */
#ifndef GW_CLI_PROOF_READ_H
#define GW_CLI_PROOF_READ_H

#include "base/err.h"
#include "cli/output/json.h"
#include "core/deploy/proof.h"

#define PROOF_FILE_MAX (4 * PROOF_MAX)

struct proof_doc {
	uint8_t key[32];	/* Ed25519 public key, from the protected header */
	uint8_t thumbprint[32]; /* RFC 7638, SHA-256 */
	json_t *payload;
};

/*
 * Parses and verifies the signature with the key in the header: whose key that is, is for the caller to decide.
 * -EINVAL.
 */
MUST_USE int proof_read(struct bytes file, struct proof_doc *ret, struct err *e);
void proof_doc_fini(struct proof_doc *d);

/* A proof as an API object to the bytes of its file, appended. -EINVAL: not a flattened JWS. */
MUST_USE int proof_to_file(const json_t *jws, struct buf *out, struct err *e);

/* The key of "proof key --json" or a bare JWK. -EINVAL. */
MUST_USE int proof_key_read(struct bytes file, uint8_t ret[32], struct err *e);

/* Of an Ed25519 key, as above. */
void proof_key_thumbprint(const uint8_t key[32], uint8_t ret[32]);

#endif
