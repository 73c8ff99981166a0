/* What probes saw. */
#include "sys/store/gateways.h"
#include "sys/store/internal.h"

static int set_state(struct store *s, int64_t gateway_id, struct wall_time at, const char *trouble, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_GATEWAY_PROBED);
	query_i64(&q, gateway_id);
	query_i64(&q, at.s);
	query_i64(&q, trouble == NULL);
	query_text(&q, trouble);
	return query_run(&q, NULL, e);
}

static int add(struct store *s, int64_t gateway_id, int64_t job_id, const char *phase, struct wall_time at,
	       const char *body, const char *trouble, struct err *e)
{
	struct query q;
	int64_t id = 0;
	int r = counter_next(s, "probe", &id, e);

	if (r < 0)
		return r;
	query_begin(&q, s, ST_PROBE_ADD);
	query_i64(&q, id);
	query_i64(&q, gateway_id);
	query_i64_or_null(&q, job_id);
	query_text(&q, phase);
	query_i64(&q, at.s);
	query_text(&q, body);
	r = query_run(&q, NULL, e);
	if (r == 0)
		r = set_state(s, gateway_id, at, trouble, e);
	if (r < 0 || job_id != 0)
		return r;
	query_begin(&q, s, ST_PROBE_FORGET);
	query_i64(&q, gateway_id);
	return query_run(&q, NULL, e);
}

int store_probe_add(struct store *s, int64_t gateway_id, int64_t job_id, const char *phase, struct wall_time at,
		    const char *body, const char *trouble, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add(s, gateway_id, job_id, phase, at, body, trouble, e), e);
}

int store_probe_last(struct store *s, int64_t gateway_id, struct arena *a, struct wall_time *ret_at,
		     const char **ret_body, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_PROBE_LAST);
	query_i64(&q, gateway_id);
	r = query_row(&q, e);
	if (r > 0) {
		ret_at->s = column_i64(&q, 0);
		*ret_body = column_text(&q, 1, a);
		r = *ret_body ? 0 : err_nomem(e);
	} else if (r == 0) {
		*ret_body = NULL;
	}
	query_end(&q);
	return r;
}

int store_probes_of_job(struct store *s, int64_t job_id, struct arena *a, struct store_probe *ret, size_t max,
			size_t *ret_n, struct err *e)
{
	struct query q;
	size_t n = 0;
	int r;

	query_begin(&q, s, ST_PROBE_OF_JOB);
	query_i64(&q, job_id);
	query_i64(&q, (int64_t)max);
	while ((r = query_row(&q, e)) > 0) {
		ret[n] = (struct store_probe) { column_text(&q, 0, a), column_text(&q, 1, a) };
		if (!ret[n].phase || !ret[n].body) {
			r = err_nomem(e);
			break;
		}
		n++;
	}
	query_end(&q);
	*ret_n = n;
	return r;
}

static int read_round(struct query *q, struct arena *a, struct store_probe_round *ret, struct err *e)
{
	*ret = (struct store_probe_round) { .id = column_i64(q, 0),
					    .probed_at = { column_i64(q, 1) },
					    .phase = column_text(q, 2, a),
					    .job_id = column_i64(q, 3),
					    .body = column_text(q, 4, a) };
	return ret->phase && ret->body ? 0 : err_nomem(e);
}

int store_probe_list(struct store *s, int64_t gateway_id, struct store_page page, struct arena *a,
		     struct store_probe_round **ret, size_t *ret_n, const char **ret_next, struct err *e)
{
	struct store_probe_round *list = arena_alloc_array(a, page.limit, sizeof(*list));
	int64_t before = INT64_MAX;
	struct query q;
	size_t n = 0;
	int r = list ? cursor_number(page.cursor, INT64_MAX, &before, e) : err_nomem(e);

	if (r < 0)
		return r;
	query_begin(&q, s, ST_PROBE_LIST);
	query_i64(&q, before);
	query_i64(&q, (int64_t)page.limit);
	query_i64(&q, gateway_id);
	while (r == 0 && (r = query_row(&q, e)) > 0)
		r = read_round(&q, a, &list[n++], e);
	query_end(&q);
	*ret = list;
	*ret_n = n;
	*ret_next = n == page.limit ? arena_printf(a, "%lld", (long long)list[n - 1].id) : NULL;
	return r;
}
