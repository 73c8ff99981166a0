#include "fixture.h"
#include "core/pki/lineage.h"

#include <errno.h>

#define LATER { INT64_C(2000) }
#define NOW ((struct wall_time){ 1000 })

/* 1 <- 2 <- 4, and 1 <- 3; 5 stands alone; 7 renews one that was deleted. */
static const struct lineage_row family[] = {
	/* id predecessor  ends  revoked used  proven */
	{ 1, 0, LATER, false, false, false },
	{ 2, 1, LATER, false, false, true },
	{ 3, 1, LATER, false, false, false },
	{ 4, 2, LATER, false, true, true },
	{ 5, 0, LATER, false, true, false },
	{ 7, 6, LATER, false, true, true },
};

static void test_relations(void **state)
{
	int64_t ids[4] = { 0 };

	(void)state;
	assert_int_equal(lineage_check(family, ARRAY_N(family), NULL), 0);
	assert_null(lineage_predecessor(family, ARRAY_N(family), 1));
	assert_int_equal(lineage_predecessor(family, ARRAY_N(family), 4)->id, 2);
	assert_null(lineage_predecessor(family, ARRAY_N(family), 7));
	assert_null(lineage_predecessor(family, ARRAY_N(family), 99));
	assert_int_equal(lineage_successors(family, ARRAY_N(family), 1, ids, 4), 2);
	assert_int_equal(ids[0], 2);
	assert_int_equal(ids[1], 3);
	assert_int_equal(lineage_successors(family, ARRAY_N(family), 1, ids, 1), 2);
	assert_int_equal(lineage_successors(family, ARRAY_N(family), 4, ids, 4), 0);
	assert_int_equal(lineage_successors(family, ARRAY_N(family), 0, ids, 4), 0);
	assert_int_equal(lineage_origin(family, ARRAY_N(family), 4), 1);
	assert_int_equal(lineage_origin(family, ARRAY_N(family), 5), 5);
	assert_int_equal(lineage_origin(family, ARRAY_N(family), 7), 7);
	assert_int_equal(lineage_origin(family, ARRAY_N(family), 99), 0);
}

static const struct check_row {
	const char *name;
	struct lineage_row rows[4];
	size_t n;
	int want;
} check_rows[] = {
	{ "nothing", { { .id = 0 } }, 0, 0 },
	{ "one", { { .id = 1 } }, 1, 0 },
	{ "id zero", { { .id = 0 } }, 1, -EINVAL },
	{ "a negative id", { { .id = -1 } }, 1, -EINVAL },
	{ "twice", { { .id = 1 }, { .id = 1 } }, 2, -EINVAL },
	{ "out of order", { { .id = 2 }, { .id = 1 } }, 2, -EINVAL },
	{ "itself", { { .id = 1, .predecessor = 1 } }, 1, -EINVAL },
	{ "each other", { { .id = 1, .predecessor = 2 }, { .id = 2, .predecessor = 1 } }, 2, -EINVAL },
	{ "a ring of three", { { .id = 1, .predecessor = 3 }, { .id = 2, .predecessor = 1 }, { .id = 3, .predecessor = 2 } }, 3, -EINVAL },
	{ "a tail into a ring", { { .id = 1, .predecessor = 2 }, { .id = 2, .predecessor = 3 }, { .id = 3, .predecessor = 2 } }, 3, -EINVAL },
	{ "a line of three", { { .id = 1, .predecessor = 2 }, { .id = 2, .predecessor = 3 }, { .id = 3 } }, 3, 0 },
	{ "a predecessor that is gone", { { .id = 5, .predecessor = 4 } }, 1, 0 },
};

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(check_rows); i++) {
		struct err e = { 0 };
		int r = lineage_check(check_rows[i].rows, check_rows[i].n, &e);

		if (r != check_rows[i].want)
			fail_msg("%s: %d, %s", check_rows[i].name, r, err_text(&e));
	}
}

static const struct renew_row {
	int64_t id, predecessor;
	int want;
} renew_rows[] = {
	{ 0, 4, 0 },	    { 0, 6, -ENOENT },	{ 5, 4, 0 },	   { 4, 4, -EINVAL }, { 1, 4, -EINVAL },
	{ 1, 2, -EINVAL },  { 1, 5, 0 },	{ 3, 4, 0 },	   { 2, 4, -EINVAL }, { 5, 0, -ENOENT },
};

static void test_may_renew(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(renew_rows); i++) {
		const struct renew_row *row = &renew_rows[i];

		assert_int_equal(lineage_may_renew(family, ARRAY_N(family), row->id, row->predecessor, NULL), row->want);
	}
}

/* What the old one (id 1) and its successor (id 2) are, and whether 1 is offered. */
static const struct revoke_row {
	const char *name;
	int64_t old_end;
	bool old_revoked, old_used, new_revoked, new_proven, want;
} revoke_rows[] = {
	/*                                          old: end revoked used  new: revoked proven offered */
	{ "a proven renewal",			    2000, false, false, false, true,  true },
	{ "not proven",				    2000, false, false, false, false, false },
	{ "still served by another gateway",	    2000, false, true,	false, true,  false },
	{ "already revoked",			    2000, true,	 false, false, true,  false },
	{ "ends in this second",		    1000, false, false, false, true,  true },
	{ "ended a second ago",			    999,  false, false, false, true,  false },
	{ "the successor is revoked itself",	    2000, false, false, true,  true,  false },
};

static void test_revocable(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(revoke_rows); i++) {
		const struct revoke_row *row = &revoke_rows[i];
		const struct lineage_row rows[] = {
			{ 1, 0, { row->old_end }, row->old_revoked, row->old_used, false },
			{ 2, 1, LATER, row->new_revoked, true, row->new_proven },
		};

		if (lineage_revocable(rows, 2, 2, NOW) != (row->want ? 1 : 0))
			fail_msg("%s", row->name);
	}
	assert_int_equal(lineage_revocable(family, ARRAY_N(family), 4, NOW), 2); /* never the one before: 1 */
	assert_int_equal(lineage_revocable(family, ARRAY_N(family), 5, NOW), 0);
	assert_int_equal(lineage_revocable(family, ARRAY_N(family), 7, NOW), 0);
	assert_int_equal(lineage_revocable(family, ARRAY_N(family), 99, NOW), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relations),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_may_renew),
		cmocka_unit_test(test_revocable),
	};

	return cmocka_run_group_tests_name("lineage", tests, NULL, NULL);
}
