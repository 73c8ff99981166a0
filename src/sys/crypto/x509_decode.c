/*
 * DER to X509 objects and their keys, and signatures. OpenSSL 3.0 builds a chain of decoders for the public key of
 * every certificate that it reads, which costs two thirds of the whole and as much as four signatures. So certificates
 * are read in a library context without providers, where it finds none, and the key is made here from the
 * SubjectPublicKeyInfo.
 */
#include "sys/crypto/x509_internal.h"

#include "sys/crypto/der.h"
#include "sys/crypto/ec.h"
#include "sys/crypto/openssl_err.h"
#include "sys/crypto/x509_cache.h"

#include <errno.h>
#include <pthread.h>

#include <openssl/err.h>
#include <openssl/provider.h>

/* For the life of the process. */
static struct {
	pthread_once_t once;
	OSSL_LIB_CTX *without_providers;
	EVP_MD *sha256;
	int key_index; /* where an X509 keeps its key */
	bool good;
} setup = { .once = PTHREAD_ONCE_INIT };

static void free_key(void *parent, void *key, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)argl;
	(void)argp;
	EVP_PKEY_free(key);
}

static void set_up(void)
{
	setup.without_providers = OSSL_LIB_CTX_new();
	setup.key_index = X509_get_ex_new_index(0, NULL, NULL, NULL, free_key);
	setup.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	setup.good = setup.without_providers && setup.key_index >= 0 && setup.sha256 &&
		     OSSL_PROVIDER_load(setup.without_providers, "null") != NULL;
}

bool x509_sha256(struct bytes b, uint8_t ret[FINGERPRINT_SIZE])
{
	memset(ret, 0, FINGERPRINT_SIZE);
	return EVP_Digest(b.p, b.n, ret, NULL, setup.sha256, NULL) == 1;
}

/* ---- keys ---- */

/* The curve by its name, or KEY_ALG_OTHER; RFC 5480 section 2.1.1. */
static enum key_alg curve_of(const X509_ALGOR *alg)
{
	const ASN1_OBJECT *oid = NULL;
	const void *value = NULL;
	int type = V_ASN1_UNDEF;

