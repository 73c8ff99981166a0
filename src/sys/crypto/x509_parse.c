#include "sys/crypto/x509_internal.h"

#include "base/limits.h"
#include "sys/crypto/openssl_err.h"

#include <errno.h>

#include <openssl/core_names.h>
#include <openssl/err.h>

/* ---- names ---- */

/* A value as UTF-8. Control characters come as \XX as in RFC 4514: a NUL can't end the text early, a line feed starts
 * no line. */
static const char *escape_text(struct bytes b, struct arena *a)
{
	static const char digits[] = "0123456789abcdef";
	char *s = arena_alloc(a, 3 * b.n + 1), *p = s;

	if (!s)
		return NULL;
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] >= 0x20 && b.p[i] != 0x7f) {
			*p++ = (char)b.p[i];
			continue;
		}
		*p++ = '\\';
		*p++ = digits[b.p[i] >> 4];
		*p++ = digits[b.p[i] & 15];
	}
	return s;
}

static int attribute_text(const ASN1_STRING *value, struct arena *a, const char **ret, struct err *e)
{
	struct ossl_bytes utf8 CLEANUP(ossl_bytes_fini) = { NULL, 0 };
	struct bytes view;

	utf8.n = ASN1_STRING_to_UTF8(&utf8.p, value);
	if (utf8.n < 0) {
		utf8.p = NULL;
		return openssl_err(e, -EINVAL, "want a text string, got type %d that is none or is damaged",
				   ASN1_STRING_type(value));
	}
	view = ossl_bytes_view(&utf8);
	if (view.n > LIMIT_CERT_ATTRIBUTE_TEXT_MAX)
		return err_set(e, -EINVAL, "want at most %d bytes, got %zu", LIMIT_CERT_ATTRIBUTE_TEXT_MAX, view.n);
	if (!bytes_is_utf8(view))
		return err_set(e, -EINVAL, "want UTF-8, got something else");
	*ret = escape_text(view, a);
	return *ret ? 0 : err_nomem(e);
}

static const char **subject_member(struct subject *s, int nid)
{
	switch (nid) {
	case NID_commonName:
		return &s->common_name;
	case NID_name:
		return &s->name;
	case NID_organizationName:
		return &s->organization;
	case NID_localityName:
		return &s->locality;
	case NID_countryName:
		return &s->country;
	default:
		return NULL;
	}
}

/* The first of each attribute that Gatewright sets; a second one counts with the others. */
static int read_attributes(const X509_NAME *name, struct arena *a, struct subject *ret, struct err *e)
{
	int n = X509_NAME_entry_count(name), r;

	if (n > LIMIT_CERT_ATTRIBUTES_MAX)
		return err_set(e, -EINVAL, "want at most %d attributes, got %d", LIMIT_CERT_ATTRIBUTES_MAX, n);
	for (int i = 0; i < n; i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
		const char **member = subject_member(ret, nid);

		if (!member || *member) {
			ret->other_n++;
			continue;
		}
		r = attribute_text(X509_NAME_ENTRY_get_data(entry), a, member, e);
		if (r < 0)
			return err_wrap(e, r, "attribute %s", OBJ_nid2sn(nid));
	}
	return 0;
}

/* RFC 4514: the last attribute first, special and control characters escaped, other UTF-8 as it stands. */
static const char *name_rfc4514(const X509_NAME *name, struct arena *a)
{
	BIO *bio CLEANUP(BIO_vfreep) = BIO_new(BIO_s_mem());
	char *data = NULL;
	long n;

	if (!bio || X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
		return NULL;
	n = BIO_get_mem_data(bio, &data);
	return n < 0 ? NULL : arena_str(a, bytes_of(data, (size_t)n));
}

static int name_der(const X509_NAME *name, struct arena *a, struct bytes *ret, struct err *e)
{
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };

	der.n = i2d_X509_NAME(name, &der.p);
	if (der.n < 0)
		return openssl_err(e, -EINVAL, "encode");
	return arena_bytes(a, ossl_bytes_view(&der), ret) ? 0 : err_nomem(e);
}

static int read_name(const X509_NAME *name, struct arena *a, struct subject *ret, const char **ret_text, struct err *e)
{
	int r = read_attributes(name, a, ret, e);

	if (r < 0)
		return r;
	*ret_text = name_rfc4514(name, a);
	return *ret_text ? 0 : openssl_err(e, -EINVAL, "write as text");
}

/* ---- times ---- */

static bool read_digits(const uint8_t **p, int n, int *ret)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if ((*p)[i] < '0' || (*p)[i] > '9')
			return false;
		v = v * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*ret = v;
	return true;
}

