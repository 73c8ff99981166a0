/* What every certificate of a chain must look like. RFC 5280 sections 4.1 and 4.2. */
#include "core/pki/rules.h"

static void rule_version(const struct rules *r, const struct cert_facts *c)
{
	if (c->version != 3)
		findings_add(r->ret, FINDING_VERSION, "certificate '%s': want version 3, got %d", cert_label(c),
			     c->version);
}

/* RFC 5280 section 4.1.2.2. A root is known by its key, so its serial number harms nobody. */
static void rule_serial(const struct rules *r, const struct cert_facts *c, bool is_root)
{
	enum finding_id id;
	const char *got;

	if (c->serial_negative) {
		id = FINDING_SERIAL_NEGATIVE;
		got = "a negative one";
	} else if (c->serial.n == 0) {
		id = FINDING_SERIAL_ZERO;
		got = "zero";
	} else if (c->serial.n > SERIAL_MAX || (c->serial.n == SERIAL_MAX && (c->serial.p[0] & 0x80))) {
		id = FINDING_SERIAL_LONG;
		got = "a longer one";
	} else {
		return;
	}
	findings_add(r->ret, is_root ? FINDING_ROOT_SERIAL : id,
		     "certificate '%s': want a positive serial number of at most %d octets, got %s", cert_label(c),
		     SERIAL_MAX, got);
}

static void rule_extensions(const struct rules *r, const struct cert_facts *c)
{
	if (c->duplicate_extension)
		findings_add(r->ret, FINDING_DUPLICATE_EXTENSION,
			     "certificate '%s': want every extension once, got %s twice", cert_label(c),
			     c->duplicate_extension);
	if (c->unknown_critical)
		findings_add(r->ret, FINDING_UNKNOWN_CRITICAL,
			     "certificate '%s': extension %s is critical and not known", cert_label(c),
			     c->unknown_critical);
}

/* RFC 5280 section 4.1.1.2. */
static void rule_signature_algorithm(const struct rules *r, const struct cert_facts *c)
{
	if (c->sig_alg_mismatch)
		findings_add(r->ret, FINDING_SIG_ALG_MISMATCH,
			     "certificate '%s': want the same signature algorithm inside and outside, got two",
			     cert_label(c));
}

/* RFC 5280 section 4.2.1.9: only a CA has a path length. */
static void rule_path_length_place(const struct rules *r, const struct cert_facts *c)
{
	if (!c->is_ca && c->path_len >= 0)
		findings_add(r->ret, FINDING_PATH_LENGTH_NOT_CA,
			     "certificate '%s': want a path length only in a CA certificate, got %d in another one",
			     cert_label(c), c->path_len);
}

static void rule_eku_not_empty(const struct rules *r, const struct cert_facts *c)
{
	if (c->has_ext_key_usage && c->ext_key_usage == 0)
		findings_add(r->ret, FINDING_EKU_EMPTY,
			     "certificate '%s': want at least one purpose in the extended key usage, got none",
			     cert_label(c));
}

static void rule_key_strength(const struct rules *r, const struct cert_facts *c)
{
	if (c->key_alg == KEY_ALG_OTHER)
		findings_add(r->ret, FINDING_KEY_TYPE_UNKNOWN,
			     "certificate '%s': want an RSA, EC (P-256, P-384, P-521) or Ed25519 key, got another type",
			     cert_label(c));
	else if (c->key_alg == KEY_ALG_RSA && c->key_bits < r->policy->rsa_bits_min)
		findings_add(r->ret, FINDING_WEAK_KEY, "certificate '%s': want an RSA key of at least %d bits, got %d",
			     cert_label(c), r->policy->rsa_bits_min, c->key_bits);
}

/* Nobody relies on the signature that a root makes over itself. */
static void rule_signature_strength(const struct rules *r, const struct cert_facts *c, bool is_root)
{
	if (is_root)
		return;
	if (c->sig_hash == SIG_HASH_OTHER)
		findings_add(r->ret, FINDING_SIGNATURE_UNKNOWN,
			     "certificate '%s': want a signature with SHA-256, SHA-384, SHA-512 or Ed25519, got "
			     "another type",
			     cert_label(c));
	else if (c->sig_hash == SIG_HASH_MD5 || (c->sig_hash == SIG_HASH_SHA1 && !r->policy->allow_sha1))
		findings_add(r->ret, FINDING_WEAK_SIGNATURE,
			     "certificate '%s': want a signature with SHA-256 or better, got %s", cert_label(c),
			     c->sig_hash == SIG_HASH_MD5 ? "MD5" : "SHA-1");
}

void rule_dates_order(const struct rules *r, size_t i)
{
	const struct cert_facts *c = &r->chain->certs[i];
	char begin[TIME_TEXT_MAX], end[TIME_TEXT_MAX];

	if (c->not_after.s < c->not_before.s)
		findings_add(r->ret, FINDING_DATES_REVERSED,
			     "certificate '%s' begins at %s and ends before that, at %s", cert_label(c),
			     time_format(c->not_before, begin), time_format(c->not_after, end));
}

void rule_certificate(const struct rules *r, size_t i)
{
	const struct cert_facts *c = &r->chain->certs[i];
	bool is_root = chain_has_root_at(r->chain, i);

	rule_version(r, c);
	rule_serial(r, c, is_root);
	rule_signature_algorithm(r, c);
	rule_dates_order(r, i);
	rule_key_strength(r, c);
	rule_signature_strength(r, c, is_root);
	rule_extensions(r, c);
	rule_path_length_place(r, c);
	rule_eku_not_empty(r, c);
}
