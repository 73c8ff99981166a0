/* Personal access tokens. */
#include "sys/store/accounts.h"
#include "sys/store/internal.h"

#include <errno.h>

static bool token_from_row(struct query *q, struct arena *a, struct store_token *ret)
{
	*ret = (struct store_token) {
		.id = column_i64(q, 0),
		.account_id = column_i64(q, 1),
		.user = column_text(q, 2, a),
		.name = column_text(q, 3, a),
		.roles = column_text(q, 4, a),
		.created_at = { column_i64(q, 5) },
		.expires_at = { column_i64(q, 6) },
		.used_at = { column_i64(q, 7) },
	};
	return ret->user && ret->name && ret->roles;
}

static int token_one(struct query *q, struct arena *a, struct store_token *ret, struct err *e)
{
	int r = query_row(q, e);

	if (r > 0)
		r = token_from_row(q, a, ret) ? 0 : err_nomem(e);
	else if (r == 0)
		r = 1;
	query_end(q);
	return r;
}

int store_token_get(struct store *s, int64_t id, struct arena *a, struct store_token *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_TOKEN_GET);
	query_i64(&q, id);
	return token_one(&q, a, ret, e);
}

int store_token_by_hash(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct arena *a, struct store_token *ret,
			struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_TOKEN_BY_HASH);
	query_bytes(&q, bytes_of(hash, STORE_HASH_SIZE));
	return token_one(&q, a, ret, e);
}

static int add(struct store *s, const struct store_token *token, int64_t *ret_id, struct err *e)
{
	int64_t id = 0, n = 0;
	struct query q;
	int r = query_number_of(s, ST_TOKEN_COUNT, token->account_id, &n, e);

	if (r == 0 && n >= STORE_TOKENS_MAX)
		return err_set(e, -E2BIG, "want at most %d tokens of one user, got one more", STORE_TOKENS_MAX);
	if (r == 0)
		r = counter_next(s, "token", &id, e);
	if (r != 0)
		return r;
	query_begin(&q, s, ST_TOKEN_ADD);
	query_i64(&q, id);
	query_bytes(&q, bytes_of(token->hash, STORE_HASH_SIZE));
	query_i64(&q, token->account_id);
	query_text(&q, token->name);
	query_text(&q, token->roles);
	query_i64(&q, token->created_at.s);
	query_i64(&q, token->expires_at.s);
	r = query_run(&q, NULL, e);
	if (r == 0)
		*ret_id = id;
	return r;
}

int store_token_add(struct store *s, const struct store_token *token, int64_t *ret_id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add(s, token, ret_id, e), e);
}

int store_token_list(struct store *s, int64_t account_id, struct store_page page, struct arena *a,
		     struct store_token **ret, size_t *ret_n, const char **ret_next, struct err *e)
{
	struct store_token *out = arena_alloc_array(a, page.limit + 1, sizeof(*out));
	int64_t after = 0;
	struct query q;
	size_t n = 0;
	int r = out ? cursor_number(page.cursor, 0, &after, e) : err_nomem(e);

	if (r < 0)
		return r;
	query_begin(&q, s, account_id != 0 ? ST_TOKEN_LIST_OWN : ST_TOKEN_LIST);
	query_i64(&q, after);
	query_i64(&q, (int64_t)page.limit);
	if (account_id != 0)
		query_i64(&q, account_id);
	while (r >= 0 && n < page.limit && (r = query_row(&q, e)) > 0)
		r = token_from_row(&q, a, &out[n++]) ? 0 : err_nomem(e);
	query_end(&q);
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = n;
	*ret_next = n == page.limit ? arena_printf(a, "%lld", (long long)out[n - 1].id) : NULL;
	return 0;
}

int store_token_touch(struct store *s, int64_t id, struct wall_time now, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_TOKEN_TOUCH);
	query_i64(&q, id);
	query_i64(&q, now.s);
	return query_run(&q, NULL, e);
}

int store_token_delete(struct store *s, int64_t id, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_TOKEN_DELETE);
	query_i64(&q, id);
	return query_run(&q, NULL, e);
}
