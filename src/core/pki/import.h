/* May a certificate from elsewhere enter the inventory? */
#ifndef GW_CORE_PKI_IMPORT_H
#define GW_CORE_PKI_IMPORT_H

#include "core/pki/compat.h"

/*
 * Check `chain` (borrowed; the imported certificate first, of any kind, its issuers behind it) at `now`: signatures, CA
 * flags, path length, name constraints, key (when there is one), dates, names. An end-entity certificate that has
 * expired is let in with a warning, so that it can be renewed; an expired CA is not. A missing key is no finding:
 * certificates without keys may be imported. Appends to *ret, sorted. Ask findings_blocked().
 */
void import_check(const struct chain_facts *chain, const struct compat_policy *policy, struct wall_time now,
		  struct findings *ret);

#endif
