#include "sys/crypto/pkey_internal.h"

#include "base/limits.h"
#include "sys/crypto/ec.h"
#include "sys/crypto/openssl_err.h"
#include "sys/crypto/x509_internal.h"

#include <errno.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <sodium.h>

#define RSA_BITS_MIN 1024 /* to be read at all; the policy for use is core/pki's */
#define RSA_BITS_MAX 8192

void pkey_free(struct pkey *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->p);
	free(k);
}

struct pkey *pkey_clone(const struct pkey *k)
{
	struct pkey *c = malloc(sizeof(*c));

	if (!c)
		return NULL;
	*c = *k;
	EVP_PKEY_up_ref(c->p);
	return c;
}

static int check_kind(const EVP_PKEY *p, struct key_spec *ret, struct err *e)
{
	ret->alg = x509_key_alg(p, &ret->bits);
	if (ret->alg == KEY_ALG_OTHER)
		return err_set(e, -EINVAL, "private key: want RSA, EC P-256, P-384, P-521 or Ed25519, got %s",
			       EVP_PKEY_get0_type_name(p) ? EVP_PKEY_get0_type_name(p) : "another kind");
	if (ret->alg == KEY_ALG_RSA && (ret->bits < RSA_BITS_MIN || ret->bits > RSA_BITS_MAX))
		return err_set(e, -EINVAL, "private key: want RSA of %d to %d bits, got %d", RSA_BITS_MIN, RSA_BITS_MAX,
			       ret->bits);
	return 0;
}

/* OpenSSL's own way, which goes through its encoders and costs more than a signature. */
static bool write_public_slowly(const EVP_PKEY *p, X509_PUBKEY **out)
{
	EVP_PKEY *mutable_p = NULL;

	memcpy(&mutable_p, &p, sizeof(p)); /* X509_PUBKEY_set() takes a reference, no more */
	return X509_PUBKEY_set(out, mutable_p) == 1;
}

/* RFC 5480 section 2 and RFC 8410 section 4. `bits` are taken. */
static bool set_public(X509_PUBKEY **out, int algorithm, int curve, uint8_t *bits, size_t n)
{
	if (!*out)
		*out = X509_PUBKEY_new();
	if (*out && X509_PUBKEY_set0_param(*out, OBJ_nid2obj(algorithm), curve ? V_ASN1_OBJECT : V_ASN1_UNDEF,
					   curve ? OBJ_nid2obj(curve) : NULL, bits, (int)n) == 1)
		return true;
	OPENSSL_free(bits);
	return false;
}

static int curve_nid(enum key_alg alg)
{
	switch (alg) {
	case KEY_ALG_EC_P256:
		return NID_X9_62_prime256v1;
	case KEY_ALG_EC_P384:
		return NID_secp384r1;
	case KEY_ALG_EC_P521:
		return NID_secp521r1;
	case KEY_ALG_OTHER:
	case KEY_ALG_RSA:
	case KEY_ALG_ED25519:
	case KEY_ALG_N:
	default:
		return NID_undef;
	}
}

bool pkey_write_public(const struct pkey *k, X509_PUBKEY **out)
{
	int curve = curve_nid(k->spec.alg);
	uint8_t *bits;

	if (k->public_n == 0)
		return write_public_slowly(k->p, out);
	bits = OPENSSL_memdup(k->public, k->public_n);
	return bits && set_public(out, curve ? NID_X9_62_id_ecPublicKey : NID_ED25519, curve, bits, k->public_n);
}

/* The bits that stand in a certificate, where they are a point; EC points uncompressed. */
static bool read_public(struct pkey *k)
{
	k->public_n = sizeof(k->public);
	if (k->spec.alg == KEY_ALG_ED25519)
		return EVP_PKEY_get_raw_public_key(k->p, k->public, &k->public_n) == 1;
	if (curve_nid(k->spec.alg) == NID_undef) {
		k->public_n = 0;
		return true;
	}
	(void)EVP_PKEY_set_utf8_string_param(k->p, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
	return EVP_PKEY_get_octet_string_param(k->p, OSSL_PKEY_PARAM_PUB_KEY, k->public, sizeof(k->public),
					       &k->public_n) == 1;
}

static int hash_public_half(struct pkey *k, struct err *e)
{
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };
	X509_PUBKEY *spki CLEANUP(X509_PUBKEY_freep) = NULL;

	if (!read_public(k) || !pkey_write_public(k, &spki) || (der.n = i2d_X509_PUBKEY(spki, &der.p)) <= 0)
		return openssl_err(e, -EINVAL, "private key: its public half");
	(void)crypto_hash_sha256(k->spki_sha256, der.p, (unsigned long long)der.n);
	return 0;
}

