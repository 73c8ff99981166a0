#include "sys/crypto/pem.h"

#include "base/limits.h"
#include "sys/crypto/openssl_err.h"
#include "sys/crypto/pkey_internal.h"
#include "sys/crypto/x509_internal.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/pem.h>

void pem_block_fini(struct pem_block *b)
{
	OPENSSL_free(b->label);
	OPENSSL_free(b->header);
	if (b->data)
		OPENSSL_clear_free(b->data, (size_t)b->n);
	*b = (struct pem_block) { 0 };
}

int pem_next(BIO *bio, struct pem_block *ret, struct err *e)
{
	pem_block_fini(ret);
	ERR_clear_error();
	if (PEM_read_bio(bio, &ret->label, &ret->header, &ret->data, &ret->n) == 1)
		return 0;
	if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PEM &&
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
		ERR_clear_error();
		return 1;
	}
	return openssl_err(e, -EINVAL, "a PEM block is damaged");
}

/* `type`: for the traditional form, what d2i_PrivateKey() is told. */
static const struct {
	const char *label;
	int type;
} key_labels[] = {
	{ PEM_STRING_PKCS8INF, EVP_PKEY_NONE },
	{ PEM_STRING_PKCS8, EVP_PKEY_NONE },
	{ PEM_STRING_RSA, EVP_PKEY_RSA },
	{ PEM_STRING_ECPRIVATEKEY, EVP_PKEY_EC },
};

static const struct {
	const char *label, *excuse;
} excuses[] = {
	{ "OPENSSH PRIVATE KEY", "an OpenSSH private key, not a TLS one; convert it with ssh-keygen -p -m PKCS8" },
	{ "DSA PRIVATE KEY", "a DSA key, which TLS no longer uses" },
	{ "CERTIFICATE REQUEST", "a certificate request, not a certificate" },
	{ "NEW CERTIFICATE REQUEST", "a certificate request, not a certificate" },
	{ "PKCS7", "a PKCS#7 file; take it apart with openssl pkcs7 -print_certs" },
	{ "PUBLIC KEY", "a public key, without certificate or private key" },
	{ "X509 CRL", "a certificate revocation list, not a certificate" },
};

bool pem_block_is_key(const struct pem_block *b)
{
	for (size_t i = 0; i < ARRAY_N(key_labels); i++)
		if (strcmp(b->label, key_labels[i].label) == 0)
			return true;
	return false;
}

const char *pem_block_excuse(const struct pem_block *b)
{
	for (size_t i = 0; i < ARRAY_N(excuses); i++)
		if (strcmp(b->label, excuses[i].label) == 0)
			return excuses[i].excuse;
	return NULL;
}

/* For OpenSSL, which would ask on the terminal without one. */
static int give_passphrase(char *out, int size, int writing, void *context)
{
	struct bytes b = context ? secret_bytes(context) : BYTES_NONE;

	(void)writing;
	if (!context || size < 0 || b.n > (size_t)size)
		return -1;
	if (b.n > 0)
		memcpy(out, b.p, b.n);
	return (int)b.n;
}

/* After a failed decryption: is it the passphrase, or can nobody here read this? */
static int decryption_failed(struct err *e)
{
	if (openssl_err_is_unsupported())
		return openssl_err(e, -EINVAL,
				   "private key: encrypted in an old way that is not supported; want AES or 3DES");
	(void)openssl_err(e, 1, "private key: the passphrase is wrong");
	return 1;
}

/* PKCS#8, RFC 5958 section 3. */
static int decrypt_pkcs8(const struct pem_block *b, const struct secret *passphrase, int64_t *work, EVP_PKEY **ret,
			 struct err *e)
{
	const unsigned char *p = b->data;
	X509_SIG *sealed CLEANUP(X509_SIG_freep) = d2i_X509_SIG(NULL, &p, b->n);
	PKCS8_PRIV_KEY_INFO *p8 CLEANUP(PKCS8_PRIV_KEY_INFO_freep) = NULL;
	const X509_ALGOR *alg = NULL;
	struct bytes pass;
	int r;

