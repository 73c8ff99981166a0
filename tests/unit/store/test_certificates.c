#include "store_test.h"

static void keeps_what_it_was_given(void **state)
{
	struct fixture *f = *state;
	struct store_cert c = made_up(1, CERT_ROOT, 0, "Root One", ""), got;
	struct bytes der, key;
	int64_t id = 0;

	c.holder = "A. Person";
	c.country = "ES";
	c.sealed_key = bytes_of("sealed", 6);
	OK(store_cert_add(f->s, &c, &id, &f->e));
	OK(store_cert_get(f->s, id, f->a, &got, &f->e));
	assert_int_equal(got.kind, CERT_ROOT);
	assert_string_equal(got.display_name, "Root One");
	assert_string_equal(got.holder, "A. Person");
	assert_string_equal(got.country, "ES");
	assert_null(got.organization);
	assert_int_equal(got.root_id, id);
	assert_int_equal(got.issuer_id, 0);
	assert_true(got.has_key);
	assert_memory_equal(got.fingerprint, c.fingerprint, FINGERPRINT_SIZE);
	OK(store_cert_blobs(f->s, id, f->a, &der, &key, &f->e));
	assert_true(bytes_equal(key, c.sealed_key) && bytes_equal(der, c.der));
	OK(store_cert_by_fingerprint(f->s, c.fingerprint, f->a, &got, &f->e));
	assert_int_equal(got.id, id);
}

static void absent_ones_say_so(void **state)
{
	struct fixture *f = *state;
	struct store_cert got;
	int64_t ids[FACTS_CHAIN_MAX];
	struct bytes der;
	size_t n = 0;

	assert_int_equal(store_cert_get(f->s, 99, f->a, &got, &f->e), 1);
	assert_int_equal(store_cert_blobs(f->s, 99, f->a, &der, NULL, &f->e), 1);
	assert_int_equal(store_cert_chain(f->s, 99, ids, &n, &f->e), 1);
	assert_int_equal(store_cert_delete(f->s, 99, &f->e), 1);
}

static void a_duplicate_is_found_by_fingerprint(void **state)
{
	struct fixture *f = *state;
	int64_t first = add_cert(f, 1, CERT_ROOT, 0, "Root", ""), again = 0;
	struct store_cert c = made_up(1, CERT_ROOT, 0, "Other", "");

	assert_int_equal(store_cert_add(f->s, &c, &again, &f->e), 1);
	assert_int_equal(again, first);
}

static void an_issuer_must_be_there(void **state)
{
	struct fixture *f = *state;
	struct store_cert c = made_up(1, CERT_END_ENTITY, 77, "Leaf", "a");
	int64_t id = 0;

	assert_int_equal(store_cert_add(f->s, &c, &id, &f->e), -ENOENT);
	assert_non_null(strstr(f->e.text, "77"));
}

static void chains_go_up_to_the_root(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", ""), mid = add_cert(f, 2, CERT_INTERMEDIATE, root, "M", ""),
		leaf = add_cert(f, 3, CERT_END_ENTITY, mid, "L", "x"), ids[FACTS_CHAIN_MAX];
	struct store_cert got;
	size_t n = 0;

	OK(store_cert_chain(f->s, leaf, ids, &n, &f->e));
	assert_int_equal(n, 3);
	assert_int_equal(ids[0], leaf);
	assert_int_equal(ids[1], mid);
	assert_int_equal(ids[2], root);
	OK(store_cert_get(f->s, leaf, f->a, &got, &f->e));
	assert_int_equal(got.root_id, root);
}

static void a_chain_has_a_longest_length(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_cert(f, 1, CERT_ROOT, 0, "R", ""), more = 0;
	struct store_cert c;

	for (int i = 2; i <= FACTS_CHAIN_MAX; i++)
		id = add_cert(f, i, CERT_INTERMEDIATE, id, "M", "");
	c = made_up(100, CERT_END_ENTITY, id, "too deep", "x");
	assert_int_equal(store_cert_add(f->s, &c, &more, &f->e), -EINVAL);
}

static void keys_come_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_cert(f, 1, CERT_ROOT, 0, "R", "");

	OK(store_cert_set_key(f->s, id, bytes_of("k", 1), &f->e));
	assert_int_equal(store_cert_set_key(f->s, id, bytes_of("l", 1), &f->e), 1);
}

