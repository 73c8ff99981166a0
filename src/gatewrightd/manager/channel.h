/* A channel to another process on which one call goes at a time; threads wait for their turn. */
#ifndef GW_GATEWRIGHTD_MANAGER_CHANNEL_H
#define GW_GATEWRIGHTD_MANAGER_CHANNEL_H

#include "sys/ipc/ipc.h"

struct channel;

/* `fd` is taken; `name` (kept) is for sentences. */
MUST_USE int channel_new(int fd, const char *name, struct channel **ret, struct err *e);
void channel_free(struct channel *c);

/* An answer; its fields are borrowed from it. reply_fini() wipes. */
struct reply {
	struct buf buf;
	struct wire_message m;
	int fd; /* that came along, or -1; reply_fini() closes it */
};
void reply_fini(struct reply *r);

/* A request to be filled with fields. */
void request_begin(struct buf *request, uint16_t type);

/*
 * Send and wait for the answer; `request` is wiped, whatever comes. -EPIPE: the process is away ("... try again"). A
 * refusal is its kind and sentence; findings stay in ret->m. reply_fini() also after a failure.
 */
MUST_USE int channel_call(struct channel *c, struct buf *request, struct reply *ret, int timeout_ms, struct err *e);

/* Did the last call find the process there? */
bool channel_is_up(struct channel *c);

#endif
