/* The two halves of sandbox_enter(). Inner header of sys/proc. */
#ifndef GW_SYS_PROC_CONFINE_H
#define GW_SYS_PROC_CONFINE_H

#include "sys/proc/sandbox.h"

/* 1: the kernel has none of it. Adds to `missing` what it lacks in part. No-new-privileges must be set. */
MUST_USE int landlock_confine(const struct sandbox_profile *p, char missing[SANDBOX_MISSING_MAX], struct err *e);
MUST_USE int seccomp_confine(const struct sandbox_profile *p, struct err *e);

void sandbox_add_missing(char missing[SANDBOX_MISSING_MAX], const char *what);

#endif
