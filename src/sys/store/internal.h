/* Inside the store: prepared statements by name, binding, reading columns. */
#ifndef GW_SYS_STORE_INTERNAL_H
#define GW_SYS_STORE_INTERNAL_H

#include "sys/store/store.h"

#include <sqlite3.h>

#define LAST_LETTER "\xf4\x8f\xbf\xbf" /* U+10FFFF sorts after whatever goes on */

enum statement {
#define STATEMENT(symbol, text) ST_##symbol,
#include "sys/store/statements.def"
#undef STATEMENT
	ST_N
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[ST_N];
	int depth;   /* of nested store_begin() */
	bool broken; /* something inside the group failed */
	store_witness *witness;
	void *witness_context;
	int64_t changes; /* sqlite3_total_changes64() when the group began */
};

/* A statement being bound and stepped; query_end() makes it ready for the next use. */
struct query {
	struct store *s;
	sqlite3_stmt *st;
	int bind_next, failed;
};

const char *statement_text(enum statement which);

/* Failures of preparing and binding are kept and come out of the first step. */
void query_begin(struct query *q, struct store *s, enum statement which);
void query_i64(struct query *q, int64_t v);
void query_i64_or_null(struct query *q, int64_t v); /* 0 is absent */
void query_text(struct query *q, const char *v);    /* NULL is absent */
void query_bytes(struct query *q, struct bytes v);  /* n 0 is absent */

/* 1: a row is there; 0: no more. */
MUST_USE int query_row(struct query *q, struct err *e);
void query_end(struct query *q);

/* Run one that answers nothing; *ret_changed may be NULL. */
MUST_USE int query_run(struct query *q, int64_t *ret_changed, struct err *e);

/* Run one that answers at most one number. 1: no row. */
MUST_USE int query_one_i64(struct query *q, int64_t *ret, struct err *e);

/* The same of a statement whose only parameter is `id`. */
MUST_USE int query_number_of(struct store *s, enum statement which, int64_t id, int64_t *ret, struct err *e);

int64_t column_i64(struct query *q, int i);
const char *column_text(struct query *q, int i, struct arena *a); /* NULL when absent, or without memory */
struct bytes column_bytes(struct query *q, int i, struct arena *a);
void column_copy(struct query *q, int i, uint8_t *out, size_t n); /* zeros unless it is exactly n bytes */

/* A number that was never used for a record of `kind`. */
MUST_USE int counter_next(struct store *s, const char *kind, int64_t *ret, struct err *e);

/* SQLite's complaint as a sentence and a negative kind; marks an open group as broken. */
int store_error(struct store *s, const char *what, struct err *e);

/* The number in a cursor; `first` when it is "". -EINVAL: not a cursor. */
MUST_USE int cursor_number(const char *cursor, int64_t first, int64_t *ret, struct err *e);

MUST_USE int migrate(struct store *s, struct err *e);

#endif
