#include "sys/clock.h"
#include "base/limits.h"
#include "sys/net/net.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int net_left_ms(struct mono_time deadline)
{
	int64_t left = deadline.ms - clock_mono().ms;

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int net_wait(int fd, short events, struct mono_time deadline, short *ret_events, struct err *e)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		int r = poll(&p, 1, net_left_ms(deadline));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_errno(e, "poll");
		if (ret_events)
			*ret_events = p.revents;
		return r == 0 ? 1 : 0;
	}
}

static void set_options(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, LIMIT_TCP_KEEPALIVE_IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, LIMIT_TCP_KEEPALIVE_EVERY_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, LIMIT_TCP_KEEPALIVE_TRIES },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, LIMIT_TCP_UNSENT_MS },
	};

	for (size_t i = 0; i < ARRAY_N(options); i++)
		(void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(options[i].value));
}

static int connect_error(const struct net_address *a, int code, struct err *e)
{
	char text[NET_TEXT_SIZE];

	(void)net_text(a, text);
	switch (code) {
	case ECONNREFUSED:
		return err_set(e, -code, "connect to %s: connection refused: nothing listens there", text);
	case EHOSTUNREACH:
		return err_set(e, -code, "connect to %s: no route to host: it is down, or a firewall is in between",
			       text);
	case ENETUNREACH:
		return err_set(e, -code, "connect to %s: network unreachable: this machine has no route there", text);
	case ETIMEDOUT:
		return err_set(e, -code, "connect to %s: timed out: no answer from there", text);
	default:
		return err_set(e, -code, "connect to %s: %s", text, strerror(code));
	}
}

/* Wait until the connection that began stands or has failed; a positive errno is why. */
static int wait_connected(int fd, struct mono_time deadline, struct err *e)
{
	int code = 0, r;
	socklen_t n = sizeof(code);

	r = net_wait(fd, POLLOUT, deadline, NULL, e);
	if (r < 0)
		return r;
	if (r > 0)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &n) < 0)
		return errno;
	return code;
}

int net_connect(const struct net_address *a, struct mono_time deadline, int *ret_fd, struct err *e)
{
	int fd, r = 0;

	fd = socket(a->sa.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno == EAFNOSUPPORT ? connect_error(a, ENETUNREACH, e) : err_errno(e, "socket");
	set_options(fd);
	if (connect(fd, &a->sa.any, a->n) < 0)
		r = errno == EINPROGRESS ? wait_connected(fd, deadline, e) : errno;
	if (r == 0) {
		*ret_fd = fd;
		return 0;
	}
	(void)close(fd);
	return r < 0 ? r : connect_error(a, r, e);
}

/* Put the sentence of one more address behind those that are there; the kind of the first stays. */
static void add_reason(struct err *all, const struct err *now)
{
	char before[ERR_TEXT_MAX];

	if (all->code == 0) {
		*all = *now;
		return;
	}
	memcpy(before, all->text, sizeof(before));
	(void)err_set(all, all->code, "%s; %s", before, now->text);
}

int net_dial(const char *host, uint16_t port, struct mono_time deadline, int *ret_fd, struct err *e)
{
	struct net_address list[LIMIT_NET_ADDRESSES_MAX];
	struct err all = { 0 }, now = { 0 };
	size_t n = 0;
	int r;

	r = net_resolve(host, port, list, &n, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		int64_t share = net_left_ms(deadline) / (int64_t)(n - i);

		r = net_connect(&list[i], (struct mono_time) { clock_mono().ms + share }, ret_fd, &now);
		if (r == 0)
			return 0;
		add_reason(&all, &now);
	}
	return all.code ? err_set(e, all.code, "%s", all.text)
			: err_set(e, -ENOENT, "host name '%s' has no address", host);
}
