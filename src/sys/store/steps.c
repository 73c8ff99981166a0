/* The steps of a job. Each change takes the job's next event number, so that a reader can ask for what came after one.
 */
#include "sys/store/internal.h"
#include "sys/store/jobs.h"

#include <errno.h>

static bool step_from_row(struct query *q, struct arena *a, struct store_step *ret)
{
	*ret = (struct store_step) {
		.job_id = column_i64(q, 0),
		.n = column_i64(q, 1),
		.state = column_text(q, 2, a),
		.text = column_text(q, 3, a),
		.outcome = column_text(q, 4, a),
		.detail = column_text(q, 5, a),
		.host_output = column_text(q, 6, a),
		.started_at = { column_i64(q, 7) },
		.ended_at = { column_i64(q, 8) },
		.time_ms = column_i64(q, 9),
		.event_n = column_i64(q, 10),
	};
	return ret->state && ret->text && ret->outcome;
}

/* The job's next event number. */
static int touch(struct store *s, int64_t job_id, int64_t *ret, struct err *e)
{
	int r = query_number_of(s, ST_JOB_TOUCH, job_id, ret, e);

	return r > 0 ? err_set(e, -ENOENT, "store: there is no job %lld", (long long)job_id) : r;
}

static int begin_step(struct store *s, const struct store_step *st, int64_t *ret_n, struct err *e)
{
	int64_t n = 0, event = 0;
	struct query q;
	int r = query_number_of(s, ST_STEP_LAST, st->job_id, &n, e);

	if (r >= 0 && n >= STORE_STEPS_MAX)
		return err_set(e, -E2BIG, "job %lld: more than %d steps", (long long)st->job_id, STORE_STEPS_MAX);
	if (r >= 0)
		r = touch(s, st->job_id, &event, e);
	if (r < 0)
		return r;
	query_begin(&q, s, ST_STEP_ADD);
	query_i64(&q, st->job_id);
	query_i64(&q, n + 1);
	query_text(&q, st->state);
	query_text(&q, st->text);
	query_text(&q, st->outcome);
	query_text(&q, st->detail);
	query_text(&q, st->host_output);
	query_i64(&q, st->started_at.s);
	query_i64_or_null(&q, st->ended_at.s);
	query_i64_or_null(&q, st->time_ms);
	query_i64(&q, event);
	r = query_run(&q, NULL, e);
	if (r == 0)
		*ret_n = n + 1;
	return r;
}

int store_step_begin(struct store *s, const struct store_step *st, int64_t *ret_n, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, begin_step(s, st, ret_n, e), e);
}

static int end_step(struct store *s, const struct store_step *st, struct err *e)
{
	int64_t event = 0;
	struct query q;
	int r = touch(s, st->job_id, &event, e);

	if (r < 0)
		return r;
	query_begin(&q, s, ST_STEP_END);
	query_i64(&q, st->job_id);
	query_i64(&q, st->n);
	query_text(&q, st->outcome);
	query_text(&q, st->detail);
	query_text(&q, st->host_output);
	query_i64(&q, st->ended_at.s);
	query_i64(&q, st->time_ms);
	query_i64(&q, event);
	return query_run(&q, NULL, e);
}

int store_step_end(struct store *s, const struct store_step *st, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, end_step(s, st, e), e);
}

static int read_steps(struct query *q, struct arena *a, struct store_step **ret, size_t *ret_n, struct err *e)
{
	struct store_step *out = arena_alloc_array(a, STORE_STEPS_MAX, sizeof(*out));
	size_t n = 0;
	int r = out ? 0 : err_nomem(e);

	while (r >= 0 && n < STORE_STEPS_MAX && (r = query_row(q, e)) > 0)
		r = step_from_row(q, a, &out[n++]) ? 0 : err_nomem(e);
	query_end(q);
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = n;
	return 0;
}

int store_step_list(struct store *s, int64_t job_id, struct arena *a, struct store_step **ret, size_t *ret_n,
		    struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_STEP_LIST);
	query_i64(&q, job_id);
	query_i64(&q, STORE_STEPS_MAX);
	return read_steps(&q, a, ret, ret_n, e);
}

int store_step_since(struct store *s, int64_t job_id, int64_t since, struct arena *a, struct store_step **ret,
		     size_t *ret_n, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_STEP_SINCE);
	query_i64(&q, job_id);
	query_i64(&q, since);
	query_i64(&q, STORE_STEPS_MAX);
	return read_steps(&q, a, ret, ret_n, e);
}
