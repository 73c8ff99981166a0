#include "cli/when.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define STEP_S 900		 /* time zones change on quarters of an hour */
#define OFFSET_MAX_S (26 * 3600) /* no zone is further from UTC, with something to spare */

struct day {
	int year, month, day;
};

/* -1, 0, 1: the local date at `t` is before, is, or is after the day. */
static int compare_day(int64_t t, struct day d)
{
	time_t at = (time_t)t;
	struct tm tm;
	int64_t a, b;

	if (!localtime_r(&at, &tm))
		return 1;
	a = ((int64_t)tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
	b = (int64_t)d.year * 10000 + d.month * 100 + d.day;
	return a < b ? -1 : a > b;
}

/*
 * The edge of the day: step from outside of it (`from`, towards it by `step`) until it is reached, then halve the last
 * step. A clock that is put back over midnight makes the day come twice; coming from outside finds its outermost
 * second.
 */
static bool find_edge(int64_t from, int64_t step, struct day d, int64_t *ret)
{
	int64_t inside = from, outside = from;

	for (int64_t moved = 0; moved < 3 * OFFSET_MAX_S; moved += STEP_S, outside = inside, inside += step) {
		if (compare_day(inside, d) == 0)
			break;
	}
	if (compare_day(inside, d) != 0)
		return false;
	while (inside - outside > 1 || outside - inside > 1) {
		int64_t middle = outside + (inside - outside) / 2;

		if (compare_day(middle, d) == 0)
			inside = middle;
		else
			outside = middle;
	}
	*ret = inside;
	return true;
}

static int parse_day(const char *text, struct day *ret, struct wall_time *ret_utc, struct err *e)
{
	struct civil_time c = { 0 };

	if (!time_parse_date(bytes_of_str(text), &ret->year, &ret->month, &ret->day))
		return err_set(e, -EINVAL, "want a day as 2027-11-24, got '%s'", text);
	c.year = ret->year;
	c.month = ret->month;
	c.day = ret->day;
	if (!time_from_civil(c, ret_utc))
		return err_set(e, -EINVAL, "want a day as 2027-11-24, got '%s'", text);
	return 0;
}

static int find_day(const char *text, bool end, struct wall_time *ret, struct err *e)
{
	struct wall_time utc;
	struct day d;
	int64_t t;
	int r = parse_day(text, &d, &utc, e);

	if (r < 0)
		return r;
	tzset();
	if (!find_edge(end ? utc.s + DAY_S + OFFSET_MAX_S : utc.s - OFFSET_MAX_S, end ? -STEP_S : STEP_S, d, &t))
		return err_set(e, -EINVAL, "want a day that exists in the local time zone, got '%s'", text);
	ret->s = t;
	return 0;
}

int when_end_of_day(const char *text, struct wall_time *ret, struct err *e)
{
	return find_day(text, true, ret, e);
}

int when_start_of_day(const char *text, struct wall_time *ret, struct err *e)
{
	return find_day(text, false, ret, e);
}

static bool local_of(const char *api_time, struct tm *ret)
{
	struct wall_time t;
	time_t at;

	if (!time_parse(bytes_of_str(api_time), &t))
		return false;
	at = (time_t)t.s;
	return localtime_r(&at, ret) != NULL;
}

const char *when_date(const char *api_time, char out[WHEN_TEXT_MAX])
{
	struct tm tm;

	if (!local_of(api_time, &tm) || strftime(out, WHEN_TEXT_MAX, "%Y-%m-%d", &tm) == 0)
		(void)snprintf(out, WHEN_TEXT_MAX, "-");
	return out;
}

const char *when_moment(const char *api_time, char out[WHEN_TEXT_MAX])
{
	struct tm tm;

	if (!local_of(api_time, &tm) || strftime(out, WHEN_TEXT_MAX, "%Y-%m-%d %H:%M:%S %z", &tm) == 0)
		(void)snprintf(out, WHEN_TEXT_MAX, "-");
	return out;
}
