/* Addresses and TCP connections that are made within a time limit. Used by sys/ssh and sys/tls. */
#ifndef GW_SYS_NET_NET_H
#define GW_SYS_NET_NET_H

#include "base/limits.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/time.h"

#include <netinet/in.h>
#include <stdint.h>

#define NET_HOST_SIZE 256 /* a host name (253 octets, RFC 1035) and a NUL; an IPv6 address with its zone */
#define NET_TEXT_SIZE 80  /* "[address%zone]:port" and a NUL */

struct net_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} sa;
	socklen_t n;
};

/*
 * "host:port", "192.0.2.1:port", "[v6]:port"; without a port `port_default` counts, 0: a port must be there. `host` is
 * written without brackets. -EINVAL with what is wrong.
 */
MUST_USE int net_split(struct bytes text, uint16_t port_default, char host[NET_HOST_SIZE], uint16_t *ret_port,
		       struct err *e);

/*
 * Every IPv4 and IPv6 address of `host`, in the order of RFC 6724, duplicates dropped. The resolver is told to answer
 * within about ten seconds per server. -ENOENT: no such name; -EAGAIN: the name server does not answer.
 */
MUST_USE int net_resolve(const char *host, uint16_t port, struct net_address ret[LIMIT_NET_ADDRESSES_MAX],
			 size_t *ret_n, struct err *e);

/* "192.0.2.1:22", "[2001:db8::1]:22"; returns `out`. */
const char *net_text(const struct net_address *a, char out[NET_TEXT_SIZE]);

/*
 * One TCP connection: non-blocking, close-on-exec, no delay, with keepalive so that a dead peer is noticed within half
 * a minute. -ECONNREFUSED, -EHOSTUNREACH, -ENETUNREACH, -ETIMEDOUT, ... with a sentence that names the address.
 * *ret_fd: the caller closes.
 */
MUST_USE int net_connect(const struct net_address *a, struct mono_time deadline, int *ret_fd, struct err *e);

/*
 * Resolve and connect to the first address that answers; the time left is shared out among the addresses not tried
 * yet. When none answers, the sentence names each address and its reason.
 */
MUST_USE int net_dial(const char *host, uint16_t port, struct mono_time deadline, int *ret_fd, struct err *e);

/*
 * A TCP socket that listens on the first address of `host`, or on every one for "*": non-blocking, close-on-exec.
 * -EADDRINUSE when somebody else does. *ret_fd: the caller closes.
 */
MUST_USE int net_listen(const char *host, uint16_t port, int backlog, int *ret_fd, struct err *e);

/*
 * Wait for `events` of poll(2) on `fd` until `deadline`; *ret_events (may be NULL) gets what came. 1: the deadline
 * passed. Negative: poll failed.
 */
MUST_USE int net_wait(int fd, short events, struct mono_time deadline, short *ret_events, struct err *e);

/* Milliseconds until `deadline`, 0 when it has passed, at most INT_MAX: an argument for poll(2). */
int net_left_ms(struct mono_time deadline);

#endif