static void deleting_is_refused_while_needed(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", ""), leaf = add_cert(f, 2, CERT_END_ENTITY, root, "L", "x"),
		gateway = add_gateway(f, "edge"), job;

	assert_int_equal(store_cert_delete(f->s, root, &f->e), -EBUSY);
	assert_non_null(strstr(f->e.text, "issued"));
	OK(store_use_set(f->s, gateway, &leaf, 1, (struct wall_time) { 5 }, "probe", &f->e));
	assert_int_equal(store_cert_delete(f->s, leaf, &f->e), -EBUSY);
	assert_non_null(strstr(f->e.text, "'edge'"));
	OK(store_use_set(f->s, gateway, NULL, 0, (struct wall_time) { 6 }, "probe", &f->e));
	job = add_job(f, gateway, leaf);
	assert_int_equal(store_cert_delete(f->s, leaf, &f->e), -EBUSY);
	assert_non_null(strstr(f->e.text, "job"));
	OK(finish(f, job, "failed"));
	OK(store_cert_delete(f->s, leaf, &f->e));
	OK(store_cert_delete(f->s, root, &f->e));
}

static void numbers_are_never_used_twice(void **state)
{
	struct fixture *f = *state;
	int64_t first = add_cert(f, 1, CERT_ROOT, 0, "R", "");

	OK(store_cert_delete(f->s, first, &f->e));
	assert_true(add_cert(f, 2, CERT_ROOT, 0, "R", "") > first);
}

static void lines_of_descent(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", ""), old = add_cert(f, 2, CERT_END_ENTITY, root, "L", "x"),
		next = 0, ids[4];
	struct store_cert c = made_up(3, CERT_END_ENTITY, root, "L", "x"), got;
	size_t n = 0;

	c.predecessor_id = old;
	OK(store_cert_add(f->s, &c, &next, &f->e));
	OK(store_cert_successors(f->s, old, ids, 4, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], next);
	OK(store_cert_delete(f->s, old, &f->e));
	OK(store_cert_get(f->s, next, f->a, &got, &f->e));
	assert_int_equal(got.predecessor_id, 0);
}

/* What a query answers, as numbers relative to the first certificate, page by page of two. */
static void expect(struct fixture *f, struct store_cert_query q, const char *want)
{
	char got[256] = "";
	const char *next = "";

	for (int pages = 0; next && pages < 40; pages++) {
		struct store_cert *rows = NULL;
		size_t n = 0;

		q.page = (struct store_page) { next, 2 };
		OK(store_cert_list(f->s, &q, f->a, &rows, &n, &next, &f->e));
		for (size_t i = 0; i < n; i++)
			(void)snprintf(got + strlen(got), sizeof(got) - strlen(got), "%lld ", (long long)rows[i].id);
	}
	assert_null(next);
	assert_string_equal(got, want);
}

