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

static int check_iterations(const ASN1_INTEGER *n, struct err *e)
{
	int64_t v = 0;

	if (ASN1_INTEGER_get_int64(&v, n) == 1 && v >= 1 && v <= LIMIT_PBE_ITERATIONS_MAX)
		return 0;
	return openssl_err(e, -EINVAL, "key derivation: want 1 to %d iterations, got another number",
			   LIMIT_PBE_ITERATIONS_MAX);
}

/* PKCS#5 version 2 (RFC 8018). scrypt has a limit of its own in OpenSSL: 32 MiB. */
static int check_pbes2(const X509_ALGOR *alg, struct err *e)
{
	PBE2PARAM *pbes2 = unpack_parameters(ASN1_ITEM_rptr(PBE2PARAM), alg);
	PBKDF2PARAM *kdf = NULL;
	const ASN1_OBJECT *oid = NULL;
	int r = 0;

	if (pbes2) {
		X509_ALGOR_get0(&oid, NULL, NULL, pbes2->keyfunc);
		if (OBJ_obj2nid(oid) == NID_id_pbkdf2)
			kdf = unpack_parameters(ASN1_ITEM_rptr(PBKDF2PARAM), pbes2->keyfunc);
	}
	if (kdf)
		r = check_iterations(kdf->iter, e);
	PBKDF2PARAM_free(kdf);
	PBE2PARAM_free(pbes2);
	return r;
}

/* PKCS#12 appendix B and PKCS#5 version 1. */
static int check_pbe(const X509_ALGOR *alg, struct err *e)
{
	PBEPARAM *pbe = unpack_parameters(ASN1_ITEM_rptr(PBEPARAM), alg);
	int r = pbe ? check_iterations(pbe->iter, e) : 0;

	PBEPARAM_free(pbe);
	return r;
}

int pbe_check_cost(const X509_ALGOR *alg, struct err *e)
{
	const ASN1_OBJECT *oid = NULL;
	int r;

	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	r = OBJ_obj2nid(oid) == NID_pbes2 ? check_pbes2(alg, e) : check_pbe(alg, e);
	ERR_clear_error();
	return r;
}
