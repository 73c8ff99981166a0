/* The lint before issuing: a built certificate against its profile, field by field in the order of RFC 5280. */
#include "core/pki/profile.h"
#include "core/pki/name.h"
#include "core/pki/rules.h"

struct lint {
	const struct cert_profile *profile;
	const struct cert_facts *built, *issuer; /* issuer: the certificate itself for a root */
	struct findings *ret;
};

static void lint_version(const struct lint *l)
{
	if (l->built->version != 3)
		findings_add(l->ret, FINDING_LINT_VERSION, "built certificate: want version 3, got %d",
			     l->built->version);
}

static struct bytes without_leading_zeros(struct bytes b)
{
	while (b.n > 0 && b.p[0] == 0)
		b = bytes_of(b.p + 1, b.n - 1);
	return b;
}

static void lint_serial(const struct lint *l)
{
	struct bytes want = without_leading_zeros(bytes_of(l->profile->serial, sizeof(l->profile->serial)));

	if (l->built->serial_negative || want.n == 0 || !bytes_equal(l->built->serial, want))
		findings_add(l->ret, FINDING_LINT_SERIAL,
			     "built certificate: want the serial number of the profile, got another one");
}

static bool same_value(const char *want, const char *got)
{
	return bytes_equal(bytes_of_str(want), bytes_of_str(got));
}

static void lint_attribute(const struct lint *l, const char *what, const char *want, const char *got)
{
	if (!same_value(want, got))
		findings_add(l->ret, FINDING_LINT_SUBJECT, "built certificate: want %s '%s', got '%s'", what,
			     want ? want : "", got ? got : "");
}

static void lint_subject(const struct lint *l)
{
	const struct subject *want = &l->profile->subject, *got = &l->built->subject;

	lint_attribute(l, "common name", want->common_name, got->common_name);
	lint_attribute(l, "name", want->name, got->name);
	lint_attribute(l, "organization", want->organization, got->organization);
	lint_attribute(l, "locality", want->locality, got->locality);
	lint_attribute(l, "country", want->country, got->country);
	if (got->other_n != 0)
		findings_add(l->ret, FINDING_LINT_SUBJECT,
			     "built certificate: want no other subject attributes, got %d", got->other_n);
}

static void lint_issuer(const struct lint *l)
{
	if (l->built->issuer_der.n == 0 || !bytes_equal(l->built->issuer_der, l->issuer->subject_der))
		findings_add(l->ret, FINDING_LINT_ISSUER, "built certificate: want issuer '%s', got '%s'",
			     cert_label(l->issuer), l->built->issuer_text ? l->built->issuer_text : "?");
	if (l->profile->kind == CERT_ROOT ? !cert_is_self_signed(l->built) : l->built->self_issued)
		findings_add(l->ret, FINDING_LINT_SELF_SIGNED, "built certificate: want one that is %s",
			     l->profile->kind == CERT_ROOT ? "self-signed" : "not self-issued");
}

static void lint_dates(const struct lint *l)
{
	char want[TIME_TEXT_MAX], got[TIME_TEXT_MAX];

	if (l->built->not_before.s != l->profile->not_before.s)
		findings_add(l->ret, FINDING_LINT_NOT_BEFORE, "built certificate: want it to begin at %s, got %s",
			     time_format(l->profile->not_before, want), time_format(l->built->not_before, got));
	if (l->built->not_after.s != l->profile->not_after.s)
		findings_add(l->ret, FINDING_LINT_NOT_AFTER, "built certificate: want it to end at %s, got %s",
			     time_format(l->profile->not_after, want), time_format(l->built->not_after, got));
}

static void lint_key(const struct lint *l)
{
	struct key_spec want = l->profile->key, got = { l->built->key_alg, l->built->key_bits };

	if (want.alg != got.alg || (want.alg == KEY_ALG_RSA && want.bits != got.bits))
		findings_add(l->ret, FINDING_LINT_KEY, "built certificate: want a key %s, got %s", key_spec_word(want),
			     key_spec_word(got));
}

/* Ed25519 signs without a hash of its own; everything else with SHA-256 or better. */
static void lint_signature(const struct lint *l)
{
	enum sig_hash got = l->built->sig_hash;
	bool good = l->issuer->key_alg == KEY_ALG_ED25519
			    ? got == SIG_HASH_NONE
			    : got == SIG_HASH_SHA256 || got == SIG_HASH_SHA384 || got == SIG_HASH_SHA512;

	if (!good)
		findings_add(l->ret, FINDING_LINT_SIGNATURE,
			     "built certificate: want a signature that fits the issuer's key %s, got another type",
			     key_alg_text(l->issuer->key_alg, l->issuer->key_bits));
	if (l->built->sig_alg_mismatch)
		findings_add(l->ret, FINDING_LINT_SIGNATURE,
			     "built certificate: want the same signature algorithm inside and outside, got two");
}

