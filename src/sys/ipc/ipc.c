#include "sys/ipc/ipc.h"
#include "sys/clock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The kernel may bring more descriptors than we want: room to see them, so that none leaks. */
#define CONTROL_FDS 8

union control {
	char bytes[CMSG_SPACE(CONTROL_FDS * sizeof(int))];
	struct cmsghdr align;
};

static int set_buffers(int fd)
{
	int size = 4 * WIRE_MESSAGE_MAX;

	/* The first needs a privilege, the second is capped by net.core.wmem_max, whose default suffices for a message.
	 */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) == 0)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

int ipc_pair(int ret_fds[2], struct err *e)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_errno(e, "make a socket pair");
	if (set_buffers(fds[0]) < 0 || set_buffers(fds[1]) < 0) {
		int r = err_errno(e, "set the buffer of a socket pair to %d bytes", WIRE_MESSAGE_MAX);

		(void)close(fds[0]);
		(void)close(fds[1]);
		return r;
	}
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}

/* Wait until `deadline_ms` (-1: for ever). 0: ready; 2: timed out. */
static int wait_for(int fd, short events, int64_t deadline_ms, struct err *e)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		int64_t left = deadline_ms < 0 ? -1 : deadline_ms - clock_mono().ms;
		int n;

		if (deadline_ms >= 0 && left < 0)
			left = 0;
		n = poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left);
		if (n > 0)
			return 0;
		if (n == 0 && deadline_ms >= 0 && clock_mono().ms >= deadline_ms)
			return 2;
		if (n < 0 && errno != EINTR)
			return err_errno(e, "wait for a message");
	}
}

static int64_t deadline_of(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : clock_mono().ms + timeout_ms;
}

static void put_descriptor(struct msghdr *m, union control *c, int fd)
{
	struct cmsghdr *h;

	memset(c, 0, sizeof(*c));
	m->msg_control = c->bytes;
	m->msg_controllen = CMSG_SPACE(sizeof(int));
	h = CMSG_FIRSTHDR(m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(int));
}

/* 0: sent. 1: no room. -EPIPE: gone. */
static int try_send(int fd, const struct msghdr *m, size_t n, struct err *e)
{
	do {
		if (sendmsg(fd, m, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
	} while (errno == EINTR);
	if (errno == EAGAIN)
		return 1;
	if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)
		return err_set(e, -EPIPE, "send a message: the other process is gone");
	return err_errno(e, "send a message of %zu bytes", n);
}

int ipc_send_within(int fd, const struct buf *b, int fd_along, int timeout_ms, struct err *e)
{
	struct iovec iov = { .iov_base = b->p, .iov_len = b->n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int64_t deadline = deadline_of(timeout_ms);
	union control c;

	if (buf_bad(b) || b->n > WIRE_MESSAGE_MAX)
		return err_set(e, -EMSGSIZE, "message too large: want at most %d bytes, got more", WIRE_MESSAGE_MAX);
	assert(b->n > 0);
	if (fd_along >= 0)
		put_descriptor(&m, &c, fd_along);
	for (;;) {
		int r = try_send(fd, &m, b->n, e);

		if (r <= 0)
			return r;
		r = wait_for(fd, POLLOUT, deadline, e);
		if (r < 0)
			return r;
		if (r == 2)
			return err_set(e, -ETIMEDOUT, "send a message: the other process does not read (waited %d ms)",
				       timeout_ms);
	}
}

int ipc_send(int fd, const struct buf *b, int fd_along, struct err *e)
{
	return ipc_send_within(fd, b, fd_along, IPC_SEND_WAIT_MS, e);
}

/* The descriptors that came: the first into *ret, every other one closed. Returns how many there were. */
static size_t take_descriptors(struct msghdr *m, int *ret)
{
	size_t count = 0;

	*ret = -1;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		size_t n;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(int));
			if (count++ == 0)
				*ret = fd;
			else
				(void)close(fd);
		}
	}
	return count;
}

static bool peer_is_gone(ssize_t n)
{
	return n == 0 || (n < 0 && (errno == ECONNRESET || errno == EPIPE || errno == ENOTCONN));
}

/* A datagram of `n` bytes is in `b`, with what came along in `m`. */
static int check_datagram(size_t n, struct msghdr *m, struct buf *b, struct wire_message *ret, int *ret_fd,
			  struct err *e)
{
	int along;
	size_t count = take_descriptors(m, &along);
	int r = 0;

	if (m->msg_flags & MSG_TRUNC)
		r = err_set(e, -EPROTO, "message too large: want at most %d bytes, got more", WIRE_MESSAGE_MAX);
	else if ((m->msg_flags & MSG_CTRUNC) || count > 1 || (count == 1 && !ret_fd))
		r = err_set(e, -EPROTO, "message with descriptors: want %s, got more", ret_fd ? "at most one" : "none");
	buf_added(b, n);
	if (r == 0 && !wire_parse(buf_bytes(b), ret))
		r = err_set(e, -EPROTO, "malformed message of %zu bytes", n);
	if (r < 0 && along >= 0)
		(void)close(along);
	if (ret_fd)
		*ret_fd = r < 0 ? -1 : along;
	return r;
}

/*
 * Room for the next datagram, as recvmsg() answers: positive, 0 at the end, or -1 with errno. Most are a hundredth of
 * WIRE_MESSAGE_MAX, and a whole buffer, allocated, wiped and freed, would cost more than some requests.
 */
static ssize_t waiting_size(int fd)
{
	struct msghdr m = { .msg_iovlen = 0 };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);

	return n > WIRE_MESSAGE_MAX ? WIRE_MESSAGE_MAX : n;
}

int ipc_receive(int fd, int timeout_ms, struct buf *b, struct wire_message *ret, int *ret_fd, struct err *e)
{
	int64_t deadline = deadline_of(timeout_ms);
	struct iovec iov;
	union control c;

	if (ret_fd)
		*ret_fd = -1;
	buf_reset(b);
	for (;;) {
		struct msghdr m = {
			.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.bytes, .msg_controllen = sizeof(c.bytes)
		};
		ssize_t n = waiting_size(fd);
		int r;

		if (n > 0) {
			iov.iov_len = (size_t)n;
			iov.iov_base = buf_reserve(b, iov.iov_len);
			if (!iov.iov_base)
				return err_nomem(e);
			n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		}
		if (n > 0)
			return check_datagram((size_t)n, &m, b, ret, ret_fd, e);
		if (peer_is_gone(n))
			return 1;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return err_errno(e, "receive a message");
		r = wait_for(fd, POLLIN, deadline, e);
		if (r != 0)
			return r;
	}
}
