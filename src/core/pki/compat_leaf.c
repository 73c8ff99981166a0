/* The end-entity certificate of a chain: signed, for servers, with a key, with names, at the right time. */
#include "core/pki/rules.h"
#include "core/pki/name.h"

static const struct cert_facts *leaf_of(const struct rules *r)
{
	return &r->chain->certs[0];
}

/* A signed end-entity certificate: no CA, no root, not signed with its own key, whatever issuer it names. */
static void rule_signed_end_entity(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);

	if (c->is_ca)
		findings_add(r->ret, FINDING_IS_CA, "want an end-entity certificate, got the CA certificate '%s'",
			     cert_label(c));
	if (c->self_signature_valid)
		findings_add(r->ret, FINDING_SELF_SIGNED,
			     "want a certificate that a CA signed, got '%s', signed with its own key", cert_label(c));
	else if (c->self_issued)
		findings_add(r->ret, FINDING_SELF_ISSUED,
			     "want a subject that differs from the issuer's, got '%s' for both", cert_label(c));
}

static void rule_key(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);

	if (!r->chain->has_key)
		findings_add(r->ret, FINDING_KEY_MISSING, "the private key of certificate '%s' is not at hand",
			     cert_label(c));
	else if (!r->chain->key_matches)
		findings_add(r->ret, FINDING_KEY_MISMATCH,
			     "the private key at hand does not belong to certificate '%s'", cert_label(c));
}

/* RFC 5280 section 4.1.2.5: both ends are part of the validity. */
static void rule_dates(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);
	char then[TIME_TEXT_MAX], now[TIME_TEXT_MAX];

	if (c->not_before.s > r->now.s + r->policy->clock_skew_tolerated_s)
		findings_add(r->ret, FINDING_NOT_YET_VALID, "certificate '%s' is valid from %s; it is %s",
			     cert_label(c), time_format(c->not_before, then), time_format(r->now, now));
	if (c->not_after.s < r->now.s)
		findings_add(r->ret, FINDING_EXPIRED, "certificate '%s' expired at %s; it is %s", cert_label(c),
			     time_format(c->not_after, then), time_format(r->now, now));
	else if (c->not_after.s - r->now.s < LIFETIME_SHORT_S)
		findings_add(r->ret, FINDING_LIFETIME_SHORT,
			     "certificate '%s' expires at %s: want at least %d days, got %d", cert_label(c),
			     time_format(c->not_after, then), (int)(LIFETIME_SHORT_S / DAY_S),
			     (int)time_days_left(r->now, c->not_after));
}

static void rule_revoked(const struct rules *r)
{
	if (r->chain->revoked[0])
		findings_add(r->ret, FINDING_REVOKED, "certificate '%s' is revoked", cert_label(leaf_of(r)));
}

/* RFC 5280 section 4.2.1.12. anyExtendedKeyUsage does not count: OpenSSL and others do not take it for a server. */
static void rule_server_auth(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);

	if (!c->has_ext_key_usage)
		findings_add(r->ret, FINDING_EKU_ABSENT,
			     "certificate '%s' has no extended key usage: some clients want serverAuth", cert_label(c));
	else if (c->ext_key_usage != 0 && !(c->ext_key_usage & BIT(EKU_SERVER_AUTH)))
		findings_add(r->ret, FINDING_NO_SERVER_AUTH,
			     "certificate '%s': want serverAuth in the extended key usage, got other purposes",
			     cert_label(c));
}

/* RFC 5280 section 4.2.1.3, RFC 8446 section 4.4.2.2: who signs handshakes needs digitalSignature. */
static void rule_key_usage(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);
	bool rsa = c->key_alg == KEY_ALG_RSA, signs, enciphers;

	if (!c->has_key_usage)
		return;
	signs = (c->key_usage & BIT(KU_DIGITAL_SIGNATURE)) != 0;
	enciphers = (c->key_usage & BIT(KU_KEY_ENCIPHERMENT)) != 0;
	if (!signs && rsa && enciphers)
		findings_add(r->ret, FINDING_KEY_USAGE_NO_SIGNATURE,
			     "certificate '%s': want digitalSignature in the key usage, got keyEncipherment only",
			     cert_label(c));
	else if (!signs)
		findings_add(r->ret, FINDING_KEY_USAGE, "certificate '%s': want %s in the key usage, got other uses",
			     cert_label(c), rsa ? "digitalSignature or keyEncipherment" : "digitalSignature");
	if (!c->is_ca && (c->key_usage & BIT(KU_KEY_CERT_SIGN)))
		findings_add(r->ret, FINDING_KEY_USAGE_CERT_SIGN,
			     "certificate '%s': want keyCertSign only in a CA certificate, got it in another one",
			     cert_label(c));
}

void rule_names_present(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);

	for (size_t i = 0; i < c->names_n; i++)
		if (c->names[i].kind == GN_DNS || c->names[i].kind == GN_IP)
			return;
	findings_add(r->ret, FINDING_SAN_MISSING,
		     "certificate '%s': want a host name or address as subject alternative name, got none",
		     cert_label(c));
}

void rule_names_well_formed(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);
	struct word_list bad = { .n = 0 };

	for (size_t i = 0; i < c->names_n; i++)
		if (!name_is_valid(&c->names[i]))
			word_list_add(&bad, &c->names[i]);
	if (bad.n > 0)
		findings_add(r->ret, FINDING_SAN_MALFORMED, "certificate '%s': want well-formed names, got %s",
			     cert_label(c), word_list_text(&bad));
}

static void rule_wildcards(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);
	struct word_list wild = { .n = 0 };

	for (size_t i = 0; i < c->names_n; i++)
		if (name_is_wildcard(&c->names[i]))
			word_list_add(&wild, &c->names[i]);
	if (wild.n > 0)
		findings_add(r->ret, FINDING_WILDCARD, "certificate '%s' stands for every host of %s", cert_label(c),
			     word_list_text(&wild));
}

/* RFC 6125 section 6.4.4: clients that still read the common name must not find there what the names don't say. */
static void rule_common_name(const struct rules *r)
{
	const struct cert_facts *c = leaf_of(r);

	if (!common_name_is_covered(c->subject.common_name, c->names, c->names_n))
		findings_add(r->ret, FINDING_COMMON_NAME_NOT_IN_NAMES,
			     "display name '%s' reads like a host name or address: want it among the names, got it "
			     "only there",
			     c->subject.common_name);
}

/* RFC 5280 section 4.2.1.6. */
static void rule_san_critical(const struct rules *r)
{
	static const uint8_t empty_name[] = { 0x30, 0x00 };
	const struct cert_facts *c = leaf_of(r);

	if (bytes_equal(c->subject_der, bytes_of(empty_name, sizeof(empty_name))) && c->has_san && !c->san_critical)
		findings_add(
			r->ret, FINDING_SAN_NOT_CRITICAL,
			"the subject is empty: want a critical subject alternative name, got one that is not critical");
}

void rules_leaf(const struct rules *r)
{
	rule_signed_end_entity(r);
	rule_key(r);
	rule_dates(r);
	rule_revoked(r);
	rule_server_auth(r);
	rule_key_usage(r);
	rule_names_present(r);
	rule_names_well_formed(r);
	rule_common_name(r);
	rule_san_critical(r);
	rule_wildcards(r);
}