/*
 * RFC 5280 section 4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ and no other form. A GeneralizedTime before 2050, which
 * the RFC forbids to issuers, is read: it means what it says.
 */
static int read_time(const ASN1_TIME *t, struct wall_time *ret, struct err *e)
{
	bool utc = ASN1_STRING_type(t) == V_ASN1_UTCTIME;
	const uint8_t *p = ASN1_STRING_get0_data(t);
	struct civil_time c = { 0 };

	if (ASN1_STRING_length(t) != (utc ? 13 : 15) || !read_digits(&p, utc ? 2 : 4, &c.year) ||
	    !read_digits(&p, 2, &c.month) || !read_digits(&p, 2, &c.day) || !read_digits(&p, 2, &c.hour) ||
	    !read_digits(&p, 2, &c.min) || !read_digits(&p, 2, &c.sec) || *p != 'Z')
		return err_set(e, -EINVAL, "want %s (RFC 5280 section 4.1.2.5), got another form",
			       utc ? "YYMMDDHHMMSSZ" : "YYYYMMDDHHMMSSZ");
	if (utc)
		c.year += c.year < 50 ? 2000 : 1900;
	if (!time_from_civil(c, ret))
		return err_set(e, -EINVAL, "want a date and time that exist, got %04d-%02d-%02d %02d:%02d:%02d", c.year,
			       c.month, c.day, c.hour, c.min, c.sec);
	return 0;
}

/* ---- serial number, key, signature ---- */

static int read_serial(const X509 *x, struct arena *a, struct cert_facts *ret, struct err *e)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	struct bytes b = bytes_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));

	while (b.n > 0 && b.p[0] == 0)
		b = bytes_of(b.p + 1, b.n - 1);
	if (b.n > LIMIT_CERT_SERIAL_MAX)
		return err_set(e, -EINVAL, "certificate: serial number: want at most %d bytes, got %zu",
			       LIMIT_CERT_SERIAL_MAX, b.n);
	ret->serial_negative = ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER;
	return arena_bytes(a, b, &ret->serial) ? 0 : err_nomem(e);
}

static enum key_alg ec_alg(const EVP_PKEY *p)
{
	char group[64] = "";
	int explicit_params = 0;

	(void)EVP_PKEY_get_int_param(p, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_params);
	if (explicit_params || EVP_PKEY_get_group_name(p, group, sizeof(group), NULL) != 1)
		return KEY_ALG_OTHER;
	switch (OBJ_txt2nid(group)) {
	case NID_X9_62_prime256v1:
		return KEY_ALG_EC_P256;
	case NID_secp384r1:
		return KEY_ALG_EC_P384;
	case NID_secp521r1:
		return KEY_ALG_EC_P521;
	default:
		return KEY_ALG_OTHER;
	}
}

enum key_alg x509_key_alg(const EVP_PKEY *p, int *ret_bits)
{
	*ret_bits = EVP_PKEY_get_bits(p);
	switch (EVP_PKEY_get_base_id(p)) {
	case EVP_PKEY_RSA:
		return KEY_ALG_RSA;
	case EVP_PKEY_EC:
		return ec_alg(p);
	case EVP_PKEY_ED25519:
		return KEY_ALG_ED25519;
	default:
		return KEY_ALG_OTHER;
	}
}

/* A key of a kind that is not known is KEY_ALG_OTHER; a damaged one of a kind that is refuses the certificate. */
static int read_key(X509 *x, struct cert_facts *ret, struct err *e)
{
	X509_PUBKEY *spki = X509_get_X509_PUBKEY(x);
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };
	const EVP_PKEY *p = x509_key(x);

	der.n = i2d_X509_PUBKEY(spki, &der.p);
	if (der.n < 0)
		return openssl_err(e, -EINVAL, "certificate: public key");
	if (!x509_sha256(ossl_bytes_view(&der), ret->spki_sha256))
		return openssl_err(e, -EIO, "certificate: SHA-256");
	if (p)
		ret->key_alg = x509_key_alg(p, &ret->key_bits);
	else if (x509_key_is_known_kind(spki))
		return err_set(e, -EINVAL, "certificate: public key: damaged");
	return 0;
}

static enum sig_hash hash_of_nid(int nid)
{
	switch (nid) {
	case NID_md5:
		return SIG_HASH_MD5;
	case NID_sha1:
		return SIG_HASH_SHA1;
	case NID_sha256:
		return SIG_HASH_SHA256;
	case NID_sha384:
		return SIG_HASH_SHA384;
	case NID_sha512:
		return SIG_HASH_SHA512;
	default:
		return SIG_HASH_OTHER;
	}
}

