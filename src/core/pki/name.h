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

/*
 * Names of one list, separated by ";", empty ones skipped. -EINVAL: one is malformed; -EEXIST: one is given twice;
 * -E2BIG: more than FACTS_NAMES_MAX. An empty list is 0 names.
 */
MUST_USE int name_parse_list(struct bytes text, struct arena *a, struct general_name **ret, size_t *ret_n,
			     struct err *e);

/* The same name? DNS without case, IP as addresses, a wildcard equals only itself. */
bool name_equal(const struct general_name *a, const struct general_name *b);
bool name_is_wildcard(const struct general_name *n);

/* Would a TLS client that asked for `host` accept `n`? RFC 6125 section 6.4, for probes and gate selection. */
bool name_matches_host(const struct general_name *n, const struct general_name *host);

/* For people: "gw.example.com", "192.0.2.1", "2001:db8::1". Never fails; control characters are escaped. In `a`, ""
 * without memory. */
const char *name_text(const struct general_name *n, struct arena *a);

/* The same into a text of `size` bytes (at least 4), cut with "..." when it does not fit. Returns `out`. */
#define NAME_TEXT_MAX 300
const char *name_format(const struct general_name *n, char *out, size_t size);

/* Is a name that stands in a certificate well formed: a DNS name as name_parse() makes it, an address of 4 or 16 bytes?
 * Other kinds: true. */
bool name_is_valid(const struct general_name *n);

/* The bytes of an address literal (no brackets, no zone) into `out`; returns 4, 16, or 0 when it is none. */
#define NAME_ADDRESS_MAX 16
size_t name_address(struct bytes text, uint8_t out[NAME_ADDRESS_MAX]);

/* Reads the text like a host name with a dot, or like an address? For a common name that should be among the names. */
bool name_looks_like_host(struct bytes text);

/*
 * Does `n` lie within the subtree `constraint`, a wildcard with all that it could match? RFC 5280 section 4.2.1.10.
 * A kind that differs, or a constraint that cannot be read: false.
 */
bool name_within(const struct general_name *n, const struct general_name *constraint);

/* Could `n` lie within the subtree: does it, or anything that a wildcard could match? For excluded subtrees; in doubt
 * true. */
bool name_touches(const struct general_name *n, const struct general_name *constraint);

/* How many leading one bits a mask has, or -1 when a one follows a zero. */
int name_mask_prefix(struct bytes mask);

/* Is `constraint` one that name_within() can judge? */
bool name_constraint_is_readable(const struct general_name *constraint);

#endif
