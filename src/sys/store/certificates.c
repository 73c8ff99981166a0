/* Certificates one by one: finding, changing, deleting. */
#include "sys/store/cert_row.h"

#include <errno.h>

int store_cert_get(struct store *s, int64_t id, struct arena *a, struct store_cert *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_CERT_GET);
	query_i64(&q, id);
	return cert_one(&q, a, ret, e);
}

int store_cert_by_fingerprint(struct store *s, const uint8_t fingerprint[FINGERPRINT_SIZE], struct arena *a,
			      struct store_cert *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_CERT_BY_FINGERPRINT);
	query_bytes(&q, bytes_of(fingerprint, FINGERPRINT_SIZE));
	return cert_one(&q, a, ret, e);
}

int store_cert_blobs(struct store *s, int64_t id, struct arena *a, struct bytes *ret_der, struct bytes *ret_sealed_key,
		     struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_CERT_BLOBS);
	query_i64(&q, id);
	r = query_row(&q, e);
	if (r > 0) {
		struct bytes der = column_bytes(&q, 0, a);

		r = der.n > 0 ? 0 : err_nomem(e);
		*ret_der = der;
		if (ret_sealed_key)
			*ret_sealed_key = column_bytes(&q, 1, a);
	} else if (r == 0) {
		r = 1;
	}
	query_end(&q);
	return r;
}

int store_cert_by_subject(struct store *s, struct bytes subject_der, struct arena *a, struct store_cert *ret,
			  size_t max, size_t *ret_n, struct err *e)
{
	struct query q;
	size_t n = 0;
	int r;

	query_begin(&q, s, ST_CERT_BY_SUBJECT);
	query_bytes(&q, subject_der);
	query_i64(&q, (int64_t)max);
	while ((r = query_row(&q, e)) > 0) {
		if (!cert_from_row(&q, a, &ret[n])) {
			r = err_nomem(e);
			break;
		}
		n++;
	}
	query_end(&q);
	*ret_n = n;
	return r;
}

int store_cert_chain(struct store *s, int64_t id, int64_t ret_ids[FACTS_CHAIN_MAX], size_t *ret_n, struct err *e)
{
	size_t n = 0;

	while (id != 0 && n < FACTS_CHAIN_MAX) {
		CLEANUP(arena_freep) struct arena *a = arena_new(64 * 1024);
		struct store_cert c = { 0 };
		int r = a ? store_cert_get(s, id, a, &c, e) : err_nomem(e);

		if (r != 0)
			return r;
		ret_ids[n++] = id;
		id = c.issuer_id;
	}
	*ret_n = n;
	return n == 0;
}

int store_cert_set_key(struct store *s, int64_t id, struct bytes sealed_key, struct err *e)
{
	struct query q;
	int64_t changed = 0;
	int r;

	query_begin(&q, s, ST_CERT_SET_KEY);
	query_i64(&q, id);
	query_bytes(&q, sealed_key);
	r = query_run(&q, &changed, e);
	return r < 0 ? r : changed == 0;
}

int store_cert_set_revoked(struct store *s, int64_t id, bool revoked, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_CERT_SET_REVOKED);
	query_i64(&q, id);
	query_i64(&q, revoked);
	return query_run(&q, NULL, e);
}

int store_cert_successors(struct store *s, int64_t id, int64_t *ret, size_t max, size_t *ret_n, struct err *e)
{
	struct query q;
	size_t n = 0;
	int r;

	query_begin(&q, s, ST_CERT_SUCCESSORS);
	query_i64(&q, id);
	query_i64(&q, (int64_t)max);
	while ((r = query_row(&q, e)) > 0)
		ret[n++] = column_i64(&q, 0);
	query_end(&q);
	*ret_n = n;
	return r;
}

int store_cert_count(struct store *s, enum cert_kind kind, int64_t *ret, struct err *e)
{
	struct query q;

	if (kind != CERT_END_ENTITY)
		return query_number_of(s, ST_CERT_COUNT, kind, ret, e);
	query_begin(&q, s, ST_CERT_COUNT_LEAVES);
	return query_one_i64(&q, ret, e);
}

