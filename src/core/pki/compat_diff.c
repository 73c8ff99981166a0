/* The difference of two certificates as rows for a person. */
#include "codec/hex.h"
#include "core/pki/name.h"
#include "core/pki/rules.h"

#define USAGE_TEXT_MAX 256

/* What a row says of one side: a text in the arena, or NULL when this side has nothing to say. */
typedef const char *row_text(const struct chain_facts *c, struct arena *a);

static const char *copy(struct arena *a, const char *s)
{
	return s && s[0] ? arena_str(a, bytes_of_str(s)) : NULL;
}

static const char *copy_time(struct arena *a, struct wall_time t)
{
	char text[TIME_TEXT_MAX];

	return copy(a, time_format(t, text));
}

static const char *row_display_name(const struct chain_facts *c, struct arena *a)
{
	return copy(a, c->certs[0].subject.common_name);
}

static const char *row_holder(const struct chain_facts *c, struct arena *a)
{
	return copy(a, c->certs[0].subject.name);
}

static const char *row_organization(const struct chain_facts *c, struct arena *a)
{
	return copy(a, c->certs[0].subject.organization);
}

static const char *row_locality(const struct chain_facts *c, struct arena *a)
{
	return copy(a, c->certs[0].subject.locality);
}

static const char *row_country(const struct chain_facts *c, struct arena *a)
{
	return copy(a, c->certs[0].subject.country);
}

static const char *row_root(const struct chain_facts *c, struct arena *a)
{
	const struct cert_facts *root = chain_root(c);
	char digits[17];

	if (!root)
		return copy(a, "unknown");
	return arena_printf(a, "%s (%s...)", cert_label(root), hex_encode(bytes_of(root->fingerprint, 8), digits));
}

static const char *row_issuer(const struct chain_facts *c, struct arena *a)
{
	return copy(a, c->n > 1 ? cert_label(&c->certs[1]) : c->certs[0].issuer_text);
}

static const char *row_chain_length(const struct chain_facts *c, struct arena *a)
{
	return arena_printf(a, "%zu certificate%s%s", c->n, c->n == 1 ? "" : "s",
			    c->complete ? "" : ", without a root");
}

static const char *row_not_before(const struct chain_facts *c, struct arena *a)
{
	return copy_time(a, c->certs[0].not_before);
}

static const char *row_not_after(const struct chain_facts *c, struct arena *a)
{
	return copy_time(a, c->certs[0].not_after);
}

static const char *row_chain_end(const struct chain_facts *c, struct arena *a)
{
	return copy_time(a, earliest_end(c->certs, c->n)->not_after);
}

static const char *row_key(const struct chain_facts *c, struct arena *a)
{
	const struct cert_facts *leaf = &c->certs[0];

	if (leaf->key_alg == KEY_ALG_RSA)
		return arena_printf(a, "RSA %d", leaf->key_bits);
	return copy(a, key_alg_text(leaf->key_alg, leaf->key_bits));
}

static const char *row_public_key(const struct chain_facts *c, struct arena *a)
{
	char digits[17];

	return arena_printf(a, "%s...", hex_encode(bytes_of(c->certs[0].spki_sha256, 8), digits));
}

static const char *row_signature(const struct chain_facts *c, struct arena *a)
{
	static const char *const words[SIG_HASH_N] = {
		[SIG_HASH_OTHER] = "unknown",  [SIG_HASH_MD5] = "MD5",	      [SIG_HASH_SHA1] = "SHA-1",
		[SIG_HASH_SHA256] = "SHA-256", [SIG_HASH_SHA384] = "SHA-384", [SIG_HASH_SHA512] = "SHA-512",
		[SIG_HASH_NONE] = "Ed25519",
	};
	enum sig_hash hash = c->certs[0].sig_hash;

	return copy(a, hash < SIG_HASH_N ? words[hash] : "unknown");
}

static const char *join_bits(struct arena *a, uint32_t bits, const char *const *words, size_t n)
{
	char text[USAGE_TEXT_MAX] = "";
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		size_t word_n = strlen(words[i]);

		if (!(bits & BIT(i)) || used + word_n + 3 > sizeof(text))
			continue;
		if (used > 0) {
			memcpy(text + used, ", ", 2);
			used += 2;
		}
		memcpy(text + used, words[i], word_n + 1);
		used += word_n;
	}
	return copy(a, used > 0 ? text : "none");
}

static const char *row_key_usage(const struct chain_facts *c, struct arena *a)
{
	static const char *const words[KU_N] = {
		[KU_DIGITAL_SIGNATURE] = "digital signature",
		[KU_NON_REPUDIATION] = "non-repudiation",
		[KU_KEY_ENCIPHERMENT] = "key encipherment",
		[KU_DATA_ENCIPHERMENT] = "data encipherment",
		[KU_KEY_AGREEMENT] = "key agreement",
		[KU_KEY_CERT_SIGN] = "certificate signing",
		[KU_CRL_SIGN] = "CRL signing",
		[KU_ENCIPHER_ONLY] = "encipher only",
		[KU_DECIPHER_ONLY] = "decipher only",
	};

	return c->certs[0].has_key_usage ? join_bits(a, c->certs[0].key_usage, words, KU_N) : NULL;
}

