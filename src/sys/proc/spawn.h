/* Starting a process of ours: exactly the descriptors it needs at fixed numbers, nothing else inherited. */
#ifndef GW_SYS_PROC_SPAWN_H
#define GW_SYS_PROC_SPAWN_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

#define SPAWN_FD_FIRST 3 /* fds[0] becomes this number, fds[1] the next, ... */
#define SPAWN_FDS_MAX 16

struct spawn {
	int exe_fd;		 /* the program; borrowed */
	const char *const *argv; /* NULL at the end */
	const char *const *envp; /* NULL at the end */
	const int *fds;		 /* borrowed: the caller keeps its own */
	size_t fds_n;
};

/* This program itself, for spawn(): stays the same file when an upgrade replaces it on disk. Returned: close(). */
MUST_USE int spawn_open_self(int *ret_fd, struct err *e);

/*
 * Fork and execute. In the child: standard input and output are /dev/null, standard error is kept (the log), a session
 * of its own, default handlers, an empty signal mask. *ret_pidfd becomes readable when it ends (close-on-exec;
 * returned: close()).
 */
MUST_USE int spawn(const struct spawn *s, pid_t *ret_pid, int *ret_pidfd, struct err *e);

/* "killed by signal 9 (Killed)", "exit status 3": what wait said, for people. Returns `out`. */
#define SPAWN_STATUS_MAX 64
const char *spawn_status_text(int wait_status, char out[SPAWN_STATUS_MAX]);

#endif
