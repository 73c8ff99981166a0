/* RFC 6238 appendix B, the last six of its eight digits; which steps are accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sys/crypto/totp.h"

#include <stdio.h>

#define SECRET bytes_of("12345678901234567890", TOTP_SECRET_SIZE)

static void vectors_of_the_rfc(void **state)
{
	static const struct {
		uint64_t time;
		uint32_t code;
	} rows[] = {
		{ 59, 287082 },		{ 1111111109, 81804 },	{ 1111111111, 50471 },
		{ 1234567890, 5924 },	{ 2000000000, 279037 }, { 20000000000, 353130 },
	};
	uint32_t code = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		assert_int_equal(totp_code(SECRET, rows[i].time / TOTP_STEP_S, &code, NULL), 0);
		assert_int_equal(code, rows[i].code);
	}
}

/* RFC 4226 appendix D. */
static void vectors_of_hotp(void **state)
{
	static const uint32_t want[] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489 };
	uint32_t code = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(want); i++) {
		assert_int_equal(totp_code(SECRET, i, &code, NULL), 0);
		assert_int_equal(code, want[i]);
	}
}

#define STEP UINT64_C(60000000)

static void steps_that_are_accepted(void **state)
{
	static const struct {
		int64_t offset; /* of the step whose code is typed */
		uint64_t after;
		int want;
	} rows[] = {
		{ 0, 0, 0 },	{ -1, 0, 0 },	    { 1, 0, 0 },	{ -2, 0, 1 },	  { 2, 0, 1 },
		{ 0, STEP, 1 }, { 0, STEP - 1, 0 }, { -1, STEP - 1, 1 }, { 1, STEP, 0 }, { 1, STEP + 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		uint64_t step = (uint64_t)((int64_t)STEP + rows[i].offset), got = 0;
		uint32_t code = 0;
		char text[16];

		assert_int_equal(totp_code(SECRET, step, &code, NULL), 0);
		(void)snprintf(text, sizeof(text), "%06u", code);
		for (int64_t s = 0; s < TOTP_STEP_S; s += TOTP_STEP_S - 1) {
			struct wall_time now = { (int64_t)STEP * TOTP_STEP_S + s };

			if (totp_check(SECRET, bytes_of_str(text), now, rows[i].after, &got, NULL) != rows[i].want)
				fail_msg("row %zu", i);
			if (rows[i].want == 0)
				assert_int_equal(got, step);
		}
	}
}

static void what_is_no_code(void **state)
{
	static const char *const rows[] = { "", "28708", "2870822", "28708a", "+87082", " 287082", "1287082", "0287082" };
	uint64_t step;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		assert_int_equal(totp_check(SECRET, bytes_of_str(rows[i]), (struct wall_time) { 59 }, 0, &step, NULL), 1);
	assert_int_equal(totp_check(SECRET, bytes_of_str("287082"), (struct wall_time) { 59 }, 0, &step, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_the_rfc),
		cmocka_unit_test(vectors_of_hotp),
		cmocka_unit_test(steps_that_are_accepted),
		cmocka_unit_test(what_is_no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
