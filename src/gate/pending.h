/* The two small records of a keystore: the switch that awaits its confirmation, and what was confirmed before. */
#ifndef GW_GATE_PENDING_H
#define GW_GATE_PENDING_H

#include "gate/keystore.h"

struct pending {
	char token[KEYSTORE_TOKEN_SIZE];
	char old_id[KEYSTORE_ID_SIZE]; /* "-": there was none */
	char new_id[KEYSTORE_ID_SIZE];
	char boot[KEYSTORE_BOOT_SIZE]; /* for people: the kernel's boot id at the switch */
	struct wall_time deadline;     /* for people and for `left` while no gate runs */
};

/* Pure: the record as text, five lines "name value"; and back. False: not such a record. */
struct buf;
void pending_format(const struct pending *p, struct buf *out);
bool pending_parse(struct bytes text, struct pending *ret);

/* 1: nothing is pending. -EINVAL: the record can't be read. */
MUST_USE int pending_read(const struct keystore *ks, struct pending *ret, struct err *e);
MUST_USE int pending_write(struct keystore *ks, const struct pending *p, struct err *e);

/*
 * Remove the record, durably. When the removal happened but could not be synced, it is written again, so that what is
 * on disk and the answer stay the same; the error is returned.
 */
MUST_USE int pending_remove(struct keystore *ks, struct err *e);

/* The kernel's boot id, "unknown" when it can't be read. */
void pending_boot_id(char ret[KEYSTORE_BOOT_SIZE]);

/* Confirmed generations, oldest first, each once. A broken or missing record gives none. */
struct history {
	char ids[LIMIT_KEYSTORE_HISTORY_MAX][KEYSTORE_ID_SIZE];
	size_t n;
};
void history_parse(struct bytes text, struct history *ret);
void history_read(const struct keystore *ks, struct history *ret);
bool history_has(const struct history *h, const char *id);

/* Make `id` the newest entry; writes only when that changes something. Enters the keystore. */
MUST_USE int history_add(struct keystore *ks, const char *id, struct err *e);

/* Under this name comes another generation, which nobody has confirmed. The caller has entered the keystore. */
MUST_USE int history_forget(struct keystore *ks, const char *id, struct err *e);

#endif
