/* Users. */
#include "sys/store/accounts.h"

#include "sys/store/internal.h"

#include <errno.h>

static bool account_from_row(struct query *q, struct arena *a, struct store_account *ret)
{
	*ret = (struct store_account) {
		.id = column_i64(q, 0),
		.name = column_text(q, 1, a),
		.roles = column_text(q, 2, a),
		.disabled = column_i64(q, 3) != 0,
		.password = column_text(q, 4, a),
		.must_change = column_i64(q, 5) != 0,
		.totp_sealed = column_bytes(q, 6, a),
		.totp_confirmed = column_i64(q, 7) != 0,
		.totp_step = column_i64(q, 8),
		.created_at = { column_i64(q, 9) },
		.last_login_at = { column_i64(q, 10) },
	};
	return ret->name && ret->roles && ret->password;
}

static int account_one(struct query *q, struct arena *a, struct store_account *ret, struct err *e)
{
	int r = query_row(q, e);

	if (r > 0)
		r = account_from_row(q, a, ret) ? 0 : err_nomem(e);
	else if (r == 0)
		r = 1;
	query_end(q);
	return r;
}

int store_account_get(struct store *s, int64_t id, struct arena *a, struct store_account *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_ACCOUNT_GET);
	query_i64(&q, id);
	return account_one(&q, a, ret, e);
}

int store_account_by_name(struct store *s, const char *name, struct arena *a, struct store_account *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_ACCOUNT_BY_NAME);
	query_text(&q, name);
	return account_one(&q, a, ret, e);
}

int store_account_list(struct store *s, struct store_page page, struct arena *a, struct store_account **ret,
		       size_t *ret_n, const char **ret_next, struct err *e)
{
	struct store_account *out = arena_alloc_array(a, page.limit + 1, sizeof(*out));
	struct query q;
	size_t n = 0;
	int r = 0;

	if (!out)
		return err_nomem(e);
	query_begin(&q, s, ST_ACCOUNT_LIST);
	query_text(&q, page.cursor ? page.cursor : "");
	query_i64(&q, (int64_t)page.limit);
	while (r >= 0 && n < page.limit && (r = query_row(&q, e)) > 0)
		r = account_from_row(&q, a, &out[n++]) ? 0 : err_nomem(e);
	query_end(&q);
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = n;
	*ret_next = n == page.limit ? out[n - 1].name : NULL;
	return 0;
}

static int add(struct store *s, const struct store_account *account, int64_t *ret_id, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1024 * 1024);
	struct store_account other;
	struct query q;
	int64_t id = 0;
	int r = a ? store_account_by_name(s, account->name, a, &other, e) : err_nomem(e);

	if (r == 0)
		return err_set(e, -EEXIST, "a user named '%s' exists", account->name);
	if (r > 0)
		r = counter_next(s, "account", &id, e);
	if (r < 0)
		return r;
	query_begin(&q, s, ST_ACCOUNT_ADD);
	query_i64(&q, id);
	query_text(&q, account->name);
	query_text(&q, account->roles);
	query_text(&q, account->password);
	query_i64(&q, account->created_at.s);
	r = query_run(&q, NULL, e);
	if (r == 0)
		*ret_id = id;
	return r;
}

int store_account_add(struct store *s, const struct store_account *account, int64_t *ret_id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add(s, account, ret_id, e), e);
}

int store_account_change(struct store *s, const struct store_account *account, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_ACCOUNT_CHANGE);
	query_i64(&q, account->id);
	query_text(&q, account->roles);
	query_i64(&q, account->disabled);
	return query_run(&q, NULL, e);
}

int store_account_set_password(struct store *s, int64_t id, const char *password, bool must_change, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_ACCOUNT_SET_PASSWORD);
	query_i64(&q, id);
	query_text(&q, password);
	query_i64(&q, must_change);
	return query_run(&q, NULL, e);
}

int store_account_set_totp(struct store *s, int64_t id, struct bytes sealed, bool confirmed, int64_t step,
			   struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_ACCOUNT_SET_TOTP);
	query_i64(&q, id);
	query_bytes(&q, sealed);
	query_i64(&q, confirmed);
	query_i64(&q, step);
	return query_run(&q, NULL, e);
}

int store_account_totp_used(struct store *s, int64_t id, int64_t step, struct err *e)
{
	int64_t changed = 0;
	struct query q;
	int r;

	query_begin(&q, s, ST_ACCOUNT_TOTP_USED);
	query_i64(&q, id);
	query_i64(&q, step);
	r = query_run(&q, &changed, e);
	return r < 0 ? r : changed == 1 ? 0 : 1;
}

int store_account_logged_in(struct store *s, int64_t id, struct wall_time now, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_ACCOUNT_LOGGED_IN);
	query_i64(&q, id);
	query_i64(&q, now.s);
	return query_run(&q, NULL, e);
}

static int run_each(struct store *s, const enum statement *steps, size_t n, int64_t id, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct query q;

		query_begin(&q, s, steps[i]);
		query_i64(&q, id);
		r = query_run(&q, NULL, e);
	}
	return r;
}

static const enum statement forgetting[] = { ST_SESSION_DELETE_ALL, ST_TOKEN_DELETE_ALL, ST_RECOVERY_DELETE_ALL,
					     ST_MARK_DELETE_ALL };

int store_account_shut_out(struct store *s, int64_t id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, run_each(s, forgetting, ARRAY_N(forgetting), id, e), e);
}

int store_account_delete(struct store *s, int64_t id, struct err *e)
{
	static const enum statement removing[] = { ST_ACCOUNT_DELETE };
	int r = store_begin(s, e);

	if (r < 0)
		return r;
	r = store_account_shut_out(s, id, e);
	if (r == 0)
		r = run_each(s, removing, ARRAY_N(removing), id, e);
	return store_end(s, r, e);
}
