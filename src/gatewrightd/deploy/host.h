/*
 * A gateway's host: the SSH connection, root's rights there, and the one conversation of docs/protocol-host.md.
 * Whatever the host says is bounded and made printable here.
 */
#ifndef GW_GATEWRIGHTD_DEPLOY_HOST_H
#define GW_GATEWRIGHTD_DEPLOY_HOST_H

#include "base/buf.h"
#include "core/deploy/hostproto.h"
#include "gatewrightd/deploy/job.h"
#include "sys/ssh/remote.h"

struct host;

/* The host's key, also when it was not accepted. */
struct host_key {
	char fingerprint[REMOTE_FINGERPRINT_SIZE], type[REMOTE_KEY_TYPE_SIZE];
};

/* Connect and exchange keys, nothing else: what is its key? */
MUST_USE int host_scan(const struct job *j, struct mono_time deadline, struct host_key *ret, struct err *e);

/*
 * Connect, check the host key against the job's pins, log in, become root, start the conversation, read the greeting.
 * 1: refused, trying again is useless (host key unknown or changed, login or sudo refused, not the right program).
 * *ret_key is written as soon as the key is known. Returned: host_close().
 */
MUST_USE int host_open(const struct job *j, struct mono_time deadline, struct host **ret, struct host_key *ret_key,
		       struct err *e);

/* Says `bye` when `orderly`, and ends the connection. */
void host_close(struct host *h, bool orderly);

/* What came back for one request. host_reply_init() before, host_reply_fini() after. */
struct host_reply {
	bool ok;
	enum host_failure failure; /* unless ok */
	char text[ERR_TEXT_MAX];   /* the host's sentence, printable; unless ok */
	struct host_report report;
	struct buf chain;  /* PEM text of `+` lines */
	struct buf output; /* `|` lines, printable */
};
void host_reply_init(struct host_reply *r);
void host_reply_fini(struct host_reply *r);

/*
 * Send `request` (one or several lines, raw bytes in between) and read the reply to its end. 0: there is a reply, ok or
 * not. -EPIPE: the connection is lost. -ETIMEDOUT. -EPROTO: the host spoke wrongly. After a failure only host_close().
 */
MUST_USE int host_request(struct host *h, struct bytes request, struct host_reply *ret, struct mono_time deadline,
			  struct err *e);

/* See remote_idle(). */
MUST_USE int host_idle(struct host *h, int other_fd, struct mono_time deadline, struct err *e);

#endif
