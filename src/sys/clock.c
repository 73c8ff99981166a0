#include "sys/clock.h"

#include <time.h>

struct wall_time clock_wall(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (struct wall_time) { t.tv_sec };
}

struct mono_time clock_mono(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (struct mono_time) { (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 };
}
