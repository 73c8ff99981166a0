/* What wants attention, what ends when, how the gateways are. */
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/console.h"
#include "gatewrightd/manager/fleet.h"
#include "sys/store/approvals.h"

#include <stdlib.h>
#include <string.h>

#define TIMELINE_MAX 1000 /* certificates, those first that end first */
#define JOBS_LOOKED_AT 100
#define APPROVALS_LOOKED_AT 100
#define RUNNING_MAX 100
#define FAILED_FOR_S (7 * DAY_S) /* so long a job that went wrong wants attention */

struct overview {
	struct call *c;
	struct fleet fleet;
	json_t *danger, *warning, *info; /* attention, by severity */
	size_t limit;			 /* of each list; what is worst is in it */
	size_t attention_n;
};

/* `name`: of a gateway; NULL: `id` counts. */
static void add(struct overview *o, enum fleet_state state, const char *kind, int64_t id, const char *name,
		const char *text)
{
	json_t *list = state == FLEET_DANGER ? o->danger : state == FLEET_WARNING ? o->warning : o->info;
	json_t *one;

	o->attention_n++;
	if (json_array_size(list) == o->limit)
		return;
	one = json_pack("{ss,ss,ss}", "severity",
			state == FLEET_DANGER	 ? "danger"
			: state == FLEET_WARNING ? "warning"
						 : "info",
			"text", text, "kind", kind);

	if (one && name)
		(void)json_object_set_new(one, "name", json_string(name));
	else if (one && id != 0)
		(void)json_object_set_new(one, "id", json_integer(id));
	(void)json_array_append_new(list, one);
}

/* "gateway 'edge-1'", "the console", "3 gateways". */
static const char *users_of(const struct fleet_cert *c, struct arena *a)
{
	if (c->gateways_n > 1)
		return arena_printf(a, "%s%lld gateways", c->console ? "the console and " : "",
				    (long long)c->row.used - c->console);
	if (c->gateways_n == 1)
		return arena_printf(a, "%sgateway '%s'", c->console ? "the console and " : "", c->gateways[0]);
	return "the console";
}

static const char *end_text(const struct fleet_cert *c, struct wall_time now, struct arena *a)
{
	bool above = c->chain_end.s < c->row.not_after.s;
	int64_t days = time_days_left(now, c->chain_end);

	if (c->row.revoked)
		return "is revoked";
	if (c->chain_end.s < now.s)
		return above ? "has a certificate above it that has expired" : "has expired";
	return arena_printf(a, "%s in %lld days", above ? "ends with a certificate above it" : "ends", (long long)days);
}

static void add_certificates(struct overview *o)
{
	for (size_t i = 0; i < o->fleet.certs_n; i++) {
		const struct fleet_cert *c = &o->fleet.certs[i];
		const char *text;

		if (c->state == FLEET_OK)
			continue;
		text = arena_printf(o->c->a, "certificate '%s' of %s %s", c->row.display_name, users_of(c, o->c->a),
				    end_text(c, o->c->now, o->c->a));
		add(o, c->state, "certificate", c->row.id, NULL, text);
	}
}

static void add_gateways(struct overview *o)
{
	for (size_t i = 0; i < o->fleet.gateways_n; i++) {
		const struct fleet_gateway *g = &o->fleet.gateways[i];

		if (g->probe == FLEET_PROBE_BAD)
			add(o, FLEET_DANGER, "gateway", 0, g->name,
			    arena_printf(o->c->a, "gateway '%s': %s", g->name, g->trouble));
		else if (g->probe == FLEET_PROBE_NEVER)
			add(o, FLEET_OK, "gateway", 0, g->name,
			    arena_printf(o->c->a, "gateway '%s' was never looked at", g->name));
		else if (!g->cert)
			add(o, FLEET_OK, "gateway", 0, g->name,
			    arena_printf(o->c->a, "gateway '%s' serves a certificate that is not in the inventory",
					 g->name));
	}
}

static bool is_named_before(const struct store_job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(jobs[i].gateway, jobs[n].gateway) == 0)
			return true;
	return false;
}

