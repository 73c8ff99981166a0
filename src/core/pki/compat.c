#include "core/pki/compat.h"
#include "core/pki/name.h"
#include "core/pki/rules.h"

static bool same_certificate(const struct cert_facts *a, const struct cert_facts *b)
{
	return memcmp(a->fingerprint, b->fingerprint, FINGERPRINT_SIZE) == 0;
}

/* A root that was issued again with the key it had: devices that pinned its key or its subject go on trusting it. */
static bool same_subject_and_key(const struct cert_facts *a, const struct cert_facts *b)
{
	return bytes_equal(a->subject_der, b->subject_der) &&
	       memcmp(a->spki_sha256, b->spki_sha256, FINGERPRINT_SIZE) == 0;
}

/*
 * Does the chain in use, although it stops below its root, end at a CA certificate that is in the candidate's chain
 * too? Then both have the root of that one. A leaf alone shows nothing.
 */
static bool shares_an_issuer(const struct chain_facts *current, const struct chain_facts *candidate)
{
	const struct cert_facts *last = &current->certs[current->n - 1];

	if (current->n < 2 || !last->is_ca)
		return false;
	for (size_t i = 0; i + 1 < current->n; i++)
		if (!current->signature_valid[i])
			return false;
	for (size_t i = 1; i < candidate->n; i++)
		if (same_certificate(last, &candidate->certs[i]))
			return true;
	return false;
}

/* Rule 1: issued from the same root. */
static void rule_same_root(const struct rules *r, const struct chain_facts *current)
{
	const struct cert_facts *had = chain_root(current), *has = chain_root(r->chain);

	if (!has)
		return; /* chain-incomplete has been said */
	if (!had) {
		if (!shares_an_issuer(current, r->chain))
			findings_add(r->ret, FINDING_CURRENT_ROOT_UNKNOWN,
				     "the root of '%s', in use now, is not known: want its whole chain, got %zu "
				     "certificates of it",
				     cert_label(&current->certs[0]), current->n);
		return;
	}
	if (same_certificate(had, has))
		return;
	if (same_subject_and_key(had, has))
		findings_add(
			r->ret, FINDING_ROOT_REISSUED,
			"root '%s' has been issued again with the same subject and key since the certificate in use",
			cert_label(has));
	else
		findings_add(r->ret, FINDING_ROOT_DIFFERS, "want a certificate below root '%s', got one below '%s'%s",
			     cert_label(had), cert_label(has),
			     bytes_equal(had->subject_der, has->subject_der) ? ", which has another key" : "");
}

static bool has_name(const struct cert_facts *c, const struct general_name *name)
{
	for (size_t i = 0; i < c->names_n; i++)
		if (name_equal(&c->names[i], name))
			return true;
	return false;
}

/* Rule 2: every name in use is in the candidate; what is new is said. Every kind of name counts, not only hosts. */
static void rule_same_names(const struct rules *r, const struct cert_facts *current)
{
	const struct cert_facts *candidate = &r->chain->certs[0];
	struct word_list missing = { .n = 0 }, added = { .n = 0 };

	for (size_t i = 0; i < current->names_n; i++)
		if (!has_name(candidate, &current->names[i]))
			word_list_add(&missing, &current->names[i]);
	for (size_t i = 0; i < candidate->names_n; i++)
		if (!has_name(current, &candidate->names[i]))
			word_list_add(&added, &candidate->names[i]);
	if (missing.n > 0)
		findings_add(r->ret, FINDING_NAME_MISSING, "want every name of the certificate in use, got none of %s",
			     word_list_text(&missing));
	if (added.n > 0)
		findings_add(r->ret, FINDING_NAME_ADDED, "the certificate in use does not have %s",
			     word_list_text(&added));
}

static void rule_expires_later(const struct rules *r, const struct cert_facts *current)
{
	const struct cert_facts *candidate = &r->chain->certs[0];
	char had[TIME_TEXT_MAX], has[TIME_TEXT_MAX];

	if (candidate->not_after.s <= current->not_after.s)
		findings_add(r->ret, FINDING_EXPIRES_NO_LATER, "want an end later than %s, got %s",
			     time_format(current->not_after, had), time_format(candidate->not_after, has));
	if (current->not_after.s < r->now.s)
		findings_add(r->ret, FINDING_CURRENT_EXPIRED, "the certificate in use expired at %s",
			     time_format(current->not_after, had));
}

static void rule_same_key_type(const struct rules *r, const struct cert_facts *current)
{
	const struct cert_facts *candidate = &r->chain->certs[0];

	if (candidate->key_alg != current->key_alg)
		findings_add(r->ret, FINDING_KEY_TYPE_CHANGES, "the type of key changes from %s to %s",
			     key_alg_text(current->key_alg, current->key_bits),
			     key_alg_text(candidate->key_alg, candidate->key_bits));
	else if (candidate->key_alg == KEY_ALG_RSA && candidate->key_bits < current->key_bits)
		findings_add(r->ret, FINDING_KEY_SHRINKS, "want an RSA key of at least %d bits as in use, got %d",
			     current->key_bits, candidate->key_bits);
	if (memcmp(candidate->spki_sha256, current->spki_sha256, FINGERPRINT_SIZE) == 0)
		findings_add(r->ret, FINDING_KEY_REUSED, "the key is the one of the certificate in use");
}

static void compare(const struct rules *r, const struct chain_facts *current)
{
	const struct cert_facts *leaf = &current->certs[0];

	if (same_certificate(leaf, &r->chain->certs[0])) {
		findings_add(r->ret, FINDING_SAME_CERTIFICATE, "certificate '%s' is the very one in use",
			     cert_label(leaf));
		return;
	}
	rule_same_root(r, current);
	rule_same_names(r, leaf);
	rule_expires_later(r, leaf);
	rule_same_key_type(r, leaf);
}

static bool refuse_empty(const struct chain_facts *candidate, struct findings *ret)
{
	if (candidate && candidate->n > 0 && candidate->n <= FACTS_CHAIN_MAX)
		return false;
	findings_add(ret, FINDING_CHAIN_EMPTY, "want a certificate to check, got none");
	return true;
}

static void check_chain(const struct rules *r)
{
	rules_leaf(r);
	rule_certificate(r, 0);
	rule_links(r);
	rule_complete(r);
	rules_issuers(r, 1);
	rule_chain_constraints(r);
}

void compat_check_chain(const struct chain_facts *candidate, const struct compat_policy *policy, struct wall_time now,
			struct findings *ret)
{
	const struct rules r = { candidate, policy, now, ret };

	if (refuse_empty(candidate, ret))
		return;
	check_chain(&r);
	findings_sort(ret);
}

void compat_check_ca_chain(const struct chain_facts *chain, const struct compat_policy *policy, struct wall_time now,
			   struct findings *ret)
{
	const struct rules r = { chain, policy, now, ret };

	if (refuse_empty(chain, ret))
		return;
	rule_links(&r);
	rule_complete(&r);
	rules_issuers(&r, 0);
	rule_chain_constraints(&r);
	findings_sort(ret);
}

void compat_check(const struct chain_facts *current, const struct chain_facts *candidate,
		  const struct compat_policy *policy, struct wall_time now, struct findings *ret)
{
	const struct rules r = { candidate, policy, now, ret };

	if (refuse_empty(candidate, ret))
		return;
	check_chain(&r);
	if (current && current->n > 0)
		compare(&r, current);
	findings_sort(ret);
}
