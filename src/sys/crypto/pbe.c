#include "sys/crypto/pkey_internal.h"

#include "base/limits.h"
#include "sys/crypto/openssl_err.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/x509.h>

/* The parameters of an AlgorithmIdentifier as a structure; NULL when they are none of this kind. */
static void *unpack_parameters(const ASN1_ITEM *it, const X509_ALGOR *alg)
{
	int type = V_ASN1_UNDEF;
	const void *value = NULL;

	X509_ALGOR_get0(NULL, &type, &value, alg);
	return type == V_ASN1_SEQUENCE ? ASN1_item_unpack(value, it) : NULL;
}

int pbe_add_work(int64_t iterations, int64_t *work, struct err *e)
{
	if (iterations < 1 || iterations > LIMIT_PBE_ITERATIONS_MAX)
		return openssl_err(e, -EINVAL, "key derivation: want 1 to %d iterations, got another number",
				   LIMIT_PBE_ITERATIONS_MAX);
	if (iterations > LIMIT_PBE_ITERATIONS_ALL_MAX - *work)
		return openssl_err(e, -EINVAL, "key derivations: want at most %d iterations in all, got more",
				   LIMIT_PBE_ITERATIONS_ALL_MAX);
	*work += iterations;
	return 0;
}

/* 0, which is out of every range, when it is no number of 64 bits. */
static int64_t number_of(const ASN1_INTEGER *n)
{
	int64_t v = 0;

	return n && ASN1_INTEGER_get_int64(&v, n) == 1 ? v : 0;
}

static int check_pbkdf2(const X509_ALGOR *alg, int64_t *work, struct err *e)
{
	PBKDF2PARAM *kdf = unpack_parameters(ASN1_ITEM_rptr(PBKDF2PARAM), alg);
	int r = kdf ? pbe_add_work(number_of(kdf->iter), work, e) : 0;

	PBKDF2PARAM_free(kdf);
	return r;
}

/* RFC 7914 section 2. OpenSSL's own limit is one of memory; with a large p that is still hours. */
static int check_scrypt(const X509_ALGOR *alg, int64_t *work, struct err *e)
{
	SCRYPT_PARAMS *kdf = unpack_parameters(ASN1_ITEM_rptr(SCRYPT_PARAMS), alg);
	int64_t all = 0;
	int r;

	if (!kdf)
		return 0;
	if (__builtin_mul_overflow(number_of(kdf->costParameter), number_of(kdf->blockSize), &all) ||
	    __builtin_mul_overflow(all, number_of(kdf->parallelizationParameter), &all))
		all = 0;
	r = pbe_add_work(all, work, e);
	SCRYPT_PARAMS_free(kdf);
	return r;
}

/* PKCS#5 version 2 (RFC 8018). */
static int check_pbes2(const X509_ALGOR *alg, int64_t *work, struct err *e)
{
	PBE2PARAM *pbes2 = unpack_parameters(ASN1_ITEM_rptr(PBE2PARAM), alg);
	const ASN1_OBJECT *oid = NULL;
	int r = 0;

	if (!pbes2)
		return 0;
	X509_ALGOR_get0(&oid, NULL, NULL, pbes2->keyfunc);
	if (OBJ_obj2nid(oid) == NID_id_pbkdf2)
		r = check_pbkdf2(pbes2->keyfunc, work, e);
	else if (OBJ_obj2nid(oid) == NID_id_scrypt)
		r = check_scrypt(pbes2->keyfunc, work, e);
	PBE2PARAM_free(pbes2);
	return r;
}

/* PKCS#12 appendix B and PKCS#5 version 1. */
static int check_pbe(const X509_ALGOR *alg, int64_t *work, struct err *e)
{
	PBEPARAM *pbe = unpack_parameters(ASN1_ITEM_rptr(PBEPARAM), alg);
	int r = pbe ? pbe_add_work(number_of(pbe->iter), work, e) : 0;

	PBEPARAM_free(pbe);
	return r;
}

int pbe_check_cost(const X509_ALGOR *alg, int64_t *work, struct err *e)
{
	const ASN1_OBJECT *oid = NULL;
	int r;

	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	r = OBJ_obj2nid(oid) == NID_pbes2 ? check_pbes2(alg, work, e) : check_pbe(alg, work, e);
	ERR_clear_error();
	return r;
}
