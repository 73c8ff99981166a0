/* Names for a generation and for a pending switch, from the time and random bytes. */
#ifndef GW_CORE_DEPLOY_GENERATION_H
#define GW_CORE_DEPLOY_GENERATION_H

#include "base/time.h"

#define GENERATION_ID_SIZE 26	 /* "20261124T075723Z-0123abcd" and NUL: sorts by time */
#define GENERATION_TOKEN_SIZE 33 /* 32 hex digits and NUL */

const char *generation_id(struct wall_time now, const uint8_t random[4], char out[GENERATION_ID_SIZE]);
const char *generation_token(const uint8_t random[16], char out[GENERATION_TOKEN_SIZE]);

/* Is it an ID of ours (by form)? Others may exist: generation 0 is what was there before, "adopted-...". */
bool generation_id_ok(struct bytes id);

#endif
