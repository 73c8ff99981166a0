/* Sessions, recovery codes, browsers that are known. */
#include "sys/store/accounts.h"
#include "sys/store/internal.h"

static int run_hash(struct store *s, enum statement which, const uint8_t *hash, struct err *e)
{
	struct query q;

	query_begin(&q, s, which);
	query_bytes(&q, bytes_of(hash, STORE_HASH_SIZE));
	return query_run(&q, NULL, e);
}

/* Keep the newest `keep` of a user. */
static int delete_spare(struct store *s, enum statement which, int64_t account_id, int64_t keep, struct err *e)
{
	struct query q;

	query_begin(&q, s, which);
	query_i64(&q, account_id);
	query_i64(&q, keep);
	return query_run(&q, NULL, e);
}

static int add_session(struct store *s, const struct store_session *session, struct err *e)
{
	struct query q;
	int r = delete_spare(s, ST_SESSION_DELETE_SPARE, session->account_id, STORE_SESSIONS_MAX - 1, e);

	if (r < 0)
		return r;
	query_begin(&q, s, ST_SESSION_ADD);
	query_bytes(&q, bytes_of(session->hash, STORE_HASH_SIZE));
	query_i64(&q, session->account_id);
	query_i64(&q, session->created_at.s);
	return query_run(&q, NULL, e);
}

int store_session_add(struct store *s, const struct store_session *session, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add_session(s, session, e), e);
}

int store_session_get(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct store_session *ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_SESSION_GET);
	query_bytes(&q, bytes_of(hash, STORE_HASH_SIZE));
	r = query_row(&q, e);
	if (r > 0) {
		*ret = (struct store_session) { .account_id = column_i64(&q, 0),
						.created_at = { column_i64(&q, 1) },
						.used_at = { column_i64(&q, 2) } };
		memcpy(ret->hash, hash, STORE_HASH_SIZE);
	}
	query_end(&q);
	return r < 0 ? r : r == 0 ? 1 : 0;
}

int store_session_touch(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct wall_time now, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_SESSION_TOUCH);
	query_bytes(&q, bytes_of(hash, STORE_HASH_SIZE));
	query_i64(&q, now.s);
	return query_run(&q, NULL, e);
}

int store_session_delete(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct err *e)
{
	return run_hash(s, ST_SESSION_DELETE, hash, e);
}

int store_session_delete_all(struct store *s, int64_t account_id, const uint8_t *but, struct err *e)
{
	struct query q;

	query_begin(&q, s, but ? ST_SESSION_DELETE_OTHERS : ST_SESSION_DELETE_ALL);
	query_i64(&q, account_id);
	if (but)
		query_bytes(&q, bytes_of(but, STORE_HASH_SIZE));
	return query_run(&q, NULL, e);
}

int store_session_delete_old(struct store *s, struct wall_time before, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_SESSION_DELETE_OLD);
	query_i64(&q, before.s);
	return query_run(&q, NULL, e);
}

static int set_recovery(struct store *s, int64_t account_id, const uint8_t (*hashes)[STORE_HASH_SIZE], size_t n,
			struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_RECOVERY_DELETE_ALL);
	query_i64(&q, account_id);
	r = query_run(&q, NULL, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		query_begin(&q, s, ST_RECOVERY_ADD);
		query_bytes(&q, bytes_of(hashes[i], STORE_HASH_SIZE));
		query_i64(&q, account_id);
		r = query_run(&q, NULL, e);
	}
	return r;
}

int store_recovery_set(struct store *s, int64_t account_id, const uint8_t (*hashes)[STORE_HASH_SIZE], size_t n,
		       struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, set_recovery(s, account_id, hashes, n, e), e);
}

int store_recovery_use(struct store *s, int64_t account_id, const uint8_t hash[STORE_HASH_SIZE], struct err *e)
{
	int64_t changed = 0;
	struct query q;
	int r;

	query_begin(&q, s, ST_RECOVERY_USE);
	query_bytes(&q, bytes_of(hash, STORE_HASH_SIZE));
	query_i64(&q, account_id);
	r = query_run(&q, &changed, e);
	return r < 0 ? r : changed == 1 ? 0 : 1;
}

static int add_mark(struct store *s, int64_t account_id, const uint8_t hash[STORE_HASH_SIZE], struct wall_time now,
		    struct err *e)
{
	struct query q;
	int r = delete_spare(s, ST_MARK_DELETE_SPARE, account_id, STORE_MARKS_MAX - 1, e);

	if (r < 0)
		return r;
	query_begin(&q, s, ST_MARK_ADD);
	query_bytes(&q, bytes_of(hash, STORE_HASH_SIZE));
	query_i64(&q, account_id);
	query_i64(&q, now.s);
	return query_run(&q, NULL, e);
}

int store_mark_add(struct store *s, int64_t account_id, const uint8_t hash[STORE_HASH_SIZE], struct wall_time now,
		   struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add_mark(s, account_id, hash, now, e), e);
}

int store_mark_get(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct wall_time since,
		   int64_t *ret_account_id, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_MARK_GET);
	query_bytes(&q, bytes_of(hash, STORE_HASH_SIZE));
	query_i64(&q, since.s);
	return query_one_i64(&q, ret_account_id, e);
}

int store_mark_delete(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct err *e)
{
	return run_hash(s, ST_MARK_DELETE, hash, e);
}
