/* GET /metrics, and GET /healthz in one word. */
#include "gatewrightd/manager/metrics.h"
#include "core/deploy/update.h"
#include "gatewright-config.h"
#include "gatewrightd/manager/access/login.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/console.h"
#include "gatewrightd/manager/fleet.h"
#include "gatewrightd/manager/keys_client.h"
#include "sys/clock.h"

#include <stdio.h>

#define TEXT_MAX (32u * 1024 * 1024)
#define SAMPLES(out, name, type, help) (metrics_family(out, name, type, help), name)

static void add_certificates(struct buf *out, const struct fleet *f, struct wall_time now)
{
	const char *name = SAMPLES(out, "gatewright_certificate_days_left", "gauge",
				   "Days until the first certificate of the chain ends, of each certificate in use.");

	for (size_t i = 0; i < f->certs_n; i++) {
		char id[24];

		(void)snprintf(id, sizeof(id), "%lld", (long long)f->certs[i].row.id);
		metrics_sample(out, name, "certificate", id, "display_name", f->certs[i].row.display_name,
			       (double)(f->certs[i].chain_end.s - now.s) / (double)DAY_S);
	}
}

static void add_gateways(struct buf *out, const struct fleet *f, struct wall_time now)
{
	const char *name = SAMPLES(out, "gatewright_gateway_days_left", "gauge",
				   "Days until the first certificate of the chain in use ends.");

	for (size_t i = 0; i < f->gateways_n; i++)
		if (f->gateways[i].cert)
			metrics_sample(out, name, "gateway", f->gateways[i].name, NULL, NULL,
				       (double)(f->gateways[i].cert->chain_end.s - now.s) / (double)DAY_S);
	name = SAMPLES(out, "gatewright_gateway_probe_time_seconds", "gauge", "When it was looked at last.");
	for (size_t i = 0; i < f->gateways_n; i++)
		if (f->gateways[i].probe != FLEET_PROBE_NEVER)
			metrics_sample(out, name, "gateway", f->gateways[i].name, NULL, NULL,
				       (double)f->gateways[i].probed_at.s);
	name = SAMPLES(out, "gatewright_gateway_probe_ok", "gauge", "1: every address served what it should then.");
	for (size_t i = 0; i < f->gateways_n; i++)
		if (f->gateways[i].probe != FLEET_PROBE_NEVER)
			metrics_sample(out, name, "gateway", f->gateways[i].name, NULL, NULL,
				       f->gateways[i].probe == FLEET_PROBE_GOOD);
}

static int add_jobs(struct buf *out, struct store *s, struct err *e)
{
	const char *name = SAMPLES(out, "gatewright_jobs", "gauge", "Jobs by state.");

	for (enum update_state state = 0; state < US_N; state++) {
		int64_t n = 0;
		int r = store_job_count(s, update_state_word(state), &n, e);

		if (r < 0)
			return r;
		metrics_sample(out, name, "state", update_state_word(state), NULL, NULL, (double)n);
	}
	return 0;
}

static int add_job_outcomes(struct buf *out, struct store *s, struct err *e)
{
	static const char *const kinds[] = { "update", "rollback" };
	const char *name = SAMPLES(out, "gatewright_jobs_total", "counter", "Jobs that ended, by kind and outcome.");

	for (size_t k = 0; k < ARRAY_N(kinds); k++)
		for (enum update_result result = 0; result < UR_N; result++) {
			int64_t n = 0;
			int r = store_job_count_outcome(s, kinds[k], update_result_word(result), &n, e);

			if (r < 0)
				return r;
			metrics_sample(out, name, "kind", kinds[k], "outcome", update_result_word(result), (double)n);
		}
	return 0;
}

static void add_logins(struct buf *out, struct manager *m)
{
	static const char *const doors[MANAGER_DOORS] = { [HTTP_UNIX] = "unix", [HTTP_TLS] = "https" };
	static const enum login_outcome reasons[] = { LOGIN_WAIT, LOGIN_CREDENTIALS, LOGIN_CODE_WRONG };
	const char *name = SAMPLES(out, "gatewright_login_failures_total", "counter",
				   "Failed tries to log in since the start; wait: sent away unread.");

	for (size_t door = 0; door < MANAGER_DOORS; door++)
		for (size_t i = 0; i < ARRAY_N(reasons); i++)
			metrics_sample(out, name, "door", doors[door], "reason", login_reason(reasons[i]),
				       (double)atomic_load(&m->logins_failed[door][reasons[i]]));
}

static double seconds_since(struct mono_time begin)
{
	return (double)(clock_mono().ms - begin.ms) / 1000;
}

/* How long the store and keys take for next to nothing, right now. */
static void add_latencies(struct buf *out, struct call *c)
{
	struct mono_time begin = clock_mono();
	struct keys_signature key;
	int64_t n = 0;
	bool up = store_gateway_count(c->s, &n, NULL) == 0;

	metrics_sample(out, SAMPLES(out, "gatewright_store_up", "gauge", "1: the store answers."), NULL, NULL, NULL,
		       NULL, up);
	metrics_sample(out, SAMPLES(out, "gatewright_store_seconds", "gauge", "Time of one small query."), NULL, NULL,
		       NULL, NULL, seconds_since(begin));
	begin = clock_mono();
	up = keys_ask_sign(c->m->keys, BYTES_NONE, &key, NULL) == 0;
	metrics_sample(out, SAMPLES(out, "gatewright_keys_up", "gauge", "1: the keys process answers."), NULL, NULL,
		       NULL, NULL, up);
	metrics_sample(
		out,
		SAMPLES(out, "gatewright_keys_seconds", "gauge", "Time of one small question to the keys process."),
		NULL, NULL, NULL, NULL, seconds_since(begin));
}

static int fill(struct call *c, struct buf *out, struct err *e)
{
	struct fleet fleet;
	int r = fleet_read(c->s, c->a, c->now, &fleet, e);

	if (r < 0)
		return r;
	metrics_sample(out, SAMPLES(out, "gatewright_build_info", "gauge", "The version that runs."), "version",
		       GATEWRIGHT_VERSION, NULL, NULL, 1);
	add_certificates(out, &fleet, c->now);
	add_gateways(out, &fleet, c->now);
	r = add_jobs(out, c->s, e);
	if (r == 0)
		r = add_job_outcomes(out, c->s, e);
	if (r < 0)
		return r;
	add_logins(out, c->m);
	add_latencies(out, c);
	return buf_bad(out) ? err_nomem(e) : 0;
}

int metrics_show(struct call *c, struct err *e)
{
	struct buf out;
	int r = call_no_query(c, e);

	buf_init(&out, TEXT_MAX);
	if (r == 0)
		r = fill(c, &out, e);
	if (r == 0)
		http_answer_text(c->r, 200, "text/plain; version=0.0.4; charset=utf-8", buf_bytes(&out));
	buf_fini(&out);
	return r;
}

/* Anybody may ask: it is what the last call to keys found; only when that failed, keys is asked anew. */
int healthz_show(struct call *c, struct err *e)
{
	struct keys_signature key;
	bool well = channel_is_up(c->m->keys) || keys_ask_sign(c->m->keys, BYTES_NONE, &key, NULL) == 0;
	int r = call_no_query(c, e);

	return r < 0 ? r : call_answer(c, well ? 200 : 503, json_pack("{ss}", "status", well ? "ok" : "degraded"), e);
}
