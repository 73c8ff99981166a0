#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/fleet/state.h"

static const struct {
	const char *name;
	int64_t days, seconds;
	bool revoked;
	enum fleet_state want;
} certificates[] = {
	{ "far", 365, 0, false, FLEET_OK },
	{ "thirty days", 30, 0, false, FLEET_OK },
	{ "a second less than thirty days", 30, -1, false, FLEET_WARNING },
	{ "seven days", 7, 0, false, FLEET_WARNING },
	{ "a second less than seven days", 7, -1, false, FLEET_DANGER },
	{ "over", 0, -1, false, FLEET_DANGER },
	{ "revoked", 365, 0, true, FLEET_DANGER },
};

static void test_certificate(void **state)
{
	const struct wall_time now = { 1000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(certificates); i++) {
		struct wall_time end = wall_add(now, certificates[i].days * DAY_S + certificates[i].seconds);

		if (fleet_judge_certificate(end, certificates[i].revoked, now) != certificates[i].want)
			fail_msg("%s", certificates[i].name);
	}
}

static void test_gateway(void **state)
{
	(void)state;
	assert_int_equal(fleet_judge_gateway(FLEET_UNKNOWN, FLEET_PROBE_NEVER), FLEET_UNKNOWN);
	assert_int_equal(fleet_judge_gateway(FLEET_UNKNOWN, FLEET_PROBE_BAD), FLEET_DANGER);
	assert_int_equal(fleet_judge_gateway(FLEET_OK, FLEET_PROBE_GOOD), FLEET_OK);
	assert_int_equal(fleet_judge_gateway(FLEET_OK, FLEET_PROBE_NEVER), FLEET_OK);
	assert_int_equal(fleet_judge_gateway(FLEET_OK, FLEET_PROBE_BAD), FLEET_DANGER);
	assert_int_equal(fleet_judge_gateway(FLEET_WARNING, FLEET_PROBE_GOOD), FLEET_WARNING);
	assert_string_equal(fleet_state_word(FLEET_DANGER), "danger");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_certificate), cmocka_unit_test(test_gateway) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
