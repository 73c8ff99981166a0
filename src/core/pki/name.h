/* Host names and addresses of a certificate: parsing what a person typed, comparing, showing. */
#ifndef GW_CORE_PKI_NAME_H
#define GW_CORE_PKI_NAME_H

#include "base/arena.h"
#include "base/err.h"
#include "core/pki/facts.h"

/*
 * Text to a DNS name or an IP address. DNS: A-labels (an internationalized name must be converted before, by
 * sys/idn.h), letters, digits, hyphens, one leading "*." allowed, 63 per label, 253 in all (RFC 1035, RFC 5890,
 * RFC 6125 section 6.4.3). Lower-cased; one trailing dot dropped. IP: RFC 4291 and dotted quad, optional brackets.
 * *ret's value lives in `a`. -EINVAL with one sentence: what, where, want, got.
 */
MUST_USE int name_parse(struct bytes text, struct arena *a, struct general_name *ret, struct err *e);

/* Names of one list, separated by ";", empty ones skipped, duplicates refused. At most FACTS_NAMES_MAX. */
MUST_USE int name_parse_list(struct bytes text, struct arena *a, struct general_name **ret, size_t *ret_n, struct err *e);

/* The same name? DNS without case, IP as addresses, a wildcard equals only itself. */
bool name_equal(const struct general_name *a, const struct general_name *b);
bool name_is_wildcard(const struct general_name *n);

/* Would a TLS client that asked for `host` accept `n`? RFC 6125 section 6.4, for probes and gate selection. */
bool name_matches_host(const struct general_name *n, const struct general_name *host);

/* For people: "gw.example.com", "192.0.2.1", "2001:db8::1". Never fails; control characters are escaped. In `a`, "" without memory. */
const char *name_text(const struct general_name *n, struct arena *a);

/* Does `n` lie within the subtree `constraint`? RFC 5280 section 4.2.1.10. A kind that differs: false. */
bool name_within(const struct general_name *n, const struct general_name *constraint);

#endif
