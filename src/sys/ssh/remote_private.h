/* Shared by the files of sys/ssh only. */
#ifndef GW_SYS_SSH_REMOTE_PRIVATE_H
#define GW_SYS_SSH_REMOTE_PRIVATE_H

#include "sys/ssh/remote.h"

#include <libssh/libssh.h>

struct remote {
	ssh_session session;
	int fd;	      /* our own duplicate: libssh closes its one or not, this one ends the connection for sure */
	int given_fd; /* what libssh was given; it closes it in some states and not in others */
	bool logged_in;
	char *name; /* "edge-3.example.com port 22" */
	char host_key[REMOTE_FINGERPRINT_SIZE];
	char host_key_type[REMOTE_KEY_TYPE_SIZE];
};

/* Wait until libssh can go on. -ETIMEDOUT without a sentence: the caller says what was waited for. */
MUST_USE int remote_wait_io(struct remote *r, struct mono_time deadline, struct err *e);

/* Connection lost, in words; returns -EPIPE. */
int remote_lost(struct remote *r, const char *doing, struct err *e);

#endif
