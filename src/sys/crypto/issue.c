/* Profiles to signed certificates. RFC 5280 sections 4.1 and 4.2; the profile was made by core/pki, and is not believed
 * here. */
#include "sys/crypto/pkey_internal.h"

#include "sys/crypto/openssl_err.h"
#include "sys/crypto/x509_internal.h"

#include <errno.h>

#include <openssl/bn.h>
#include <sodium.h>

#define KEY_ID_SIZE 20

/* ---- what must be true before anything is built ---- */

static int check_profile(const struct cert_profile *p, struct err *e)
{
	if (p->kind >= CERT_KIND_N || p->is_ca != (p->kind != CERT_END_ENTITY))
		return err_set(e, -EINVAL, "issue: the profile's kind and its CA flag differ");
	if (!p->is_ca && (p->key_usage & (BIT(KU_KEY_CERT_SIGN) | BIT(KU_CRL_SIGN))))
		return err_set(e, -EINVAL, "issue: want no certificate signing for an end entity");
	if (p->is_ca && (!(p->key_usage & BIT(KU_KEY_CERT_SIGN)) || p->names_n > 0))
		return err_set(e, -EINVAL, "issue: want certificate signing and no host names for a CA certificate");
	if (p->not_before.s >= p->not_after.s)
		return err_set(e, -EINVAL, "issue: want an end after the start, got %lld and %lld",
			       (long long)p->not_after.s, (long long)p->not_before.s);
	if ((p->serial[0] & 0x80) || sodium_is_zero(p->serial, sizeof(p->serial)))
		return err_set(e, -EINVAL, "issue: want a positive serial number of at most 127 bits, got another");
	return 0;
}

static int check_issuer(const struct cert_profile *p, const struct cert_facts *issuer, struct err *e)
{
	if (!issuer != (p->kind == CERT_ROOT))
		return err_set(e, -EINVAL, "issue: want an issuer, or, for a root, none");
	if (!issuer)
		return 0;
	if (!issuer->is_ca || (issuer->has_key_usage && !(issuer->key_usage & BIT(KU_KEY_CERT_SIGN))))
		return err_set(e, -EINVAL, "issue: '%s' may not sign certificates", issuer->subject_text);
	if (p->not_after.s > issuer->not_after.s)
		return err_set(e, -EINVAL, "issue: want an end no later than that of the issuer '%s'",
			       issuer->subject_text);
	if (p->is_ca && issuer->path_len == 0)
		return err_set(e, -EINVAL, "issue: '%s' may not sign CA certificates: its path length is 0",
			       issuer->subject_text);
	return 0;
}

/* ---- the fields of TBSCertificate, in its order ---- */

static bool set_serial(X509 *x, const struct cert_profile *p)
{
	BIGNUM *n = BN_bin2bn(p->serial, sizeof(p->serial), NULL);
	bool good = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));

	BN_free(n);
	return good;
}

static bool add_attribute(X509_NAME *name, int nid, const char *text)
{
	/* RFC 5280 section 4.1.2.4 and appendix A.1: UTF8String, the country PrintableString. */
	int type = nid == NID_countryName ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
	struct bytes b = bytes_of_str(text);

	return b.n == 0 || (b.n < INT32_MAX && X509_NAME_add_entry_by_NID(name, nid, type, b.p, (int)b.n, -1, 0) == 1);
}

static bool set_subject(X509 *x, const struct subject *s)
{
	X509_NAME *name = X509_get_subject_name(x); /* empty, and its own: nothing is copied */

	return add_attribute(name, NID_countryName, s->country) && add_attribute(name, NID_localityName, s->locality) &&
	       add_attribute(name, NID_organizationName, s->organization) &&
	       add_attribute(name, NID_commonName, s->common_name) && add_attribute(name, NID_name, s->name);
}

/* Byte for byte the issuer's subject, however it was encoded (RFC 5280 section 4.1.2.4). */
static bool set_issuer(X509 *x, const struct cert_facts *issuer)
{
	X509_NAME *name CLEANUP(X509_NAME_freep) = NULL;
	const unsigned char *p;

	if (!issuer)
		return X509_set_issuer_name(x, X509_get_subject_name(x)) == 1;
	p = issuer->subject_der.p;
	name = d2i_X509_NAME(NULL, &p, (long)issuer->subject_der.n);
	return name && X509_set_issuer_name(x, name) == 1;
}

/* UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5); OpenSSL chooses so. */
static bool set_validity(X509 *x, const struct cert_profile *p)
{
	ASN1_TIME *before = ASN1_TIME_set(NULL, (time_t)p->not_before.s);
	ASN1_TIME *after = ASN1_TIME_set(NULL, (time_t)p->not_after.s);
	bool good = before && after && X509_set1_notBefore(x, before) == 1 && X509_set1_notAfter(x, after) == 1;

	ASN1_TIME_free(before);
	ASN1_TIME_free(after);
	return good;
}

/* ---- extensions, in the order of RFC 5280 section 4.2.1 ---- */

static bool add_ext(X509 *x, int nid, void *value, bool critical)
{
	return X509_add1_ext_i2d(x, nid, value, critical, X509V3_ADD_APPEND) == 1;
}

