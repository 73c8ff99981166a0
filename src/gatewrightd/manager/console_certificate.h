/* The console's certificate in the store: which it is, making it, reading its chain and key. */
#ifndef GW_GATEWRIGHTD_MANAGER_CONSOLE_CERTIFICATE_H
#define GW_GATEWRIGHTD_MANAGER_CONSOLE_CERTIFICATE_H

#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/manager.h"
#include "sys/secret.h"

/* Make a root and below it the certificate, and set it: all in one commit. */
MUST_USE int console_certificate_make(struct manager *m, struct store *s, struct wall_time now, struct arena *a,
				      int64_t *ret_id, struct err *e);

/* Chain and key as PEM. -EPIPE when keys is away. Returned: buf_fini(), secret_free(). */
MUST_USE int console_certificate_read(struct manager *m, struct store *s, int64_t id, struct arena *a,
				      struct buf *chain_pem, struct secret **ret_key, struct err *e);

#endif
