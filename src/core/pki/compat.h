/* Is a candidate certificate compatible with the one in use? Facts in, findings out. */
#ifndef GW_CORE_PKI_COMPAT_H
#define GW_CORE_PKI_COMPAT_H

#include "base/arena.h"
#include "core/pki/facts.h"
#include "core/pki/findings.h"

/* "Weaker than policy" is a blocker below these. */
struct compat_policy {
	int rsa_bits_min;		/* 2048 */
	bool allow_sha1;		/* false */
	int64_t clock_skew_tolerated_s; /* 300: a notBefore that much ahead is still "valid now" */
};

#define COMPAT_POLICY_DEFAULT ((struct compat_policy) { 2048, false, 300 })

/*
 * Compare `candidate` with `current` (both borrowed, leaf first) at time `now` under `policy`. Appends to *ret one
 * finding per rule of schema/findings.def that speaks; blockers first. `current` NULL or empty: there is nothing in
 * use yet, only the candidate itself is checked. Ask findings_blocked().
 *
 * 1. issued from the same root (same certificate, or same subject and key); 2. every current name is in the new
 * one; 3. a signed end-entity certificate. And: key, dates, chain, path length, name constraints, extended key
 * usage, revocation, policy. Source: RFC 5280 sections 4.2.1.3 to 4.2.1.12 and 6.1.
 */
void compat_check(const struct chain_facts *current, const struct chain_facts *candidate,
		  const struct compat_policy *policy, struct wall_time now, struct findings *ret);

/* Only what makes a chain usable at all: chain, key, dates, usages, constraints. compat_check() includes it. */
void compat_check_chain(const struct chain_facts *candidate, const struct compat_policy *policy, struct wall_time now,
			struct findings *ret);

/* The same of a chain that begins with a CA certificate: each of it can issue, and is within what those above it allow.
 * Source: RFC 5280 section 6.1. */
void compat_check_ca_chain(const struct chain_facts *chain, const struct compat_policy *policy, struct wall_time now,
			   struct findings *ret);

/* One row of the difference that a person reads. Strings live in the arena; NULL where a side has nothing. */
struct compat_row {
	const char *field; /* "display name", "names", "valid until", "key", "root", "issuer", ... */
	const char *current, *candidate;
	bool same;
};

/* Every field, in a fixed order, the same ones too; `names` one row per name. NULL without memory. */
struct compat_row *compat_diff(const struct chain_facts *current, const struct chain_facts *candidate, struct arena *a,
			       size_t *ret_n);

#endif
