/* Becoming another user for good. */
#ifndef GW_SYS_PROC_PRIVILEGES_H
#define GW_SYS_PROC_PRIVILEGES_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid;
};

/* The user's numbers from the system's database. -ENOENT: no such user. */
MUST_USE int identity_of_user(const char *name, struct identity *ret, struct err *e);
MUST_USE int gid_of_group(const char *name, gid_t *ret, struct err *e);

/*
 * Real, effective and saved user and group become `id`'s, supplementary groups none, capabilities none; then it is
 * proven that there is no way back. Does nothing when this process is `id` already and not root.
 */
MUST_USE int privileges_drop(struct identity id, struct err *e);

/* No core file, no ptrace by the same user, /proc/PID/mem for root alone. */
MUST_USE int privileges_hide_memory(struct err *e);

/*
 * Nothing of this process goes to swap, also what it maps later. Only without a limit on locked memory (raised where
 * that is allowed): below one, memory that can't be locked could not be had at all. False: not done. Never with
 * sanitizers, which map terabytes.
 */
bool privileges_lock_memory(void);

#endif
