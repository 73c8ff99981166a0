#include "sys/net/net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct net_address every_address(uint16_t port, sa_family_t family)
{
	struct net_address a = { 0 };

	if (family == AF_INET6) {
		a.sa.v6 = (struct sockaddr_in6) { .sin6_family = AF_INET6, .sin6_port = htons(port) };
		a.n = sizeof(a.sa.v6);
	} else {
		a.sa.v4 = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons(port) };
		a.n = sizeof(a.sa.v4);
	}
	return a;
}

static int listen_on(const struct net_address *a, bool v6_only, int backlog, int *ret_fd, struct err *e)
{
	int on = 1, only = v6_only, fd = socket(a->sa.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char text[NET_TEXT_SIZE];
	int r;

	if (fd < 0)
		return err_errno(e, "make a listening socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->sa.any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (bind(fd, &a->sa.any, a->n) == 0 && listen(fd, backlog) == 0) {
		*ret_fd = fd;
		return 0;
	}
	if (errno == EADDRINUSE)
		r = err_set(e, -EADDRINUSE, "listen on '%s': another process listens there already", net_text(a, text));
	else
		r = err_errno(e, "listen on '%s'", net_text(a, text));
	(void)close(fd);
	return r;
}

int net_listen(const char *host, uint16_t port, int backlog, int *ret_fd, struct err *e)
{
	struct net_address list[LIMIT_NET_ADDRESSES_MAX];
	size_t n = 0;
	int r;

	if (strcmp(host, "*") == 0) {
		list[0] = every_address(port, AF_INET6);
		r = listen_on(&list[0], false, backlog, ret_fd, e);
		if (r != -EAFNOSUPPORT)
			return r;
		list[0] = every_address(port, AF_INET);
		return listen_on(&list[0], false, backlog, ret_fd, e);
	}
	r = net_resolve(host, port, list, &n, e);
	return r < 0 ? r : listen_on(&list[0], true, backlog, ret_fd, e);
}