static void read_signature(X509 *x, struct cert_facts *ret)
{
	const X509_ALGOR *outer = NULL;
	int md = NID_undef, key = NID_undef;
	bool found;

	X509_get0_signature(NULL, &outer, x);
	ret->sig_alg_mismatch = X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(x)) != 0;
	found = OBJ_find_sigid_algs(X509_get_signature_nid(x), &md, &key) == 1 && md != NID_undef;
	/* this way, for RSA-PSS, reads all extensions as well */
	if (!found && X509_get_signature_nid(x) != NID_ED25519)
		found = X509_get_signature_info(x, &md, &key, NULL, NULL) == 1;
	if (X509_get_signature_nid(x) == NID_ED25519)
		ret->sig_hash = SIG_HASH_NONE;
	else
		ret->sig_hash = found ? hash_of_nid(md) : SIG_HASH_OTHER;
	ERR_clear_error();
}

/* A certificate that names another key as its issuer's is not tried: it costs more than all the rest of the parse. */
static bool may_be_self_signed(const struct cert_facts *c)
{
	return c->self_issued || c->authority_key_id.n == 0 || bytes_equal(c->subject_key_id, c->authority_key_id);
}

/* ---- all of it ---- */

static int read_validity(const X509 *x, struct cert_facts *ret, struct err *e)
{
	int r = read_time(X509_get0_notBefore(x), &ret->not_before, e);

	if (r < 0)
		return err_wrap(e, r, "certificate: not before");
	r = read_time(X509_get0_notAfter(x), &ret->not_after, e);
	return r < 0 ? err_wrap(e, r, "certificate: not after") : 0;
}

static int read_issuer(const X509 *x, struct arena *a, struct cert_facts *ret, struct err *e)
{
	int r = name_der(X509_get_issuer_name(x), a, &ret->issuer_der, e);

	if (r == 0)
		r = read_name(X509_get_issuer_name(x), a, &ret->issuer, &ret->issuer_text, e);
	return r < 0 ? err_wrap(e, r, "certificate: issuer") : 0;
}

/* A root's subject is its issuer, and needs no second reading. */
static int read_subject(const X509 *x, struct arena *a, struct cert_facts *ret, struct err *e)
{
	int r = name_der(X509_get_subject_name(x), a, &ret->subject_der, e);

	ret->self_issued = r == 0 && bytes_equal(ret->subject_der, ret->issuer_der);
	if (ret->self_issued) {
		ret->subject = ret->issuer;
		ret->subject_text = ret->issuer_text;
		return 0;
	}
	if (r == 0)
		r = read_name(X509_get_subject_name(x), a, &ret->subject, &ret->subject_text, e);
	return r < 0 ? err_wrap(e, r, "certificate: subject") : 0;
}

/* In the order of TBSCertificate, RFC 5280 section 4.1.2. */
static int read_tbs(X509 *x, struct arena *a, struct cert_facts *ret, struct err *e)
{
	int r;

	ret->version = (int)X509_get_version(x) + 1;
	if (ret->version < 1 || ret->version > 3)
		return err_set(e, -EINVAL, "certificate: version: want 1 to 3, got %d", ret->version);
	r = read_serial(x, a, ret, e);
	if (r < 0)
		return r;
	read_signature(x, ret);
	r = read_issuer(x, a, ret, e);
	if (r < 0)
		return r;
	r = read_validity(x, ret, e);
	if (r < 0)
		return r;
	r = read_subject(x, a, ret, e);
	if (r < 0)
		return r;
	r = read_key(x, ret, e);
	if (r < 0)
		return r;
	return x509_read_extensions(x, a, ret, e);
}

int x509_facts(X509 *x, struct bytes der, struct arena *a, struct cert_facts *ret, struct err *e)
{
	struct cert_facts c = { .path_len = -1 };
	int r;

	if (!arena_bytes(a, der, &c.der))
		return err_nomem(e);
	if (!x509_sha256(der, c.fingerprint))
		return openssl_err(e, -EIO, "certificate: SHA-256");
	r = read_tbs(x, a, &c, e);
	if (r < 0)
		return r;
	c.self_signature_valid = may_be_self_signed(&c) && x509_signed_by(x, &c, x, &c);
	*ret = c;
	return 0;
}

int x509_parse(struct bytes der, struct arena *a, struct cert_facts *ret, struct err *e)
{
	X509 *x CLEANUP(X509_freep) = NULL;
	int r = x509_decode(der, &x, e);

	return r < 0 ? r : x509_facts(x, der, a, ret, e);
}
