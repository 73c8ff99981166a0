/* Wall time and monotonic time are different things and different types. Pure: reading a clock is sys/clock.h. */
#ifndef GW_BASE_TIME_H
#define GW_BASE_TIME_H

#include "base/bytes.h"
#include "base/util.h"

/* Seconds since 1970-01-01T00:00:00Z, without leap seconds. */
struct wall_time {
	int64_t s;
};

/* Milliseconds since some moment in the past of this boot. */
struct mono_time {
	int64_t ms;
};

#define DAY_S INT64_C(86400)
#define TIME_TEXT_MAX 32

struct civil_time {
	int year;	    /* 0..9999 */
	int month, day;	    /* 1..12, 1..31 */
	int hour, min, sec; /* 0..23, 0..59, 0..59 */
};

static inline struct wall_time wall_add(struct wall_time t, int64_t seconds)
{
	return (struct wall_time) { t.s + seconds };
}

/* Proleptic Gregorian calendar, UTC. */
struct civil_time time_to_civil(struct wall_time t);

/* False when a field is out of range (February 30). */
bool time_from_civil(struct civil_time c, struct wall_time *ret);

/* "2026-11-24T07:57:23Z" (RFC 3339); returns `out`. */
const char *time_format(struct wall_time t, char out[TIME_TEXT_MAX]);

/* "2026-11-24T07:57:23Z", or with an offset "+01:00" (RFC 3339 section 5.6). False for anything else. */
bool time_parse(struct bytes text, struct wall_time *ret);

/* "2026-11-24": false for anything else or a day that does not exist. */
bool time_parse_date(struct bytes text, int *ret_year, int *ret_month, int *ret_day);

/* Whole days from `now` until `then`, rounded down (negative when it is past). */
int64_t time_days_left(struct wall_time now, struct wall_time then);

#endif
