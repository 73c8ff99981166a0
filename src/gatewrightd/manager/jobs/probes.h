/* What probes saw, as JSON texts (docs/api.md "probe") and what follows from them. */
#ifndef GW_GATEWRIGHTD_MANAGER_JOBS_PROBES_H
#define GW_GATEWRIGHTD_MANAGER_JOBS_PROBES_H

#include "codec/wire.h"
#include "core/deploy/update.h"
#include "core/pki/facts.h"
#include "sys/store/store.h"

#define PROBES_MAX 256 /* of one round */

/* The FIELD_PROBEs of a message as the text of a JSON list, checked. Returned: free(). */
MUST_USE int probes_take(const struct wire_message *m, char **ret, struct err *e);

/* Handshakes in a list, and those that failed. */
void probes_count(const char *text, int64_t *tried, int64_t *lost);

/* The one fingerprint that every probe of the list saw. False: none, or not the same everywhere. */
bool probes_served(const char *text, uint8_t ret[FINGERPRINT_SIZE]);

/* What the list says against the new and the old certificate (NULL: none): the worst of all. The old one here and the
 * new one there is SEEN_OTHER: it is not gone back to, nor renewed. */
enum update_seen probes_judge(const char *text, const uint8_t *new_fingerprint, const uint8_t *old_fingerprint);

/* The sentence of the first probe that is not well, or "" */
void probes_trouble(const char *text, char *out, size_t size);

MUST_USE int probes_keep(struct store *s, int64_t gateway_id, int64_t job_id, const char *phase, const char *list,
			 struct wall_time at, struct err *e);

/*
 * Used is what was seen: when every probe had its handshake, the certificates of the inventory that were served are the
 * ones in use, and no others are. When one had none, nothing is known and nothing changes.
 */
MUST_USE int probes_set_use(struct store *s, int64_t gateway_id, const char *text, struct wall_time at, struct err *e);

#endif
