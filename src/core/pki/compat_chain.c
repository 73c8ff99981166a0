/* From a certificate up to its root: links, signatures, and what an issuer must be. RFC 5280 section 6.1. */
#include "core/pki/rules.h"

static void rule_link(const struct rules *r, const struct cert_facts *c, const struct cert_facts *issuer)
{
	if (!bytes_equal(c->issuer_der, issuer->subject_der))
		findings_add(r->ret, FINDING_CHAIN_ORDER,
			     "certificate '%s': want its issuer '%s' next in the chain, got '%s'", cert_label(c),
			     c->issuer_text ? c->issuer_text : "?", cert_label(issuer));
	if (c->authority_key_id.n > 0 && issuer->subject_key_id.n > 0 &&
	    !bytes_equal(c->authority_key_id, issuer->subject_key_id))
		findings_add(r->ret, FINDING_CHAIN_KEY_ID,
			     "certificate '%s': want the key identifier of its issuer '%s', got another one",
			     cert_label(c), cert_label(issuer));
}

static void rule_signature(const struct rules *r, size_t i, const struct cert_facts *issuer)
{
	if (!r->chain->signature_valid[i])
		findings_add(r->ret, FINDING_SIGNATURE_INVALID,
			     "the signature of certificate '%s' does not verify with the key of '%s'",
			     cert_label(&r->chain->certs[i]), cert_label(issuer));
}

void rule_links(const struct rules *r)
{
	const struct chain_facts *c = r->chain;

	for (size_t i = 0; i + 1 < c->n; i++) {
		rule_link(r, &c->certs[i], &c->certs[i + 1]);
		rule_signature(r, i, &c->certs[i + 1]);
	}
	if (chain_root(c))
		rule_signature(r, c->n - 1, chain_root(c));
}

/*
 * A certificate signed with its own key has nothing above it, nor has a lone end-entity certificate when it names
 * another issuer: rules_leaf() and import_check() say what is wrong with those.
 */
static bool has_nothing_above(const struct rules *r, const struct cert_facts *last)
{
	return cert_is_self_signed(last) || (r->chain->n == 1 && !last->is_ca && last->self_signature_valid);
}

void rule_complete(const struct rules *r)
{
	const struct cert_facts *last = &r->chain->certs[r->chain->n - 1];

	if (!r->chain->complete && !has_nothing_above(r, last))
		findings_add(r->ret, FINDING_CHAIN_INCOMPLETE,
			     "the chain ends at '%s': want its issuer '%s', got nothing", cert_label(last),
			     last->issuer_text ? last->issuer_text : "?");
}

/* RFC 5280 section 4.2.1.9. */
static void rule_issuer_is_ca(const struct rules *r, const struct cert_facts *c)
{
	if (!c->has_basic_constraints || !c->is_ca) {
		findings_add(r->ret, FINDING_ISSUER_NOT_CA, "issuer '%s': want a CA certificate, got one that is none",
			     cert_label(c));
		return;
	}
	if (!c->basic_constraints_critical)
		findings_add(r->ret, FINDING_BASIC_CONSTRAINTS_NOT_CRITICAL,
			     "issuer '%s': want critical basic constraints, got ones that are not critical",
			     cert_label(c));
}

static void rule_issuer_key_usage(const struct rules *r, const struct cert_facts *c)
{
	if (c->has_key_usage && !(c->key_usage & BIT(KU_KEY_CERT_SIGN)))
		findings_add(r->ret, FINDING_ISSUER_KEY_USAGE,
			     "issuer '%s': want keyCertSign in the key usage, got other uses", cert_label(c));
}

/* An issuer's purposes bound those below it: RFC 5280 does not say so, every TLS library does. */
static void rule_issuer_eku(const struct rules *r, const struct cert_facts *c)
{
	if (c->has_ext_key_usage && c->ext_key_usage != 0 &&
	    !(c->ext_key_usage & (BIT(EKU_SERVER_AUTH) | BIT(EKU_ANY))))
		findings_add(r->ret, FINDING_ISSUER_EKU,
			     "issuer '%s': want serverAuth in its extended key usage, got other purposes",
			     cert_label(c));
}

/* RFC 5280 section 4.1.2.6: who issues has a name. */
static void rule_issuer_subject(const struct rules *r, const struct cert_facts *c)
{
	if (c->subject_der.n <= 2)
		findings_add(r->ret, FINDING_ISSUER_SUBJECT_EMPTY, "want an issuer with a subject, got one without");
}

static void rule_issuer_dates(const struct rules *r, const struct cert_facts *c)
{
	char then[TIME_TEXT_MAX], now[TIME_TEXT_MAX];

	if (c->not_before.s > r->now.s + r->policy->clock_skew_tolerated_s)
		findings_add(r->ret, FINDING_ISSUER_NOT_YET_VALID, "issuer '%s' is valid from %s; it is %s",
			     cert_label(c), time_format(c->not_before, then), time_format(r->now, now));
	if (c->not_after.s < r->now.s)
		findings_add(r->ret, FINDING_ISSUER_EXPIRED, "issuer '%s' expired at %s; it is %s", cert_label(c),
			     time_format(c->not_after, then), time_format(r->now, now));
}

static void rule_issuer_revoked(const struct rules *r, size_t i)
{
	if (r->chain->revoked[i])
		findings_add(r->ret, FINDING_ISSUER_REVOKED, "issuer '%s' is revoked", cert_label(&r->chain->certs[i]));
}

static void rule_path_length(const struct rules *r, size_t first)
{
	const struct cert_facts *who = NULL;
	int budget = path_budget(&r->chain->certs[first], r->chain->n - first, &who);

	if (budget < 0)
		findings_add(r->ret, FINDING_PATH_LENGTH,
			     "issuer '%s': want at most %d CA certificates below it, got %d", cert_label(who),
			     who->path_len, who->path_len - budget);
}

/* One that has already expired is a blocker of its own. */
static void rule_issuer_expires_first(const struct rules *r, size_t first)
{
	const struct cert_facts *leaf = &r->chain->certs[0];
	const struct cert_facts *end = earliest_end(&r->chain->certs[first], r->chain->n - first);
	char of_issuer[TIME_TEXT_MAX], of_leaf[TIME_TEXT_MAX];

	if (first > 0 && end && end->not_after.s < leaf->not_after.s && end->not_after.s >= r->now.s)
		findings_add(r->ret, FINDING_ISSUER_EXPIRES_FIRST,
			     "the whole chain is valid until %s only, when issuer '%s' expires; the certificate itself "
			     "until %s",
			     time_format(end->not_after, of_issuer), cert_label(end),
			     time_format(leaf->not_after, of_leaf));
}

void rules_issuers(const struct rules *r, size_t first)
{
	for (size_t i = first; i < r->chain->n; i++) {
		const struct cert_facts *c = &r->chain->certs[i];

		rule_certificate(r, i);
		rule_issuer_is_ca(r, c);
		rule_issuer_key_usage(r, c);
		rule_issuer_eku(r, c);
		rule_issuer_subject(r, c);
		rule_issuer_dates(r, c);
		rule_issuer_revoked(r, i);
	}
	rule_path_length(r, first);
	rule_issuer_expires_first(r, first);
}
