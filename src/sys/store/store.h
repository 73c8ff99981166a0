/*
 * The records of design.md section 4 in SQLite: WAL, synchronous=FULL, so that what was committed survives a crash of
 * the process and of the machine. A store is one connection and belongs to one thread at a time; store_pool hands them
 * out.
 *
 * Records come and go as plain structs; their strings live in the arena of the call. Functions return 0 done, the
 * positive outcome their comment says, or negative: -EBUSY (in use, or locked for too long), -ENOSPC, -EIO (also:
 * damaged), -EEXIST.
 */
#ifndef GW_SYS_STORE_STORE_H
#define GW_SYS_STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"

struct store;

/* Open `path`, made with mode 0600 when absent, and bring its schema up to this program's. Returned: store_close(). */
MUST_USE int store_open(const char *path, struct store **ret, struct err *e);
void store_close(struct store *s);
DEFINE_CLEANUP(struct store, store_close);

/*
 * Group several calls into one commit (batch issuing; a job's row and its step). Nests: only the outermost commit
 * writes. When a call inside fails, the whole group is undone and the outermost commit says so.
 */
MUST_USE int store_begin(struct store *s, struct err *e);
MUST_USE int store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);

/* End a group: commit when `r` is not negative, undo otherwise; returns `r` or the failure of the commit. */
MUST_USE int store_end(struct store *s, int r, struct err *e);

/*
 * Called once in each outermost group that changed something, before it commits: what it writes is in the same commit,
 * and when it fails (negative) the group is undone. NULL: nobody is asked. A change outside of a group is one of its
 * own. The pool takes it away when the store comes back.
 */
typedef int store_witness(struct store *s, void *context, struct err *e);
void store_set_witness(struct store *s, store_witness *witness, void *context);

/* The number of the last migration that the file has. */
MUST_USE int store_schema_version(struct store *s, int *ret, struct err *e);

/* Small named values. *ret is NULL when absent. */
MUST_USE int store_setting_get(struct store *s, const char *name, struct arena *a, const char **ret, struct err *e);
MUST_USE int store_setting_set(struct store *s, const char *name, const char *value, struct err *e);

/* Connections that threads borrow. At most `max` are ever open; taking one waits for one that comes back. */
struct store_pool;
MUST_USE int store_pool_new(const char *path, size_t max, struct store_pool **ret, struct err *e);
void store_pool_free(struct store_pool *p);
MUST_USE int store_pool_take(struct store_pool *p, struct store **ret, struct err *e);
void store_pool_give(struct store_pool *p, struct store *s);

/* A page of a list: at most `limit` after `cursor` ("" for the first). The next cursor is NULL at the end. */
#define STORE_PAGE_MAX 1000
struct store_page {
	const char *cursor;
	size_t limit;
};

#endif