static bool add_octets_ext(X509 *x, int nid, struct bytes b)
{
	ASN1_OCTET_STRING *s CLEANUP(ASN1_OCTET_STRING_freep) = ASN1_OCTET_STRING_new();

	return s && ASN1_OCTET_STRING_set(s, b.p, (int)b.n) == 1 && add_ext(x, nid, s, false);
}

/* RFC 7093 section 2, method 1: the first 160 bits of the SHA-256 of the subjectPublicKey's bits. */
static void key_id_of(const X509_PUBKEY *spki, uint8_t ret[KEY_ID_SIZE])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	const unsigned char *bits = NULL;
	int n = 0;

	(void)X509_PUBKEY_get0_param(NULL, &bits, &n, NULL, spki);
	(void)crypto_hash_sha256(hash, bits, (unsigned long long)n);
	memcpy(ret, hash, KEY_ID_SIZE);
}

static bool add_key_ids(X509 *x, const struct cert_facts *issuer)
{
	AUTHORITY_KEYID *aki CLEANUP(AUTHORITY_KEYID_freep) = NULL;
	uint8_t own[KEY_ID_SIZE];
	struct bytes authority;

	key_id_of(X509_get_X509_PUBKEY(x), own);
	/* A root's is its own; an issuer without a subject key identifier leaves nothing to name. */
	authority = issuer ? issuer->subject_key_id : bytes_of(own, sizeof(own));
	if (authority.n > 0) {
		aki = AUTHORITY_KEYID_new();
		if (!aki)
			return false;
		aki->keyid = ASN1_OCTET_STRING_new();
		if (!aki->keyid || ASN1_OCTET_STRING_set(aki->keyid, authority.p, (int)authority.n) != 1 ||
		    !add_ext(x, NID_authority_key_identifier, aki, false))
			return false;
	}
	return add_octets_ext(x, NID_subject_key_identifier, bytes_of(own, sizeof(own)));
}

static bool add_key_usage(X509 *x, uint32_t usage)
{
	ASN1_BIT_STRING *bits CLEANUP(ASN1_BIT_STRING_freep) = ASN1_BIT_STRING_new();

	if (!bits)
		return false;
	for (int i = 0; i < KU_N; i++)
		if ((usage & BIT(i)) && ASN1_BIT_STRING_set_bit(bits, i, 1) != 1)
			return false;
	return add_ext(x, NID_key_usage, bits, true);
}

/* `value` and `g` become one; on failure the caller still owns `g`. */
static bool fill_general_name(GENERAL_NAME *g, const struct general_name *name)
{
	bool ip = name->kind == GN_IP;
	ASN1_STRING *s = ASN1_STRING_type_new(ip ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);

	if (!s || ASN1_STRING_set(s, name->value.p, (int)name->value.n) != 1) {
		ASN1_STRING_free(s);
		return false;
	}
	GENERAL_NAME_set0_value(g, ip ? GEN_IPADD : GEN_DNS, s);
	return true;
}

static bool add_alt_names(X509 *x, const struct cert_profile *p)
{
	GENERAL_NAMES *names CLEANUP(GENERAL_NAMES_freep) = GENERAL_NAMES_new();

	for (size_t i = 0; names && i < p->names_n; i++) {
		GENERAL_NAME *g = GENERAL_NAME_new();

		if (!g || !fill_general_name(g, &p->names[i]) || sk_GENERAL_NAME_push(names, g) == 0) {
			GENERAL_NAME_free(g);
			return false;
		}
	}
	return names && (p->names_n == 0 || add_ext(x, NID_subject_alt_name, names, p->san_critical));
}

/* Only in CA certificates, critical (RFC 5280 section 4.2.1.9). */
static bool add_basic_constraints(X509 *x, const struct cert_profile *p)
{
	BASIC_CONSTRAINTS *bc CLEANUP(BASIC_CONSTRAINTS_freep) = NULL;

	if (!p->is_ca)
		return true;
	bc = BASIC_CONSTRAINTS_new();
	if (!bc)
		return false;
	bc->ca = 0xff; /* written as it stands, and DER has one TRUE */
	if (p->path_len >= 0) {
		bc->pathlen = ASN1_INTEGER_new();
		if (!bc->pathlen || ASN1_INTEGER_set(bc->pathlen, p->path_len) != 1)
			return false;
	}
	return add_ext(x, NID_basic_constraints, bc, true);
}

static bool add_ext_key_usage(X509 *x, uint32_t usage)
{
	static const int nids[EKU_N] = {
		[EKU_SERVER_AUTH] = NID_server_auth,  [EKU_CLIENT_AUTH] = NID_client_auth,
		[EKU_CODE_SIGNING] = NID_code_sign,   [EKU_EMAIL] = NID_email_protect,
		[EKU_TIME_STAMPING] = NID_time_stamp, [EKU_OCSP_SIGNING] = NID_OCSP_sign,
		[EKU_ANY] = NID_anyExtendedKeyUsage,  [EKU_OTHER] = NID_undef,
	};
	EXTENDED_KEY_USAGE *list CLEANUP(EXTENDED_KEY_USAGE_freep) = NULL;

	if (usage == 0)
		return true;
	list = EXTENDED_KEY_USAGE_new();
	for (int i = 0; list && i < EKU_N; i++)
		if ((usage & BIT(i)) && (nids[i] == NID_undef || sk_ASN1_OBJECT_push(list, OBJ_nid2obj(nids[i])) == 0))
			return false;
	return list && add_ext(x, NID_ext_key_usage, list, false);
}

