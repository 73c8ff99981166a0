/* Every limit of schema/limits.def as LIMIT_NAME. */
#ifndef GW_BASE_LIMITS_H
#define GW_BASE_LIMITS_H

enum limit {
#define LIMIT(name, value, unit, why) LIMIT_##name = (value),
#include "limits.def"
#undef LIMIT
};

#endif