static void lists(void **state)
{
	struct fixture *f = *state;
	int64_t r1 = add_cert(f, 1, CERT_ROOT, 0, "Alpha Root", ""), r2 = add_cert(f, 2, CERT_ROOT, 0, "Beta Root", ""),
		m = add_cert(f, 3, CERT_INTERMEDIATE, r1, "Alpha Mid", ""),
		l1 = add_cert(f, 4, CERT_END_ENTITY, r2, "Web", "GW.example.com;10.0.0.1"),
		l2 = add_cert(f, 5, CERT_END_ENTITY, m, "Web", "gw.example.com"),
		l3 = add_cert(f, 6, CERT_END_ENTITY, r1, "Other", "z.example"), gateway = add_gateway(f, "g");
	const struct {
		struct store_cert_query q;
		const char *want;
	} rows[] = {
		{ { .kind = -1 }, "1 2 3 4 5 6 " },
		{ { .kind = CERT_ROOT }, "1 2 " },
		{ { .kind = CERT_END_ENTITY }, "4 5 6 " },
		{ { .kind = CERT_END_ENTITY, .root_id = 1 }, "5 6 " },
		{ { .kind = -1, .root_id = 1 }, "1 3 5 6 " },
		{ { .kind = -1, .root_id = 2 }, "2 4 " },
		{ { .kind = -1, .tree = true }, "1 3 5 6 2 4 " },
		{ { .kind = CERT_END_ENTITY, .tree = true }, "5 6 4 " },
		{ { .kind = -1, .q = "gw.exa" }, "4 5 " },
		{ { .kind = -1, .q = "ALPHA" }, "1 3 " },
		{ { .kind = -1, .q = "alpha mid" }, "3 " },
		{ { .kind = -1, .q = "10.0.0.1", .root_id = 1 }, "" },
		{ { .kind = -1, .q = "05000000" }, "5 " },
		{ { .kind = -1, .q = "XAMPLE.CO" }, "4 5 " },
		{ { .kind = -1, .q = "ple;" }, "" },
		{ { .kind = -1, .q = "\"ple" }, "" },
		{ { .kind = -1, .q = "cn=x" }, "1 2 3 4 5 6 " },
		{ { .kind = CERT_ROOT, .q = "cn=x" }, "1 2 " },
		{ { .kind = CERT_INTERMEDIATE, .q = "ALPHA" }, "3 " },
		{ { .kind = -1, .q = "cn=x", .issuer_id = 1 }, "3 6 " },
		{ { .kind = -1, .q = "cn=x", .used = true }, "5 " },
		{ { .kind = -1, .q = "we" }, "4 5 " },
		{ { .kind = -1, .q = "eb" }, "" },
		{ { .kind = -1, .q = "05:00:00 00:00" }, "5 " },
		{ { .kind = -1, .q = "A1B2C3D4E5F60003" }, "3 " },
		{ { .kind = -1, .q = "a1:b2:c3:d4:E5" }, "1 2 3 4 5 6 " },
		{ { .kind = -1, .q = "deadbeefdead" }, "" },
		{ { .kind = -1, .issuer_id = STORE_CERT_TOP }, "1 2 " },
		{ { .kind = -1, .issuer_id = 1 }, "3 6 " },
		{ { .kind = -1, .issuer_id = 1, .tree = true }, "3 6 " },
		{ { .kind = CERT_END_ENTITY, .issuer_id = 1 }, "6 " },
		{ { .kind = -1, .issuer_id = 6 }, "" },
		{ { .kind = -1, .expires_before = { 2000000000 + 4 } }, "1 2 3 " },
		{ { .kind = CERT_ROOT, .expires_before = { 2000000000 + 2 } }, "1 " },
		{ { .kind = -1, .used = true }, "5 " },
	};

	assert_int_equal(r1 + r2 + m + l1 + l2 + l3, 21);
	OK(store_use_set(f->s, gateway, &l2, 1, (struct wall_time) { 5 }, "probe", &f->e));
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		expect(f, rows[i].q, rows[i].want);
}

/* A search that most entries answer takes another way to the same answer. */
static void a_common_word(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", "");

	for (int i = 2; i < 8; i++)
		(void)add_cert(f, i, CERT_END_ENTITY, root, i % 2 ? "Rare" : "Common", "");
	expect(f, (struct store_cert_query) { .kind = -1, .q = "co" }, "2 4 6 ");
	assert_int_equal(
		sqlite3_exec(f->s->db,
			     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
			     "INSERT INTO certificate_word (word, certificate_id) SELECT 'common' || i, 4 FROM n",
			     NULL, NULL, NULL),
		SQLITE_OK);
	expect(f, (struct store_cert_query) { .kind = -1, .q = "co" }, "2 4 6 ");
	expect(f, (struct store_cert_query) { .kind = CERT_ROOT, .q = "co" }, "");
}

/* Case of letters beyond ASCII does not matter either, and three letters are letters, not bytes. */
static void a_search_in_any_language(void **state)
{
	static const struct {
		const char *q, *want;
	} rows[] = { { "\u00fcller", "1 " },
		     { "M\u00dcLLER", "1 " },
		     { "\u00dc", "" },
		     { "\u4fdd\u62a4", "2 " },
		     { "\xff\xfe\xfd", "" } };
	struct fixture *f = *state;

	(void)add_cert(f, 1, CERT_ROOT, 0, "M\u00fcller AG", "");
	(void)add_cert(f, 2, CERT_ROOT, 0, "\u4fdd\u62a4\u6839", "");
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		expect(f, (struct store_cert_query) { .kind = -1, .q = rows[i].q }, rows[i].want);
}

