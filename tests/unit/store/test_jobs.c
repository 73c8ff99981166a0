#include "store_test.h"

static void one_job_at_a_time(void **state)
{
	struct fixture *f = *state;
	int64_t g = add_gateway(f, "g"), other = add_gateway(f, "h"), first = add_job(f, g, 0), blocker = 0;
	struct store_job j = { .kind = "update", .gateway_id = g, .gateway = "g", .created_at = { 7 } };

	assert_int_equal(store_job_add(f->s, &j, &blocker, &f->e), 1);
	assert_int_equal(blocker, first);
	(void)add_job(f, other, 0);
	OK(finish(f, first, "failed"));
	OK(store_job_add(f->s, &j, &blocker, &f->e));
	assert_true(blocker > first);
}

/* The index refuses what the check before it could miss. */
static void the_index_refuses_a_second_one(void **state)
{
	struct fixture *f = *state;
	int64_t g = add_gateway(f, "g");
	char sql[256];

	(void)add_job(f, g, 0);
	(void)snprintf(
		sql, sizeof(sql),
		"INSERT INTO job (id, kind, gateway_id, gateway_name, state, detail, created_at, moved_at, findings) "
		"VALUES (900, 'update', %lld, 'g', 'queued', '', 1, 1, '[]')",
		(long long)g);
	assert_int_equal(sqlite3_exec(f->s->db, sql, NULL, NULL, NULL), SQLITE_CONSTRAINT_UNIQUE);
}

static void moves_until_done(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_job(f, add_gateway(f, "g"), 0);
	struct store_job j;

	OK(store_job_move(f->s, id, "switched", "w", (struct wall_time) { 50 }, &f->e));
	OK(store_job_set_switch(f->s, id, 1234, "new-1", "old-1", &f->e));
	OK(store_job_set_switch(f->s, id, 0, NULL, NULL, &f->e));
	OK(store_job_get(f->s, id, f->a, &j, &f->e));
	assert_string_equal(j.state, "switched");
	assert_int_equal(j.moved_at.s, 50);
	assert_int_equal(j.deadline, 1234);
	assert_string_equal(j.generation, "new-1");
	assert_string_equal(j.old_generation, "old-1");
	assert_int_equal(j.event_n, 2);
	assert_false(j.done);
	OK(finish(f, id, "confirmed"));
	assert_int_equal(store_job_move(f->s, id, "probing", "w", (struct wall_time) { 60 }, &f->e), 1);
	assert_int_equal(finish(f, id, "failed"), 1);
	OK(store_job_get(f->s, id, f->a, &j, &f->e));
	assert_string_equal(j.state, "confirmed");
	assert_true(j.done);
}

static void steps_have_events(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_job(f, add_gateway(f, "g"), 0), n1 = 0, n2 = 0;
	struct store_step st = { .job_id = id,
				 .state = "checked",
				 .text = "look",
				 .outcome = "started",
				 .started_at = { 3 } },
			  *rows;
	size_t n = 0;

	OK(store_step_begin(f->s, &st, &n1, &f->e)); /* event 2 */
	OK(store_step_begin(f->s, &st, &n2, &f->e)); /* event 3 */
	assert_int_equal(n1, 1);
	assert_int_equal(n2, 2);
	st = (struct store_step) {
		.job_id = id, .n = 1, .outcome = "done", .host_output = "ok", .ended_at = { 4 }, .time_ms = 9
	};
	OK(store_step_end(f->s, &st, &f->e)); /* event 4 */
	OK(store_step_since(f->s, id, 2, f->a, &rows, &n, &f->e));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].n, 2);
	assert_int_equal(rows[1].n, 1);
	assert_int_equal(rows[1].event_n, 4);
	assert_string_equal(rows[1].outcome, "done");
	assert_string_equal(rows[1].host_output, "ok");
	OK(store_step_since(f->s, id, 4, f->a, &rows, &n, &f->e));
	assert_int_equal(n, 0);
	OK(store_step_list(f->s, id, f->a, &rows, &n, &f->e));
	assert_int_equal(n, 2);
}

static void steps_are_bounded(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_job(f, add_gateway(f, "g"), 0), n = 0;
	struct store_step st = {
		.job_id = id, .state = "probing", .text = "again", .outcome = "done", .started_at = { 3 }
	};

	OK(store_begin(f->s, &f->e));
	for (int i = 0; i < STORE_STEPS_MAX; i++)
		OK(store_step_begin(f->s, &st, &n, &f->e));
	OK(store_commit(f->s, &f->e));
	assert_int_equal(store_step_begin(f->s, &st, &n, &f->e), -E2BIG);
}

