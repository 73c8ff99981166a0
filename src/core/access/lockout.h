/*
 * How long the next try to sign in has to wait. Counts and times are values that come in and go out; who keeps them is
 * somebody else. docs/adr/0007-who-may-call.md, "Lockout that locks nobody out for ever".
 */
#ifndef GW_CORE_ACCESS_LOCKOUT_H
#define GW_CORE_ACCESS_LOCKOUT_H

#include "base/time.h"

#define LOCKOUT_FREE 4		/* failures that cost nothing: typing errors */
#define LOCKOUT_WAIT_MAX_S 300	/* the longest wait; it starts at 1 s and doubles */
#define LOCKOUT_DECAY_S 900	/* so much silence halves the count */
#define LOCKOUT_FAILURES_MAX 32 /* more change nothing */

struct lockout {
	int64_t failures;
	struct wall_time last; /* when the last one was; anything when there was none */
};

/* Seconds that a try at `now` has to wait; 0: it may be made. Never more than LOCKOUT_WAIT_MAX_S, whatever the clock
 * did. */
int64_t lockout_wait(struct lockout l, struct wall_time now);

/* One failure more, at `now`; earlier ones fade first. */
struct lockout lockout_failed(struct lockout l, struct wall_time now);

/* The last counted try was none after all. */
struct lockout lockout_undone(struct lockout l);

/*
 * What failures of an address are counted under: the address, of an IPv6 one its /64 (one customer has at least that).
 * What is no address ("unix") is itself. Returns `out`.
 */
#define LOCKOUT_ADDRESS_MAX 64
const char *lockout_address(const char *address, char out[LOCKOUT_ADDRESS_MAX]);

#endif
