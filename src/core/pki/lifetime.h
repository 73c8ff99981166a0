/* When a certificate that is renewed without a person is renewed, and for how long. */
#ifndef GW_CORE_PKI_LIFETIME_H
#define GW_CORE_PKI_LIFETIME_H

#include "base/time.h"

enum lifetime_answer {
	LIFETIME_GOOD,	 /* nothing to do yet */
	LIFETIME_RENEW,	 /* *ret_not_after is the end of the successor */
	LIFETIME_BY_HAND /* it is time, but the issuer ends too soon for a successor to be worth it */
};

/* At two thirds of its life, from then on. */
struct wall_time lifetime_renew_at(struct wall_time not_before, struct wall_time not_after);

/* What is due at `now` for a certificate below an issuer that ends at `issuer_end`; a successor lives `life_s` at most.
 */
enum lifetime_answer lifetime_judge(struct wall_time not_before, struct wall_time not_after,
				    struct wall_time issuer_end, int64_t life_s, struct wall_time now,
				    struct wall_time *ret_not_after);

#endif
