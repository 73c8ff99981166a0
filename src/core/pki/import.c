#include "core/pki/import.h"
#include "core/pki/rules.h"

static void rule_import_key(const struct rules *r)
{
	if (r->chain->has_key && !r->chain->key_matches)
		findings_add(r->ret, FINDING_KEY_MISMATCH,
			     "the private key that came along does not belong to certificate '%s'",
			     cert_label(&r->chain->certs[0]));
}

static void rule_import_dates(const struct rules *r)
{
	const struct cert_facts *c = &r->chain->certs[0];
	char then[TIME_TEXT_MAX];

	if (c->not_before.s > r->now.s + r->policy->clock_skew_tolerated_s)
		findings_add(r->ret, FINDING_IMPORT_NOT_YET_VALID, "certificate '%s' is valid from %s on",
			     cert_label(c), time_format(c->not_before, then));
	if (c->not_after.s < r->now.s)
		findings_add(r->ret, FINDING_IMPORT_EXPIRED,
			     "certificate '%s' expired at %s: it can be renewed, not used", cert_label(c),
			     time_format(c->not_after, then));
}

/* A self-signed certificate that is no CA has no root to be renewed from. */
static void rule_import_signed(const struct rules *r)
{
	const struct cert_facts *c = &r->chain->certs[0];

	if (c->self_signature_valid)
		findings_add(r->ret, FINDING_SELF_SIGNED,
			     "want a CA certificate or one that a CA signed, got '%s', signed with its own key",
			     cert_label(c));
}

void import_check(const struct chain_facts *chain, const struct compat_policy *policy, struct wall_time now,
		  struct findings *ret)
{
	const struct rules r = { chain, policy, now, ret };

	if (!chain || chain->n == 0 || chain->n > FACTS_CHAIN_MAX) {
		findings_add(ret, FINDING_CHAIN_EMPTY, "want a certificate to import, got none");
		return;
	}
	rule_import_key(&r);
	rule_links(&r);
	rule_complete(&r);
	if (chain->certs[0].is_ca) {
		rules_issuers(&r, 0);
	} else {
		rule_certificate(&r, 0);
		rule_import_signed(&r);
		rule_import_dates(&r);
		rule_names_present(&r);
		rule_names_well_formed(&r);
		rules_issuers(&r, 1);
	}
	rule_chain_constraints(&r);
	findings_sort(ret);
}
