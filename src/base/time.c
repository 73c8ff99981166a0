#include "base/time.h"

#include <stdio.h>

/* Days since 1970-01-01 of a civil date; the year starts in March so that the leap day comes last. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct civil_time time_to_civil(struct wall_time t)
{
	int64_t days = floor_div(t.s, DAY_S), second = t.s - days * DAY_S, z = days + 719468;
	int64_t era = floor_div(z, 146097), day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;
	int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);

	return (struct civil_time) {
		.year = (int)(year_of_era + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
		.hour = (int)(second / 3600),
		.min = (int)(second / 60 % 60),
		.sec = (int)(second % 60),
	};
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool is_year(int year)
{
	return year >= 0 && year <= 9999;
}

static bool is_date(int year, int month, int day)
{
	return is_year(year) && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

bool time_from_civil(struct civil_time c, struct wall_time *ret)
{
	if (!is_date(c.year, c.month, c.day) || c.hour < 0 || c.hour > 23 || c.min < 0 || c.min > 59 || c.sec < 0 ||
	    c.sec > 59)
		return false;
	ret->s = days_from_civil(c.year, c.month, c.day) * DAY_S + c.hour * 3600 + c.min * 60 + c.sec;
	return true;
}

const char *time_format(struct wall_time t, char out[TIME_TEXT_MAX])
{
	struct civil_time c = time_to_civil(t);

	(void)snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year % 10000, c.month, c.day, c.hour,
		       c.min, c.sec);
	return out;
}

/* Exactly `n` digits at the front of the view. */
static bool take_digits(struct bytes *text, size_t n, int *ret)
{
	int v = 0;

	if (text->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (text->p[i] < '0' || text->p[i] > '9')
			return false;
		v = v * 10 + (text->p[i] - '0');
	}
	*text = bytes_of(text->p + n, text->n - n);
	*ret = v;
	return true;
}

static bool take_char(struct bytes *text, char c)
{
	if (text->n == 0 || text->p[0] != (uint8_t)c)
		return false;
	*text = bytes_of(text->p + 1, text->n - 1);
	return true;
}

static bool take_date(struct bytes *text, int *ret_year, int *ret_month, int *ret_day)
{
	return take_digits(text, 4, ret_year) && take_char(text, '-') && take_digits(text, 2, ret_month) &&
	       take_char(text, '-') && take_digits(text, 2, ret_day) && is_date(*ret_year, *ret_month, *ret_day);
}

/* "Z" or "+HH:MM" or "-HH:MM", and nothing behind it. */
static bool take_offset(struct bytes *text, int64_t *ret_seconds)
{
	int hour, min, sign;

	if (take_char(text, 'Z')) {
		*ret_seconds = 0;
		return text->n == 0;
	}
	sign = take_char(text, '+') ? 1 : take_char(text, '-') ? -1 : 0;
	if (sign == 0 || !take_digits(text, 2, &hour) || !take_char(text, ':') || !take_digits(text, 2, &min))
		return false;
	*ret_seconds = sign * (hour * INT64_C(3600) + min * INT64_C(60));
	return text->n == 0 && hour <= 23 && min <= 59;
}

bool time_parse(struct bytes text, struct wall_time *ret)
{
	struct civil_time c;
	struct wall_time local;
	int64_t offset;

	if (!take_date(&text, &c.year, &c.month, &c.day) || !take_char(&text, 'T') || !take_digits(&text, 2, &c.hour) ||
	    !take_char(&text, ':') || !take_digits(&text, 2, &c.min) || !take_char(&text, ':') ||
	    !take_digits(&text, 2, &c.sec) || !time_from_civil(c, &local) || !take_offset(&text, &offset))
		return false;
	local = wall_add(local, -offset);
	if (!is_year(time_to_civil(local).year))
		return false; /* an offset can lead out of the calendar */
	*ret = local;
	return true;
}

bool time_parse_date(struct bytes text, int *ret_year, int *ret_month, int *ret_day)
{
	return take_date(&text, ret_year, ret_month, ret_day) && text.n == 0;
}

int64_t time_days_left(struct wall_time now, struct wall_time then)
{
	return floor_div(then.s - now.s, DAY_S);
}