/* What the index of pieces says is looked at: all the pieces are there, but not in a row. */
static void pieces_that_stand_apart(void **state)
{
	struct fixture *f = *state;

	(void)add_cert(f, 1, CERT_ROOT, 0, "abcd bcde", "");
	expect(f, (struct store_cert_query) { .kind = -1, .q = "abcde" }, "");
	expect(f, (struct store_cert_query) { .kind = -1, .q = "d bcd" }, "1 ");
}

static int64_t children_of(struct fixture *f, int64_t id)
{
	struct store_cert c;

	OK(store_cert_get(f->s, id, f->a, &c, &f->e));
	return c.children;
}

static void expect_counts(struct fixture *f, int64_t roots, int64_t intermediates, int64_t leaves)
{
	const int64_t want[] = { roots, intermediates, leaves };

	for (enum cert_kind k = 0; k < CERT_KIND_N; k++) {
		int64_t n = 0;

		OK(store_cert_count(f->s, k, &n, &f->e));
		assert_int_equal(n, want[k]);
	}
}

static void children_are_counted(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", ""), mid = add_cert(f, 2, CERT_INTERMEDIATE, root, "M", ""),
		leaf = add_cert(f, 3, CERT_END_ENTITY, root, "L", "x");

	(void)add_cert(f, 4, CERT_END_ENTITY, 0, "Alone", "y");
	assert_int_equal(children_of(f, root), 2);
	assert_int_equal(children_of(f, mid), 0);
	expect_counts(f, 1, 1, 2);
	OK(store_cert_delete(f->s, leaf, &f->e));
	assert_int_equal(children_of(f, root), 1);
	expect_counts(f, 1, 1, 1);
	expect(f, (struct store_cert_query) { .kind = -1, .q = "cn=x" }, "1 2 4 "); /* it is not found any more */
}

static void bad_cursors(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = { "x", "-1", "1 ", "99999999999999999999", "1.2" };
	struct store_cert *rows;
	const char *next;
	size_t n;

	for (size_t i = 0; i < ARRAY_N(bad); i++) {
		struct store_cert_query q = { .kind = -1, .page = { bad[i], 5 } };

		assert_int_equal(store_cert_list(f->s, &q, f->a, &rows, &n, &next, &f->e), -EINVAL);
	}
}

static void used_is_counted(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", ""), a = add_cert(f, 2, CERT_END_ENTITY, root, "A", "x"),
		b = add_cert(f, 3, CERT_END_ENTITY, root, "B", "x"), g1 = add_gateway(f, "g1"),
		g2 = add_gateway(f, "g2"), both[2] = { a, b };
	struct store_cert got;
	struct store_use uses[4];
	size_t n = 0;

	OK(store_use_set(f->s, g1, &a, 1, (struct wall_time) { 5 }, "probe", &f->e));
	OK(store_use_set(f->s, g2, both, 2, (struct wall_time) { 6 }, "probe", &f->e));
	OK(store_use_set(f->s, g1, &b, 1, (struct wall_time) { 7 }, "probe", &f->e));
	OK(store_cert_get(f->s, a, f->a, &got, &f->e));
	assert_int_equal(got.used, 1);
	OK(store_cert_get(f->s, b, f->a, &got, &f->e));
	assert_int_equal(got.used, 2);
	OK(store_use_of_cert(f->s, b, f->a, uses, 4, &n, &f->e));
	assert_int_equal(n, 2);
	assert_string_equal(uses[0].gateway, "g1");
	assert_int_equal(uses[0].proven_at.s, 7);
	OK(store_gateway_delete(f->s, g1, &f->e));
	OK(store_cert_get(f->s, b, f->a, &got, &f->e));
	assert_int_equal(got.used, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(keeps_what_it_was_given),
		T(absent_ones_say_so),
		T(a_duplicate_is_found_by_fingerprint),
		T(an_issuer_must_be_there),
		T(chains_go_up_to_the_root),
		T(a_chain_has_a_longest_length),
		T(keys_come_once),
		T(deleting_is_refused_while_needed),
		T(numbers_are_never_used_twice),
		T(lines_of_descent),
		T(lists),
		T(a_common_word),
		T(a_search_in_any_language),
		T(pieces_that_stand_apart),
		T(children_are_counted),
		T(bad_cursors),
		T(used_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
