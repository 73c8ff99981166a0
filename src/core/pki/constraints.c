/* Name constraints of issuers against the names below them. RFC 5280 sections 4.2.1.10 and 6.1.3. */
#include "core/pki/name.h"
#include "core/pki/rules.h"

static bool has_kind(const struct general_name *names, size_t n, enum general_name_kind kind)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].kind == kind)
			return true;
	return false;
}

static bool any_within(const struct general_name *n, const struct cert_facts *issuer)
{
	for (size_t i = 0; i < issuer->permitted_n; i++)
		if (name_constraint_is_readable(&issuer->permitted[i]) && name_within(n, &issuer->permitted[i]))
			return true;
	return false;
}

static bool any_touches(const struct general_name *n, const struct cert_facts *issuer)
{
	for (size_t i = 0; i < issuer->excluded_n; i++)
		if (name_touches(n, &issuer->excluded[i]))
			return true;
	return false;
}

/* Subtrees of a kind that nobody can judge matter only when a name of that kind is there. */
static bool is_judged(const struct general_name *n, const struct cert_facts *issuer)
{
	for (size_t i = 0; i < issuer->permitted_n; i++)
		if (issuer->permitted[i].kind == n->kind && !name_constraint_is_readable(&issuer->permitted[i]))
			return false;
	for (size_t i = 0; i < issuer->excluded_n; i++)
		if (issuer->excluded[i].kind == n->kind && !name_constraint_is_readable(&issuer->excluded[i]))
			return false;
	return true;
}

struct verdicts {
	struct word_list excluded, not_permitted, unknown;
};

static void judge(const struct general_name *n, const struct cert_facts *issuer, struct verdicts *ret)
{
	if (!is_judged(n, issuer))
		word_list_add(&ret->unknown, n);
	else if (any_touches(n, issuer))
		word_list_add(&ret->excluded, n);
	else if (has_kind(issuer->permitted, issuer->permitted_n, n->kind) && !any_within(n, issuer))
		word_list_add(&ret->not_permitted, n);
}

static void report(const struct cert_facts *issuer, struct verdicts *v, struct findings *ret)
{
	if (v->excluded.n > 0)
		findings_add(ret, FINDING_NAME_EXCLUDED, "issuer '%s' excludes %s by its name constraints",
			     cert_label(issuer), word_list_text(&v->excluded));
	if (v->not_permitted.n > 0)
		findings_add(ret, FINDING_NAME_NOT_PERMITTED, "issuer '%s' does not permit %s by its name constraints",
			     cert_label(issuer), word_list_text(&v->not_permitted));
	if (v->unknown.n > 0)
		findings_add(ret, FINDING_NAME_CONSTRAINT_UNKNOWN,
			     "issuer '%s' has a name constraint that can't be judged for %s", cert_label(issuer),
			     word_list_text(&v->unknown));
}

void rule_constraints(const struct cert_facts *issuer, const struct constrained *who, struct findings *ret)
{
	struct general_name subject = { GN_DIRECTORY, who->subject_der };
	struct verdicts v = { .unknown = { .n = 0 } };

	if (!issuer->has_name_constraints)
		return;
	for (size_t i = 0; i < who->names_n; i++)
		judge(&who->names[i], issuer, &v);
	if (who->subject_der.n > 2)
		judge(&subject, issuer, &v);
	report(issuer, &v, ret);
}

/* Every issuer binds all below it; a self-issued CA certificate in between is left out. RFC 5280 section 6.1.3 (b). */
void rule_chain_constraints(const struct rules *r)
{
	for (size_t issuer = 1; issuer < r->chain->n; issuer++)
		for (size_t below = 0; below < issuer; below++) {
			const struct cert_facts *c = &r->chain->certs[below];
			struct constrained who = { c->names, c->names_n, c->subject_der };

			if (below == 0 || !c->self_issued)
				rule_constraints(&r->chain->certs[issuer], &who, r->ret);
		}
}
