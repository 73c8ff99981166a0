/* Every row of compat_rows.def: a good pair, one change, and exactly the findings that it must bring. */
#include "fixture.h"

#include <stdio.h>

#define ROW_FUNCTION_(line) change_##line
#define ROW_FUNCTION(line) ROW_FUNCTION_(line)

#define ROW(name, want, ...)                                   \
	static void ROW_FUNCTION(__LINE__)(struct fixture * f) \
	{                                                      \
		__VA_ARGS__;                                   \
	}
#include "compat_rows.def"
#undef ROW

static const struct row {
	const char *name, *want;
	void (*change)(struct fixture *f);
} rows[] = {
#define ROW(name, want, ...) { name, want, ROW_FUNCTION(__LINE__) },
#include "compat_rows.def"
#undef ROW
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct fixture *f = fixture_new();
	struct findings found = { .n = 0 };

	row->change(f);
	compat_check(&f->current, &f->candidate, &f->policy, f->now, &found);
	assert_words(row->name, &found, row->want);
	assert_int_equal(findings_blocked(&found),
			 found.n > 0 && finding_severity(found.items[0].id) == FINDING_BLOCKER);
	fixture_free(f);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_N(rows)];

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		union {
			const struct row *row;
			void *p;
		} state = { .row = &rows[i] };

		tests[i] = (struct CMUnitTest){ rows[i].name, test_row, NULL, NULL, state.p };
	}
	return _cmocka_run_group_tests("compat", tests, ARRAY_N(rows), NULL, NULL);
}
