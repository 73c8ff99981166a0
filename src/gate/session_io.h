/* Lines and raw bytes from a descriptor, blocking with a limit; and answers to another one. */
#ifndef GW_GATE_SESSION_IO_H
#define GW_GATE_SESSION_IO_H

#include "base/buf.h"
#include "base/err.h"

struct session_io {
	int in_fd, out_fd;
	struct buf in;
	size_t line_n; /* of `in`: the line that was returned, with its newline; dropped by the next read */
};

void session_io_init(struct session_io *io, int in_fd, int out_fd);
void session_io_fini(struct session_io *io);

/* One line of at most LIMIT_HOST_LINE_MAX bytes without its newline, borrowed until the next read. 1: end of file.
 * -EPROTO: too long. */
MUST_USE int session_io_line(struct session_io *io, struct bytes *ret, struct err *e);

/* 1 to `max` raw bytes, borrowed until the next read. 1: end of file. */
MUST_USE int session_io_bytes(struct session_io *io, uint64_t max, struct bytes *ret, struct err *e);

/* Write all of `b`. */
MUST_USE int session_io_write(struct session_io *io, const struct buf *b, struct err *e);

#endif
