/* Days of the local time zone: daylight saving, midnights that come twice or not at all, days that a zone skipped. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cli/when.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static const struct {
	const char *zone, *day;
	const char *start, *end; /* NULL: there is no such day */
} rows[] = {
	{ "UTC", "2027-11-24", "2027-11-24T00:00:00Z", "2027-11-24T23:59:59Z" },
	{ "UTC", "1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01T23:59:59Z" },
	{ "UTC", "2028-02-29", "2028-02-29T00:00:00Z", "2028-02-29T23:59:59Z" },
	{ "UTC", "2027-02-29", NULL, NULL },
	{ "UTC", "2027-13-01", NULL, NULL },
	{ "UTC", "2027-1-1", NULL, NULL },
	{ "UTC", "24.11.2027", NULL, NULL },
	{ "UTC", "2027-11-24T00:00:00Z", NULL, NULL },
	{ "UTC", "", NULL, NULL },
	{ "Europe/Berlin", "2027-01-15", "2027-01-14T23:00:00Z", "2027-01-15T22:59:59Z" },
	{ "Europe/Berlin", "2027-07-15", "2027-07-14T22:00:00Z", "2027-07-15T21:59:59Z" },
	/* Clocks go forward on 28 March 2027 and back on 31 October 2027: days of 23 and of 25 hours. */
	{ "Europe/Berlin", "2027-03-28", "2027-03-27T23:00:00Z", "2027-03-28T21:59:59Z" },
	{ "Europe/Berlin", "2027-10-31", "2027-10-30T22:00:00Z", "2027-10-31T22:59:59Z" },
	{ "America/New_York", "2027-03-14", "2027-03-14T05:00:00Z", "2027-03-15T03:59:59Z" },
	{ "America/New_York", "2027-11-07", "2027-11-07T04:00:00Z", "2027-11-08T04:59:59Z" },
	{ "Asia/Kolkata", "2027-11-24", "2027-11-23T18:30:00Z", "2027-11-24T18:29:59Z" },
	{ "Asia/Kathmandu", "2027-11-24", "2027-11-23T18:15:00Z", "2027-11-24T18:14:59Z" },
	{ "Pacific/Kiritimati", "2027-11-24", "2027-11-23T10:00:00Z", "2027-11-24T09:59:59Z" },
	{ "Pacific/Pago_Pago", "2027-11-24", "2027-11-24T11:00:00Z", "2027-11-25T10:59:59Z" },
	/* Half an hour of daylight saving. */
	{ "Australia/Lord_Howe", "2027-04-04", "2027-04-03T13:00:00Z", "2027-04-04T13:29:59Z" },
	/* The first hour of 4 November 2018 was skipped in Sao Paulo; 17 February 2018 had its last hour twice. */
	{ "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T01:59:59Z" },
	{ "America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T02:59:59Z" },
	/* Samoa went over the date line: 30 December 2011 was not. */
	{ "Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T09:59:59Z" },
	{ "Pacific/Apia", "2011-12-30", NULL, NULL },
	{ "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T09:59:59Z" },
	{ "UTC", "9999-12-31", "9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z" },
};

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static void check(size_t i, const char *what, int r, struct wall_time t, const char *expected)
{
	char text[TIME_TEXT_MAX];

	if (!expected && r != -EINVAL)
		fail_msg("%s %s, %s: want it refused, got %d", rows[i].zone, rows[i].day, what, r);
	if (expected && (r != 0 || strcmp(time_format(t, text), expected) != 0))
		fail_msg("%s %s, %s: want %s, got %s", rows[i].zone, rows[i].day, what, expected,
			 r ? "refused" : time_format(t, text));
}

static void test_days(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct wall_time t = { 0 };
		struct err e = { 0 };
		int r;

		set_zone(rows[i].zone);
		r = when_start_of_day(rows[i].day, &t, &e);
		check(i, "start", r, t, rows[i].start);
		r = when_end_of_day(rows[i].day, &t, &e);
		check(i, "end", r, t, rows[i].end);
	}
}

static void test_sentences(void **state)
{
	struct wall_time t;
	struct err e = { 0 };

	(void)state;
	set_zone("Pacific/Apia");
	assert_int_equal(when_end_of_day("tomorrow", &t, &e), -EINVAL);
	assert_string_equal(e.text, "want a day as 2027-11-24, got 'tomorrow'");
	assert_int_equal(when_end_of_day("2011-12-30", &t, &e), -EINVAL);
	assert_string_equal(e.text, "want a day that exists in the local time zone, got '2011-12-30'");
}

static void test_shown(void **state)
{
	char out[WHEN_TEXT_MAX];

	(void)state;
	set_zone("Europe/Berlin");
	assert_string_equal(when_date("2027-11-24T23:30:00Z", out), "2027-11-25");
	assert_string_equal(when_date("2027-11-24T22:59:59Z", out), "2027-11-24");
	assert_string_equal(when_moment("2027-11-24T22:59:59Z", out), "2027-11-24 23:59:59 +0100");
	assert_string_equal(when_moment("", out), "-");
	assert_string_equal(when_date("soon", out), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
