/* Events of the audit log into the store. */
#ifndef GW_GATEWRIGHTD_MANAGER_AUDIT_H
#define GW_GATEWRIGHTD_MANAGER_AUDIT_H

#include "core/audit/audit.h"
#include "sys/store/audit.h"

#define AUDIT_HEAD_EVENTS 256	/* so many events without a head: it is time for one */
#define AUDIT_HEAD_EVERY_S 3600 /* or so long since the first of them */

/* The next number and the hash are made here; `event->n` is not read. A group of its own, or a part of the one that is
 * open. */
MUST_USE int audit_write(struct store *s, const struct audit_event *event, struct wall_time now, struct err *e);

/*
 * A thread that signs heads when it is time (also at the end, when there is news), and sends events to syslog when the
 * setting says so. `log_fd` (taken): an unconnected Unix datagram socket made before the sandbox closed, or -1;
 * `log_path` (copied): where it sends to.
 */
struct auditor;
struct manager;
MUST_USE int auditor_start(struct manager *m, int log_fd, const char *log_path, struct auditor **ret, struct err *e);
void auditor_wake(struct auditor *a); /* an event was written; NULL is fine */
void auditor_stop(struct auditor *a); /* signs the last head; frees */

/*
 * A refused read: is it one to tell now? Else it is counted, and told with others when a minute, or of a caller that is
 * not known ten minutes, have passed. `call`: its pattern. NULL `a`: each is told.
 */
bool auditor_tells_refusal(struct auditor *a, bool is_known, const char *actor, const char *address, const char *call,
			   struct wall_time now);

/* RFC 5424: "<110>1 TIME HOST gatewrightd - ACTION - TEXT" */
void audit_syslog_line(const struct store_event *event, const char *host, struct buf *out);

#endif
