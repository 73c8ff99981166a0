/* Jobs: queued, moved, finished; the row is the truth that a restart reads. */
#include "sys/store/jobs.h"

#include "sys/store/gateways.h"
#include "sys/store/internal.h"

#include <errno.h>

static bool job_from_row(struct query *q, struct arena *a, struct store_job *ret)
{
	*ret = (struct store_job) {
		.id = column_i64(q, 0),
		.kind = column_text(q, 1, a),
		.gateway_id = column_i64(q, 2),
		.gateway = column_text(q, 3, a),
		.cert_id = column_i64(q, 4),
		.previous_id = column_i64(q, 5),
		.state = column_text(q, 6, a),
		.done = column_i64(q, 7) != 0,
		.outcome = column_text(q, 8, a),
		.detail = column_text(q, 9, a),
		.created_at = { column_i64(q, 10) },
		.finished_at = { column_i64(q, 11) },
		.has_served = sqlite3_column_type(q->st, 12) != SQLITE_NULL,
		.deadline = column_i64(q, 13),
		.generation = column_text(q, 14, a),
		.old_generation = column_text(q, 15, a),
		.confirm_within = column_i64(q, 16),
		.findings = column_text(q, 17, a),
		.event_n = column_i64(q, 18),
		.moved_at = { column_i64(q, 19) },
	};
	column_copy(q, 12, ret->served, FINGERPRINT_SIZE);
	return ret->kind && ret->gateway && ret->state && ret->detail && ret->findings;
}

int store_job_get(struct store *s, int64_t id, struct arena *a, struct store_job *ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_JOB_GET);
	query_i64(&q, id);
	r = query_row(&q, e);
	if (r > 0)
		r = job_from_row(&q, a, ret) ? 0 : err_nomem(e);
	else if (r == 0)
		r = 1;
	query_end(&q);
	return r;
}

static int insert(struct store *s, const struct store_job *j, int64_t id, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_JOB_ADD);
	query_i64(&q, id);
	query_text(&q, j->kind);
	query_i64(&q, j->gateway_id);
	query_text(&q, j->gateway);
	query_i64_or_null(&q, j->cert_id);
	query_i64_or_null(&q, j->previous_id);
	query_text(&q, j->detail ? j->detail : "");
	query_i64(&q, j->created_at.s);
	query_text(&q, j->generation);
	query_i64(&q, j->confirm_within);
	query_text(&q, j->findings ? j->findings : "[]");
	return query_run(&q, NULL, e);
}

static int add(struct store *s, const struct store_job *j, int64_t *ret_id, struct err *e)
{
	int64_t id = 0;
	int r = store_gateway_active_job(s, j->gateway_id, &id, e);

	if (r < 0)
		return r;
	if (id != 0) {
		*ret_id = id;
		return 1;
	}
	r = counter_next(s, "job", &id, e);
	if (r == 0)
		r = insert(s, j, id, e);
	if (r == 0)
		*ret_id = id;
	return r;
}

int store_job_add(struct store *s, const struct store_job *j, int64_t *ret_id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add(s, j, ret_id, e), e);
}

/* Read every row of a bound query into an array of at most `max`. */
static int read_jobs(struct query *q, size_t max, struct arena *a, struct store_job **ret, size_t *ret_n, struct err *e)
{
	struct store_job *out = arena_alloc_array(a, max + 1, sizeof(*out));
	size_t n = 0;
	int r = out ? 0 : err_nomem(e);

	while (r >= 0 && n < max && (r = query_row(q, e)) > 0)
		r = job_from_row(q, a, &out[n++]) ? 0 : err_nomem(e);
	query_end(q);
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = n;
	return 0;
}

int store_job_list(struct store *s, int64_t gateway_id, const char *state, struct store_page page, struct arena *a,
		   struct store_job **ret, size_t *ret_n, const char **ret_next, struct err *e)
{
	static const enum statement which[2][2] = { { ST_JOB_LIST, ST_JOB_LIST_STATE },
						    { ST_JOB_LIST_GATEWAY, ST_JOB_LIST_GATEWAY_STATE } };
	int64_t before = 0;
	struct query q;
	int r = cursor_number(page.cursor, INT64_MAX, &before, e);

