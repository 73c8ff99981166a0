/*
 * The proof of a renewal: one JSON object, signed by the manager's proof key as a JWS (RFC 7515, flattened JSON; EdDSA
 * of RFC 8037). It holds everything to check it again offline: both chains, so that the compatibility check can be
 * repeated and its findings compared; and what the probes saw. docs/adr/0004-probe.md says what that proves.
 */
#ifndef GW_CORE_DEPLOY_PROOF_H
#define GW_CORE_DEPLOY_PROOF_H

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"
#include "core/pki/findings.h"

#define PROOF_TYPE "gatewright-proof+jws"
#define PROOF_VERSION 1
#define PROOF_MAX (2 * 1024 * 1024)

/* One side: what was, what is. Chains are PEM texts, leaf first. */
struct proof_certificate {
	const char *fingerprint; /* lower-case hex of SHA-256 */
	const char *display_name, *subject, *serial;
	const char *const *names;
	size_t names_n;
	struct wall_time not_before, not_after;
	const struct bytes *chain_pem; /* one PEM text per certificate */
	size_t chain_n;
};

struct proof_step {
	const char *state, *text, *outcome; /* "done" or "failed" */
	struct wall_time started_at;
	int64_t time_ms;
};

struct proof_input {
	const char *version; /* of the manager */
	int64_t job;
	const char *gateway, *target, *result; /* update_result_word() */
	struct wall_time made_at;
	const char *generation, *old_generation; /* IDs on the host; NULL: not known */
	const char *ssh_host, *ssh_user, *host_key;
	int ssh_port;
	const struct proof_certificate *old; /* NULL: nothing was in use */
	const struct proof_certificate *new;
	struct wall_time compared_at; /* `now` of the compatibility check, so that it can be repeated */
	bool old_revocation_known;    /* always written: whether revocation was looked at */
	const struct findings *findings;
	const struct bytes *probes_before, *probes_after; /* JSON texts (docs/api.md "probe"); checked to be JSON */
	size_t probes_before_n, probes_after_n;
	int64_t handshakes_tried, handshakes_lost; /* by the manager's probes between switch and confirmation; see
						      "handshakes" in the ADR */
	const struct proof_step *steps;
	size_t steps_n;
};

/* The payload, appended. -EINVAL: a text is not UTF-8, a probe is not JSON. -EFBIG: above PROOF_MAX. */
MUST_USE int proof_payload(const struct proof_input *in, struct buf *out, struct err *e);

/* The bytes to sign: BASE64URL(protected header) "." BASE64URL(payload). The header names the key by its RFC 7638
 * thumbprint. */
MUST_USE int proof_signing_input(struct bytes payload, const uint8_t public_key[32],
				 const uint8_t thumbprint_sha256[32], struct buf *out, struct err *e);

/* The text whose SHA-256 is the thumbprint of an Ed25519 key (RFC 7638, RFC 8037 appendix A.3), appended. */
void proof_thumbprint_input(const uint8_t public_key[32], struct buf *out);

/* {"payload": ..., "protected": ..., "signature": ...} and LF, from the signing input and the signature. -EINVAL: not a
 * signing input. */
MUST_USE int proof_assemble(struct bytes signing_input, const uint8_t signature[64], struct buf *out, struct err *e);

#endif
