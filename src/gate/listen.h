/* Listening sockets: one per thread and address, the kernel spreads connections over them (SO_REUSEPORT). */
#ifndef GW_GATE_LISTEN_H
#define GW_GATE_LISTEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define LISTEN_TEXT_SIZE 80

struct listen_address {
	struct sockaddr_storage address;
	socklen_t n;
	char text[LISTEN_TEXT_SIZE]; /* "[2001:db8::1]:8443" */
};

/*
 * Make ret_fds[0..n) for `host` ("*": every address) and `port`. Port 0: the first takes a free one, the others the
 * same; *ret says which. A port on which somebody else listens is refused: with SO_REUSEPORT alone a second gate of the
 * same user would silently get half of the connections.
 */
MUST_USE int listen_open(const char *host, uint16_t port, int *ret_fds, size_t n, struct listen_address *ret,
			 struct err *e);

#endif
