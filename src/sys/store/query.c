/* Prepared statements: bind in order, step, read columns. */
#include "sys/store/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const texts[ST_N] = {
#define STATEMENT(symbol, text) [ST_##symbol] = (text),
#include "sys/store/statements.def"
#undef STATEMENT
};

const char *statement_text(enum statement which)
{
	return texts[which];
}

void query_begin(struct query *q, struct store *s, enum statement which)
{
	*q = (struct query) { .s = s, .bind_next = 1 };
	if (!s->statements[which])
		q->failed = sqlite3_prepare_v3(s->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT,
					       &s->statements[which], NULL);
	q->st = s->statements[which];
}

/*
 * The place of the next parameter. SQLite takes "$1" for a name and numbers names as they appear in the text, which
 * need not be their order.
 */
static int next_place(struct query *q)
{
	char name[8];

	if (!q->st)
		return 0;
	(void)snprintf(name, sizeof(name), "$%d", q->bind_next++);
	return sqlite3_bind_parameter_index(q->st, name);
}

static void bound(struct query *q, int code)
{
	if (q->failed == SQLITE_OK)
		q->failed = code;
}

static void bind_null(struct query *q)
{
	int place = next_place(q);

	bound(q, q->st ? sqlite3_bind_null(q->st, place) : SQLITE_ERROR);
}

void query_i64(struct query *q, int64_t v)
{
	int place = next_place(q);

	bound(q, q->st ? sqlite3_bind_int64(q->st, place, v) : SQLITE_ERROR);
}

void query_i64_or_null(struct query *q, int64_t v)
{
	if (v != 0)
		query_i64(q, v);
	else
		bind_null(q);
}

void query_text(struct query *q, const char *v)
{
	int place = next_place(q);

	bound(q, q->st ? sqlite3_bind_text(q->st, place, v, -1, SQLITE_STATIC) : SQLITE_ERROR);
}

void query_bytes(struct query *q, struct bytes v)
{
	int place;

	if (v.n == 0) {
		bind_null(q);
		return;
	}
	place = next_place(q);
	bound(q, q->st ? sqlite3_bind_blob64(q->st, place, v.p, v.n, SQLITE_STATIC) : SQLITE_ERROR);
}

/* The verb of a statement, for a sentence: "SELECT" reads, the others write. */
static const char *what(const struct query *q)
{
	const char *sql = q->st ? sqlite3_sql(q->st) : NULL;

	return sql && strncmp(sql, "SELECT", 6) == 0 ? "read" : "write";
}

int query_row(struct query *q, struct err *e)
{
	int r;

	if (q->failed != SQLITE_OK || !q->st)
		return store_error(q->s, "prepare", e);
	r = sqlite3_step(q->st);
	if (r == SQLITE_ROW)
		return 1;
	return r == SQLITE_DONE ? 0 : store_error(q->s, what(q), e);
}

void query_end(struct query *q)
{
	if (!q->st)
		return;
	(void)sqlite3_reset(q->st);
	(void)sqlite3_clear_bindings(q->st);
}

static int run(struct query *q, int64_t *ret_changed, struct err *e)
{
	int r = query_row(q, e);

	if (r >= 0 && ret_changed)
		*ret_changed = sqlite3_changes64(q->s->db);
	query_end(q);
	return r < 0 ? r : 0;
}

/* A change outside of a group becomes one, so that the witness is asked. */
int query_run(struct query *q, int64_t *ret_changed, struct err *e)
{
	int r;

	if (!q->s->witness || q->s->depth > 0)
		return run(q, ret_changed, e);
	r = store_begin(q->s, e);
	if (r < 0) {
		query_end(q);
		return r;
	}
	return store_end(q->s, run(q, ret_changed, e), e);
}

int query_one_i64(struct query *q, int64_t *ret, struct err *e)
{
	int r = query_row(q, e);
	int more;

	if (r > 0) {
		*ret = column_i64(q, 0);
		more = query_row(q, e); /* a RETURNING statement takes effect when it is stepped to its end */
		r = more < 0 ? more : 0;
	} else if (r == 0) {
		r = 1;
	}
	query_end(q);
	return r;
}

int query_number_of(struct store *s, enum statement which, int64_t id, int64_t *ret, struct err *e)
{
	struct query q;

	query_begin(&q, s, which);
	query_i64(&q, id);
	return query_one_i64(&q, ret, e);
}

int64_t column_i64(struct query *q, int i)
{
	return sqlite3_column_int64(q->st, i);
}

const char *column_text(struct query *q, int i, struct arena *a)
{
	const unsigned char *p = sqlite3_column_text(q->st, i);

	return p ? arena_str(a, bytes_of(p, (size_t)sqlite3_column_bytes(q->st, i))) : NULL;
}

struct bytes column_bytes(struct query *q, int i, struct arena *a)
{
	const void *p = sqlite3_column_blob(q->st, i);
	struct bytes ret = BYTES_NONE;

	if (p)
		(void)arena_bytes(a, bytes_of(p, (size_t)sqlite3_column_bytes(q->st, i)), &ret);
	return ret;
}

void column_copy(struct query *q, int i, uint8_t *out, size_t n)
{
	const void *p = sqlite3_column_blob(q->st, i);

	memset(out, 0, n);
	if (p && (size_t)sqlite3_column_bytes(q->st, i) == n)
		memcpy(out, p, n);
}

int counter_next(struct store *s, const char *kind, int64_t *ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_COUNTER_NEXT);
	query_text(&q, kind);
	r = query_one_i64(&q, ret, e);
	return r > 0 ? err_set(e, -EIO, "store: no counter '%s'; the file is damaged", kind) : r;
}

int cursor_number(const char *cursor, int64_t first, int64_t *ret, struct err *e)
{
	int64_t v = 0;

	if (!cursor || !cursor[0]) {
		*ret = first;
		return 0;
	}
	for (const char *p = cursor; *p; p++) {
		if (*p < '0' || *p > '9' || p - cursor >= 18)
			return err_set(e, -EINVAL, "want the cursor that the page before gave, got '%.40s'", cursor);
		v = v * 10 + (*p - '0');
	}
	*ret = v;
	return 0;
}
