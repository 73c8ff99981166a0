/* The native side of docs/protocol-host.md: one conversation on two descriptors. */
#ifndef GW_GATE_SESSION_H
#define GW_GATE_SESSION_H

#include "gate/keystore.h"

struct session_setup {
	struct keystore *ks;	 /* kept */
	const char *socket_path; /* of the gate; kept */
	uid_t user;		 /* who called, for the fact `user` */
	int in_fd, out_fd;
};

/* Until `bye` (0), end of file (0), or a stream that can't be understood any more (-EPROTO). */
MUST_USE int session_run(const struct session_setup *setup, struct err *e);

#endif
