/* A gateway as JSON. */
#include "gatewrightd/manager/api/json_out.h"

#include <errno.h>

json_t *json_gateway_listed(struct call *c, const struct store_gateway *g, struct err *e)
{
	struct store_use use = { 0 };
	int64_t job = 0;
	size_t uses = 0;
	int r = store_use_of_gateway(c->s, g->id, c->a, &use, 1, &uses, e);

	if (r == 0)
		r = store_gateway_active_job(c->s, g->id, &job, e);
	if (r < 0)
		return NULL;
	return json_pack("{ss,ss,so,so,so,s{ss,si,ss,ss?},so,so,so}", "name", g->name, "target", g->target, "params",
			 json_stored(g->params), "tls", json_stored(g->tls), "server_names",
			 json_stored(g->server_names), "ssh", "host", g->ssh_host, "port", g->ssh_port, "user",
			 g->ssh_user, "host_key", g->host_key, "certificate", json_id(use.cert_id), "proven_at",
			 json_time(use.proven_at), "active_job", json_id(job));
}

json_t *json_gateway(struct call *c, const struct store_gateway *g, struct err *e)
{
	struct wall_time probed_at;
	const char *probes = NULL;
	json_t *ret = NULL;

	if (store_probe_last(c->s, g->id, c->a, &probed_at, &probes, e) == 0)
		ret = json_gateway_listed(c, g, e);
	if (ret)
		(void)json_object_set_new(ret, "last_probe", json_stored(probes));
	return ret;
}

void json_gateway_etag(const struct store_gateway *g, char out[ETAG_SIZE])
{
	etag_make(out, "gateway %lld\n%s\n%s\n%s\n%s\n%s\n%d\n%s\n%s", (long long)g->id, g->target, g->params, g->tls,
		  g->server_names, g->ssh_host, g->ssh_port, g->ssh_user, g->host_key ? g->host_key : "");
}
