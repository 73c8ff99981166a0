/*
 * What a process may still do once it serves: no new privileges, a file system view by Landlock, system calls by
 * seccomp.
 *
 * A call on the profile's list works. A call that no process of ours ever makes, and that an intruder would want
 * (execute, trace, mount, load a module, make a socket in a process without network, ...), kills the process: a wrong
 * step must not be retried. Everything else answers ENOSYS, as an old kernel would: libraries probe for new calls and
 * then use the ones that are listed.
 */
#ifndef GW_SYS_PROC_SANDBOX_H
#define GW_SYS_PROC_SANDBOX_H

#include "base/err.h"

#include <stdbool.h>

/* Groups of system calls; a profile is a set of them. SANDBOX_BASE (memory, time, given descriptors, exit) is always
 * in. */
enum sandbox_group {
	SANDBOX_BASE,
	SANDBOX_MESSAGES,    /* send and receive on sockets that are there, with descriptors */
	SANDBOX_POLL,	     /* poll, epoll, eventfd, timerfd, signalfd */
	SANDBOX_THREADS,     /* start threads */
	SANDBOX_FILES_READ,  /* open and read files; Landlock says which */
	SANDBOX_FILES_WRITE, /* create, write, sync, rename, remove files */
	SANDBOX_SERVE,	     /* accept connections on a listening socket that is there */
	SANDBOX_CONNECT,     /* make TCP, UDP and Unix sockets and connect them */
	SANDBOX_LOAD_CODE,   /* map code: name service modules */
	SANDBOX_GROUP_N
};

/* What may be done below a directory (or with a file). */
enum sandbox_access { SANDBOX_READ = 1, SANDBOX_WRITE = 2, SANDBOX_EXECUTE = 4 };

struct sandbox_path {
	const char *path; /* one that does not exist is skipped */
	unsigned access;  /* BIT-wise enum sandbox_access */
};

struct sandbox_profile {
	const char *name;
	unsigned groups; /* BIT(SANDBOX_...) */
	const struct sandbox_path *paths;
	unsigned paths_n;
	bool tcp_connect; /* else TCP connections are refused where the kernel can */
};

/*
 * Enter; for good. For the calling thread and the ones that it starts. What the kernel lacks is appended to `missing`
 * (one line of words separated by ", "; "" when nothing). Negative: not confined; the caller ends.
 */
#define SANDBOX_MISSING_MAX 256
MUST_USE int sandbox_enter(const struct sandbox_profile *p, char missing[SANDBOX_MISSING_MAX], struct err *e);

#endif
