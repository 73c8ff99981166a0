/* Which certificates can renew the one of a gateway. */
#include "gatewrightd/manager/api/current.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/candidates.h"

#include <errno.h>

int current_chain(struct call *c, int64_t gateway_id, struct stored_chain **ret, struct err *e)
{
	struct store_use use = { 0 };
	size_t n = 0;
	int r = store_use_of_gateway(c->s, gateway_id, c->a, &use, 1, &n, e);

	*ret = NULL;
	return r < 0 || n == 0 ? r : inventory_need(c->s, use.cert_id, c->a, ret, e);
}

static json_t *candidate_of(struct call *c, const struct candidate *one, struct err *e)
{
	json_t *cert = json_certificate(c, &one->cert, e);

	return cert ? json_pack("{so,sb,so}", "certificate", cert, "usable", (int)one->usable, "findings",
				json_findings(one->findings, one->findings_n))
		    : NULL;
}

static int answer(struct call *c, const struct stored_chain *current, const struct candidate *list, size_t n,
		  struct err *e)
{
	json_t *now = current ? json_certificate(c, &current->cert, e) : json_null();
	json_t *items = json_array();

	for (size_t i = 0; now && i < n; i++) {
		json_t *one = candidate_of(c, &list[i], e);

		if (!one) {
			json_decref(now);
			now = NULL;
			break;
		}
		(void)json_array_append_new(items, one);
	}
	if (!now) {
		json_decref(items);
		return e->code < 0 ? e->code : err_nomem(e);
	}
	return call_answer(c, 200, json_pack("{so,so}", "current", now, "items", items), e);
}

int gateways_candidates(struct call *c, struct err *e)
{
	struct stored_chain *current = NULL;
	struct gateway_record *g = NULL;
	struct candidate *list = NULL;
	struct store_page page;
	size_t n = 0;
	int r = call_page(c, NULL, &page, e);

	if (r == 0)
		r = gateway_record_need(c->s, c->m->targets, http_param(c->r, 0), c->a, &g, e);
	if (r == 0)
		r = current_chain(c, g->row.id, &current, e);
	if (r == 0)
		r = candidates_list(c->s, current, g->server_names, g->server_names_n, c->now, page.limit, c->a, &list,
				    &n, e);
	return r < 0 ? r : answer(c, current, list, n, e);
}
