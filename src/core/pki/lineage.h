/* A certificate's line of descent: whom it renews, who renews it, and which predecessor may be revoked. */
#ifndef GW_CORE_PKI_LINEAGE_H
#define GW_CORE_PKI_LINEAGE_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>

/* One certificate of the inventory, as far as descent goes. */
struct lineage_row {
	int64_t id;	     /* positive */
	int64_t predecessor; /* 0: none; one that is not among the rows counts as none */
	struct wall_time not_after;
	bool revoked;
	bool used;   /* proven to be served by a gateway right now */
	bool proven; /* the renewal that replaced the predecessor by this one was proven */
};

/*
 * Ids are positive and rise, nobody descends from itself. -EINVAL with a sentence that names the certificate. All other
 * functions here want rows that have been checked.
 */
MUST_USE int lineage_check(const struct lineage_row *rows, size_t n, struct err *e);

/* May `id` (0: one to be made) be said to renew `predecessor`? -ENOENT: there is none; -EINVAL: it would descend from
 * itself. */
MUST_USE int lineage_may_renew(const struct lineage_row *rows, size_t n, int64_t id, int64_t predecessor,
			       struct err *e);

/* The predecessor's row, or NULL. Borrowed from `rows`. */
const struct lineage_row *lineage_predecessor(const struct lineage_row *rows, size_t n, int64_t id);

/* Those that renew `id`, in order of id: writes at most `max` ids and returns how many there are. */
size_t lineage_successors(const struct lineage_row *rows, size_t n, int64_t id, int64_t *ret, size_t max);

/* The first of the line that `id` belongs to: the one that renews nobody. 0: `id` is not there. */
int64_t lineage_origin(const struct lineage_row *rows, size_t n, int64_t id);

/*
 * The predecessor of `id` that may be offered for revocation at `now`, or 0: only the one that a proven renewal
 * replaced, when no gateway serves it any more, and while it is neither revoked nor expired.
 */
int64_t lineage_revocable(const struct lineage_row *rows, size_t n, int64_t id, struct wall_time now);

#endif
