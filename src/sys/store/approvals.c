#include "sys/store/approvals.h"

#include "sys/store/internal.h"

static bool approval_from_row(struct query *q, struct arena *a, struct store_approval *ret)
{
	*ret = (struct store_approval) {
		.id = column_i64(q, 0),
		.action = column_text(q, 1, a),
		.object = column_text(q, 2, a),
		.summary = column_text(q, 3, a),
		.requested_by = column_text(q, 5, a),
		.requested_at = { column_i64(q, 6) },
		.expires_at = { column_i64(q, 7) },
		.state = column_text(q, 8, a),
		.decided_by = column_text(q, 9, a),
	};
	column_copy(q, 4, ret->digest, STORE_HASH_SIZE);
	return ret->action && ret->object && ret->summary && ret->requested_by && ret->state;
}

static int add(struct store *s, const struct store_approval *approval, int64_t *ret_id, struct err *e)
{
	int64_t id = 0;
	struct query q;
	int r = counter_next(s, "approval", &id, e);

	if (r < 0)
		return r;
	query_begin(&q, s, ST_APPROVAL_ADD);
	query_i64(&q, id);
	query_text(&q, approval->action);
	query_text(&q, approval->object);
	query_text(&q, approval->summary);
	query_bytes(&q, bytes_of(approval->digest, STORE_HASH_SIZE));
	query_text(&q, approval->requested_by);
	query_i64(&q, approval->requested_at.s);
	query_i64(&q, approval->expires_at.s);
	r = query_run(&q, NULL, e);
	if (r == 0)
		*ret_id = id;
	return r;
}

int store_approval_add(struct store *s, const struct store_approval *approval, int64_t *ret_id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add(s, approval, ret_id, e), e);
}

int store_approval_get(struct store *s, int64_t id, struct arena *a, struct store_approval *ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_APPROVAL_GET);
	query_i64(&q, id);
	r = query_row(&q, e);
	if (r > 0)
		r = approval_from_row(&q, a, ret) ? 0 : err_nomem(e);
	else if (r == 0)
		r = 1;
	query_end(&q);
	return r;
}

int store_approval_list(struct store *s, struct store_page page, struct arena *a, struct store_approval **ret,
			size_t *ret_n, const char **ret_next, struct err *e)
{
	struct store_approval *out = arena_alloc_array(a, page.limit + 1, sizeof(*out));
	int64_t before = 0;
	struct query q;
	size_t n = 0;
	int r = out ? cursor_number(page.cursor, INT64_MAX, &before, e) : err_nomem(e);

	if (r < 0)
		return r;
	query_begin(&q, s, ST_APPROVAL_LIST);
	query_i64(&q, before);
	query_i64(&q, (int64_t)page.limit);
	while (r >= 0 && n < page.limit && (r = query_row(&q, e)) > 0)
		r = approval_from_row(&q, a, &out[n++]) ? 0 : err_nomem(e);
	query_end(&q);
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = n;
	*ret_next = n == page.limit ? arena_printf(a, "%lld", (long long)out[n - 1].id) : NULL;
	return 0;
}

int store_approval_decide(struct store *s, int64_t id, const char *state, const char *by, struct wall_time now,
			  struct err *e)
{
	int64_t changed = 0;
	struct query q;
	int r;

	query_begin(&q, s, ST_APPROVAL_DECIDE);
	query_i64(&q, id);
	query_text(&q, state);
	query_text(&q, by);
	query_i64(&q, now.s);
	r = query_run(&q, &changed, e);
	return r < 0 ? r : changed == 1 ? 0 : 1;
}

int store_approval_use(struct store *s, int64_t id, struct err *e)
{
	int64_t changed = 0;
	struct query q;
	int r;

	query_begin(&q, s, ST_APPROVAL_USE);
	query_i64(&q, id);
	r = query_run(&q, &changed, e);
	return r < 0 ? r : changed == 1 ? 0 : 1;
}