static void lint_basic_constraints(const struct lint *l)
{
	const struct cert_profile *p = l->profile;
	const struct cert_facts *c = l->built;

	if (c->is_ca != p->is_ca || (p->is_ca && (!c->has_basic_constraints || !c->basic_constraints_critical)))
		findings_add(l->ret, FINDING_LINT_BASIC_CONSTRAINTS, "built certificate: want %s, got something else",
			     p->is_ca ? "a CA certificate with critical basic constraints"
				      : "an end-entity certificate");
	if (c->path_len != p->path_len)
		findings_add(l->ret, FINDING_LINT_PATH_LEN, "built certificate: want path length %d, got %d (-1: none)",
			     p->path_len, c->path_len);
}

static void lint_usages(const struct lint *l)
{
	const struct cert_profile *p = l->profile;
	const struct cert_facts *c = l->built;

	if (!c->has_key_usage || !c->key_usage_critical || c->key_usage != p->key_usage)
		findings_add(l->ret, FINDING_LINT_KEY_USAGE,
			     "built certificate: want critical key usage 0x%x, got %s 0x%x", (unsigned)p->key_usage,
			     c->key_usage_critical ? "critical" : "not critical", (unsigned)c->key_usage);
	if (c->has_ext_key_usage != (p->ext_key_usage != 0) || c->ext_key_usage != p->ext_key_usage ||
	    c->ext_key_usage_critical)
		findings_add(l->ret, FINDING_LINT_EXT_KEY_USAGE,
			     "built certificate: want extended key usage 0x%x, not critical, got %s 0x%x",
			     (unsigned)p->ext_key_usage, c->ext_key_usage_critical ? "critical" : "not critical",
			     (unsigned)c->ext_key_usage);
}

static void lint_names(const struct lint *l)
{
	const struct cert_profile *p = l->profile;
	const struct cert_facts *c = l->built;
	bool same = c->names_n == p->names_n && c->has_san == (p->names_n > 0);

	for (size_t i = 0; same && i < p->names_n; i++)
		same = c->names[i].kind == p->names[i].kind && bytes_equal(c->names[i].value, p->names[i].value);
	if (!same)
		findings_add(l->ret, FINDING_LINT_NAMES,
			     "built certificate: want exactly the %zu names of the profile in their order, got %zu",
			     p->names_n, c->names_n);
	if (c->has_san && c->san_critical != p->san_critical)
		findings_add(l->ret, FINDING_LINT_SAN_CRITICAL,
			     "built certificate: want subject alternative names that are %s, got %s",
			     p->san_critical ? "critical" : "not critical",
			     c->san_critical ? "critical" : "not critical");
}

/* RFC 5280 sections 4.2.1.1 and 4.2.1.2. A root may leave out the identifier of its issuer, which is itself. */
static void lint_key_ids(const struct lint *l)
{
	struct bytes got = l->built->authority_key_id;
	bool root_without = l->profile->kind == CERT_ROOT && got.n == 0;

	if (l->built->subject_key_id.n == 0)
		findings_add(l->ret, FINDING_LINT_SUBJECT_KEY_ID,
			     "built certificate: want a subject key identifier, got none");
	if (l->issuer->subject_key_id.n > 0 && !root_without && !bytes_equal(got, l->issuer->subject_key_id))
		findings_add(l->ret, FINDING_LINT_AUTHORITY_KEY_ID,
			     "built certificate: want the subject key identifier of issuer '%s' as authority key "
			     "identifier, got %s",
			     cert_label(l->issuer), got.n > 0 ? "another one" : "none");
}

static void lint_extra(const struct lint *l)
{
	const struct cert_facts *c = l->built;

	if (c->has_name_constraints)
		findings_add(l->ret, FINDING_LINT_EXTRA, "built certificate: want no name constraints, got some");
	if (c->unknown_critical)
		findings_add(l->ret, FINDING_LINT_EXTRA, "built certificate: want no other critical extension, got %s",
			     c->unknown_critical);
	if (c->duplicate_extension)
		findings_add(l->ret, FINDING_LINT_EXTRA, "built certificate: want every extension once, got %s twice",
			     c->duplicate_extension);
}

/* Directory names can be judged only now that the subject is DER. */
static void lint_constraints(const struct lint *l)
{
	struct constrained who = { l->built->names, l->built->names_n, l->built->subject_der };

	if (l->profile->kind != CERT_ROOT)
		rule_constraints(l->issuer, &who, l->ret);
}

void profile_lint(const struct cert_profile *profile, const struct cert_facts *built, const struct cert_facts *issuer,
		  struct findings *findings)
{
	const struct lint l = { profile, built, issuer ? issuer : built, findings };

	lint_version(&l);
	lint_serial(&l);
	lint_signature(&l);
	lint_issuer(&l);
	lint_dates(&l);
	lint_subject(&l);
	lint_key(&l);
	lint_key_ids(&l);
	lint_usages(&l);
	lint_names(&l);
	lint_basic_constraints(&l);
	lint_extra(&l);
	lint_constraints(&l);
	findings_sort(findings);
}
