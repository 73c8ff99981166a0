/* Time-based one-time passwords (RFC 6238): HMAC-SHA-1, steps of 30 s from 1970, six digits. */
#ifndef GW_SYS_CRYPTO_TOTP_H
#define GW_SYS_CRYPTO_TOTP_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/time.h"

#define TOTP_STEP_S 30
#define TOTP_SECRET_SIZE 20 /* RFC 4226 section 4, R6 */
#define TOTP_DIGITS 6

/* The code of one step, 0 to 999999 (RFC 4226 section 5.3). */
MUST_USE int totp_code(struct bytes secret, uint64_t step, uint32_t *ret, struct err *e);

/*
 * Is `code` the one of the step of `now`, or of the step before or behind it (RFC 6238 section 5.2), and that step
 * later than `after`, so that none is accepted twice? 0: yes, *ret_step says which. 1: no.
 */
MUST_USE int totp_check(struct bytes secret, struct bytes code, struct wall_time now, uint64_t after,
			uint64_t *ret_step, struct err *e);

#endif
