/* Reading the clocks. */
#ifndef GW_SYS_CLOCK_H
#define GW_SYS_CLOCK_H

#include "base/time.h"

struct wall_time clock_wall(void);
struct mono_time clock_mono(void);

#endif
