/* Where certificates are proven in use. */
#include "sys/store/cert_row.h"

static int read_in_use(struct query *q, struct arena *a, struct store_cert_use *ret, struct err *e)
{
	*ret = (struct store_cert_use) { .id = column_i64(q, 0),
					 .kind = (enum cert_kind)column_i64(q, 1),
					 .display_name = column_text(q, 2, a),
					 .not_before = { column_i64(q, 3) },
					 .not_after = { column_i64(q, 4) },
					 .issuer_id = column_i64(q, 5),
					 .revoked = column_i64(q, 6) != 0,
					 .used = column_i64(q, 7) };
	return ret->display_name ? 0 : err_nomem(e);
}

int store_cert_in_use(struct store *s, size_t max, struct arena *a, struct store_cert_use **ret, size_t *ret_n,
		      struct err *e)
{
	struct store_cert_use *rows;
	struct query q;
	int64_t many = 0;
	size_t n = 0;
	int r = query_number_of(s, ST_CERT_IN_USE_COUNT, 0, &many, e);

	if (r < 0)
		return r;
	max = (size_t)many < max ? (size_t)many : max;
	rows = arena_alloc_array(a, max + 1, sizeof(*rows));
	if (!rows)
		return err_nomem(e);
	query_begin(&q, s, ST_CERT_IN_USE);
	query_i64(&q, 0);
	query_i64(&q, (int64_t)max);
	while (r == 0 && n < max && (r = query_row(&q, e)) > 0)
		r = read_in_use(&q, a, &rows[n++], e);
	query_end(&q);
	*ret = rows;
	*ret_n = n;
	return r;
}

int store_use_of_cert(struct store *s, int64_t cert_id, struct arena *a, struct store_use *ret, size_t max,
		      size_t *ret_n, struct err *e)
{
	struct query q;
	size_t n = 0;
	int r;

	query_begin(&q, s, ST_USE_OF_CERT);
	query_i64(&q, cert_id);
	query_i64(&q, (int64_t)max);
	while ((r = query_row(&q, e)) > 0) {
		ret[n] = (struct store_use) { .gateway = column_text(&q, 0, a),
					      .cert_id = cert_id,
					      .proven_at = { column_i64(&q, 1) },
					      .by = column_text(&q, 2, a) };
		if (!ret[n].gateway || !ret[n].by) {
			r = err_nomem(e);
			break;
		}
		n++;
	}
	query_end(&q);
	*ret_n = n;
	return r;
}

int store_use_of_gateway(struct store *s, int64_t gateway_id, struct arena *a, struct store_use *ret, size_t max,
			 size_t *ret_n, struct err *e)
{
	struct query q;
	size_t n = 0;
	int r = 0;

	query_begin(&q, s, ST_USE_OF_GATEWAY);
	query_i64(&q, gateway_id);
	while (n < max && (r = query_row(&q, e)) > 0) {
		ret[n] = (struct store_use) { .cert_id = column_i64(&q, 0),
					      .proven_at = { column_i64(&q, 1) },
					      .by = column_text(&q, 2, a) };
		if (!ret[n].by) {
			r = err_nomem(e);
			break;
		}
		n++;
	}
	query_end(&q);
	*ret_n = n;
	return r < 0 ? r : 0;
}

static int run_with(struct store *s, enum statement which, int64_t id, struct err *e)
{
	struct query q;

	query_begin(&q, s, which);
	query_i64(&q, id);
	return query_run(&q, NULL, e);
}

static int add_use(struct store *s, int64_t gateway_id, int64_t cert_id, struct wall_time at, const char *by,
		   struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_USE_ADD);
	query_i64(&q, gateway_id);
	query_i64(&q, cert_id);
	query_i64(&q, at.s);
	query_text(&q, by);
	r = query_run(&q, NULL, e);
	return r < 0 ? r : run_with(s, ST_USE_COUNT, cert_id, e);
}

static int set(struct store *s, int64_t gateway_id, const int64_t *cert_ids, size_t n, struct wall_time at,
	       const char *by, struct err *e)
{
	int r = run_with(s, ST_USE_UNCOUNT, gateway_id, e);

	if (r == 0)
		r = run_with(s, ST_USE_CLEAR, gateway_id, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_use(s, gateway_id, cert_ids[i], at, by, e);
	return r;
}

int store_use_set(struct store *s, int64_t gateway_id, const int64_t *cert_ids, size_t n, struct wall_time proven_at,
		  const char *by, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, set(s, gateway_id, cert_ids, n, proven_at, by, e), e);
}