/* The newest job of a gateway, when it went wrong not long ago. */
static int add_jobs(struct overview *o, struct err *e)
{
	struct store_page page = { .cursor = "", .limit = JOBS_LOOKED_AT };
	struct store_job *jobs = NULL;
	const char *next = NULL;
	size_t n = 0;
	int r = store_job_list(o->c->s, 0, NULL, page, o->c->a, &jobs, &n, &next, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct store_job *j = &jobs[i];

		if (!j->done || !j->outcome || strcmp(j->outcome, "confirmed") == 0 || is_named_before(jobs, i) ||
		    j->finished_at.s + FAILED_FOR_S < o->c->now.s)
			continue;
		add(o, strcmp(j->outcome, "rolled-back") == 0 ? FLEET_WARNING : FLEET_DANGER, "job", j->id, NULL,
		    arena_printf(o->c->a, "job %lld on gateway '%s': %s: %s", (long long)j->id, j->gateway, j->outcome,
				 j->detail));
	}
	return r;
}

static void add_console(struct overview *o)
{
	struct console_state state = { 0 };

	if (o->c->m->console)
		console_state(o->c->m->console, &state);
	if (state.error[0])
		add(o, FLEET_DANGER, "console", 0, NULL, arena_printf(o->c->a, "the console: %s", state.error));
}

/* What waits for the caller, or for another one who may decide. */
static int add_approvals(struct overview *o, struct err *e)
{
	struct store_page page = { .cursor = "", .limit = APPROVALS_LOOKED_AT };
	struct store_approval *rows = NULL;
	const char *next = NULL;
	size_t n = 0;
	int r = 0;

	if (access_allows(o->c->who.roles, PERMISSION_ADMIN))
		r = store_approval_list(o->c->s, page, o->c->a, &rows, &n, &next, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (strcmp(rows[i].state, "waiting") == 0 && rows[i].expires_at.s > o->c->now.s)
			add(o, FLEET_WARNING, "approval", rows[i].id, NULL,
			    arena_printf(o->c->a, "'%s' waits for a second person: %s", rows[i].requested_by,
					 rows[i].summary));
	return r;
}

/* ---- The lists ---- */

static json_t *timeline(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->fleet.certs_n && i < TIMELINE_MAX && i < o->limit; i++) {
		const struct fleet_cert *c = &o->fleet.certs[i];
		json_t *names = json_array();

		for (size_t k = 0; k < c->gateways_n; k++)
			(void)json_array_append_new(names, json_string(c->gateways[k]));
		(void)json_array_append_new(
			list, json_pack("{sI,ss,ss,so,so,so,so}", "certificate", (json_int_t)c->row.id, "display_name",
					c->row.display_name, "kind", cert_kind_word(c->row.kind), "not_before",
					json_time(c->row.not_before), "not_after", json_time(c->row.not_after),
					"gateways", names, "chain_ends_at", json_time(c->chain_end)));
	}
	return list;
}

static int by_trouble(const void *x, const void *y)
{
	static const int rank[] = { [FLEET_DANGER] = 0, [FLEET_WARNING] = 1, [FLEET_UNKNOWN] = 2, [FLEET_OK] = 3 };
	const struct fleet_gateway *a = x, *b = y;
	int differ = rank[a->state] - rank[b->state];

	return differ != 0 ? differ : strcmp(a->name, b->name);
}

/* By name; when they are too many, those in trouble first. */
static json_t *gateways(const struct overview *o)
{
	json_t *list = json_array();

	if (o->fleet.gateways_n > o->limit)
		qsort(o->fleet.gateways, o->fleet.gateways_n, sizeof(*o->fleet.gateways), by_trouble);
	for (size_t i = 0; i < o->fleet.gateways_n && i < o->limit; i++) {
		const struct fleet_gateway *g = &o->fleet.gateways[i];

		(void)json_array_append_new(
			list,
			json_pack("{ss,ss,so,so,so,so}", "name", g->name, "state", fleet_state_word(g->state),
				  "days_left",
				  g->cert ? json_integer(time_days_left(o->c->now, g->cert->chain_end)) : json_null(),
				  "certificate", json_id(g->cert ? g->cert->row.id : 0), "probed_at",
				  json_time(g->probed_at), "active_job", json_id(g->active_job)));
	}
	return list;
}

