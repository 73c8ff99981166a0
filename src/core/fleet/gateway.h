/* What a gateway's record must be: its name, the addresses that a probe dials, how SSH reaches its host. Pure checks.
 */
#ifndef GW_CORE_FLEET_GATEWAY_H
#define GW_CORE_FLEET_GATEWAY_H

#include "base/bytes.h"
#include "base/err.h"

#define GATEWAY_NAME_MAX 63	 /* it becomes a directory's name on the host, and a path segment of the API */
#define GATEWAY_ADDRESSES_MAX 16 /* that one gateway is probed at; also in schema/limits.def */
#define GATEWAY_SERVER_NAMES_MAX 32
#define SSH_USER_MAX 32 /* login names of Linux, useradd(8) */

/* [A-Za-z0-9][A-Za-z0-9._-]{0,62} */
MUST_USE int gateway_check_name(struct bytes name, struct err *e);

/* "host:port" or "[IPv6]:port"; the host without brackets and the port. Views are borrowed from `text`. */
struct gateway_address {
	struct bytes host;
	uint16_t port;
};
MUST_USE int gateway_parse_address(struct bytes text, struct gateway_address *ret, struct err *e);

/* A host name or an IP address that a client can ask for: no wildcard. */
MUST_USE int gateway_check_host(struct bytes host, struct err *e);

/* What a certificate of the gateway must hold: the same, or a wildcard. */
MUST_USE int gateway_check_server_name(struct bytes name, struct err *e);

MUST_USE int gateway_check_ssh_port(int64_t port, struct err *e);

/* [A-Za-z0-9_][A-Za-z0-9._-]{0,31}: nothing that a shell or an option parser could take for more. */
MUST_USE int gateway_check_ssh_user(struct bytes user, struct err *e);

/* "SHA256:" and 43 digits of base64 without padding, as OpenSSH prints a fingerprint. */
MUST_USE int gateway_check_host_key(struct bytes fingerprint, struct err *e);

#endif
