/* Writing a new generation: into a hidden directory, synced, verified, then one rename. */
#ifndef GW_GATE_STAGE_H
#define GW_GATE_STAGE_H

#include "gate/keystore.h"

#define STAGE_HASH_SIZE 32

struct stage;

/* A hidden directory for generation `id`, locked as ours. `ks` is kept. Returned: stage_abandon() or stage_finish(). */
MUST_USE int stage_begin(struct keystore *ks, const char *id, struct stage **ret, struct err *e);

/*
 * One file: open, then its bytes in pieces, then close, which syncs it and compares size and SHA-256 with what was
 * announced. FAILURE_MISMATCH when they differ. -EINVAL: not a file of a generation, or a second one of that name.
 */
MUST_USE int stage_file_open(struct stage *s, const char *name, struct err *e);
MUST_USE int stage_file_write(struct stage *s, struct bytes data, struct err *e);
MUST_USE int stage_file_close(struct stage *s, uint64_t size, const uint8_t sha256[STAGE_HASH_SIZE], struct err *e);

/* The same in one call, with nothing announced. */
MUST_USE int stage_file(struct stage *s, const char *name, struct bytes content, struct err *e);

/* For a check before it is finished; borrowed. */
int stage_fd(const struct stage *s);

/*
 * Give it its name, durably. 1: a complete generation of that name with the same content was there. -EEXIST: one with
 * other content, or a part of one. -EINVAL: a file is missing. Frees `s` in every case.
 */
MUST_USE int stage_finish(struct stage *s, struct err *e);

/* Remove what was written and free. Takes NULL. */
void stage_abandon(struct stage *s);
DEFINE_CLEANUP(struct stage, stage_abandon);

/*
 * Remove a generation. -EBUSY: it is live or takes part in a pending switch. -ENOENT: there is none. Also refused when
 * it can't be known what is live or pending. Enters the keystore.
 */
MUST_USE int stage_discard(struct keystore *ks, const char *id, struct err *e);

/* SHA-256, so that nobody else here needs to know the library. */
void stage_hash(struct bytes data, uint8_t ret[STAGE_HASH_SIZE]);

#endif
