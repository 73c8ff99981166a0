/* Days as the operator means them: in the local time zone. */
#ifndef GW_CLI_WHEN_H
#define GW_CLI_WHEN_H

#include "base/err.h"
#include "base/time.h"

#define WHEN_TEXT_MAX 32

/*
 * "2027-11-24" to the last, or the first, second of that day. -EINVAL: no such day, also one that the time zone
 * skipped.
 */
MUST_USE int when_end_of_day(const char *text, struct wall_time *ret, struct err *e);
MUST_USE int when_start_of_day(const char *text, struct wall_time *ret, struct err *e);

/*
 * An API time (RFC 3339) as a local date "2027-11-24", or with the time "2027-11-24 23:59:59 +0100". What can't be
 * read stays "-".
 */
const char *when_date(const char *api_time, char out[WHEN_TEXT_MAX]);
const char *when_moment(const char *api_time, char out[WHEN_TEXT_MAX]);

#endif
