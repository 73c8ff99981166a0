/* What was installed on a gateway, and what was seen there. */
#include "gatewrightd/manager/api/json_out.h"

#include <errno.h>
#include <string.h>

static int need_gateway(struct call *c, struct store_gateway *ret, struct err *e)
{
	int r = store_gateway_by_name(c->s, http_param(c->r, 0), c->a, ret, e);

	return r > 0 ? err_set(e, -ENOENT, "there is no gateway '%s'", http_param(c->r, 0)) : r;
}

int gateways_probes(struct call *c, struct err *e)
{
	struct store_probe_round *rounds = NULL;
	struct store_gateway gateway;
	struct store_page page;
	const char *next = NULL;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, NULL, &page, e);

	if (r == 0)
		r = need_gateway(c, &gateway, e);
	if (r == 0)
		r = store_probe_list(c->s, gateway.id, page, c->a, &rounds, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(items, json_pack("{sI,so,ss,so,so}", "id", (json_int_t)rounds[i].id,
							     "probed_at", json_time(rounds[i].probed_at), "phase",
							     rounds[i].phase, "job", json_id(rounds[i].job_id),
							     "probes", json_stored(rounds[i].body)));
	return call_answer_list(c, items, next, e);
}

/* The generation that the newest confirmed job left in use; NULL: none did. */
static int current_generation(struct call *c, int64_t gateway, const char **ret, struct err *e)
{
	struct store_page page = { .cursor = "", .limit = 1 };
	struct store_job *jobs = NULL;
	const char *next = NULL;
	size_t n = 0;
	int r = store_job_list(c->s, gateway, "confirmed", page, c->a, &jobs, &n, &next, e);

	*ret = r == 0 && n > 0 ? jobs[0].generation : NULL;
	return r;
}

static json_t *json_keystore(const char *generation, int64_t certificate, struct wall_time installed_at, int64_t job,
			     const char *current)
{
	return json_pack("{ss,so,so,sI,sb}", "generation", generation, "certificate", json_id(certificate),
			 "installed_at", json_time(installed_at), "job", (json_int_t)job, "current",
			 current && strcmp(current, generation) == 0);
}

/* What an update installed, and what it found there, unless an earlier one knew that. */
static int add_keystores(struct call *c, const struct store_job *j, const char *current, json_t *items, struct err *e)
{
	static const struct wall_time never = { 0 };
	int64_t first = 0;
	int r = 0;

	if (j->generation)
		(void)json_array_append_new(items,
					    json_keystore(j->generation, j->cert_id, j->finished_at, j->id, current));
	if (j->old_generation)
		r = store_job_first_met(c->s, j->gateway_id, j->old_generation, &first, e);
	if (r == 0 && first == j->id)
		(void)json_array_append_new(items,
					    json_keystore(j->old_generation, j->previous_id, never, j->id, current));
	return r;
}

/* Confirmed updates tell; a rollback only says which one is current. */
int gateways_keystores(struct call *c, struct err *e)
{
	const char *next = NULL, *current = NULL;
	struct store_gateway gateway;
	struct store_job *jobs = NULL;
	struct store_page page;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, NULL, &page, e);

	if (r == 0)
		r = need_gateway(c, &gateway, e);
	if (r == 0)
		r = current_generation(c, gateway.id, &current, e);
	if (r == 0)
		r = store_job_list(c->s, gateway.id, "confirmed", page, c->a, &jobs, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n && r == 0; i++)
		if (strcmp(jobs[i].kind, "update") == 0)
			r = add_keystores(c, &jobs[i], current, items, e);
	if (r < 0) {
		json_decref(items);
		return r;
	}
	return call_answer_list(c, items, next, e);
}
