/* The console's certificate in the store: which it is, making it, reading its chain and key. */
#ifndef GW_GATEWRIGHTD_MANAGER_CONSOLE_CERTIFICATE_H
#define GW_GATEWRIGHTD_MANAGER_CONSOLE_CERTIFICATE_H

#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/manager.h"
#include "sys/http/server.h"

/* Make a root and below it the certificate, and set it: all in one commit. */
MUST_USE int console_certificate_make(struct manager *m, struct store *s, struct wall_time now, struct arena *a,
				      int64_t *ret_id, struct err *e);

/* Its successor, when that is due at `now`; one that is there already is taken. 1: not due, *ret_id is not written.
 * -EPROTO: it is due, and a person must see to it. It is not set. */
MUST_USE int console_certificate_renew(struct manager *m, struct store *s, int64_t id, struct wall_time now,
				       struct arena *a, int64_t *ret_id, struct err *e);

/* Its chain, and chain with key as a server takes it. -EPIPE when keys is away. Returned: http_certificate_free(). */
MUST_USE int console_certificate_read(struct manager *m, struct store *s, int64_t id, struct arena *a,
				      struct stored_chain **ret, struct http_certificate **ret_served, struct err *e);

#endif
