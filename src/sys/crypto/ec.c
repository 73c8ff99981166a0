#include "sys/crypto/ec.h"

#include <pthread.h>

#include <openssl/core_names.h>
#include <openssl/params.h>

/* Keys without a point, for the life of the process; only read once they are made. */
static struct {
	pthread_once_t once;
	EVP_PKEY *curves[KEY_ALG_N];
} setup = { .once = PTHREAD_ONCE_INIT };

static EVP_PKEY *make_curve(const char *name)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *p = NULL;
	char group[8];
	OSSL_PARAM params[2];

	memcpy(group, name, strlen(name) + 1);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &p, EVP_PKEY_KEY_PARAMETERS, params) != 1)
		p = NULL;
	EVP_PKEY_CTX_free(ctx);
	return p;
}

static void set_up(void)
{
	setup.curves[KEY_ALG_EC_P256] = make_curve("P-256");
	setup.curves[KEY_ALG_EC_P384] = make_curve("P-384");
	setup.curves[KEY_ALG_EC_P521] = make_curve("P-521");
}

static EVP_PKEY *curve_of(enum key_alg curve)
{
	(void)pthread_once(&setup.once, set_up);
	return curve < KEY_ALG_N ? setup.curves[curve] : NULL;
}

EVP_PKEY *ec_public_key(enum key_alg curve, struct bytes point)
{
	EVP_PKEY *from = curve_of(curve), *p = from ? EVP_PKEY_dup(from) : NULL;

	if (p && point.n > 0 && EVP_PKEY_set1_encoded_public_key(p, point.p, point.n) == 1)
		return p;
	EVP_PKEY_free(p);
	return NULL;
}

EVP_PKEY *ec_generate(enum key_alg curve)
{
	EVP_PKEY *from = curve_of(curve), *p = NULL;
	EVP_PKEY_CTX *ctx = from ? EVP_PKEY_CTX_new_from_pkey(NULL, from, NULL) : NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_keygen(ctx, &p) != 1)
		p = NULL;
	EVP_PKEY_CTX_free(ctx);
	return p;
}
