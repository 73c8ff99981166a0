/* One connection: opening, groups of calls, settings. */
#include "sys/store/internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 10000 /* a writer waits that long for another one */
#define CACHE_KIB 8192

static int kind_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
		return -EACCES;
	default:
		return -EIO;
	}
}

int store_error(struct store *s, const char *what, struct err *e)
{
	int code = sqlite3_extended_errcode(s->db);
	int number = sqlite3_system_errno(s->db);

	if (s->depth > 0)
		s->broken = true;
	switch (code & 0xff) {
	case SQLITE_FULL:
		return err_set(e, -ENOSPC, "store: %s: no space left on the disk that holds the store", what);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, -EBUSY, "store: %s: locked by another program for more than %d s", what,
			       BUSY_TIMEOUT_MS / 1000);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(e, -EIO, "store: %s: the file is damaged or not a store; restore a backup", what);
	case SQLITE_IOERR:
		if (number == ENOSPC || number == EFBIG || number == EDQUOT)
			return err_set(e, -ENOSPC, "store: %s: no space left on the disk that holds the store", what);
		return err_set(e, -EIO, "store: %s: the disk cannot be read or written (%s)", what,
			       sqlite3_errmsg(s->db));
	default:
		return err_set(e, kind_of(code), "store: %s: %s", what, sqlite3_errmsg(s->db));
	}
}

static int exec(struct store *s, const char *sql, const char *what, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_error(s, what, e);
}

/*
 * SQLite makes its files with the mode of the main one; nobody else reads them. A file that is there is not opened
 * here: closing it again would drop the locks that other connections of this process hold on it (fcntl(2)), and then
 * the next program that looks at the store takes itself for the last one and removes the log under them.
 */
static int make_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	if (fd >= 0) {
		(void)close(fd);
		return 0;
	}
	if (errno != EEXIST || lstat(path, &st) < 0)
		return err_errno(e, "store '%s': open", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -ELOOP, "store '%s': want a plain file, got a link or something else", path);
	return 0;
}

static int set_up(struct store *s, struct err *e)
{
	static const char *const pragmas =
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
		"PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
		"PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 1000;";
	char cache[64];

	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	(void)sqlite3_snprintf((int)sizeof(cache), cache, "PRAGMA cache_size = -%d;", CACHE_KIB);
	if (exec(s, pragmas, "set up", e) < 0 || exec(s, cache, "set up", e) < 0)
		return e ? e->code : -EIO;
	return 0;
}

int store_open(const char *path, struct store **ret, struct err *e)
{
	CLEANUP(store_closep) struct store *s = calloc(1, sizeof(*s));
	struct err own = { 0 };
	int r;

	if (!s)
		return err_nomem(e);
	r = make_file(path, e);
	if (r < 0)
		return r;
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
			    NULL) != SQLITE_OK)
		r = s->db ? store_error(s, "open", &own) : err_nomem(&own);
	if (r == 0)
		r = set_up(s, &own);
	if (r == 0)
		r = migrate(s, &own);
	if (r < 0)
		return err_set(e, r, "'%s': %s", path, err_text(&own));
	*ret = TAKE(s);
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < ST_N; i++)
		(void)sqlite3_finalize(s->statements[i]);
	(void)sqlite3_close(s->db);
	free(s);
}

int store_begin(struct store *s, struct err *e)
{
	if (s->depth == 0) {
		int r = exec(s, "BEGIN IMMEDIATE", "begin", e);

		if (r < 0)
			return r;
		s->broken = false;
		s->changes = sqlite3_total_changes64(s->db);
	}
	s->depth++;
	return 0;
}

void store_set_witness(struct store *s, store_witness *witness, void *context)
{
	s->witness = witness;
	s->witness_context = context;
}

/* The group is still open, so that what the witness writes is a part of it. */
static int ask_witness(struct store *s, struct err *e)
{
	bool changed = sqlite3_total_changes64(s->db) != s->changes;

	return s->witness && changed && !s->broken ? s->witness(s, s->witness_context, e) : 0;
}

int store_commit(struct store *s, struct err *e)
{
	int r;

	assert(s->depth > 0);
	if (s->depth > 1) {
		s->depth--;
		return 0;
	}
	r = ask_witness(s, e);
	if (r == 0 && s->broken)
		r = err_set(e, -EIO, "store: a part of the change failed, so that all of it was undone");
	if (r == 0 && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		r = store_error(s, "commit", e);
	s->depth = 0;
	if (!sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

void store_rollback(struct store *s)
{
	assert(s->depth > 0);
	s->broken = true;
	if (--s->depth == 0 && !sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_end(struct store *s, int r, struct err *e)
{
	int failed;

	if (r < 0) {
		store_rollback(s);
		return r;
	}
	failed = store_commit(s, e);
	return failed < 0 ? failed : r;
}

int store_setting_get(struct store *s, const char *name, struct arena *a, const char **ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_SETTING_GET);
	query_text(&q, name);
	r = query_row(&q, e);
	if (r > 0) {
		*ret = column_text(&q, 0, a);
		r = *ret ? 0 : err_nomem(e);
	} else if (r == 0) {
		*ret = NULL;
	}
	query_end(&q);
	return r;
}

int store_setting_set(struct store *s, const char *name, const char *value, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_SETTING_SET);
	query_text(&q, name);
	query_text(&q, value);
	return query_run(&q, NULL, e);
}