int pkey_wrap(EVP_PKEY *p, struct pkey **ret, struct err *e)
{
	struct pkey *k CLEANUP(pkey_freep) = calloc(1, sizeof(*k));
	int r;

	if (!k) {
		EVP_PKEY_free(p);
		return err_nomem(e);
	}
	k->p = p;
	r = check_kind(p, &k->spec, e);
	if (r < 0)
		return r;
	r = hash_public_half(k, e);
	if (r < 0)
		return r;
	*ret = TAKE(k);
	return 0;
}

/* Sign and verify a few bytes: the private and the public half of the file belong together. */
static bool halves_agree(EVP_PKEY *p, enum key_alg alg)
{
	static const uint8_t message[] = "gatewright: is this one key?";
	const EVP_MD *md = alg == KEY_ALG_ED25519 ? NULL : EVP_sha256();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[RSA_BITS_MAX / 8];
	size_t n = sizeof(signature);
	bool good = false;

	if (ctx && EVP_DigestSignInit(ctx, NULL, md, NULL, p) == 1 &&
	    EVP_DigestSign(ctx, signature, &n, message, sizeof(message)) == 1 && EVP_MD_CTX_reset(ctx) == 1 &&
	    EVP_DigestVerifyInit(ctx, NULL, md, NULL, p) == 1)
		good = EVP_DigestVerify(ctx, signature, n, message, sizeof(message)) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

/* No longer than the modulus (RFC 8017 section 3.2), or a calculation with it could take hours. Absent: fine. */
static bool fits(const EVP_PKEY *p, const char *number)
{
	BIGNUM *n = NULL;
	bool good = EVP_PKEY_get_bn_param(p, number, &n) != 1 || BN_num_bits(n) <= EVP_PKEY_get_bits(p);

	BN_clear_free(n);
	return good;
}

static bool rsa_numbers_fit(const EVP_PKEY *p)
{
	static const char *const numbers[] = {
		OSSL_PKEY_PARAM_RSA_D,	       OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	BIGNUM *third = NULL;
	bool good = EVP_PKEY_get_bn_param(p, OSSL_PKEY_PARAM_RSA_FACTOR3, &third) != 1;

	BN_clear_free(third);
	for (size_t i = 0; i < ARRAY_N(numbers); i++)
		good = good && fits(p, numbers[i]);
	ERR_clear_error();
	return good;
}

int pkey_wrap_foreign(EVP_PKEY *p, struct pkey **ret, struct err *e)
{
	struct pkey *k CLEANUP(pkey_freep) = NULL;
	int r = pkey_wrap(p, &k, e);

	if (r < 0)
		return r;
	if (k->spec.alg == KEY_ALG_RSA && !rsa_numbers_fit(k->p))
		return err_set(e, -EINVAL,
			       "private key: want RSA with two primes and no number longer than its modulus");
	if (!halves_agree(k->p, k->spec.alg))
		return err_set(e, -EINVAL, "private key: its private and public halves do not belong together");
	*ret = TAKE(k);
	return 0;
}

/* NULL: not one of the kinds that are made here, or OpenSSL failed. */
static EVP_PKEY *generate(struct key_spec spec)
{
	switch (spec.alg) {
	case KEY_ALG_EC_P256:
	case KEY_ALG_EC_P384:
	case KEY_ALG_EC_P521:
		return ec_generate(spec.alg);
	case KEY_ALG_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case KEY_ALG_RSA:
		return spec.bits == 2048 || spec.bits == 3072 || spec.bits == 4096
			       ? EVP_RSA_gen((unsigned int)spec.bits)
			       : NULL;
	case KEY_ALG_OTHER:
	case KEY_ALG_N:
	default:
		return NULL;
	}
}

int pkey_generate(struct key_spec spec, struct pkey **ret, struct err *e)
{
	EVP_PKEY *p;

	ERR_clear_error();
	p = generate(spec);
	if (p)
		return pkey_wrap(p, ret, e);
	if (ERR_peek_error() != 0)
		return openssl_err(e, -EIO, "generate a key");
	return err_set(
		e, -EINVAL,
		"generate a key: want EC P-256, P-384, P-521, Ed25519 or RSA 2048, 3072, 4096, got another kind");
}

int pkey_to_der(const struct pkey *k, struct secret **ret, struct err *e)
{
	PKCS8_PRIV_KEY_INFO *p8 CLEANUP(PKCS8_PRIV_KEY_INFO_freep) = NULL;
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };
	int r = pkcs8_write(k->p, k->spec.alg, ret, e);

	if (r <= 0)
		return r;
	p8 = EVP_PKEY2PKCS8(k->p);
	if (p8)
		der.n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der.p);
	if (!p8 || der.n <= 0)
		return openssl_err(e, -EIO, "encode a private key");
	*ret = secret_of(ossl_bytes_view(&der));
	return *ret ? 0 : err_nomem(e);
}

