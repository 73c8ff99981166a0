#include "gate/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 4096

static int resolve(const char *host, uint16_t port, struct listen_address *ret, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found = NULL;
	bool any = strcmp(host, "*") == 0;
	char service[8];
	int r;

	(void)snprintf(service, sizeof(service), "%u", port);
	hints.ai_family = any ? AF_INET6 : AF_UNSPEC;
	r = getaddrinfo(any ? NULL : host, service, &hints, &found);
	if (r != 0 && any) {
		hints.ai_family = AF_INET;
		r = getaddrinfo(NULL, service, &hints, &found);
	}
	if (r != 0)
		return err_set(e, -EINVAL, "address '%s' to listen on: %s", host, gai_strerror(r));
	memcpy(&ret->address, found->ai_addr, found->ai_addrlen);
	ret->n = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int make_socket(const struct listen_address *a, bool any, struct err *e)
{
	int fd = socket(a->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1,
	    only = any ? 0 : 1;

	if (fd < 0)
		return err_errno(e, "make a listening socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->address.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	return fd;
}

static int bind_to(int fd, const struct listen_address *a, const char *host, struct err *e)
{
	if (bind(fd, (const struct sockaddr *)&a->address, a->n) < 0)
		return err_errno(e, "listen on '%s'", host);
	return 0;
}

/* Does somebody listen there? A bind without SO_REUSEPORT finds out; and takes the port when it is 0. */
static int probe_port(const char *host, bool any, struct listen_address *a, int *ret_fd, struct err *e)
{
	int fd = make_socket(a, any, e), r;

	if (fd < 0)
		return fd;
	r = bind_to(fd, a, host, e);
	if (r == 0 && listen(fd, 1) < 0)
		r = err_errno(e, "listen on '%s'", host);
	if (r == 0 && getsockname(fd, (struct sockaddr *)&a->address, &a->n) < 0)
		r = err_errno(e, "address of '%s'", host);
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static void write_text(struct listen_address *a)
{
	char host[INET6_ADDRSTRLEN] = "", port[8] = "";
	bool v6 = a->address.ss_family == AF_INET6;

	(void)getnameinfo((const struct sockaddr *)&a->address, a->n, host, sizeof(host), port, sizeof(port),
			  NI_NUMERICHOST | NI_NUMERICSERV);
	(void)snprintf(a->text, sizeof(a->text), v6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int open_one(const struct listen_address *a, bool any, const char *host, struct err *e)
{
	int fd = make_socket(a, any, e), on = 1, r;

	if (fd < 0)
		return fd;
	r = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0
		    ? err_errno(e, "share '%s' between threads", host)
		    : 0;
	if (r == 0)
		r = bind_to(fd, a, host, e);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = err_errno(e, "listen on '%s'", host);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int listen_open(const char *host, uint16_t port, int *ret_fds, size_t n, struct listen_address *ret, struct err *e)
{
	bool any = strcmp(host, "*") == 0;
	int probe_fd = -1, r = resolve(host, port, ret, e);

	if (r == 0)
		r = probe_port(host, any, ret, &probe_fd, e);
	if (r < 0)
		return r;
	close(probe_fd);
	write_text(ret);
	for (size_t i = 0; i < n; i++) {
		ret_fds[i] = open_one(ret, any, host, e);
		if (ret_fds[i] >= 0)
			continue;
		r = ret_fds[i];
		while (i-- > 0)
			close(ret_fds[i]);
		return r;
	}
	return 0;
}
