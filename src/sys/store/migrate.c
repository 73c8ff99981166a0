/* The schema by number: schema/sql/NNNN_name.sql, compiled in, each applied once and whole. */
#include "sys/store/internal.h"
#include "sys/store/migrations.h"

#include <errno.h>
#include <stdio.h>

int store_schema_version(struct store *s, int *ret, struct err *e)
{
	static const char *const sql = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
	sqlite3_stmt *st = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		*ret = sqlite3_column_int(st, 0);
	else
		r = store_error(s, "read the schema's version", e);
	(void)sqlite3_finalize(st);
	return r;
}

static int apply(struct store *s, size_t i, struct err *e)
{
	char mark[96];

	(void)snprintf(mark, sizeof(mark), "INSERT INTO schema_version (version) VALUES (%zu)", i + 1);
	if (sqlite3_exec(s->db, migrations[i], NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, mark, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(s, "bring the schema up to date", e);
	return 0;
}

static int apply_missing(struct store *s, struct err *e)
{
	int version = 0, r;

	if (sqlite3_exec(s->db, "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY)",
			 NULL, NULL, NULL) != SQLITE_OK)
		return store_error(s, "bring the schema up to date", e);
	r = store_schema_version(s, &version, e);
	if (r < 0)
		return r;
	if (version < 0 || (size_t)version > ARRAY_N(migrations))
		return err_set(e, -EINVAL, "store: written by a newer program (want schema %zu or earlier, got %d)",
			       ARRAY_N(migrations), version);
	for (size_t i = (size_t)version; r == 0 && i < ARRAY_N(migrations); i++)
		r = apply(s, i, e);
	return r;
}

/* Reading needs no lock when there is nothing to do. */
static bool is_up_to_date(struct store *s)
{
	int version = 0;

	return store_schema_version(s, &version, NULL) == 0 && version >= 0 && (size_t)version == ARRAY_N(migrations);
}

int migrate(struct store *s, struct err *e)
{
	int r;

	if (is_up_to_date(s))
		return 0;
	r = store_begin(s, e);
	if (r < 0)
		return r;
	return store_end(s, apply_missing(s, e), e);
}
