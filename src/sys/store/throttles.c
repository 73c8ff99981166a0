/* Counts of failed tries to sign in. */
#include "sys/store/accounts.h"
#include "sys/store/internal.h"

int store_throttle_get(struct store *s, const char *name, int64_t *ret_failures, struct wall_time *ret_last,
		       struct err *e)
{
	struct query q;
	int r;

	*ret_failures = 0;
	ret_last->s = 0;
	query_begin(&q, s, ST_THROTTLE_GET);
	query_text(&q, name);
	r = query_row(&q, e);
	if (r > 0) {
		*ret_failures = column_i64(&q, 0);
		ret_last->s = column_i64(&q, 1);
	}
	query_end(&q);
	return r < 0 ? r : 0;
}

int store_throttle_set(struct store *s, const char *name, int64_t failures, struct wall_time last, struct err *e)
{
	struct query q;

	query_begin(&q, s, failures > 0 ? ST_THROTTLE_SET : ST_THROTTLE_DELETE);
	query_text(&q, name);
	if (failures > 0) {
		query_i64(&q, failures);
		query_i64(&q, last.s);
	}
	return query_run(&q, NULL, e);
}

int store_throttle_delete_old(struct store *s, struct wall_time before, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_THROTTLE_DELETE_OLD);
	query_i64(&q, before.s);
	return query_run(&q, NULL, e);
}
