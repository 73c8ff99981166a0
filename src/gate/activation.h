/*
 * Which generation is served: switch, confirm, roll back, and the dead-man switch. Works on the keystore directory;
 * serving is the caller's (threads with TLS contexts, or nothing at all when no gate runs). One thread.
 */
#ifndef GW_GATE_ACTIVATION_H
#define GW_GATE_ACTIVATION_H

#include "gate/generation.h"
#include "gate/pending.h"

struct activation_ops {
	/* Serve `g` (borrowed) to every handshake from now on; NULL: serve nothing. On failure what was served stays
	 * served. */
	int (*serve)(void *context, const struct generation *g, struct err *e);
};

struct activation;

/* `ks`, `ops` and `context` are kept; the caller has the keystore's lock. Returned: activation_free(). */
struct activation *activation_new(struct keystore *ks, const struct activation_ops *ops, void *context);
void activation_free(struct activation *a);
DEFINE_CLEANUP(struct activation, activation_free);

/*
 * Bring the directory into a whole state (an unconfirmed switch is rolled back) and serve what is live; when that is
 * broken, the last confirmed generation that is whole, then any whole one, the newest first, loudly. 1: no generation
 * can be served.
 */
MUST_USE int activation_start(struct activation *a, struct wall_time now, struct err *e);

struct activation_switched {
	char old_id[KEYSTORE_ID_SIZE]; /* "-": none */
	bool switched;		       /* false: failed before anything changed */
	bool restored;		       /* failed after that, and the old one is served again */
};

/*
 * Check generation `id` against what is served and serve it. With `seconds` > 0 it goes back by itself at `mono` +
 * seconds unless it is confirmed with `token` before; with 0 it is confirmed at once. Repeating the pending switch is
 * fine. -EBUSY: another one is pending. -ENOENT, FAILURE_MISMATCH, FAILURE_INCOMPATIBLE, FAILURE_RELOAD. *ret is
 * written in every case.
 */
MUST_USE int activation_switch(struct activation *a, const char *id, const char *token, int64_t seconds,
			       struct wall_time now, struct mono_time mono, struct activation_switched *ret,
			       struct err *e);

/* Keep it. Then all but the last `keep` generations are removed, never one that is live or was just replaced.
 * FAILURE_NOT_PENDING. */
MUST_USE int activation_confirm(struct activation *a, const char *token, size_t keep, size_t *ret_removed,
				struct err *e);

/*
 * Go back now. FAILURE_NOT_PENDING. Any other failure means that the disk refused: the old one is served all the same
 * and the directory is tried again at activation_due(); a start would go back too.
 */
MUST_USE int activation_rollback(struct activation *a, const char *token, struct mono_time mono, struct err *e);

/* When activation_on_timer() wants to be called; false: never. */
bool activation_due(const struct activation *a, struct mono_time *ret);
void activation_on_timer(struct activation *a, struct mono_time mono);

/* What is served (borrowed until the next change), NULL: nothing. What is pending, NULL: nothing. Whole seconds left,
 * at least 0. */
const struct generation *activation_served(const struct activation *a);
const struct pending *activation_pending(const struct activation *a);
int64_t activation_left(const struct activation *a, struct mono_time mono);

#endif