/* No gateway, not the console and no job has it. -EBUSY with the reason; 1: there is no such certificate. */
static int check_unused(struct store *s, int64_t id, struct arena *a, struct store_cert *c, struct err *e)
{
	struct store_use use = { 0 };
	size_t uses = 0;
	int64_t other = 0;
	int r = store_cert_get(s, id, a, c, e);

	if (r == 0)
		r = store_use_of_cert(s, id, a, &use, 1, &uses, e);
	if (r != 0)
		return r;
	if (uses > 0)
		return err_set(e, -EBUSY, "certificate %lld '%s' is in use by gateway '%s'", (long long)id,
			       c->display_name, use.gateway);
	r = store_console_get(s, &other, e);
	if (r == 0 && other == id)
		return err_set(e, -EBUSY, "certificate %lld '%s' is in use by the console", (long long)id,
			       c->display_name);
	if (r == 0)
		r = query_number_of(s, ST_CERT_OPEN_JOB, id, &other, e);
	if (r == 0)
		return err_set(e, -EBUSY, "job %lld works with certificate %lld '%s'", (long long)other, (long long)id,
			       c->display_name);
	return r < 0 ? r : 0;
}

static int check_deletable(struct store *s, int64_t id, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(64 * 1024);
	struct store_cert c = { 0 };
	int64_t other = 0;
	int r = a ? check_unused(s, id, a, &c, e) : err_nomem(e);

	if (r != 0)
		return r;
	r = query_number_of(s, ST_CERT_CHILD, id, &other, e);
	if (r == 0)
		return err_set(e, -EBUSY,
			       "certificate %lld '%s' issued others (certificate %lld for one); delete those first",
			       (long long)id, c.display_name, (long long)other);
	return r < 0 ? r : 0;
}

/* What stands below it in the tree begins with its path and a slash; "0" follows the slash in ASCII. */
static int find_used_below(struct store *s, const struct store_cert *c, struct arena *a, int64_t *ret, struct err *e)
{
	const char *begin = arena_printf(a, "%s/", c->tree_path), *end = arena_printf(a, "%s0", c->tree_path);
	struct query q;

	if (!begin || !end)
		return err_nomem(e);
	query_begin(&q, s, ST_CERT_USED_BELOW);
	query_text(&q, begin);
	query_text(&q, end);
	return query_one_i64(&q, ret, e);
}

static int revoke(struct store *s, int64_t id, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(64 * 1024);
	struct store_cert c = { 0 };
	int64_t other = 0;
	int r = a ? check_unused(s, id, a, &c, e) : err_nomem(e);

	if (r != 0)
		return r;
	r = find_used_below(s, &c, a, &other, e);
	if (r == 0)
		return err_set(e, -EBUSY, "certificate %lld, which is in use, is below certificate %lld '%s'",
			       (long long)other, (long long)id, c.display_name);
	return r < 0 ? r : store_cert_set_revoked(s, id, true, e);
}

int store_cert_revoke(struct store *s, int64_t id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, revoke(s, id, e), e);
}

static int delete_all(struct store *s, int64_t id, struct err *e)
{
	static const enum statement steps[] = {
		ST_CERT_JOB_LET_GO,    ST_CERT_JOB_LET_GO_PREVIOUS, ST_CERT_SUCCESSORS_LET_GO,
		ST_CERT_CHILD_UNCOUNT, ST_CERT_TEXT_DELETE,	    ST_CERT_WORDS_DELETE,
		ST_CERT_DELETE
	};
	int r = check_deletable(s, id, e);

	for (size_t i = 0; r == 0 && i < ARRAY_N(steps); i++) {
		struct query q;

		query_begin(&q, s, steps[i]);
		query_i64(&q, id);
		r = query_run(&q, NULL, e);
	}
	return r;
}

int store_cert_delete(struct store *s, int64_t id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, delete_all(s, id, e), e);
}
