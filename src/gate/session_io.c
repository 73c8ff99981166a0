#include "gate/session_io.h"

#include "base/limits.h"
#include "sys/io.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define CHUNK 16384

void session_io_init(struct session_io *io, int in_fd, int out_fd)
{
	*io = (struct session_io) { .in_fd = in_fd, .out_fd = out_fd };
	buf_init(&io->in, LIMIT_HOST_LINE_MAX + 2 * CHUNK);
}

/* Private keys came through here. */
void session_io_fini(struct session_io *io)
{
	buf_wipe(&io->in);
}

static int fill(struct session_io *io, struct err *e)
{
	struct pollfd p = { .fd = io->in_fd, .events = POLLIN };
	uint8_t *to = buf_reserve(&io->in, CHUNK);
	ssize_t n;

	if (!to)
		return err_nomem(e);
	do {
		int ready = poll(&p, 1, LIMIT_HOST_IDLE_MS);

		if (ready == 0)
			return err_set(e, -ETIMEDOUT, "the manager said nothing for %d seconds",
				       LIMIT_HOST_IDLE_MS / 1000);
		n = read(io->in_fd, to, CHUNK);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return err_errno(e, "read from the manager");
	buf_added(&io->in, (size_t)n);
	return n == 0 ? 1 : 0;
}

static void drop_previous(struct session_io *io)
{
	if (io->line_n > 0 && io->line_n <= io->in.n)
		explicit_bzero(io->in.p, io->line_n);
	buf_consume(&io->in, io->line_n);
	io->line_n = 0;
}

int session_io_line(struct session_io *io, struct bytes *ret, struct err *e)
{
	drop_previous(io);
	for (;;) {
		const uint8_t *newline = io->in.n > 0 ? memchr(io->in.p, '\n', io->in.n) : NULL;
		int r;

		if (newline && (size_t)(newline - io->in.p) < LIMIT_HOST_LINE_MAX) {
			io->line_n = (size_t)(newline - io->in.p) + 1;
			*ret = bytes_of(io->in.p, io->line_n - 1);
			return 0;
		}
		if (newline || io->in.n >= LIMIT_HOST_LINE_MAX)
			return err_set(e, -EPROTO, "a request line: want at most %d bytes, got more",
				       LIMIT_HOST_LINE_MAX);
		r = fill(io, e);
		if (r != 0)
			return r;
	}
}

int session_io_bytes(struct session_io *io, uint64_t max, struct bytes *ret, struct err *e)
{
	drop_previous(io);
	if (io->in.n == 0) {
		int r = fill(io, e);

		if (r != 0)
			return r;
	}
	io->line_n = io->in.n < max ? io->in.n : (size_t)max;
	*ret = bytes_of(io->in.p, io->line_n);
	return 0;
}

int session_io_write(struct session_io *io, const struct buf *b, struct err *e)
{
	if (buf_bad(b))
		return err_nomem(e);
	return io_write_all(io->out_fd, buf_bytes(b)) < 0 ? err_errno(e, "write to the manager") : 0;
}
