/* A pause whose end comes between two looks at the clock: it ends. The clock moves with every look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gatewrightd/deploy/deploy.h"
#include "sys/clock.h"
#include "sys/ipc/ipc.h"

#include <unistd.h>

#define STEP_MS 5

static int64_t looks;
struct mono_time __wrap_clock_mono(void);

struct mono_time __wrap_clock_mono(void)
{
	return (struct mono_time) { STEP_MS * looks++ };
}

static void test_pause(void **state)
{
	struct deploy d = { 0 };
	int pair[2];

	(void)state;
	assert_int_equal(ipc_pair(pair, NULL), 0);
	d.report.fd = pair[0];
	for (int64_t until = 0; until < 6 * STEP_MS; until++) {
		looks = 0;
		(void)alarm(20); /* it lasted for ever */
		assert_false(step_pause(&d, (struct mono_time) { until }));
		assert_true(looks * STEP_MS >= until);
	}
	(void)alarm(0);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_pause) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
