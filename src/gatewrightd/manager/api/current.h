/* What several calls on a gateway need. */
#ifndef GW_GATEWRIGHTD_MANAGER_API_CURRENT_H
#define GW_GATEWRIGHTD_MANAGER_API_CURRENT_H

#include "gatewrightd/manager/api/call.h"
#include "gatewrightd/manager/gateway_record.h"
#include "gatewrightd/manager/inventory.h"

/* The certificate that is proven in use on the gateway, in the call's arena; NULL: none is. */
MUST_USE int current_chain(struct call *c, int64_t gateway_id, struct stored_chain **ret, struct err *e);

#endif
