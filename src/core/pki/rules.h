/*
 * The rules behind compat.h and profile.h, one function each; only core/pki includes this. A rule looks at facts and
 * adds a finding when it has something to say. `i` is a certificate's place in the chain; 0 is the leaf where there is
 * one.
 */
#ifndef GW_CORE_PKI_RULES_H
#define GW_CORE_PKI_RULES_H

#include "core/pki/compat.h"

struct rules {
	const struct chain_facts *chain;
	const struct compat_policy *policy;
	struct wall_time now;
	struct findings *ret;
};

#define LIFETIME_SHORT_S (7 * DAY_S)
#define SERIAL_MAX 20 /* octets, RFC 5280 section 4.1.2.2 */

/* What a certificate is called in a sentence: its display name, else its subject, else "without a subject". */
const char *cert_label(const struct cert_facts *c);

/* A common name that reads like a host name or address is one of the names; others need not be. NULL: covered. */
bool common_name_is_covered(const char *common_name, const struct general_name *names, size_t n);

bool cert_is_self_signed(const struct cert_facts *c);
bool chain_has_root_at(const struct chain_facts *c, size_t i);

/* compat_leaf.c: the end-entity certificate, certs[0]. */
void rules_leaf(const struct rules *r);
void rule_names_well_formed(const struct rules *r);
void rule_names_present(const struct rules *r);

/* compat_cert.c: what every certificate must look like, and how long it lives. */
void rule_certificate(const struct rules *r, size_t i);
void rule_dates_order(const struct rules *r, size_t i);

/* compat_chain.c: links from certs[i] to its issuer, and the issuers from certs[first] to the end. */
void rule_links(const struct rules *r);
void rule_complete(const struct rules *r);
void rules_issuers(const struct rules *r, size_t first);

/*
 * How many more CA certificates may stand below issuers[0] (the issuing CA first), a negative number: too many already,
 * PATH_UNLIMITED: no path length anywhere. RFC 5280 section 4.2.1.9. *ret_who, when given: the issuer that says so.
 */
#define PATH_UNLIMITED 1000
int path_budget(const struct cert_facts *issuers, size_t n, const struct cert_facts **ret_who);

/* The certificate of issuers[0..n) that ends first; NULL for none. */
const struct cert_facts *earliest_end(const struct cert_facts *issuers, size_t n);

/* constraints.c: what a set of names and subject (empty: not known yet) must hold up to. RFC 5280 section 4.2.1.10. */
struct constrained {
	const struct general_name *names;
	size_t names_n;
	struct bytes subject_der;
};
void rule_constraints(const struct cert_facts *issuer, const struct constrained *who, struct findings *ret);
void rule_chain_constraints(const struct rules *r);

/* A list of quoted words in a text that does not grow: "'a', 'b' and 3 more". */
struct word_list {
	char text[FINDING_TEXT_MAX - 140];
	size_t n, used, hidden;
};
void word_list_add(struct word_list *l, const struct general_name *name);
const char *word_list_text(struct word_list *l);

#endif
