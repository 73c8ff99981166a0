/* Calls with an Idempotency-Key, and what was answered. */
#ifndef GW_SYS_STORE_IDEMPOTENCY_H
#define GW_SYS_STORE_IDEMPOTENCY_H

#include "sys/store/store.h"

#define IDEMPOTENCY_DIGEST_SIZE 32

struct store_idempotency {
	const char *caller, *key;
	uint8_t digest[IDEMPOTENCY_DIGEST_SIZE];
	int status;	    /* 0: under way, or cut off */
	const char *answer; /* NULL while the status is 0 */
};

/* Keep the key from `now` on, when it is new; those before `forget_before` are forgotten. 1: it is there, *ret is what
 * is known. */
MUST_USE int store_idempotency_begin(struct store *s, const struct store_idempotency *row, struct wall_time now,
				     struct wall_time forget_before, struct arena *a, struct store_idempotency *ret,
				     struct err *e);
MUST_USE int store_idempotency_finish(struct store *s, const char *caller, const char *key, int status,
				      const char *answer, struct err *e);

/* Nothing was made: the key may be used again. */
MUST_USE int store_idempotency_forget(struct store *s, const char *caller, const char *key, struct err *e);

#endif
