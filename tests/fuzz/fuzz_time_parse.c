/* Times and dates of requests and certificates. */
#include "fuzz.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wall_time t, again;
	char text[TIME_TEXT_MAX];
	int year, month, day;

	if (time_parse(bytes_of(data, size), &t)) {
		FUZZ_ASSERT(time_parse(bytes_of_str(time_format(t, text)), &again));
		FUZZ_ASSERT(again.s == t.s);
		FUZZ_ASSERT(time_from_civil(time_to_civil(t), &again) && again.s == t.s);
	}
	if (time_parse_date(bytes_of(data, size), &year, &month, &day)) {
		FUZZ_ASSERT(time_from_civil((struct civil_time){ year, month, day, 0, 0, 0 }, &t));
		(void)time_format(t, text);
		FUZZ_ASSERT(size == 10 && bytes_equal(bytes_of(text, 10), bytes_of(data, 10)));
	}
	return 0;
}
