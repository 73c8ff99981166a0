/* The contract: schema/openapi.yaml, as it was when this program was built. */
#include "gatewrightd/manager/api/call.h"
#include "gatewrightd/manager/openapi.h"

int contract_show(struct call *c, struct err *e)
{
	static const char *const none[] = { NULL };
	int r = http_query_check(c->r, none, e);

	if (r == 0)
		http_answer_static(c->r, 200, "application/yaml", bytes_of(openapi_yaml, sizeof(openapi_yaml)));
	return r;
}