	if (!sealed || p != b->data + b->n)
		return openssl_err(e, -EINVAL, "private key: not encrypted PKCS#8 (RFC 5958)");
	if (!passphrase)
		return err_set(e, 1, "private key: it is encrypted: want a passphrase, got none");
	X509_SIG_get0(sealed, &alg, NULL);
	r = pbe_check_cost(alg, work, e);
	if (r < 0)
		return r;
	pass = secret_bytes(passphrase);
	p8 = pass.n > INT32_MAX ? NULL : PKCS8_decrypt(sealed, (const char *)pass.p, (int)pass.n);
	return p8 ? pkey_of_pkcs8(p8, ret, e) : decryption_failed(e);
}

/* Traditional encryption: RFC 1421 headers. */
static int decrypt_traditional(struct pem_block *b, const struct secret *passphrase, struct err *e)
{
	EVP_CIPHER_INFO cipher;
	void *context = NULL;

	if (passphrase)
		memcpy(&context, &passphrase, sizeof(context));
	if (PEM_get_EVP_CIPHER_INFO(b->header, &cipher) != 1)
		return openssl_err(e, -EINVAL, "private key: its encryption header is damaged or not supported");
	if (!cipher.cipher)
		return 0;
	if (!passphrase)
		return err_set(e, 1, "private key: it is encrypted: want a passphrase, got none");
	return PEM_do_header(&cipher, b->data, &b->n, give_passphrase, context) == 1 ? 0 : decryption_failed(e);
}

static int decode_traditional(struct pem_block *b, int type, const struct secret *passphrase, EVP_PKEY **ret,
			      struct err *e)
{
	long whole = b->n;
	int r = decrypt_traditional(b, passphrase, e);
	const unsigned char *p = b->data;

	if (r != 0)
		return r;
	if (b->n > LIMIT_KEY_DER_MAX)
		return err_set(e, -EINVAL, "private key: want at most %d bytes, got %ld", LIMIT_KEY_DER_MAX, b->n);
	*ret = d2i_PrivateKey(type, NULL, &p, b->n);
	if (*ret && p == b->data + b->n) {
		b->n = whole;
		return 0;
	}
	EVP_PKEY_free(*ret);
	*ret = NULL;
	/* One wrong passphrase in 256 leaves padding that looks right: what comes out is then no key. */
	r = b->n == whole ? -EINVAL : 1;
	b->n = whole;
	return openssl_err(e, r, r == 1 ? "private key: the passphrase is wrong" : "private key: damaged");
}

static int label_type(const char *label)
{
	for (size_t i = 0; i < ARRAY_N(key_labels); i++)
		if (strcmp(label, key_labels[i].label) == 0)
			return key_labels[i].type;
	return EVP_PKEY_NONE;
}

int pem_block_key(struct pem_block *b, const struct secret *passphrase, int64_t *work, struct pkey **ret, struct err *e)
{
	EVP_PKEY *p = NULL;
	int r;

	if (strcmp(b->label, PEM_STRING_PKCS8INF) == 0)
		r = pkey_decode_pkcs8(bytes_of(b->data, (size_t)b->n), &p, e);
	else if (strcmp(b->label, PEM_STRING_PKCS8) == 0)
		r = decrypt_pkcs8(b, passphrase, work, &p, e);
	else
		r = decode_traditional(b, label_type(b->label), passphrase, &p, e);
	return r != 0 ? r : pkey_wrap_foreign(p, ret, e);
}

int pkey_from_pem(struct bytes pem, const struct secret *passphrase, struct pkey **ret, struct err *e)
{
	BIO *bio CLEANUP(BIO_vfreep) = pem.n > BUNDLE_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
	struct pem_block b CLEANUP(pem_block_fini) = { 0 };
	int64_t work = 0;
	int r;

	if (!bio)
		return err_set(e, -EINVAL, "private key: want at most %d bytes, got %zu", BUNDLE_MAX, pem.n);
	for (int i = 0; i < LIMIT_PEM_BLOCKS_MAX; i++) {
		r = pem_next(bio, &b, e);
		if (r == 1)
			break;
		if (r < 0)
			return r;
		if (pem_block_is_key(&b))
			return pem_block_key(&b, passphrase, &work, ret, e);
		if (pem_block_excuse(&b))
			return err_set(e, -EINVAL, "private key: this is %s", pem_block_excuse(&b));
	}
	return err_set(e, -EINVAL, "private key: want a PEM text with a private key, got none");
}
