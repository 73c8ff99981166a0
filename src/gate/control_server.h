/* The control socket: who may speak, lines in, answers out, with limits. What is answered is control.h's. */
#ifndef GW_GATE_CONTROL_SERVER_H
#define GW_GATE_CONTROL_SERVER_H

#include "base/buf.h"
#include "sys/loop/loop.h"

struct control_server;

/* Answer one line into `out`. */
typedef void control_handler(void *context, struct bytes line, struct buf *out);

/*
 * Bind the Unix socket, mode 0600, owned by `uid` and `gid` (when started as root). A socket that a dead gate left is
 * replaced; one on which somebody answers is -EBUSY. Returns the descriptor (caller owns).
 */
MUST_USE int control_server_bind(const char *path, uid_t uid, gid_t gid, struct err *e);

/* Serve on `fd` (taken) in `loop` (kept): only root and this process's own user are heard. Returned:
 * control_server_free(). */
MUST_USE int control_server_new(struct loop *loop, int fd, control_handler *handler, void *context,
				struct control_server **ret, struct err *e);
void control_server_free(struct control_server *s);
DEFINE_CLEANUP(struct control_server, control_server_free);

#endif
