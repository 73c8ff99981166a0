/* Users and what lets them in, approvals, audit rows, and the witness of a change. */
#include "store_test.h"

#include "sys/store/approvals.h"
#include "sys/store/audit.h"

#define NOW ((struct wall_time) { 1800000000 })

static const uint8_t *hash_of(int n)
{
	static uint8_t hash[4][STORE_HASH_SIZE];
	static int next;
	uint8_t *h = hash[next++ % 4];

	memset(h, 0, STORE_HASH_SIZE);
	memcpy(h, &n, sizeof(n));
	return h;
}

static int64_t add_account(struct fixture *f, const char *name)
{
	struct store_account account = { .name = name, .roles = "viewer", .password = "x", .created_at = NOW };
	int64_t id = 0;

	OK(store_account_add(f->s, &account, &id, &f->e));
	return id;
}

static void accounts(void **state)
{
	struct fixture *f = *state;
	int64_t b = add_account(f, "bob"), a = add_account(f, "alice"), id = 0;
	struct store_account row = { .name = "bob", .roles = "viewer", .password = "x" }, *rows;
	const char *next = NULL;
	size_t n = 0;

	assert_int_equal(store_account_add(f->s, &row, &id, &f->e), -EEXIST);
	OK(store_account_by_name(f->s, "bob", f->a, &row, &f->e));
	assert_true(row.must_change && !row.disabled && row.totp_sealed.n == 0 && row.last_login_at.s == 0);
	row.roles = "issuer";
	row.disabled = true;
	OK(store_account_change(f->s, &row, &f->e));
	OK(store_account_set_password(f->s, b, "y", false, &f->e));
	OK(store_account_set_totp(f->s, b, bytes_of("seal", 4), true, 7, &f->e));
	OK(store_account_logged_in(f->s, b, NOW, &f->e));
	OK(store_account_get(f->s, b, f->a, &row, &f->e));
	assert_string_equal(row.roles, "issuer");
	assert_string_equal(row.password, "y");
	assert_true(row.disabled && !row.must_change && row.totp_confirmed && row.totp_step == 7 && row.totp_sealed.n == 4);
	OK(store_account_list(f->s, (struct store_page) { "", 1 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(rows[0].id, a);
	OK(store_account_list(f->s, (struct store_page) { next, 5 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 1);
	assert_null(next);
	assert_int_equal(store_account_by_name(f->s, "eve", f->a, &row, &f->e), 1);
}

static void sessions_and_marks(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_account(f, "bob"), owner = 0;
	struct store_session one = { .account_id = id, .created_at = NOW }, got;

	for (int i = 0; i < STORE_SESSIONS_MAX + 1; i++) {
		memcpy(one.hash, hash_of(i), STORE_HASH_SIZE);
		one.created_at.s++;
		OK(store_session_add(f->s, &one, &f->e));
		OK(store_mark_add(f->s, id, hash_of(i), one.created_at, &f->e));
	}
	assert_int_equal(store_session_get(f->s, hash_of(0), &got, &f->e), 1); /* the oldest went */
	OK(store_session_get(f->s, hash_of(1), &got, &f->e));
	OK(store_session_touch(f->s, hash_of(1), wall_add(NOW, 500), &f->e));
	OK(store_session_get(f->s, hash_of(1), &got, &f->e));
	assert_int_equal(got.used_at.s, NOW.s + 500);
	assert_int_equal(got.created_at.s, NOW.s + 2);
	OK(store_session_delete_old(f->s, wall_add(NOW, 3), &f->e));
	assert_int_equal(store_session_get(f->s, hash_of(1), &got, &f->e), 1);
	OK(store_session_delete_all(f->s, id, hash_of(5), &f->e));
	OK(store_session_get(f->s, hash_of(5), &got, &f->e));
	assert_int_equal(store_session_get(f->s, hash_of(6), &got, &f->e), 1);
	OK(store_session_delete(f->s, hash_of(5), &f->e));
	assert_int_equal(store_session_get(f->s, hash_of(5), &got, &f->e), 1);
	assert_int_equal(store_mark_get(f->s, hash_of(0), NOW, &owner, &f->e), 1);
	OK(store_mark_get(f->s, hash_of(STORE_SESSIONS_MAX), NOW, &owner, &f->e));
	assert_int_equal(owner, id);
	assert_int_equal(store_mark_get(f->s, hash_of(STORE_SESSIONS_MAX), wall_add(NOW, 99), &owner, &f->e), 1);
}

static void recovery_codes_work_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_account(f, "bob"), other = add_account(f, "eve");
	uint8_t hashes[2][STORE_HASH_SIZE];

	memcpy(hashes[0], hash_of(1), STORE_HASH_SIZE);
	memcpy(hashes[1], hash_of(2), STORE_HASH_SIZE);
	OK(store_recovery_set(f->s, id, (const uint8_t(*)[STORE_HASH_SIZE])hashes, 2, &f->e));
	assert_int_equal(store_recovery_use(f->s, other, hashes[0], &f->e), 1);
	OK(store_recovery_use(f->s, id, hashes[0], &f->e));
	assert_int_equal(store_recovery_use(f->s, id, hashes[0], &f->e), 1);
	OK(store_recovery_set(f->s, id, NULL, 0, &f->e));
	assert_int_equal(store_recovery_use(f->s, id, hashes[1], &f->e), 1);
}

static void tokens_and_the_end_of_a_user(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_account(f, "bob"), token = 0;
	struct store_token row = {
		.account_id = id, .name = "ci", .roles = "viewer", .created_at = NOW, .expires_at = wall_add(NOW, 9)
	};
	struct store_account account;
	struct store_token got, *rows;
	const char *next = NULL;
	size_t n = 0;

	for (int i = 0; i < STORE_TOKENS_MAX; i++) {
		memcpy(row.hash, hash_of(i), STORE_HASH_SIZE);
		OK(store_token_add(f->s, &row, &token, &f->e));
	}
	memcpy(row.hash, hash_of(1000), STORE_HASH_SIZE);
	assert_int_equal(store_token_add(f->s, &row, &token, &f->e), -E2BIG);
	OK(store_token_by_hash(f->s, hash_of(3), f->a, &got, &f->e));
	assert_string_equal(got.user, "bob");
	assert_int_equal(store_token_by_hash(f->s, hash_of(1000), f->a, &got, &f->e), 1);
	OK(store_token_touch(f->s, token, NOW, &f->e));
	OK(store_token_get(f->s, token, f->a, &got, &f->e));
	assert_int_equal(got.used_at.s, NOW.s);
	OK(store_token_list(f->s, id, (struct store_page) { "", 2 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 2);
	OK(store_token_list(f->s, 0, (struct store_page) { next, 1000 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, STORE_TOKENS_MAX - 2);
	OK(store_token_delete(f->s, token, &f->e));
	assert_int_equal(store_token_get(f->s, token, f->a, &got, &f->e), 1);
	OK(store_account_delete(f->s, id, &f->e));
	assert_int_equal(store_account_get(f->s, id, f->a, &account, &f->e), 1);
	assert_int_equal(store_token_by_hash(f->s, hash_of(3), f->a, &got, &f->e), 1);
}

static void throttles(void **state)
{
	struct fixture *f = *state;
	struct wall_time last;
	int64_t failures = 7;

	OK(store_throttle_get(f->s, "account:bob", &failures, &last, &f->e));
	assert_int_equal(failures, 0);
	OK(store_throttle_set(f->s, "account:bob", 3, NOW, &f->e));
	OK(store_throttle_set(f->s, "account:bob", 4, NOW, &f->e));
	OK(store_throttle_get(f->s, "account:bob", &failures, &last, &f->e));
	assert_int_equal(failures, 4);
	assert_int_equal(last.s, NOW.s);
	OK(store_throttle_delete_old(f->s, NOW, &f->e));
	OK(store_throttle_get(f->s, "account:bob", &failures, &last, &f->e));
	assert_int_equal(failures, 4);
	OK(store_throttle_delete_old(f->s, wall_add(NOW, 1), &f->e));
	OK(store_throttle_get(f->s, "account:bob", &failures, &last, &f->e));
	assert_int_equal(failures, 0);
}

static void approvals_are_used_once(void **state)
{
	struct fixture *f = *state;
	struct store_approval row = { .action = "certificate.export",
				      .object = "certificate:1",
				      .summary = "s",
				      .requested_by = "bob",
				      .requested_at = NOW,
				      .expires_at = wall_add(NOW, DAY_S) };
	struct store_approval got, *rows;
	const char *next = NULL;
	int64_t id = 0;
	size_t n = 0;

	OK(store_approval_add(f->s, &row, &id, &f->e));
	assert_int_equal(store_approval_use(f->s, id, &f->e), 1);
	OK(store_approval_decide(f->s, id, "granted", "eve", NOW, &f->e));
	assert_int_equal(store_approval_decide(f->s, id, "refused", "eve", NOW, &f->e), 1);
	OK(store_approval_get(f->s, id, f->a, &got, &f->e));
	assert_string_equal(got.state, "granted");
	assert_string_equal(got.decided_by, "eve");
	OK(store_approval_use(f->s, id, &f->e));
	assert_int_equal(store_approval_use(f->s, id, &f->e), 1);
	OK(store_approval_list(f->s, (struct store_page) { "", 9 }, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].state, "used");
}

/* Event n at time n, of actor n % 2, action n % 3. */
static void add_events(struct fixture *f, int count)
{
	static const char *const actors[] = { "user:a", "user:b" }, *const actions[] = { "x", "y", "z" };

	for (int i = 1; i <= count; i++) {
		struct store_event row = { .n = i,
					   .at = { 1000 + i },
					   .actor = actors[i % 2],
					   .action = actions[i % 3],
					   .object = "o",
					   .outcome = "done",
					   .text = "{}" };

		OK(store_event_add(f->s, &row, &f->e));
	}
}

static size_t count_events(struct fixture *f, struct store_event_query q, int64_t *ret_first)
{
	struct store_event *rows = NULL;
	const char *next = NULL;
	size_t n = 0, all = 0;

	*ret_first = 0;
	q.page = (struct store_page) { "", 7 };
	do {
		OK(store_event_list(f->s, &q, f->a, &rows, &n, &next, &f->e));
		if (all == 0 && n > 0)
			*ret_first = rows[0].n;
		for (size_t i = 1; i < n; i++)
			assert_true(rows[i].n < rows[i - 1].n);
		all += n;
		q.page.cursor = next;
	} while (next);
	return all;
}

static void events_are_found(void **state)
{
	static const struct {
		struct store_event_query q;
		size_t want;
		int64_t first;
	} rows[] = {
		{ { 0 }, 60, 60 },
		{ { .actor = "user:a" }, 30, 60 },
		{ { .actor = "user:a", .action = "y" }, 10, 58 },
		{ { .action = "z", .outcome = "done" }, 20, 59 },
		{ { .outcome = "failed" }, 0, 0 },
		{ { .object = "o", .actor = "user:c" }, 0, 0 },
		{ { .after = { 1050 } }, 11, 60 },
		{ { .after = { 1061 } }, 0, 0 },
		{ { .before = { 1003 } }, 2, 2 },
		{ { .after = { 1010 }, .before = { 1020 }, .actor = "user:b" }, 5, 19 },
	};
	struct fixture *f = *state;
	int64_t first = 0;

	add_events(f, 60);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		size_t n = count_events(f, rows[i].q, &first);

		if (n != rows[i].want || first != rows[i].first)
			fail_msg("row %zu: %zu, first %lld", i, n, (long long)first);
	}
}

static void heads(void **state)
{
	struct fixture *f = *state;
	struct store_head row = { .n = 3, .text = "{}" }, got;

	row.signature[63] = 9;
	assert_int_equal(store_head_last(f->s, f->a, &got, &f->e), 1);
	OK(store_head_add(f->s, &row, &f->e));
	row.n = 5;
	OK(store_head_add(f->s, &row, &f->e));
	OK(store_head_last(f->s, f->a, &got, &f->e));
	assert_int_equal(got.n, 5);
	assert_int_equal(got.signature[63], 9);
	OK(store_head_of(f->s, 3, f->a, &got, &f->e));
	assert_int_equal(store_head_of(f->s, 4, f->a, &got, &f->e), 1);
}

/* ---- the witness ---- */

static int witness(struct store *s, void *context, struct err *e)
{
	int *n = context;

	(*n)++;
	if (*n > 100)
		return err_set(e, -EIO, "the witness does not want it");
	return store_setting_set(s, "seen", *n == 1 ? "once" : "again", e);
}

static void a_witness_is_in_the_commit(void **state)
{
	struct fixture *f = *state;
	const char *text = NULL;
	int n = 0;

	store_set_witness(f->s, witness, &n);
	OK(store_setting_get(f->s, "seen", f->a, &text, &f->e));
	OK(store_begin(f->s, &f->e));
	OK(store_commit(f->s, &f->e));
	assert_int_equal(n, 0); /* nothing changed */
	OK(store_begin(f->s, &f->e));
	OK(store_setting_set(f->s, "a", "1", &f->e));
	store_rollback(f->s);
	assert_int_equal(n, 0);
	OK(store_setting_set(f->s, "a", "1", &f->e)); /* alone */
	assert_int_equal(n, 1);
	OK(store_begin(f->s, &f->e));
	OK(store_setting_set(f->s, "a", "2", &f->e));
	OK(store_setting_set(f->s, "b", "2", &f->e));
	OK(store_commit(f->s, &f->e));
	assert_int_equal(n, 2);
	n = 100;
	assert_int_equal(store_setting_set(f->s, "a", "3", &f->e), -EIO);
	store_set_witness(f->s, NULL, NULL);
	OK(store_setting_get(f->s, "a", f->a, &text, &f->e));
	assert_string_equal(text, "2");
	OK(store_setting_get(f->s, "seen", f->a, &text, &f->e));
	assert_string_equal(text, "again");
	OK(store_setting_set(f->s, "a", "4", &f->e));
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(accounts),	   T(sessions_and_marks), T(recovery_codes_work_once), T(tokens_and_the_end_of_a_user),
		T(throttles),	   T(approvals_are_used_once), T(events_are_found),    T(heads),
		T(a_witness_is_in_the_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
