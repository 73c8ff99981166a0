#include "bare.h"

#include <stdbool.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

struct ca {
	EVP_PKEY *key;
	X509 *cert;
};

static bool add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool good;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	good = ext && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return good;
}

static bool add_attribute(X509_NAME *name, const char *field, const char *value)
{
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
}

static bool set_serial(X509 *x)
{
	unsigned char random[16];
	BIGNUM *n;
	bool good;

	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	random[0] &= 0x7f;
	n = BN_bin2bn(random, sizeof(random), NULL);
	good = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return good;
}

static bool fill(X509 *x, const char *common_name, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(x);

	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) && add_attribute(name, "C", "ES") &&
	       add_attribute(name, "L", "Madrid") && add_attribute(name, "O", "Example") &&
	       add_attribute(name, "CN", common_name) && X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
	       X509_gmtime_adj(X509_getm_notAfter(x), 365L * 86400) && X509_set_pubkey(x, key) == 1;
}

static bool encode(X509 *x, EVP_PKEY *key)
{
	unsigned char *cert = NULL, *private_key = NULL;
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
	int cert_n = i2d_X509(x, &cert), key_n = p8 ? i2d_PKCS8_PRIV_KEY_INFO(p8, &private_key) : -1;

	PKCS8_PRIV_KEY_INFO_free(p8);
	OPENSSL_free(cert);
	OPENSSL_free(private_key);
	return cert_n > 0 && key_n > 0;
}

static bool make_ca(struct ca *ca)
{
	ca->key = EVP_EC_gen("P-256");
	ca->cert = X509_new();
	return ca->key && ca->cert && fill(ca->cert, "Root", ca->key) &&
	       X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) == 1 &&
	       add_ext(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE") &&
	       add_ext(ca->cert, ca->cert, NID_subject_key_identifier, "hash") &&
	       X509_sign(ca->cert, ca->key, EVP_sha256()) > 0;
}

static bool make_leaf(const struct ca *ca)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	bool good = key && x && fill(x, "gateway", key) &&
		    X509_set_issuer_name(x, X509_get_subject_name(ca->cert)) == 1 &&
		    add_ext(x, ca->cert, NID_authority_key_identifier, "keyid") &&
		    add_ext(x, ca->cert, NID_subject_key_identifier, "hash") &&
		    add_ext(x, ca->cert, NID_key_usage, "critical,digitalSignature") &&
		    add_ext(x, ca->cert, NID_subject_alt_name, "DNS:gw.example.net,IP:192.0.2.1") &&
		    add_ext(x, ca->cert, NID_ext_key_usage, "serverAuth") && X509_sign(x, ca->key, EVP_sha256()) > 0 &&
		    encode(x, key);

	X509_free(x);
	EVP_PKEY_free(key);
	return good;
}

double bench_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double bare_issue(int n)
{
	struct ca ca = { 0 };
	bool good = make_ca(&ca) && make_leaf(&ca);
	double start = bench_now_ms();

	for (int i = 0; i < n && good; i++)
		good = make_leaf(&ca);
	X509_free(ca.cert);
	EVP_PKEY_free(ca.key);
	return good ? (bench_now_ms() - start) / n : -1;
}