static const char *row_ext_key_usage(const struct chain_facts *c, struct arena *a)
{
	static const char *const words[EKU_N] = {
		[EKU_SERVER_AUTH] = "server authentication",
		[EKU_CLIENT_AUTH] = "client authentication",
		[EKU_CODE_SIGNING] = "code signing",
		[EKU_EMAIL] = "e-mail protection",
		[EKU_TIME_STAMPING] = "time stamping",
		[EKU_OCSP_SIGNING] = "OCSP signing",
		[EKU_ANY] = "any purpose",
		[EKU_OTHER] = "others",
	};

	return c->certs[0].has_ext_key_usage ? join_bits(a, c->certs[0].ext_key_usage, words, EKU_N) : NULL;
}

static const char *row_type(const struct chain_facts *c, struct arena *a)
{
	if (!c->certs[0].is_ca)
		return copy(a, "end entity");
	return copy(a, cert_is_self_signed(&c->certs[0]) ? "root" : "intermediate");
}

static const char *row_serial(const struct chain_facts *c, struct arena *a)
{
	struct bytes serial = c->certs[0].serial;
	char *digits;

	if (serial.n == 0)
		return copy(a, "0");
	digits = arena_alloc(a, 2 * serial.n + 1);
	return digits ? hex_encode(serial, digits) : NULL;
}

static const char *row_fingerprint(const struct chain_facts *c, struct arena *a)
{
	char groups[HEX_GROUPS_SIZE];

	return copy(a, hex_groups(c->certs[0].fingerprint, groups));
}

/* The rows of names stand between the two tables. */
static const struct diff_field {
	const char *field;
	row_text *text;
} before_names[] = {
	{ "display name", row_display_name }, { "holder", row_holder },	    { "organization", row_organization },
	{ "locality", row_locality },	      { "country", row_country },   { "type", row_type },
	{ "root", row_root },		      { "issuer", row_issuer },	    { "chain", row_chain_length },
}, after_names[] = {
	{ "valid from", row_not_before },     { "valid until", row_not_after },	      { "chain valid until", row_chain_end },
	{ "key", row_key },		      { "public key", row_public_key },	      { "signature", row_signature },
	{ "key usage", row_key_usage },	      { "extended key usage", row_ext_key_usage }, { "serial", row_serial },
	{ "fingerprint", row_fingerprint },
};

struct rows {
	struct compat_row *p;
	size_t n;
	struct arena *a;
};

static void add_row(struct rows *r, const char *field, const char *current, const char *candidate)
{
	bool same = current && candidate ? bytes_equal(bytes_of_str(current), bytes_of_str(candidate))
					 : current == candidate;

	r->p[r->n++] = (struct compat_row) { field, current, candidate, same };
}

static void add_fields(struct rows *r, const struct diff_field *fields, size_t n, const struct chain_facts *current,
		       const struct chain_facts *candidate)
{
	for (size_t i = 0; i < n; i++)
		add_row(r, fields[i].field, current ? fields[i].text(current, r->a) : NULL,
			candidate ? fields[i].text(candidate, r->a) : NULL);
}

static const struct general_name *find_name(const struct chain_facts *c, const struct general_name *name)
{
	for (size_t i = 0; c && i < c->certs[0].names_n; i++)
		if (name_equal(&c->certs[0].names[i], name))
			return &c->certs[0].names[i];
	return NULL;
}

static size_t names_of(const struct chain_facts *c)
{
	return c ? c->certs[0].names_n : 0;
}

/* Those in use first, then the new ones. A name that differs in case only is the same. */
static void add_names(struct rows *r, const struct chain_facts *current, const struct chain_facts *candidate)
{
	for (size_t i = 0; i < names_of(current); i++) {
		const struct general_name *other = find_name(candidate, &current->certs[0].names[i]);

		add_row(r, "name", name_text(&current->certs[0].names[i], r->a), other ? name_text(other, r->a) : NULL);
		r->p[r->n - 1].same = other != NULL;
	}
	for (size_t i = 0; i < names_of(candidate); i++)
		if (!find_name(current, &candidate->certs[0].names[i]))
			add_row(r, "name", NULL, name_text(&candidate->certs[0].names[i], r->a));
}

static const struct chain_facts *or_null(const struct chain_facts *c)
{
	return c && c->n > 0 ? c : NULL;
}

struct compat_row *compat_diff(const struct chain_facts *current, const struct chain_facts *candidate, struct arena *a,
			       size_t *ret_n)
{
	struct rows r = { .a = a };

	current = or_null(current);
	candidate = or_null(candidate);
	r.p = arena_alloc_array(a,
				ARRAY_N(before_names) + ARRAY_N(after_names) + names_of(current) + names_of(candidate),
				sizeof(*r.p));
	if (!r.p)
		return NULL;
	add_fields(&r, before_names, ARRAY_N(before_names), current, candidate);
	add_names(&r, current, candidate);
	add_fields(&r, after_names, ARRAY_N(after_names), current, candidate);
	*ret_n = r.n;
	return r.p;
}
