/* Chains as a proof keeps them: PEM texts, leaf first. */
#ifndef GW_CLI_PROOF_CHAIN_H
#define GW_CLI_PROOF_CHAIN_H

#include "base/arena.h"
#include "core/pki/facts.h"
#include "cli/output/json.h"

/* An array of PEM texts, one certificate each. -EINVAL with which one. */
MUST_USE int proof_chain_parse(const json_t *array, struct arena *a, struct chain_facts *ret, struct err *e);

/*
 * Do fingerprint, display name, serial, names and dates written in `side` stand in the certificate? -EINVAL: the first
 * that doesn't.
 */
MUST_USE int proof_chain_says(const json_t *side, const struct cert_facts *leaf, struct arena *a, struct err *e);

#endif
