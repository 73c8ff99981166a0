/* Nothing scans: the planner is asked about every statement, on tables that have content and statistics. */
#include "store_test.h"

/* Tables of a fixed, small number of rows. */
static bool may_scan(const char *detail)
{
	static const char *const small[] = { "counter", "setting", "schema_version" };

	for (size_t i = 0; i < ARRAY_N(small); i++)
		if (strstr(detail, small[i]))
			return true;
	if (strstr(detail, "VIRTUAL TABLE INDEX 64:M1>")) /* the words of a search, from where the page begins */
		return true;
	return strstr(detail, "SCAN CONSTANT ROW") || strstr(detail, "SCAN (subquery") ||
	       strstr(detail, "SCAN (COMPOUND");
}

static void check_statement(struct fixture *f, enum statement which)
{
	char sql[4096];
	sqlite3_stmt *st = NULL;

	(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", statement_text(which));
	if (sqlite3_prepare_v2(f->s->db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", statement_text(which), sqlite3_errmsg(f->s->db));
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(st, 3);

		if (strncmp(detail, "SCAN", 4) == 0 && !may_scan(detail))
			fail_msg("scans: %s\n\t%s", statement_text(which), detail);
	}
	(void)sqlite3_finalize(st);
}

static void nothing_scans(void **state)
{
	struct fixture *f = *state;

	for (enum statement i = 0; i < ST_N; i++)
		check_statement(f, i);
}

static void a_list_does_not_sort(void **state)
{
	static const enum statement lists[] = { ST_CERT_LIST,
						ST_CERT_LIST_KIND,
						ST_CERT_LIST_ROOT,
						ST_CERT_LIST_USED,
						ST_CERT_LIST_EXPIRY,
						ST_CERT_LIST_TREE,
						ST_CERT_LIST_ISSUER,
						ST_CERT_LIST_TOP,
						ST_CERT_LIST_TEXT,
						ST_CERT_LIST_NAMED,
						ST_CERT_LIST_NEWEST,
						ST_GATEWAY_LIST,
						ST_JOB_LIST,
						ST_JOB_LIST_GATEWAY,
						ST_JOB_LIST_STATE,
						ST_JOB_LIST_GATEWAY_STATE,
						ST_JOB_LIST_OPEN,
						ST_STEP_SINCE,
						ST_ACCOUNT_LIST,
						ST_TOKEN_LIST,
						ST_TOKEN_LIST_OWN,
						ST_APPROVAL_LIST,
						ST_AUDIT_SINCE,
						ST_AUDIT_LIST,
						ST_AUDIT_LIST_ACTOR,
						ST_AUDIT_LIST_ACTION,
						ST_AUDIT_LIST_OBJECT,
						ST_AUDIT_LIST_OUTCOME,
						ST_AUDIT_FIRST_AT,
						ST_PROBE_LAST,
						ST_PROBE_LIST };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(lists); i++) {
		char sql[4096];
		sqlite3_stmt *st = NULL;

		(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", statement_text(lists[i]));
		assert_int_equal(sqlite3_prepare_v2(f->s->db, sql, -1, &st, NULL), SQLITE_OK);
		while (sqlite3_step(st) == SQLITE_ROW)
			if (strstr((const char *)sqlite3_column_text(st, 3), "TEMP B-TREE"))
				fail_msg("sorts: %s", statement_text(lists[i]));
		(void)sqlite3_finalize(st);
	}
}

/* The same with statistics of a filled store, which may change the planner's mind. */
static void nothing_scans_with_statistics(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", "");
	char names[64];

	OK(store_begin(f->s, &f->e));
	for (int i = 2; i < 2000; i++) {
		(void)snprintf(names, sizeof(names), "gw%d.example.com", i);
		(void)add_cert(f, i, CERT_END_ENTITY, root, "Web", names);
	}
	for (int i = 0; i < 200; i++) {
		(void)snprintf(names, sizeof(names), "gw%d", i);
		OK(finish(f, add_job(f, add_gateway(f, names), 0), i % 3 ? "confirmed" : "failed"));
	}
	OK(store_commit(f->s, &f->e));
	assert_int_equal(sqlite3_exec(f->s->db, "ANALYZE", NULL, NULL, NULL), SQLITE_OK);
	nothing_scans(state);
	a_list_does_not_sort(state);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = { T(nothing_scans), T(a_list_does_not_sort),
					    T(nothing_scans_with_statistics) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
