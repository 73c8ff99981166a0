#include "sys/net/net.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <sys/socket.h>

static int parse_port(struct bytes text, uint16_t *ret, struct err *e)
{
	unsigned port = 0;

	if (text.n == 0 || text.n > 5)
		return err_set(e, -EINVAL, "want a port of 1 to 65535, got '%.*s'", (int)text.n, (const char *)text.p);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return err_set(e, -EINVAL, "want a port of 1 to 65535, got '%.*s'", (int)text.n,
				       (const char *)text.p);
		port = port * 10 + (unsigned)(text.p[i] - '0');
	}
	if (port == 0 || port > 65535)
		return err_set(e, -EINVAL, "want a port of 1 to 65535, got %u", port);
	*ret = (uint16_t)port;
	return 0;
}

static const uint8_t *find(struct bytes text, char c)
{
	return text.n > 0 ? memchr(text.p, c, text.n) : NULL;
}

/* The host part of `text` into *host, what follows it (":port" or nothing) into *rest. */
static int split_host(struct bytes text, struct bytes *host, struct bytes *rest, struct err *e)
{
	bool bracket = text.n > 0 && text.p[0] == '[';
	const uint8_t *end = find(text, bracket ? ']' : ':');
	size_t skip = bracket ? 1 : 0;

	if (bracket && !end)
		return err_set(e, -EINVAL, "want ']' behind the IPv6 address, got none");
	if (!end)
		end = text.p + text.n;
	*host = bytes_of(text.p + skip, (size_t)(end - text.p) - skip);
	end += skip;
	*rest = bytes_of(end, (size_t)(text.p + text.n - end));
	if (!bracket && rest->n > 0 && find(bytes_of(rest->p + 1, rest->n - 1), ':'))
		return err_set(e, -EINVAL, "an IPv6 address with a port needs brackets: want '[address]:port'");
	return 0;
}

int net_split(struct bytes text, uint16_t port_default, char host[NET_HOST_SIZE], uint16_t *ret_port, struct err *e)
{
	struct bytes name = BYTES_NONE, rest = BYTES_NONE;
	uint16_t port = port_default;
	int r;

	if (text.n == 0 || bytes_has_control(text) || find(text, ' '))
		return err_set(e, -EINVAL, "want 'host:port', got an empty text or one with spaces");
	r = split_host(text, &name, &rest, e);
	if (r < 0)
		return r;
	if (name.n == 0 || name.n >= NET_HOST_SIZE)
		return err_set(e, -EINVAL, "want a host name of 1 to %d characters, got %zu", NET_HOST_SIZE - 1,
			       name.n);
	if (rest.n > 0 && rest.p[0] != ':')
		return err_set(e, -EINVAL, "want ':port' behind the host, got '%.*s'", (int)rest.n,
			       (const char *)rest.p);
	if (rest.n > 0)
		r = parse_port(bytes_of(rest.p + 1, rest.n - 1), &port, e);
	else if (port == 0)
		r = err_set(e, -EINVAL, "want 'host:port', got '%.*s' without a port", (int)text.n,
			    (const char *)text.p);
	if (r < 0)
		return r;
	memcpy(host, name.p, name.n);
	host[name.n] = '\0';
	*ret_port = port;
	return 0;
}

/* A resolver that does not answer must not eat the job's time: two tries of three seconds per name server. */
static void limit_resolver(void)
{
	if (res_init() == 0) {
		_res.retrans = 3;
		_res.retry = 2;
	}
}

static int resolve_error(const char *host, int code, struct err *e)
{
	switch (code) {
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
		return err_set(e, -ENOENT, "host name '%s' is unknown: it has no address", host);
	case EAI_AGAIN:
		return err_set(e, -EAGAIN, "host name '%s' can't be resolved now: no name server answers", host);
	case EAI_MEMORY:
		return err_nomem(e);
	case EAI_SYSTEM:
		return err_errno(e, "resolve host name '%s'", host);
	default:
		return err_set(e, -EIO, "resolve host name '%s': %s", host, gai_strerror(code));
	}
}

static bool known(const struct net_address *list, size_t n, const struct net_address *a)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].n == a->n && memcmp(&list[i].sa, &a->sa, a->n) == 0)
			return true;
	}
	return false;
}

static size_t collect(const struct addrinfo *first, struct net_address *ret)
{
	size_t n = 0;

	for (const struct addrinfo *i = first; i && n < LIMIT_NET_ADDRESSES_MAX; i = i->ai_next) {
		struct net_address a = { .n = i->ai_addrlen };

		if ((i->ai_family != AF_INET && i->ai_family != AF_INET6) || a.n > sizeof(a.sa))
			continue;
		memcpy(&a.sa, i->ai_addr, a.n);
		if (!known(ret, n, &a))
			ret[n++] = a;
	}
	return n;
}

int net_resolve(const char *host, uint16_t port, struct net_address ret[LIMIT_NET_ADDRESSES_MAX], size_t *ret_n,
		struct err *e)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char service[8];
	size_t n;
	int r;

	(void)snprintf(service, sizeof(service), "%u", port);
	r = getaddrinfo(host, service, &hints, &list);
	if (r == EAI_NONAME) {
		limit_resolver();
		hints.ai_flags = AI_NUMERICSERV;
		r = getaddrinfo(host, service, &hints, &list);
	}
	if (r != 0)
		return resolve_error(host, r, e);
	n = collect(list, ret);
	freeaddrinfo(list);
	if (n == 0)
		return err_set(e, -ENOENT, "host name '%s' has no IPv4 or IPv6 address", host);
	*ret_n = n;
	return 0;
}

const char *net_text(const struct net_address *a, char out[NET_TEXT_SIZE])
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (a->sa.any.sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &a->sa.v4.sin_addr, text, sizeof(text));
		(void)snprintf(out, NET_TEXT_SIZE, "%s:%u", text, ntohs(a->sa.v4.sin_port));
	} else {
		(void)inet_ntop(AF_INET6, &a->sa.v6.sin6_addr, text, sizeof(text));
		(void)snprintf(out, NET_TEXT_SIZE, "[%s]:%u", text, ntohs(a->sa.v6.sin6_port));
	}
	return out;
}