static void lists_newest_first(void **state)
{
	struct fixture *f = *state;
	int64_t g = add_gateway(f, "g"), h = add_gateway(f, "h"), ids[5];
	struct store_job *rows;
	const char *next = NULL;
	size_t n = 0;

	for (int i = 0; i < 5; i++) {
		ids[i] = add_job(f, i % 2 ? h : g, 0);
		OK(finish(f, ids[i], i == 2 ? "failed" : "confirmed"));
	}
	OK(store_job_list(f->s, 0, NULL, (struct store_page) { "", 3 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].id, ids[4]);
	OK(store_job_list(f->s, 0, NULL, (struct store_page) { next, 3 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 2);
	assert_null(next);
	OK(store_job_list(f->s, g, NULL, (struct store_page) { "", 9 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 3);
	OK(store_job_list(f->s, 0, "failed", (struct store_page) { "", 9 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, ids[2]);
	OK(store_job_list(f->s, h, "failed", (struct store_page) { "", 9 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 0);
	OK(store_job_open(f->s, 0, 9, f->a, &rows, &n, &f->e));
	assert_int_equal(n, 0);
	ids[0] = add_job(f, g, 0);
	OK(store_job_open(f->s, 0, 9, f->a, &rows, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, ids[0]);
}

static void proofs_and_history_outlive_the_gateway(void **state)
{
	struct fixture *f = *state;
	int64_t g = add_gateway(f, "g"), id = add_job(f, g, 0);
	const char *jws = NULL;
	struct store_job j;
	bool has = true;

	OK(store_proof_has(f->s, id, &has, &f->e));
	assert_false(has);
	OK(store_proof_add(f->s, id, (struct wall_time) { 8 }, "{}", &f->e));
	OK(store_probe_add(f->s, g, id, "after", (struct wall_time) { 8 }, "[]", NULL, &f->e));
	assert_int_equal(store_gateway_delete(f->s, g, &f->e), -EBUSY);
	OK(finish(f, id, "confirmed"));
	OK(store_gateway_delete(f->s, g, &f->e));
	OK(store_proof_get(f->s, id, f->a, &jws, &f->e));
	assert_string_equal(jws, "{}");
	OK(store_job_get(f->s, id, f->a, &j, &f->e));
	assert_int_equal(j.gateway_id, 0);
	assert_string_equal(j.gateway, "g");
}

static void asked_probes_are_forgotten_after_a_hundred(void **state)
{
	struct fixture *f = *state;
	int64_t g = add_gateway(f, "g");
	const char *body = NULL;
	struct wall_time at;
	sqlite3_stmt *st = NULL;

	OK(store_begin(f->s, &f->e));
	for (int i = 1; i <= 120; i++)
		OK(store_probe_add(f->s, g, 0, "asked", (struct wall_time) { i }, "[]", NULL, &f->e));
	OK(store_commit(f->s, &f->e));
	OK(store_probe_last(f->s, g, f->a, &at, &body, &f->e));
	assert_int_equal(at.s, 120);
	assert_int_equal(sqlite3_prepare_v2(f->s->db, "SELECT count(*) FROM probe", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(st, 0), 100);
	(void)sqlite3_finalize(st);
}

static void gateway_names_are_taken_once(void **state)
{
	struct fixture *f = *state;
	struct store_gateway g = { .name = "g",
				   .target = "nginx",
				   .params = "{}",
				   .tls = "[]",
				   .server_names = "[]",
				   .ssh_host = "h",
				   .ssh_port = 22,
				   .ssh_user = "root",
				   .created_at = { 1 } },
			     *rows;
	const char *next;
	int64_t id = add_gateway(f, "g");
	size_t n;

	assert_int_equal(store_gateway_add(f->s, &g, &id, &f->e), -EEXIST);
	g.id = id;
	g.ssh_user = "admin";
	OK(store_gateway_change(f->s, &g, &f->e));
	OK(store_gateway_set_host_key(f->s, id, "SHA256:x", &f->e));
	(void)add_gateway(f, "a");
	OK(store_gateway_list(f->s, NULL, (struct store_page) { "", 1 }, f->a, &rows, &n, &next, &f->e));
	assert_string_equal(rows[0].name, "a");
	OK(store_gateway_list(f->s, NULL, (struct store_page) { next, 5 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].ssh_user, "admin");
	assert_string_equal(rows[0].host_key, "SHA256:x");
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_job_at_a_time),
		T(the_index_refuses_a_second_one),
		T(moves_until_done),
		T(steps_have_events),
		T(steps_are_bounded),
		T(lists_newest_first),
		T(proofs_and_history_outlive_the_gateway),
		T(asked_probes_are_forgotten_after_a_hundred),
		T(gateway_names_are_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
