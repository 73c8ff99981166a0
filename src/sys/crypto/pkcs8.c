#include "sys/crypto/pkey_internal.h"

#include <errno.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

/* What stands before the private number, and between it and the public point. */
static const uint8_t p256_head[] = {
	0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
	0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
};
static const uint8_t p256_middle[] = { 0xa1, 0x44, 0x03, 0x42, 0x00 };
static const uint8_t p384_head[] = {
	0x30, 0x81, 0xb6, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
	0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x04, 0x81, 0x9e, 0x30, 0x81, 0x9b, 0x02, 0x01, 0x01, 0x04, 0x30,
};
static const uint8_t p384_middle[] = { 0xa1, 0x64, 0x03, 0x62, 0x00 };
static const uint8_t ed25519_head[] = {
	0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
};

#define PRIVATE_MAX 48
#define BYTES(a)             \
	{                    \
		a, sizeof(a) \
	}

static const struct form {
	enum key_alg alg;
	char group[8]; /* empty: not EC */
	struct bytes head;
	size_t private_n;
	struct bytes middle;
	size_t public_n;
} forms[] = {
	{ KEY_ALG_EC_P256, "P-256", BYTES(p256_head), 32, BYTES(p256_middle), 65 },
	{ KEY_ALG_EC_P384, "P-384", BYTES(p384_head), 48, BYTES(p384_middle), 97 },
	{ KEY_ALG_ED25519, "", BYTES(ed25519_head), 32, { NULL, 0 }, 0 },
};

static size_t form_size(const struct form *f)
{
	return f->head.n + f->private_n + f->middle.n + f->public_n;
}

/* OSSL_PARAM numbers are in the machine's byte order; those of PKCS#8 are big endian. */
static void to_or_from_native(uint8_t *p, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t c = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = c;
	}
#else
	(void)p;
	(void)n;
#endif
}

static bool write_ec(const EVP_PKEY *p, const struct form *f, uint8_t *private, uint8_t *public)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, private, f->private_n),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public, f->public_n),
		OSSL_PARAM_construct_end(),
	};

	if (EVP_PKEY_get_params(p, params) != 1 || params[0].return_size != f->private_n ||
	    params[1].return_size != f->public_n)
		return false;
	to_or_from_native(private, f->private_n);
	return true;
}

static bool write_key(const EVP_PKEY *p, const struct form *f, uint8_t *out)
{
	uint8_t *private = out + f->head.n, *public = private + f->private_n + f->middle.n;
	size_t n = f->private_n;

	memcpy(out, f->head.p, f->head.n);
	if (f->middle.n > 0)
		memcpy(private + f->private_n, f->middle.p, f->middle.n);
	if (f->group[0])
		return write_ec(p, f, private, public);
	return EVP_PKEY_get_raw_private_key(p, private, &n) == 1 && n == f->private_n;
}

int pkcs8_write(const EVP_PKEY *p, enum key_alg alg, struct secret **ret, struct err *e)
{
	for (size_t i = 0; i < ARRAY_N(forms); i++) {
		struct secret *der;

		if (forms[i].alg != alg)
			continue;
		der = secret_new(form_size(&forms[i]));
		if (!der)
			return err_nomem(e);
		if (write_key(p, &forms[i], secret_data(der))) {
			*ret = der;
			return 0;
		}
		ERR_clear_error();
		secret_free(der);
	}
	return 1;
}

static EVP_PKEY *make_ec(const struct form *f, uint8_t *private, uint8_t *public)
{
	char group[sizeof(f->group)];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *p = NULL;
	OSSL_PARAM params[4];

	memcpy(group, f->group, sizeof(group));
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public, f->public_n);
	params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, private, f->private_n);
	params[3] = OSSL_PARAM_construct_end();
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &p, EVP_PKEY_KEYPAIR, params) != 1)
		p = NULL;
	EVP_PKEY_CTX_free(ctx);
	return p;
}

static EVP_PKEY *read_key(const struct form *f, const uint8_t *der)
{
	const uint8_t *private = der + f->head.n, *public = private + f->private_n + f->middle.n;
	uint8_t number[PRIVATE_MAX], point[2 * PRIVATE_MAX + 1];
	EVP_PKEY *p;

	if (!f->group[0])
		return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private, f->private_n);
	memcpy(number, private, f->private_n);
	memcpy(point, public, f->public_n);
	to_or_from_native(number, f->private_n);
	p = make_ec(f, number, point);
	OPENSSL_cleanse(number, sizeof(number));
	return p;
}

static bool has_form(const struct form *f, struct bytes der)
{
	size_t middle_at = f->head.n + f->private_n;

	return der.n == form_size(f) && memcmp(der.p, f->head.p, f->head.n) == 0 &&
	       (f->middle.n == 0 || memcmp(der.p + middle_at, f->middle.p, f->middle.n) == 0);
}

int pkcs8_read(struct bytes der, EVP_PKEY **ret)
{
	for (size_t i = 0; i < ARRAY_N(forms); i++) {
		if (!has_form(&forms[i], der))
			continue;
		*ret = read_key(&forms[i], der.p);
		if (*ret)
			return 0;
		ERR_clear_error();
	}
	return 1;
}
