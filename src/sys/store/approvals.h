/* What waits for a second person. */
#ifndef GW_SYS_STORE_APPROVALS_H
#define GW_SYS_STORE_APPROVALS_H

#include "sys/store/accounts.h"

struct store_approval {
	int64_t id;
	const char *action, *object, *summary, *requested_by;
	uint8_t digest[STORE_HASH_SIZE]; /* of the request: it is good for that one */
	struct wall_time requested_at, expires_at;
	const char *state;	/* "waiting", "granted", "refused", "used" */
	const char *decided_by; /* NULL: nobody yet */
};

MUST_USE int store_approval_add(struct store *s, const struct store_approval *approval, int64_t *ret_id, struct err *e);
MUST_USE int store_approval_get(struct store *s, int64_t id, struct arena *a, struct store_approval *ret,
				struct err *e); /* 1: none */

/* Newest first. */
MUST_USE int store_approval_list(struct store *s, struct store_page page, struct arena *a, struct store_approval **ret,
				 size_t *ret_n, const char **ret_next, struct err *e);

/* "granted" or "refused". 1: it does not wait any more. */
MUST_USE int store_approval_decide(struct store *s, int64_t id, const char *state, const char *by, struct wall_time now,
				   struct err *e);

/* 1: it is not granted, or was used. */
MUST_USE int store_approval_use(struct store *s, int64_t id, struct err *e);

#endif
