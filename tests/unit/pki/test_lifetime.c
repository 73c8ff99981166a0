#include "fixture.h"
#include "core/pki/lifetime.h"

#define YEAR (365 * DAY_S)
#define FAR (100 * YEAR)

static const struct row {
	const char *name;
	int64_t not_before, not_after, issuer_end, life, now;
	enum lifetime_answer want;
	int64_t end;
} rows[] = {
	{ "before it begins", 1000, 1000 + YEAR, FAR, YEAR, 0, LIFETIME_GOOD, 0 },
	{ "young", 0, YEAR, FAR, YEAR, 1, LIFETIME_GOOD, 0 },
	{ "a second before two thirds", 0, 90 * DAY_S, FAR, YEAR, 60 * DAY_S - 1, LIFETIME_GOOD, 0 },
	{ "two thirds", 0, 90 * DAY_S, FAR, YEAR, 60 * DAY_S, LIFETIME_RENEW, 60 * DAY_S + YEAR },
	{ "expired", 0, YEAR, FAR, YEAR, 2 * YEAR, LIFETIME_RENEW, 3 * YEAR },
	{ "the issuer ends within its life", 0, YEAR, YEAR + 10 * DAY_S, YEAR, 300 * DAY_S, LIFETIME_RENEW, YEAR + 10 * DAY_S },
	{ "the issuer ends a day later", 0, YEAR, YEAR + DAY_S, YEAR, 300 * DAY_S, LIFETIME_RENEW, YEAR + DAY_S },
	{ "the issuer ends a second less than a day later", 0, YEAR, YEAR + DAY_S - 1, YEAR, 300 * DAY_S, LIFETIME_BY_HAND, 0 },
	{ "the issuer ends with it", 0, YEAR, YEAR, YEAR, 300 * DAY_S, LIFETIME_BY_HAND, 0 },
	{ "the issuer ends before it, not due", 0, YEAR, DAY_S, YEAR, 2 * DAY_S, LIFETIME_GOOD, 0 },
	{ "a life too short to help", 0, YEAR, FAR, 10 * DAY_S, 300 * DAY_S, LIFETIME_BY_HAND, 0 },
};

static void test_judge(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		const struct row *r = &rows[i];
		struct wall_time end = { 0 };
		enum lifetime_answer got = lifetime_judge((struct wall_time){ r->not_before }, (struct wall_time){ r->not_after },
							  (struct wall_time){ r->issuer_end }, r->life,
							  (struct wall_time){ r->now }, &end);

		if (got != r->want || end.s != r->end)
			fail_msg("%s: got %d, end %lld", r->name, got, (long long)end.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_judge) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
