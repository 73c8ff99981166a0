/* The fields of a request that are text, into a subject. Only core/pki includes this. */
#ifndef GW_CORE_PKI_PROFILE_TEXT_H
#define GW_CORE_PKI_PROFILE_TEXT_H

#include "core/pki/profile.h"

/*
 * Check every text of `request` and copy it, without white space at its ends, into *ret (strings in `a`, NULL when
 * empty). `issuer` NULL for a root. -ENOMEM only; what is refused is a finding.
 */
MUST_USE int profile_make_subject(const struct cert_request *request, const struct chain_facts *issuer, struct arena *a,
				  struct subject *ret, struct findings *findings, struct err *e);

#endif