	if (r < 0)
		return r;
	query_begin(&q, s, which[gateway_id != 0][state != NULL]);
	query_i64(&q, before);
	query_i64(&q, (int64_t)page.limit);
	if (gateway_id != 0)
		query_i64(&q, gateway_id);
	if (state)
		query_text(&q, state);
	r = read_jobs(&q, page.limit, a, ret, ret_n, e);
	if (r < 0)
		return r;
	*ret_next = *ret_n == page.limit ? arena_printf(a, "%lld", (long long)(*ret)[*ret_n - 1].id) : NULL;
	return 0;
}

int store_job_open(struct store *s, int64_t after, size_t max, struct arena *a, struct store_job **ret, size_t *ret_n,
		   struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_JOB_LIST_OPEN);
	query_i64(&q, after);
	query_i64(&q, (int64_t)max);
	return read_jobs(&q, max, a, ret, ret_n, e);
}

int store_job_move(struct store *s, int64_t id, const char *state, const char *detail, struct wall_time at,
		   struct err *e)
{
	struct query q;
	int64_t event = 0;

	query_begin(&q, s, ST_JOB_MOVE);
	query_i64(&q, id);
	query_text(&q, state);
	query_text(&q, detail);
	query_i64(&q, at.s);
	return query_one_i64(&q, &event, e);
}

int store_job_set_switch(struct store *s, int64_t id, int64_t deadline, const char *generation,
			 const char *old_generation, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_JOB_SET_SWITCH);
	query_i64(&q, id);
	query_i64_or_null(&q, deadline);
	query_text(&q, generation);
	query_text(&q, old_generation);
	return query_run(&q, NULL, e);
}

int store_job_finish(struct store *s, const struct store_job *j, struct err *e)
{
	struct query q;
	int64_t event = 0;

	query_begin(&q, s, ST_JOB_FINISH);
	query_i64(&q, j->id);
	query_text(&q, j->state);
	query_text(&q, j->outcome);
	query_text(&q, j->detail);
	query_i64(&q, j->finished_at.s);
	query_bytes(&q, j->has_served ? bytes_of(j->served, FINGERPRINT_SIZE) : BYTES_NONE);
	return query_one_i64(&q, &event, e);
}

int store_proof_add(struct store *s, int64_t job_id, struct wall_time at, const char *jws, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_PROOF_ADD);
	query_i64(&q, job_id);
	query_i64(&q, at.s);
	query_text(&q, jws);
	return query_run(&q, NULL, e);
}

int store_proof_get(struct store *s, int64_t job_id, struct arena *a, const char **ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_PROOF_GET);
	query_i64(&q, job_id);
	r = query_row(&q, e);
	if (r > 0) {
		*ret = column_text(&q, 0, a);
		r = *ret ? 0 : err_nomem(e);
	} else if (r == 0) {
		*ret = NULL;
	}
	query_end(&q);
	return r;
}

int store_proof_has(struct store *s, int64_t job_id, bool *ret, struct err *e)
{
	struct query q;
	int64_t id = 0;
	int r;

	query_begin(&q, s, ST_PROOF_HAS);
	query_i64(&q, job_id);
	r = query_one_i64(&q, &id, e);
	*ret = r == 0;
	return r < 0 ? r : 0;
}

int store_job_count(struct store *s, const char *state, int64_t *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_JOB_COUNT);
	query_text(&q, state);
	return query_one_i64(&q, ret, e);
}

int store_job_count_outcome(struct store *s, const char *kind, const char *outcome, int64_t *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_JOB_COUNT_OUTCOME);
	query_text(&q, kind);
	query_text(&q, outcome);
	return query_one_i64(&q, ret, e);
}

int store_job_first_met(struct store *s, int64_t gateway_id, const char *generation, int64_t *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_JOB_FIRST_MET);
	query_i64(&q, gateway_id);
	query_text(&q, generation);
	return query_one_i64(&q, ret, e);
}
