/* Facts to words, in the order of the certificate. Everything comes from struct cert_facts: OpenSSL is not asked again.
 */
#include "sys/crypto/x509.h"

#include "codec/hex.h"
#include "core/pki/name.h"

#include <stdio.h>

#define FIELDS_MAX (40 + 3 * FACTS_NAMES_MAX)

struct list {
	struct arena *arena;
	struct x509_field *fields;
	size_t n;
	bool bad; /* no memory */
};

/* `value` in the arena or static; NULL is "no memory". */
static void add(struct list *l, const char *name, const char *value)
{
	if (!value || l->n == FIELDS_MAX) {
		l->bad = true;
		return;
	}
	l->fields[l->n++] = (struct x509_field) { name, value };
}

static void add_text(struct list *l, const char *name, const char *value)
{
	if (value)
		add(l, name, value);
}

static void add_time(struct list *l, const char *name, struct wall_time t)
{
	char text[TIME_TEXT_MAX];

	add(l, name, arena_str(l->arena, bytes_of_str(time_format(t, text))));
}

static const char *hex_text(struct arena *a, const char *prefix, struct bytes b)
{
	size_t prefix_n = strlen(prefix);
	char *s = arena_alloc(a, prefix_n + 2 * b.n + 1);

	if (s) {
		memcpy(s, prefix, prefix_n);
		(void)hex_encode(b, s + prefix_n);
	}
	return s;
}

static void add_subject(struct list *l, const struct subject *s)
{
	add_text(l, "display name", s->common_name);
	add_text(l, "first and last name", s->name);
	add_text(l, "organization", s->organization);
	add_text(l, "city or locality", s->locality);
	add_text(l, "country code", s->country);
	if (s->other_n > 0)
		add(l, "other attributes", arena_printf(l->arena, "%d", s->other_n));
}

static const char *const hash_words[SIG_HASH_N] = {
	[SIG_HASH_OTHER] = "of another kind",
	[SIG_HASH_MD5] = "with MD5 (broken)",
	[SIG_HASH_SHA1] = "with SHA-1 (too weak)",
	[SIG_HASH_SHA256] = "with SHA-256",
	[SIG_HASH_SHA384] = "with SHA-384",
	[SIG_HASH_SHA512] = "with SHA-512",
	[SIG_HASH_NONE] = "Ed25519",
};

static const char *const usage_words[KU_N] = {
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

static const char *const ext_usage_words[EKU_N] = {
	[EKU_SERVER_AUTH] = "server authentication",
	[EKU_CLIENT_AUTH] = "client authentication",
	[EKU_CODE_SIGNING] = "code signing",
	[EKU_EMAIL] = "e-mail protection",
	[EKU_TIME_STAMPING] = "time stamping",
	[EKU_OCSP_SIGNING] = "OCSP signing",
	[EKU_ANY] = "any",
	[EKU_OTHER] = "others",
};

/* "digital signature, key encipherment (critical)" */
static void add_usages(struct list *l, const char *name, uint32_t bits, const char *const *words, int n, bool critical)
{
	char text[512] = "";
	size_t used = 0;

	for (int i = 0; i < n; i++)
		if (bits & BIT(i))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "", words[i]);
	add(l, name, arena_printf(l->arena, "%s%s", used ? text : "none", critical ? " (critical)" : ""));
}

static void add_names(struct list *l, const char *name, const struct general_name *names, size_t n)
{
	static const char *const kinds[GN_N] = {
		[GN_DNS] = "DNS ",
		[GN_IP] = "IP ",
		[GN_URI] = "URI ",
		[GN_EMAIL] = "e-mail ",
		[GN_DIRECTORY] = "directory name ",
		[GN_OTHER] = "other ",
	};

	for (size_t i = 0; i < n; i++) {
		const char *kind = names[i].kind < GN_N ? kinds[names[i].kind] : "";

		add(l, name, arena_printf(l->arena, "%s%s", kind, name_text(&names[i], l->arena)));
	}
}

