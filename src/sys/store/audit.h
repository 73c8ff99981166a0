/* The rows of the audit log: what core/audit made. Nothing here changes or removes one. */
#ifndef GW_SYS_STORE_AUDIT_H
#define GW_SYS_STORE_AUDIT_H

#include "sys/store/accounts.h"

struct store_event {
	int64_t n;
	struct wall_time at;
	const char *actor, *action, *object, *outcome;
	const char *text; /* canonical JSON */
	uint8_t hash[STORE_HASH_SIZE];
};

struct store_head {
	int64_t n;
	const char *text; /* what was signed */
	uint8_t public_key[32], signature[64];
};

MUST_USE int store_event_add(struct store *s, const struct store_event *event, struct err *e);

/* The last one before `n` (INT64_MAX: of all). 1: none. */
MUST_USE int store_event_last(struct store *s, int64_t before, struct arena *a, struct store_event *ret, struct err *e);

/* In order, those after `n`. */
MUST_USE int store_event_since(struct store *s, int64_t n, size_t limit, struct arena *a, struct store_event **ret,
			       size_t *ret_n, struct err *e);

/* Newest first. Empty filters are NULL, empty times 0; `after` and later, earlier than `before`. */
struct store_event_query {
	const char *actor, *action, *object, *outcome;
	struct wall_time after, before;
	struct store_page page;
};
MUST_USE int store_event_list(struct store *s, const struct store_event_query *query, struct arena *a,
			      struct store_event **ret, size_t *ret_n, const char **ret_next, struct err *e);

MUST_USE int store_head_add(struct store *s, const struct store_head *head, struct err *e);

/* The last one, or that of event `n`. 1: none. */
MUST_USE int store_head_last(struct store *s, struct arena *a, struct store_head *ret, struct err *e);
MUST_USE int store_head_of(struct store *s, int64_t n, struct arena *a, struct store_head *ret, struct err *e);

#endif
