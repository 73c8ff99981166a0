/* The proof of a job that ended: gathered from the store, signed by keys. */
#ifndef GW_GATEWRIGHTD_MANAGER_JOBS_PROOF_MAKE_H
#define GW_GATEWRIGHTD_MANAGER_JOBS_PROOF_MAKE_H

#include "gatewrightd/manager/jobs/finish.h"

/* *ret lives in `a`; NULL when there is nothing to prove: the new certificate is not known. */
MUST_USE int proof_make(struct supervisor *s, const struct job_end *end, const struct store_job *job, struct arena *a,
			const char **ret, struct err *e);

/* RFC 7638 thumbprint of the proof key: SHA-256 of its canonical JWK. */
void proof_thumbprint(const uint8_t public_key[32], uint8_t ret[32]);

#endif
