#include "certificates.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct authority {
	EVP_PKEY *key;
	X509 *cert;
};

static void add(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert(ext);
	assert(X509_add_ext(x, ext, -1) == 1);
	X509_EXTENSION_free(ext);
}

static X509 *blank(EVP_PKEY *key, const char *name, int days)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	unsigned char random[8];

	assert(RAND_bytes(random, sizeof(random)) == 1);
	random[0] = (unsigned char)((random[0] & 0x7f) | 0x40);
	BIGNUM *serial = BN_bin2bn(random, sizeof(random), NULL);
	BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));
	BN_free(serial);
	X509_set_version(x, X509_VERSION_3);
	X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)"Test", -1, -1, 0);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_time_adj_ex(X509_getm_notAfter(x), days, 0, NULL);
	X509_set_pubkey(x, key);
	return x;
}

static char *text_of(BIO *bio)
{
	char *data, *text;
	long n = BIO_get_mem_data(bio, &data);

	text = calloc(1, (size_t)n + 1);
	assert(text);
	memcpy(text, data, (size_t)n);
	BIO_free(bio);
	return text;
}

static char *cert_text(X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert(PEM_write_bio_X509(bio, x) == 1);
	return text_of(bio);
}

struct authority *authority_new(const char *name)
{
	struct authority *a = calloc(1, sizeof(*a));

	assert(a);
	a->key = EVP_EC_gen("P-256");
	a->cert = blank(a->key, name, 3650);
	X509_set_issuer_name(a->cert, X509_get_subject_name(a->cert));
	add(a->cert, a->cert, NID_basic_constraints, "critical,CA:TRUE");
	add(a->cert, a->cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	add(a->cert, a->cert, NID_subject_key_identifier, "hash");
	assert(X509_sign(a->cert, a->key, EVP_sha256()) > 0);
	return a;
}

void authority_free(struct authority *a)
{
	EVP_PKEY_free(a->key);
	X509_free(a->cert);
	free(a);
}

char *authority_pem(const struct authority *a)
{
	return cert_text(a->cert);
}

void authority_issue(struct authority *a, const char *name, const char *san, int days, char **ret_key_pem,
		     char **ret_cert_pem)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = blank(key, name, days);
	BIO *bio = BIO_new(BIO_s_mem());

	X509_set_issuer_name(x, X509_get_subject_name(a->cert));
	add(x, a->cert, NID_basic_constraints, "critical,CA:FALSE");
	add(x, a->cert, NID_key_usage, "critical,digitalSignature");
	add(x, a->cert, NID_ext_key_usage, "serverAuth");
	add(x, a->cert, NID_subject_alt_name, san);
	add(x, a->cert, NID_subject_key_identifier, "hash");
	add(x, a->cert, NID_authority_key_identifier, "keyid");
	assert(X509_sign(x, a->key, EVP_sha256()) > 0);
	assert(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	*ret_key_pem = text_of(bio);
	*ret_cert_pem = cert_text(x);
	X509_free(x);
	EVP_PKEY_free(key);
}