static void add_basic_constraints(struct list *l, const struct cert_facts *c)
{
	const char *critical = c->basic_constraints_critical ? " (critical)" : "";

	if (!c->has_basic_constraints)
		return;
	if (c->path_len >= 0)
		add(l, "basic constraints",
		    arena_printf(l->arena, "%s, path length %d%s", c->is_ca ? "CA" : "no CA", c->path_len, critical));
	else
		add(l, "basic constraints", arena_printf(l->arena, "%s%s", c->is_ca ? "CA" : "no CA", critical));
}

/* In the order of RFC 5280 section 4.2.1. */
static void add_extensions(struct list *l, const struct cert_facts *c)
{
	if (c->authority_key_id.n > 0)
		add(l, "authority key identifier", hex_text(l->arena, "", c->authority_key_id));
	if (c->subject_key_id.n > 0)
		add(l, "subject key identifier", hex_text(l->arena, "", c->subject_key_id));
	if (c->has_key_usage)
		add_usages(l, "key usage", c->key_usage, usage_words, KU_N, c->key_usage_critical);
	if (c->has_san)
		add(l, "subject alternative name",
		    arena_printf(l->arena, "%zu %s%s", c->names_n, c->names_n == 1 ? "name" : "names",
				 c->san_critical ? " (critical)" : ""));
	add_names(l, "name", c->names, c->names_n);
	add_basic_constraints(l, c);
	add_names(l, "permitted name", c->permitted, c->permitted_n);
	add_names(l, "excluded name", c->excluded, c->excluded_n);
	if (c->has_ext_key_usage)
		add_usages(l, "extended key usage", c->ext_key_usage, ext_usage_words, EKU_N,
			   c->ext_key_usage_critical);
	add_text(l, "unknown critical extension", c->unknown_critical);
	add_text(l, "extension that comes twice", c->duplicate_extension);
}

static void add_fingerprint(struct list *l, const struct cert_facts *c)
{
	char groups[HEX_GROUPS_SIZE];

	add(l, "SHA-256 fingerprint", hex_text(l->arena, "", bytes_of(c->fingerprint, FINGERPRINT_SIZE)));
	add(l, "as devices show it", arena_str(l->arena, bytes_of_str(hex_groups(c->fingerprint, groups))));
	add(l, "SHA-256 of the public key", hex_text(l->arena, "", bytes_of(c->spki_sha256, FINGERPRINT_SIZE)));
}

static const char *key_text(const struct cert_facts *c, struct arena *a)
{
	const char *text = key_alg_text(c->key_alg, c->key_bits);

	return strcmp(text, "RSA") == 0 ? arena_printf(a, "RSA %d", c->key_bits) : text;
}

static const char *self_signed_text(const struct cert_facts *c)
{
	if (c->self_issued)
		return c->self_signature_valid ? "yes" : "it says so, but the signature is not its own";
	return c->self_signature_valid ? "yes, although it names another issuer" : NULL;
}

int x509_describe(const struct cert_facts *c, struct arena *a, struct x509_field **ret, size_t *ret_n, struct err *e)
{
	struct list l = { .arena = a, .fields = arena_alloc_array(a, FIELDS_MAX, sizeof(*l.fields)) };

	if (!l.fields)
		return err_nomem(e);
	add(&l, "version", arena_printf(a, "%d", c->version));
	if (c->serial.n > 0)
		add(&l, "serial number", hex_text(a, c->serial_negative ? "-" : "", c->serial));
	else
		add(&l, "serial number", "0");
	add(&l, "signature", hash_words[c->sig_hash < SIG_HASH_N ? c->sig_hash : SIG_HASH_OTHER]);
	if (c->sig_alg_mismatch)
		add(&l, "signature algorithms", "the inner and the outer one differ");
	add(&l, "issuer", c->issuer_text);
	add_time(&l, "valid from", c->not_before);
	add_time(&l, "valid until", c->not_after);
	add(&l, "subject", c->subject_text);
	add_subject(&l, &c->subject);
	add(&l, "public key", key_text(c, a));
	add_extensions(&l, c);
	add_text(&l, "self-signed", self_signed_text(c));
	add_fingerprint(&l, c);
	if (l.bad)
		return err_nomem(e);
	*ret = l.fields;
	*ret_n = l.n;
	return 0;
}