/* ---- all of it ---- */

static bool set_public_key(X509 *x, const struct pkey *k)
{
	X509_PUBKEY *spki = X509_get_X509_PUBKEY(x);

	if (k->spec.alg == KEY_ALG_RSA) /* its encoder makes a new structure, which the certificate would not hold */
		return X509_set_pubkey(x, k->p) == 1;
	return pkey_write_public(k, &spki);
}

static bool build(X509 *x, const struct cert_profile *p, const struct pkey *subject_key,
		  const struct cert_facts *issuer)
{
	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x, p) && set_subject(x, &p->subject) &&
	       set_issuer(x, issuer) && set_validity(x, p) && set_public_key(x, subject_key) &&
	       add_key_ids(x, issuer) && add_key_usage(x, p->key_usage) && add_alt_names(x, p) &&
	       add_basic_constraints(x, p) && add_ext_key_usage(x, p->ext_key_usage);
}

/* By the strength of the signing key; Ed25519 has its hash built in (RFC 8410). */
static const EVP_MD *hash_for(const struct pkey *k)
{
	switch (k->spec.alg) {
	case KEY_ALG_EC_P384:
		return EVP_sha384();
	case KEY_ALG_EC_P521:
		return EVP_sha512();
	case KEY_ALG_ED25519:
		return NULL;
	case KEY_ALG_OTHER:
	case KEY_ALG_RSA:
	case KEY_ALG_EC_P256:
	case KEY_ALG_N:
	default:
		return EVP_sha256();
	}
}

static int check_names(const struct cert_profile *p, struct err *e)
{
	if (p->names_n > FACTS_NAMES_MAX)
		return err_set(e, -EINVAL, "issue: want at most %d names, got %zu", FACTS_NAMES_MAX, p->names_n);
	for (size_t i = 0; i < p->names_n; i++) {
		const struct general_name *n = &p->names[i];
		bool good = n->kind == GN_IP ? n->value.n == 4 || n->value.n == 16
					     : n->kind == GN_DNS && n->value.n > 0 && n->value.n <= 253;

		if (!good)
			return err_set(e, -EINVAL, "issue: name %zu: want a DNS name or an IP address, got another",
				       i + 1);
	}
	return 0;
}

/* `signer` was checked; a trial's is not the issuer's key. */
static int build_and_sign(const struct cert_profile *profile, const struct pkey *subject_key,
			  const struct cert_facts *issuer, const struct pkey *signer, struct buf *out, struct err *e)
{
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };
	X509 *x CLEANUP(X509_freep) = NULL;
	int r = check_profile(profile, e);

	if (r == 0)
		r = check_names(profile, e);
	if (r == 0)
		r = check_issuer(profile, issuer, e);
	if (r < 0)
		return r;
	x = X509_new();
	if (!x || !build(x, profile, subject_key, issuer))
		return openssl_err(e, -EIO, "issue: build the certificate");
	if (X509_sign(x, signer->p, hash_for(signer)) <= 0)
		return openssl_err(e, -EIO, "issue: sign the certificate");
	der.n = i2d_X509(x, &der.p);
	if (der.n <= 0 || der.n > X509_DER_MAX)
		return openssl_err(e, -EIO, "issue: want at most %d bytes, got %d", X509_DER_MAX, der.n);
	buf_add(out, ossl_bytes_view(&der));
	return buf_bad(out) ? err_set(e, -ENOMEM, "issue: no room for %d bytes", der.n) : 0;
}

int x509_issue(const struct cert_profile *profile, const struct pkey *subject_key, const struct cert_facts *issuer,
	       const struct pkey *issuer_key, struct buf *out, struct err *e)
{
	if (!issuer != !issuer_key)
		return err_set(e, -EINVAL, "issue: want an issuer with its key, or, for a root, neither");
	if (issuer && !pkey_matches(issuer_key, issuer))
		return err_set(e, -EINVAL, "issue: the key does not belong to the issuer '%s'", issuer->subject_text);
	return build_and_sign(profile, subject_key, issuer, issuer ? issuer_key : subject_key, out, e);
}

int x509_issue_trial(const struct cert_profile *profile, const struct pkey *subject_key,
		     const struct cert_facts *issuer, const struct pkey *throw_away, struct buf *out, struct err *e)
{
	if (issuer && throw_away->spec.alg != issuer->key_alg)
		return err_set(e, -EINVAL, "issue: want a throw-away key %s, as the issuer has, got %s",
			       key_alg_text(issuer->key_alg, issuer->key_bits),
			       key_alg_text(throw_away->spec.alg, throw_away->spec.bits));
	return build_and_sign(profile, issuer ? subject_key : throw_away, issuer, throw_away, out, e);
}