	X509_ALGOR_get0(&oid, &type, &value, alg);
	if (OBJ_obj2nid(oid) != NID_X9_62_id_ecPublicKey || type != V_ASN1_OBJECT)
		return KEY_ALG_OTHER;
	switch (OBJ_obj2nid(value)) {
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

static X509_ALGOR *algorithm_of(const X509_PUBKEY *spki)
{
	X509_ALGOR *alg = NULL;

	(void)X509_PUBKEY_get0_param(NULL, NULL, NULL, &alg, spki);
	return alg;
}

static int algorithm_nid(const X509_ALGOR *alg)
{
	const ASN1_OBJECT *oid = NULL;

	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	return OBJ_obj2nid(oid);
}

bool x509_key_is_known_kind(const X509_PUBKEY *spki)
{
	const X509_ALGOR *alg = algorithm_of(spki);
	int nid = algorithm_nid(alg);

	return nid == NID_rsaEncryption || nid == NID_ED25519 || curve_of(alg) != KEY_ALG_OTHER;
}

static EVP_PKEY *make_other_key(X509_PUBKEY *spki)
{
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };
	const unsigned char *p;

	der.n = i2d_X509_PUBKEY(spki, &der.p);
	p = der.p;
	return der.n > 0 ? d2i_PUBKEY(NULL, &p, der.n) : NULL;
}

/* NULL: damaged, or not known. */
static EVP_PKEY *make_key(X509_PUBKEY *spki)
{
	enum key_alg curve = curve_of(algorithm_of(spki));
	const unsigned char *bits = NULL;
	EVP_PKEY *p;
	int n = 0;

	(void)X509_PUBKEY_get0_param(NULL, &bits, &n, NULL, spki);
	p = curve == KEY_ALG_OTHER ? make_other_key(spki) : ec_public_key(curve, bytes_of(bits, n > 0 ? (size_t)n : 0));
	ERR_clear_error();
	return p;
}

EVP_PKEY *x509_key(const X509 *x)
{
	return X509_get_ex_data(x, setup.key_index);
}

/* ---- certificates ---- */

static int decode_anew(struct bytes der, X509 **ret, struct err *e)
{
	const unsigned char *p = der.p;
	EVP_PKEY *key;
	X509 *x CLEANUP(X509_freep) = NULL;
	int r = der_check(der, e);

	if (r < 0)
		return err_wrap(e, r, "certificate");
	x = X509_new_ex(setup.without_providers, NULL);
	if (!x)
		return err_nomem(e);
	if (!d2i_X509(&x, &p, (long)der.n))
		return openssl_err(e, -EINVAL, "certificate: not X.509 (RFC 5280 section 4.1)");
	if (p != der.p + der.n)
		return err_set(e, -EINVAL, "certificate: %td bytes behind its end", der.p + der.n - p);
	key = make_key(X509_get_X509_PUBKEY(x));
	if (X509_set_ex_data(x, setup.key_index, key) != 1) {
		EVP_PKEY_free(key);
		return err_nomem(e);
	}
	ERR_clear_error();
	*ret = TAKE(x);
	return 0;
}

int x509_decode(struct bytes der, X509 **ret, struct err *e)
{
	uint8_t fingerprint[FINGERPRINT_SIZE];
	X509 *x;
	int r;

	if (der.n == 0 || der.n > X509_DER_MAX)
		return err_set(e, -EINVAL, "certificate: want 1 to %d bytes, got %zu", X509_DER_MAX, der.n);
	(void)pthread_once(&setup.once, set_up);
	if (!setup.good)
		return openssl_err(e, -EIO, "certificate: OpenSSL's providers");
	if (!x509_sha256(der, fingerprint))
		return openssl_err(e, -EIO, "certificate: SHA-256");
	x = x509_cache_get(fingerprint);
	if (!x) {
		r = decode_anew(der, &x, e);
		if (r < 0)
			return r;
		x509_cache_put(fingerprint, x);
	}
	*ret = x;
	return 0;
}

/* ---- signatures ---- */

/*
 * X509_verify() would look for the hash in the certificate's library context, so the signed part is handed over as what
 * it is, a SEQUENCE. As there, both algorithm identifiers must agree (RFC 5280 section 4.1.1.2).
 */
static bool verify(const X509 *x, struct bytes der, EVP_PKEY *key)
{
	ASN1_STRING *tbs = ASN1_STRING_new();
	ASN1_TYPE any = { .type = V_ASN1_SEQUENCE, .value.sequence = tbs };
	const ASN1_BIT_STRING *signature = NULL;
	const X509_ALGOR *alg = NULL;
	struct bytes part;
	bool good = false;

	X509_get0_signature(&signature, &alg, x);
	if (tbs && der_first_inner(der, &part) && ASN1_STRING_set(tbs, part.p, (int)part.n) == 1 &&
	    X509_ALGOR_cmp(alg, X509_get0_tbs_sigalg(x)) == 0)
		good = ASN1_item_verify(ASN1_ITEM_rptr(ASN1_ANY), alg, signature, &any, key) == 1;
	ASN1_STRING_free(tbs);
	ERR_clear_error();
	return good;
}

bool x509_signed_by(X509 *child, const struct cert_facts *child_facts, X509 *issuer,
		    const struct cert_facts *issuer_facts)
{
	EVP_PKEY *key = x509_key(issuer);
	bool good = false;

	if (x509_cache_signed(child_facts->fingerprint, issuer_facts->fingerprint, &good))
		return good;
	good = key && verify(child, child_facts->der, key);
	x509_cache_put_signed(child_facts->fingerprint, issuer_facts->fingerprint, good);
	return good;
}

int x509_verify(const struct cert_facts *cert, const struct cert_facts *issuer, bool *ret, struct err *e)
{
	X509 *child CLEANUP(X509_freep) = NULL, *above CLEANUP(X509_freep) = NULL;
	int r = x509_decode(cert->der, &child, e);

	if (r == 0)
		r = x509_decode(issuer->der, &above, e);
	if (r == 0)
		*ret = x509_signed_by(child, cert, above, issuer);
	return r;
}
