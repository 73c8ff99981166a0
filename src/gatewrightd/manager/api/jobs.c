/* Jobs: list, show, cancel, proof. */
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/jobs/supervisor.h"

#include "core/deploy/update.h"

#include <errno.h>

static int gateway_filter(struct call *c, int64_t *ret, struct err *e)
{
	const char *name = http_query(c->r, "gateway");
	struct store_gateway row;
	int r = name ? store_gateway_by_name(c->s, name, c->a, &row, e) : 1;

	*ret = 0;
	if (r < 0)
		return r;
	if (name && r > 0)
		return err_set(e, -ENOENT, "there is no gateway '%s'", name);
	if (name)
		*ret = row.id;
	return 0;
}

int jobs_list(struct call *c, struct err *e)
{
	static const char *const known[] = { "gateway", "state", NULL };
	const char *state = http_query(c->r, "state"), *next = NULL;
	struct store_job *rows = NULL;
	enum update_state ignored;
	struct store_page page;
	int64_t gateway = 0;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, known, &page, e);

	if (r == 0 && state && !update_state_from_word(bytes_of_str(state), &ignored))
		r = err_set(e, -EINVAL, "state: want a state of a job, got '%.40s'", state);
	if (r == 0)
		r = gateway_filter(c, &gateway, e);
	if (r == 0)
		r = store_job_list(c->s, gateway, state, page, c->a, &rows, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++) {
		bool proof = false;

		r = store_proof_has(c->s, rows[i].id, &proof, e);
		if (r < 0) {
			json_decref(items);
			return r;
		}
		(void)json_array_append_new(items, json_job(&rows[i], proof, NULL, 0));
	}
	return call_answer_list(c, items, next, e);
}

static int answer_job(struct call *c, int64_t id, struct err *e)
{
	struct store_step *steps = NULL;
	struct store_job job = { 0 };
	bool proof = false;
	char etag[ETAG_SIZE];
	size_t n = 0;
	int r = store_job_get(c->s, id, c->a, &job, e);

	if (r > 0)
		return err_set(e, -ENOENT, "there is no job %lld", (long long)id);
	if (r == 0)
		r = store_step_list(c->s, id, c->a, &steps, &n, e);
	if (r == 0)
		r = store_proof_has(c->s, id, &proof, e);
	etag_make(etag, "job %lld %lld %d", (long long)id, (long long)job.event_n, proof);
	if (r == 0)
		r = call_answer_etag(c, etag, e);
	return r < 0 ? r : call_answer(c, 200, json_job(&job, proof, steps, n), e);
}

int jobs_show(struct call *c, struct err *e)
{
	int64_t id = 0;
	int r = call_no_query(c, e);

	if (r == 0)
		r = call_id(c, 0, &id, e);
	return r < 0 ? r : answer_job(c, id, e);
}

int jobs_cancel(struct call *c, struct err *e)
{
	struct store_job job = { 0 };
	int64_t id = 0;
	int r = call_id(c, 0, &id, e);

	if (r == 0)
		r = call_body(c, NULL, 0, NULL, e);
	if (r == 0)
		r = store_job_get(c->s, id, c->a, &job, e);
	if (r > 0)
		return err_set(e, -ENOENT, "there is no job %lld", (long long)id);
	if (r == 0 && job.done)
		return err_set(e, -EBUSY, "job %lld is done already", (long long)id);
	if (r == 0)
		r = call_begin_deed(c, e);
	if (r == 0)
		r = supervisor_cancel(c->m->jobs, id, e);
	if (r > 0)
		return err_set(e, -EBUSY, "no process works on job %lld; what is true is being found out",
			       (long long)id);
	return r < 0 ? r : answer_job(c, id, e);
}

int jobs_proof(struct call *c, struct err *e)
{
	const char *jws = NULL;
	int64_t id = 0;
	int r = call_no_query(c, e);

	if (r == 0)
		r = call_id(c, 0, &id, e);
	if (r == 0)
		r = store_proof_get(c->s, id, c->a, &jws, e);
	if (r < 0)
		return r;
	if (!jws)
		return err_set(e, -ENOENT, "there is no proof of job %lld", (long long)id);
	http_answer_text(c->r, 200, "application/jose+json", bytes_of_str(jws));
	return 0;
}