int pkey_of_pkcs8(const PKCS8_PRIV_KEY_INFO *p8, EVP_PKEY **ret, struct err *e)
{
	const unsigned char *content = NULL;
	const ASN1_OBJECT *oid = NULL;
	int n = 0, kind;

	/* the length comes only together with the content */
	if (PKCS8_pkey_get0(&oid, &content, &n, NULL, p8) != 1 || n > LIMIT_KEY_DER_MAX)
		return openssl_err(e, -EINVAL, "private key: want at most %d bytes, got %d", LIMIT_KEY_DER_MAX, n);
	kind = OBJ_obj2nid(oid);
	if (kind != NID_rsaEncryption && kind != NID_X9_62_id_ecPublicKey && kind != NID_ED25519)
		return err_set(e, -EINVAL, "private key: want RSA, EC P-256, P-384, P-521 or Ed25519, got %s",
			       kind == NID_undef ? "another kind" : OBJ_nid2sn(kind));
	*ret = EVP_PKCS82PKEY(p8);
	return *ret ? 0 : openssl_err(e, -EINVAL, "private key: damaged, or of a kind that is not supported");
}

int pkey_decode_pkcs8(struct bytes der, EVP_PKEY **ret, struct err *e)
{
	PKCS8_PRIV_KEY_INFO *p8 CLEANUP(PKCS8_PRIV_KEY_INFO_freep) = NULL;
	const unsigned char *p = der.p;

	if (der.n == 0 || der.n > LIMIT_KEY_DER_MAX)
		return err_set(e, -EINVAL, "private key: want 1 to %d bytes, got %zu", LIMIT_KEY_DER_MAX, der.n);
	if (pkcs8_read(der, ret) == 0)
		return 0;
	p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.n);
	if (!p8)
		return openssl_err(e, -EINVAL, "private key: not PKCS#8 (RFC 5958)");
	if (p != der.p + der.n)
		return err_set(e, -EINVAL, "private key: %td bytes behind its end", der.p + der.n - p);
	return pkey_of_pkcs8(p8, ret, e);
}

int pkey_from_der(struct bytes der, struct pkey **ret, struct err *e)
{
	EVP_PKEY *p = NULL;
	int r = pkey_decode_pkcs8(der, &p, e);

	return r < 0 ? r : pkey_wrap(p, ret, e);
}

/* Written straight into locked memory; sodium's base64 takes the same time for every key. */
int pkey_to_pem(const struct pkey *k, struct secret **ret, struct err *e)
{
	static const char begin[] = "-----BEGIN PRIVATE KEY-----\n", end[] = "-----END PRIVATE KEY-----\n";
	struct secret *der CLEANUP(secret_freep) = NULL, *pem CLEANUP(secret_freep) = NULL;
	int r = pkey_to_der(k, &der, e);
	struct bytes rest;
	char *out;

	if (r < 0)
		return r;
	rest = secret_bytes(der);
	pem = secret_new(sizeof(begin) + sizeof(end) + (rest.n / 48 + 1) * 66);
	if (!pem)
		return err_nomem(e);
	out = stpcpy((char *)secret_data(pem), begin);
	while (rest.n > 0) {
		size_t n = rest.n < 48 ? rest.n : 48;

		(void)sodium_bin2base64(out, 65, rest.p, n, sodium_base64_VARIANT_ORIGINAL);
		out += strlen(out);
		*out++ = '\n';
		rest = bytes_of(rest.p + n, rest.n - n);
	}
	out = stpcpy(out, end);
	secret_truncate(pem, (size_t)(out - (char *)secret_data(pem)));
	*ret = TAKE(pem);
	return 0;
}

bool pkey_matches(const struct pkey *k, const struct cert_facts *cert)
{
	X509 *x CLEANUP(X509_freep) = NULL;
	EVP_PKEY *p;
	bool same;

	if (memcmp(k->spki_sha256, cert->spki_sha256, FINGERPRINT_SIZE) == 0)
		return true;
	/* One key can be encoded in two ways: an EC point is compressed or not. */
	if (cert->key_alg != k->spec.alg || x509_decode(cert->der, &x, NULL) < 0)
		return false;
	p = x509_key(x);
	same = p && EVP_PKEY_eq(k->p, p) == 1;
	ERR_clear_error();
	return same;
}

struct key_spec pkey_spec(const struct pkey *k)
{
	return k->spec;
}
