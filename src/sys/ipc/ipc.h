/* SOCK_SEQPACKET pairs between the processes of one program, with a descriptor along where a message brings one. */
#ifndef GW_SYS_IPC_IPC_H
#define GW_SYS_IPC_IPC_H

#include "base/buf.h"
#include "base/err.h"
#include "codec/wire.h"

/* What every protocol of the programs shares (gatewrightd/messages.h): the two answers, and the fields of a refusal. */
enum ipc_answer { IPC_OK = 1, IPC_REFUSED = 2 };
enum ipc_field { IPC_ERROR_KIND = 1, IPC_ERROR_TEXT = 2 };

/*
 * An answer with this id is for whoever waits: the process that was asked died, another one serves the channel now.
 * Requests therefore never carry it.
 */
#define IPC_ID_LOST 0

/* Both ends close-on-exec, buffers large enough for WIRE_MESSAGE_MAX. */
MUST_USE int ipc_pair(int ret_fds[2], struct err *e);

/* Send the message in `b` (not bad); `fd_along` -1: none; it is duplicated, the caller keeps its own. -EPIPE: the other
 * end is gone. */
MUST_USE int ipc_send(int fd, const struct buf *b, int fd_along, struct err *e);

/* The same, but wait at most `timeout_ms` for a reader: -ETIMEDOUT; 0: not at all. ipc_send() waits for
 * IPC_SEND_WAIT_MS. */
#define IPC_SEND_WAIT_MS 30000
MUST_USE int ipc_send_within(int fd, const struct buf *b, int fd_along, int timeout_ms, struct err *e);

/*
 * Receive one message into `b` (reset first; its maximum at least WIRE_MESSAGE_MAX) and parse it; views in *ret are
 * borrowed from `b`. *ret_fd gets the descriptor or -1 (NULL: one that comes is closed and the message refused).
 * `timeout_ms` -1: wait for ever. 1: the other end is gone (end of file). 2: timed out. -EPROTO: malformed.
 */
MUST_USE int ipc_receive(int fd, int timeout_ms, struct buf *b, struct wire_message *ret, int *ret_fd, struct err *e);

/*
 * Send a request (wire_begin with any id) under a fresh id and receive its answer; answers to earlier requests that
 * came too late are dropped. -EPIPE: the other end is gone, or died with this request. -ETIMEDOUT. MSG_REFUSED becomes
 * its kind and sentence in `e`; findings stay readable in *ret. One call at a time on one descriptor.
 */
MUST_USE int ipc_call(int fd, struct buf *request, struct buf *answer, struct wire_message *ret, int *ret_fd,
		      int timeout_ms, struct err *e);

/* Begin the answer MSG_REFUSED to request `id` in `b` (reset first): kind `code` (negative) and its sentence. Findings
 * may follow. */
void ipc_refuse(struct buf *b, uint32_t id, int code, const char *text);

#endif
