/* A generation in memory: read from the disk, parsed, and judged. */
#ifndef GW_GATE_GENERATION_H
#define GW_GATE_GENERATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/pki/facts.h"
#include "core/pki/findings.h"
#include "gate/keystore.h"
#include "sys/secret.h"

#define GENERATION_HEX_SIZE (2 * FINGERPRINT_SIZE + 1)

struct generation {
	char id[KEYSTORE_ID_SIZE];
	struct secret *key_pem;
	struct buf chain_pem;	  /* as it lies on the disk: leaf, intermediates */
	struct arena *arena;	  /* owns what `chain` points to */
	struct chain_facts chain; /* leaf to root; has_key and key_matches are filled */
	char fingerprint[GENERATION_HEX_SIZE];
};

/*
 * Read and parse key.pem, chain.pem and root.pem of generation `id`. -ENOENT: it, or a file of it, is not there.
 * FAILURE_MISMATCH: the key does not belong to the first certificate of the chain, or the chain does not end at the
 * certificate of root.pem. FAILURE_INCOMPATIBLE: a file does not parse. Returned: generation_free().
 */
MUST_USE int generation_read(const struct keystore *ks, const char *id, struct generation **ret, struct err *e);

/* The same from a directory that is not yet a generation. */
MUST_USE int generation_read_at(int dir_fd, const char *id, struct generation **ret, struct err *e);

void generation_free(struct generation *g);

/* The certificate that is served: what was read has one. Borrowed. */
static inline const struct cert_facts *generation_leaf(const struct generation *g)
{
	return &g->chain.certs[0];
}
DEFINE_CLEANUP(struct generation, generation_free);

/*
 * May `g` follow `current` (NULL: there is none)? Findings of core/pki/compat.h. `proven`: it was confirmed on this
 * host before and comes back, so only what makes a chain unusable counts.
 */
void generation_check(const struct generation *g, const struct generation *current, bool proven, struct wall_time now,
		      struct findings *ret);

/* The blockers (or, with `warnings`, these too) in one sentence: "word: text; word: text". */
int generation_refusal(const char *id, const struct findings *f, bool warnings, struct err *e);

#endif
