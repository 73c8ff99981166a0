/* Shared by host.c (the conversation) and host_open.c (how it begins) only. */
#ifndef GW_GATEWRIGHTD_DEPLOY_HOST_OPEN_H
#define GW_GATEWRIGHTD_DEPLOY_HOST_OPEN_H

#include "gatewrightd/deploy/host.h"

struct host {
	const struct job *job;
	struct remote *remote;
	struct remote_command *command; /* the conversation */
	struct buf in;			/* what was received and not yet taken */
	bool greeted;
};

/* The next line without its LF into `line`. -EPIPE: the host ended the conversation, or the connection is lost. */
MUST_USE int host_take_line(struct host *h, struct mono_time deadline, struct buf *line, struct err *e);

#endif
