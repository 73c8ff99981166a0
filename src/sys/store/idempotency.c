#include "sys/store/idempotency.h"
#include "sys/store/internal.h"

static int run_aged(struct store *s, struct wall_time before, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_IDEMPOTENCY_AGED);
	query_i64(&q, before.s);
	return query_run(&q, NULL, e);
}

/* 1: it is there. */
static int find(struct store *s, const struct store_idempotency *row, struct arena *a, struct store_idempotency *ret,
		struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_IDEMPOTENCY_GET);
	query_text(&q, row->caller);
	query_text(&q, row->key);
	r = query_row(&q, e);
	if (r > 0) {
		*ret = *row;
		column_copy(&q, 0, ret->digest, sizeof(ret->digest));
		ret->status = (int)column_i64(&q, 1);
		ret->answer = column_text(&q, 2, a);
	}
	query_end(&q);
	return r;
}

static int add(struct store *s, const struct store_idempotency *row, struct wall_time now, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_IDEMPOTENCY_ADD);
	query_text(&q, row->caller);
	query_text(&q, row->key);
	query_bytes(&q, bytes_of(row->digest, sizeof(row->digest)));
	query_i64(&q, now.s);
	return query_run(&q, NULL, e);
}

int store_idempotency_begin(struct store *s, const struct store_idempotency *row, struct wall_time now,
			    struct wall_time forget_before, struct arena *a, struct store_idempotency *ret,
			    struct err *e)
{
	int r = store_begin(s, e);

	if (r < 0)
		return r;
	r = run_aged(s, forget_before, e);
	if (r == 0)
		r = find(s, row, a, ret, e);
	if (r == 0)
		r = add(s, row, now, e);
	return store_end(s, r, e);
}

int store_idempotency_finish(struct store *s, const char *caller, const char *key, int status, const char *answer,
			     struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_IDEMPOTENCY_FINISH);
	query_text(&q, caller);
	query_text(&q, key);
	query_i64(&q, status);
	query_text(&q, answer);
	return query_run(&q, NULL, e);
}

int store_idempotency_forget(struct store *s, const char *caller, const char *key, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_IDEMPOTENCY_FORGET);
	query_text(&q, caller);
	query_text(&q, key);
	return query_run(&q, NULL, e);
}