static int running(struct overview *o, json_t **ret, struct err *e)
{
	struct store_job *jobs = NULL;
	size_t n = 0;
	int r = store_job_open(o->c->s, 0, RUNNING_MAX, o->c->a, &jobs, &n, e);

	*ret = json_array();
	for (size_t i = 0; r == 0 && i < n; i++)
		(void)json_array_append_new(*ret, json_job(&jobs[i], false, NULL, 0));
	return r;
}

static int counts(struct overview *o, json_t **ret, struct err *e)
{
	int64_t kinds[CERT_KIND_N] = { 0 }, n = 0;
	int r = store_gateway_count(o->c->s, &n, e);

	for (enum cert_kind k = 0; r == 0 && k < CERT_KIND_N; k++)
		r = store_cert_count(o->c->s, k, &kinds[k], e);
	*ret = json_pack("{sI,sI,sI,sI}", "roots", (json_int_t)kinds[CERT_ROOT], "intermediates",
			 (json_int_t)kinds[CERT_INTERMEDIATE], "end_entities", (json_int_t)kinds[CERT_END_ENTITY],
			 "gateways", (json_int_t)n);
	return r;
}

/* How many there are of what the lists have a part of. */
static json_t *totals(const struct overview *o)
{
	json_int_t n[] = { [FLEET_OK] = 0, [FLEET_WARNING] = 0, [FLEET_DANGER] = 0, [FLEET_UNKNOWN] = 0 };

	for (size_t i = 0; i < o->fleet.gateways_n; i++)
		n[o->fleet.gateways[i].state]++;
	return json_pack("{sI,sI,s{sI,sI,sI,sI}}", "attention", (json_int_t)o->attention_n, "timeline",
			 (json_int_t)o->fleet.certs_n, "gateways", "ok", n[FLEET_OK], "warning", n[FLEET_WARNING],
			 "danger", n[FLEET_DANGER], "unknown", n[FLEET_UNKNOWN]);
}

/* Cuts what is least. */
static void join_attention(struct overview *o)
{
	(void)json_array_extend(o->danger, o->warning);
	(void)json_array_extend(o->danger, o->info);
	while (json_array_size(o->danger) > o->limit)
		(void)json_array_remove(o->danger, json_array_size(o->danger) - 1);
}

static int by_end(const void *x, const void *y)
{
	int64_t a = ((const struct fleet_cert *)x)->chain_end.s, b = ((const struct fleet_cert *)y)->chain_end.s;

	return a < b ? -1 : a > b;
}

static int answer(struct overview *o, struct err *e)
{
	json_t *jobs = NULL, *numbers = NULL, *doors;
	int r = running(o, &jobs, e);

	if (r == 0)
		r = counts(o, &numbers, e);
	if (r < 0) {
		json_decref(jobs);
		json_decref(numbers);
		return r;
	}
	join_attention(o);
	doors = gateways(o); /* they lead to certificates, whose order is lost now */
	qsort(o->fleet.certs, o->fleet.certs_n, sizeof(*o->fleet.certs), by_end);
	return call_answer(o->c, 200,
			   json_pack("{so,sO,so,so,so,so,so}", "now", json_time(o->c->now), "attention", o->danger,
				     "timeline", timeline(o), "gateways", doors, "running", jobs, "counts", numbers,
				     "totals", totals(o)),
			   e);
}

int overview_show(struct call *c, struct err *e)
{
	static const char *const known[] = { "limit", NULL };
	struct overview o = { .c = c, .danger = json_array(), .warning = json_array(), .info = json_array() };
	struct store_page page = { 0 };
	int r = http_query_check(c->r, known, e);

	if (r == 0)
		r = call_page(c, NULL, &page, e);
	o.limit = http_query(c->r, "limit") ? page.limit : SIZE_MAX;
	if (r == 0)
		r = fleet_read(c->s, c->a, c->now, &o.fleet, e);
	if (r == 0)
		r = add_jobs(&o, e);
	if (r == 0)
		r = add_approvals(&o, e);
	if (r == 0) {
		add_certificates(&o);
		add_gateways(&o);
		add_console(&o);
		r = answer(&o, e);
	}
	json_decref(o.danger);
	json_decref(o.warning);
	json_decref(o.info);
	return r;
}
