/* The contract: schema/openapi.yaml, as it was when this program was built. */
#include "gatewrightd/manager/api/call.h"

static const unsigned char openapi_yaml[] = {
#include "gatewrightd/manager/openapi.inc"
};

int contract_show(struct call *c, struct err *e)
{
	int r = call_no_query(c, e);

	if (r == 0)
		http_answer_static(c->r, 200, "application/yaml", bytes_of(openapi_yaml, sizeof(openapi_yaml)));
	return r;
}
