/* Gateways. */
#include "sys/store/gateways.h"

#include "sys/store/certificates.h"
#include "sys/store/internal.h"

#include <errno.h>

static bool gateway_from_row(struct query *q, struct arena *a, struct store_gateway *ret)
{
	*ret = (struct store_gateway) {
		.id = column_i64(q, 0),
		.name = column_text(q, 1, a),
		.target = column_text(q, 2, a),
		.params = column_text(q, 3, a),
		.tls = column_text(q, 4, a),
		.server_names = column_text(q, 5, a),
		.ssh_host = column_text(q, 6, a),
		.ssh_port = (int)column_i64(q, 7),
		.ssh_user = column_text(q, 8, a),
		.host_key = column_text(q, 9, a),
		.created_at = { column_i64(q, 10) },
	};
	return ret->name && ret->target && ret->params && ret->tls && ret->server_names && ret->ssh_host &&
	       ret->ssh_user;
}

static int gateway_one(struct query *q, struct arena *a, struct store_gateway *ret, struct err *e)
{
	int r = query_row(q, e);

	if (r > 0)
		r = gateway_from_row(q, a, ret) ? 0 : err_nomem(e);
	else if (r == 0)
		r = 1;
	query_end(q);
	return r;
}

int store_gateway_get(struct store *s, int64_t id, struct arena *a, struct store_gateway *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_GATEWAY_GET);
	query_i64(&q, id);
	return gateway_one(&q, a, ret, e);
}

int store_gateway_by_name(struct store *s, const char *name, struct arena *a, struct store_gateway *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_GATEWAY_BY_NAME);
	query_text(&q, name);
	return gateway_one(&q, a, ret, e);
}

static int insert(struct store *s, const struct store_gateway *g, int64_t id, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_GATEWAY_ADD);
	query_i64(&q, id);
	query_text(&q, g->name);
	query_text(&q, g->target);
	query_text(&q, g->params);
	query_text(&q, g->tls);
	query_text(&q, g->server_names);
	query_text(&q, g->ssh_host);
	query_i64(&q, g->ssh_port);
	query_text(&q, g->ssh_user);
	query_text(&q, g->host_key);
	query_i64(&q, g->created_at.s);
	return query_run(&q, NULL, e);
}

static int add(struct store *s, const struct store_gateway *g, int64_t *ret_id, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1024 * 1024);
	struct store_gateway other;
	int64_t id = 0;
	int r = a ? store_gateway_by_name(s, g->name, a, &other, e) : err_nomem(e);

	if (r == 0)
		return err_set(e, -EEXIST, "a gateway named '%s' exists", g->name);
	if (r > 0)
		r = counter_next(s, "gateway", &id, e);
	if (r == 0)
		r = insert(s, g, id, e);
	if (r == 0)
		*ret_id = id;
	return r;
}

int store_gateway_add(struct store *s, const struct store_gateway *g, int64_t *ret_id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add(s, g, ret_id, e), e);
}

int store_gateway_change(struct store *s, const struct store_gateway *g, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_GATEWAY_CHANGE);
	query_i64(&q, g->id);
	query_text(&q, g->target);
	query_text(&q, g->params);
	query_text(&q, g->tls);
	query_text(&q, g->server_names);
	query_text(&q, g->ssh_host);
	query_i64(&q, g->ssh_port);
	query_text(&q, g->ssh_user);
	query_text(&q, g->host_key);
	return query_run(&q, NULL, e);
}

int store_gateway_set_host_key(struct store *s, int64_t id, const char *host_key, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_GATEWAY_SET_HOST_KEY);
	query_i64(&q, id);
	query_text(&q, host_key);
	return query_run(&q, NULL, e);
}

int store_gateway_list(struct store *s, const char *prefix, struct store_page page, struct arena *a,
		       struct store_gateway **ret, size_t *ret_n, const char **ret_next, struct err *e)
{
	struct store_gateway *out = arena_alloc_array(a, page.limit + 1, sizeof(*out));
	const char *end = arena_printf(a, "%s" LAST_LETTER, prefix ? prefix : "");
	struct query q;
	size_t n = 0;
	int r = 0;

	if (!out || !end)
		return err_nomem(e);
	query_begin(&q, s, ST_GATEWAY_LIST);
	query_text(&q, page.cursor ? page.cursor : "");
	query_i64(&q, (int64_t)page.limit);
	query_text(&q, prefix ? prefix : "");
	query_text(&q, end);
	while (n < page.limit && (r = query_row(&q, e)) > 0) {
		if (!gateway_from_row(&q, a, &out[n])) {
			r = err_nomem(e);
			break;
		}
		n++;
	}
	query_end(&q);
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = n;
	*ret_next = n == page.limit ? out[n - 1].name : NULL;
	return 0;
}

int store_gateway_active_job(struct store *s, int64_t id, int64_t *ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_GATEWAY_OPEN_JOB);
	query_i64(&q, id);
	r = query_one_i64(&q, ret, e);
	if (r > 0)
		*ret = 0;
	return r < 0 ? r : 0;
}

static int delete_all(struct store *s, int64_t id, struct err *e)
{
	static const enum statement steps[] = { ST_GATEWAY_PROBES_DELETE, ST_GATEWAY_PROBES_LET_GO,
						ST_GATEWAY_JOBS_LET_GO, ST_GATEWAY_DELETE };
	int64_t job = 0;
	int r = store_gateway_active_job(s, id, &job, e);

	if (r == 0 && job != 0)
		return err_set(e, -EBUSY, "job %lld works on this gateway", (long long)job);
	if (r == 0)
		r = store_use_set(s, id, NULL, 0, (struct wall_time) { 0 }, "", e);
	for (size_t i = 0; r == 0 && i < ARRAY_N(steps); i++) {
		struct query q;

		query_begin(&q, s, steps[i]);
		query_i64(&q, id);
		r = query_run(&q, NULL, e);
	}
	return r;
}

int store_gateway_delete(struct store *s, int64_t id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, delete_all(s, id, e), e);
}

static int read_state(struct query *q, struct arena *a, struct store_gateway_state *ret, struct err *e)
{
	*ret = (struct store_gateway_state) { .name = column_text(q, 0, a),
					      .probed_at = { column_i64(q, 1) },
					      .probe_ok = column_i64(q, 2) != 0,
					      .trouble = column_text(q, 3, a),
					      .cert_id = column_i64(q, 4),
					      .active_job = column_i64(q, 5) };
	return ret->name ? 0 : err_nomem(e);
}

int store_gateway_states(struct store *s, size_t max, struct arena *a, struct store_gateway_state **ret, size_t *ret_n,
			 struct err *e)
{
	struct store_gateway_state *rows;
	struct query q;
	int64_t many = 0;
	size_t n = 0;
	int r = store_gateway_count(s, &many, e);

	if (r < 0)
		return r;
	max = (size_t)many < max ? (size_t)many : max;
	rows = arena_alloc_array(a, max + 1, sizeof(*rows));
	if (!rows)
		return err_nomem(e);
	query_begin(&q, s, ST_GATEWAY_STATES);
	query_text(&q, "");
	query_i64(&q, (int64_t)max);
	while (r == 0 && n < max && (r = query_row(&q, e)) > 0)
		r = read_state(&q, a, &rows[n++], e);
	query_end(&q);
	*ret = rows;
	*ret_n = n;
	return r;
}

int store_gateway_count(struct store *s, int64_t *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_GATEWAY_COUNT);
	return query_one_i64(&q, ret, e);
}
