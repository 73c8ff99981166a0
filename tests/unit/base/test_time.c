#include "unit.h"
#include "base/time.h"

static const struct known_row {
	int64_t s;
	const char *text;
} known_rows[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ -1, "1969-12-31T23:59:59Z" },
	{ 951782399, "2000-02-28T23:59:59Z" },
	{ 951782400, "2000-02-29T00:00:00Z" },
	{ 951868800, "2000-03-01T00:00:00Z" },
	{ 1000000000, "2001-09-09T01:46:40Z" },
	{ 1795507643, "2026-11-24T08:07:23Z" },
	{ 1835438400, "2028-02-29T12:00:00Z" },
	{ INT64_C(2147483647), "2038-01-19T03:14:07Z" },
	{ INT64_C(2147483648), "2038-01-19T03:14:08Z" },
	{ INT64_C(2524607999), "2049-12-31T23:59:59Z" }, /* the last UTCTime of RFC 5280 section 4.1.2.5 */
	{ INT64_C(2524608000), "2050-01-01T00:00:00Z" },
	{ INT64_C(4107542399), "2100-02-28T23:59:59Z" },
	{ INT64_C(4107542400), "2100-03-01T00:00:00Z" }, /* no leap year */
	{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
	{ INT64_C(-62167219200), "0000-01-01T00:00:00Z" },
	{ INT64_C(-2208988800), "1900-01-01T00:00:00Z" },
};

static void test_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(known_rows); i++) {
		char text[TIME_TEXT_MAX];
		struct wall_time t = { known_rows[i].s };

		assert_string_equal(time_format(t, text), known_rows[i].text);
		assert_true(time_parse(bytes_of_str(known_rows[i].text), &t));
		assert_true(t.s == known_rows[i].s);
	}
}

static const struct parse_row {
	const char *text;
	int64_t want; /* -1: refused */
} parse_rows[] = {
	{ "1970-01-01T00:00:01Z", 1 },
	{ "1970-01-01T01:00:01+01:00", 1 },
	{ "1969-12-31T23:30:01-00:30", 1 },
	{ "1970-01-01T23:59:01+23:59", 1 },
	{ "1970-01-01T00:00:01+00:00", 1 },
	{ "1970-01-01T00:00:01+24:00", -1 },
	{ "1970-01-01T00:00:01+00:60", -1 },
	{ "1970-01-01T00:00:01+0000", -1 },
	{ "1970-01-01T00:00:01", -1 },
	{ "1970-01-01T00:00:01z", -1 },
	{ "1970-01-01t00:00:01Z", -1 },
	{ "1970-01-01 00:00:01Z", -1 },
	{ "1970-01-01T00:00:01Zx", -1 },
	{ " 1970-01-01T00:00:01Z", -1 },
	{ "1970-01-01T00:00:01.0Z", -1 },
	{ "1970-1-01T00:00:01Z", -1 },
	{ "70-01-01T00:00:01Z", -1 },
	{ "+970-01-01T00:00:01Z", -1 },
	{ "1970-00-01T00:00:01Z", -1 },
	{ "1970-13-01T00:00:01Z", -1 },
	{ "1970-01-00T00:00:01Z", -1 },
	{ "1970-01-32T00:00:01Z", -1 },
	{ "1970-04-31T00:00:01Z", -1 },
	{ "1970-02-29T00:00:01Z", -1 },
	{ "1972-02-29T00:00:00Z", 68169600 },
	{ "1900-02-29T00:00:01Z", -1 },
	{ "2000-02-30T00:00:01Z", -1 },
	{ "1970-01-01T24:00:00Z", -1 },
	{ "1970-01-01T00:60:00Z", -1 },
	{ "1970-01-01T00:00:60Z", -1 }, /* no leap seconds */
	{ "9999-12-31T23:59:59-00:01", -1 }, /* in UTC behind the calendar */
	{ "9999-12-31T23:59:59+00:01", INT64_C(253402300739) },
	{ "0000-01-01T00:00:00+00:01", -1 },
	{ "", -1 },
	{ "now", -1 },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(parse_rows); i++) {
		struct wall_time t = { -77 };
		bool good = time_parse(bytes_of_str(parse_rows[i].text), &t);

		if (good != (parse_rows[i].want >= 0) || t.s != (good ? parse_rows[i].want : -77))
			fail_msg("'%s'", parse_rows[i].text);
	}
}

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "2026-11-24", true },	 { "2024-02-29", true },  { "2023-02-29", false }, { "2026-11-24T", false },
		{ "2026-11-2", false },	 { "2026/11/24", false }, { "", false },	   { "9999-12-31", true },
		{ "0000-01-01", true },	 { "10000-01-01", false }, { "2026-06-31", false }, { "2026-06-30", true },
	};
	int year, month, day;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		if (time_parse_date(bytes_of_str(rows[i].text), &year, &month, &day) != rows[i].want)
			fail_msg("'%s'", rows[i].text);
	assert_true(time_parse_date(bytes_of_str("2026-11-24"), &year, &month, &day));
	assert_int_equal(year, 2026);
	assert_int_equal(month, 11);
	assert_int_equal(day, 24);
}

/* Every day of 800 years goes there and back, and each is one later than the one before. */
static void test_every_day(void **state)
{
	struct wall_time t = { INT64_C(-5364662400) }; /* 1800-01-01 */
	struct civil_time last = { 1799, 12, 31, 0, 0, 0 };

	(void)state;
	for (int i = 0; i < 800 * 365 + 194; i++, t.s += DAY_S) {
		struct civil_time c = time_to_civil(t);
		struct wall_time back;

		assert_true(time_from_civil(c, &back));
		assert_true(back.s == t.s);
		assert_true((c.day == last.day + 1 && c.month == last.month) ||
			    (c.day == 1 && (c.month == last.month + 1 || (c.month == 1 && c.year == last.year + 1))));
		last = c;
	}
	assert_int_equal(last.year, 2599);
	assert_int_equal(last.month, 12);
	assert_int_equal(last.day, 31);
}

static void test_days_left(void **state)
{
	const struct wall_time now = { 1000000 };

	(void)state;
	assert_int_equal(time_days_left(now, now), 0);
	assert_int_equal(time_days_left(now, wall_add(now, DAY_S - 1)), 0);
	assert_int_equal(time_days_left(now, wall_add(now, DAY_S)), 1);
	assert_int_equal(time_days_left(now, wall_add(now, -1)), -1);
	assert_int_equal(time_days_left(now, wall_add(now, -DAY_S)), -1);
	assert_int_equal(time_days_left(now, wall_add(now, -DAY_S - 1)), -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),	  cmocka_unit_test(test_parse),	    cmocka_unit_test(test_dates),
		cmocka_unit_test(test_every_day), cmocka_unit_test(test_days_left),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
