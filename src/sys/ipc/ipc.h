/* SOCK_SEQPACKET pairs between the processes of one program, with a descriptor along where a message brings one. */
#ifndef GW_SYS_IPC_IPC_H
#define GW_SYS_IPC_IPC_H

#include "base/buf.h"
#include "base/err.h"
#include "codec/wire.h"

/* Both ends close-on-exec, buffers large enough for WIRE_MESSAGE_MAX. */
MUST_USE int ipc_pair(int ret_fds[2], struct err *e);

/* Send the message in `b` (not bad); `fd_along` -1: none; it is duplicated, the caller keeps its own. -EPIPE: the other end is gone. */
MUST_USE int ipc_send(int fd, const struct buf *b, int fd_along, struct err *e);

/*
 * Receive one message into `b` (reset first) and parse it; views in *ret are borrowed from `b`. *ret_fd gets the descriptor or -1
 * (NULL: one that comes is closed and the message refused). `timeout_ms` -1: wait for ever.
 * 1: the other end is gone (end of file). 2: timed out. -EPROTO: malformed.
 */
MUST_USE int ipc_receive(int fd, int timeout_ms, struct buf *b, struct wire_message *ret, int *ret_fd, struct err *e);

/* Send a request with a fresh id and receive its answer. MSG_REFUSED becomes its kind and sentence in `e`; findings stay readable in *ret. */
MUST_USE int ipc_call(int fd, struct buf *request, struct buf *answer, struct wire_message *ret, int *ret_fd, int timeout_ms,
		      struct err *e);

#endif
