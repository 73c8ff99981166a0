/* PKCS#12 (RFC 7292), read with all its keys and certificates, and written in one modern form. */
#include "sys/crypto/bundle.h"

#include "base/limits.h"
#include "sys/crypto/openssl_err.h"
#include "sys/crypto/pkey_internal.h"
#include "sys/crypto/x509_internal.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#define WRITE_ITERATIONS 100000 /* each of key, certificates and MAC: about 30 ms, and as long per guess */

/* A passphrase as OpenSSL takes it: NULL and "" are different ones. */
struct pass {
	const char *p;
	int n;
};

static int only_old_ciphers(struct err *e)
{
	return openssl_err(e, -EINVAL,
			   "PKCS#12: encrypted with RC2 or another cipher that is no longer supported; write it "
			   "anew with openssl pkcs12 -legacy and then without, or with keytool");
}

static int decryption_failed(const char *what, struct err *e)
{
	if (openssl_err_is_unsupported())
		return only_old_ciphers(e);
	(void)openssl_err(e, 1, "PKCS#12: %s: the passphrase is wrong", what);
	return 1;
}

/* ---- reading ---- */

static int read_cert_bag(const PKCS12_SAFEBAG *bag, struct bundle_parts *p, struct err *e)
{
	X509 *x CLEANUP(X509_freep) = NULL;
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };

	if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
		return 0;
	x = PKCS12_SAFEBAG_get1_cert(bag);
	if (x)
		der.n = i2d_X509(x, &der.p);
	if (!x || der.n <= 0)
		return openssl_err(e, -EINVAL, "PKCS#12: a certificate is damaged");
	return bundle_add_cert(p, ossl_bytes_view(&der), e);
}

static int add_key_info(const PKCS8_PRIV_KEY_INFO *info, struct bundle_parts *p, struct err *e)
{
	EVP_PKEY *key = NULL;
	struct pkey *k = NULL;
	int r = pkey_of_pkcs8(info, &key, e);

	if (r == 0)
		r = pkey_wrap_foreign(key, &k, e);
	return r < 0 ? err_wrap(e, r, "PKCS#12") : bundle_add_key(p, k, e);
}

static int read_shrouded_key(const PKCS12_SAFEBAG *bag, struct pass pass, struct bundle_parts *p, struct err *e)
{
	PKCS8_PRIV_KEY_INFO *info CLEANUP(PKCS8_PRIV_KEY_INFO_freep) = NULL;
	const X509_ALGOR *alg = NULL;
	int r;

	X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &alg, NULL);
	r = pbe_check_cost(alg, &p->work, e);
	if (r < 0)
		return err_wrap(e, r, "PKCS#12: private key");
	info = PKCS12_decrypt_skey(bag, pass.p, pass.n);
	return info ? add_key_info(info, p, e) : decryption_failed("private key", e);
}

static int read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, struct pass pass, int depth, struct bundle_parts *p,
		     struct err *e)
{
	int r = 0;

	if (depth > LIMIT_PKCS12_DEPTH_MAX)
		return err_set(e, -EINVAL, "PKCS#12: want bags nested at most %d deep, got more",
			       LIMIT_PKCS12_DEPTH_MAX);
	for (int i = 0; r == 0 && i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);

		switch (PKCS12_SAFEBAG_get_nid(bag)) {
		case NID_certBag:
			r = read_cert_bag(bag, p, e);
			break;
		case NID_keyBag:
			r = add_key_info(PKCS12_SAFEBAG_get0_p8inf(bag), p, e);
			break;
		case NID_pkcs8ShroudedKeyBag:
			r = read_shrouded_key(bag, pass, p, e);
			break;
		case NID_safeContentsBag:
			r = read_bags(PKCS12_SAFEBAG_get0_safes(bag), pass, depth + 1, p, e);
			break;
		default: /* revocation lists and secrets of others */
			break;
		}
	}
	return r;
}

/* One AuthenticatedSafe: in the clear or under the passphrase. */
static int open_safe(PKCS7 *safe, struct pass pass, int64_t *work, STACK_OF(PKCS12_SAFEBAG) * *ret, struct err *e)
{
	int r;

	if (PKCS7_type_is_data(safe)) {
		*ret = PKCS12_unpack_p7data(safe);
		return *ret ? 0 : openssl_err(e, -EINVAL, "PKCS#12: its content is damaged");
	}
	if (!PKCS7_type_is_encrypted(safe))
		return err_set(e, -EINVAL,
			       "PKCS#12: want content in the clear or under a passphrase, got public-key encryption");
	if (!safe->d.encrypted || !safe->d.encrypted->enc_data || !safe->d.encrypted->enc_data->algorithm)
		return err_set(e, -EINVAL, "PKCS#12: its encrypted content is damaged");
	r = pbe_check_cost(safe->d.encrypted->enc_data->algorithm, work, e);
	if (r < 0)
		return err_wrap(e, r, "PKCS#12: content");
	*ret = PKCS12_unpack_p7encdata(safe, pass.p, pass.n);
	return *ret ? 0 : decryption_failed("content", e);
}

static int read_safes(const PKCS12 *p12, struct pass pass, struct bundle_parts *p, struct err *e)
{
	STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p12);
	int r = 0;

	if (!safes)
		return openssl_err(e, -EINVAL, "PKCS#12: its content is damaged");
	for (int i = 0; r == 0 && i < sk_PKCS7_num(safes); i++) {
		STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

		r = open_safe(sk_PKCS7_value(safes, i), pass, &p->work, &bags, e);
		if (r == 0)
			r = read_bags(bags, pass, 0, p, e);
		sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	}
	sk_PKCS7_pop_free(safes, PKCS7_free);
	return r;
}

static int check_mac_cost(const PKCS12 *p12, int64_t *work, struct err *e)
{
	const ASN1_INTEGER *iterations = NULL;
	int64_t n = 1;
	int r;

	PKCS12_get0_mac(NULL, NULL, NULL, &iterations, p12);
	if (iterations && ASN1_INTEGER_get_int64(&n, iterations) != 1)
		n = 0;
	r = pbe_add_work(n, work, e);
	return r < 0 ? err_wrap(e, r, "PKCS#12: MAC") : 0;
}

/*
 * Which passphrase opens it? The MAC tells. Without one given, both ways of having none are tried; without a MAC the
 * decryption itself will tell.
 */
static int choose_pass(PKCS12 *p12, const struct secret *given, int64_t *work, struct pass *ret, struct err *e)
{
	struct bytes b = given ? secret_bytes(given) : bytes_of_str("");
	int r;

	if (b.n > INT32_MAX || memchr(b.p, 0, b.n))
		return err_set(e, -EINVAL, "PKCS#12: want a passphrase without NUL bytes");
	*ret = (struct pass) { (const char *)b.p, (int)b.n };
	if (!PKCS12_mac_present(p12))
		return 0;
	r = check_mac_cost(p12, work, e);
	if (r < 0)
		return r;
	if (PKCS12_verify_mac(p12, ret->p, ret->n) == 1)
		return 0;
	if (b.n == 0 && PKCS12_verify_mac(p12, NULL, 0) == 1) {
		*ret = (struct pass) { NULL, 0 };
		return 0;
	}
	if (openssl_err_is_unsupported())
		return only_old_ciphers(e);
	ERR_clear_error();
	return err_set(e, 1, given ? "PKCS#12: the passphrase is wrong" : "PKCS#12: want a passphrase, got none");
}

int pkcs12_read(struct bytes der, const struct secret *passphrase, struct bundle_parts *p, struct err *e)
{
	const unsigned char *at = der.p;
	PKCS12 *p12 CLEANUP(PKCS12_freep) = der.n > 0 ? d2i_PKCS12(NULL, &at, (long)der.n) : NULL;
	struct pass pass = { NULL, 0 };
	int r;

	ERR_clear_error();
	if (!p12)
		return 2;
	if (at != der.p + der.n)
		return err_set(e, -EINVAL, "PKCS#12: %td bytes behind its end", der.p + der.n - at);
	r = choose_pass(p12, passphrase, &p->work, &pass, e);
	if (r == 0)
		r = read_safes(p12, pass, p, e);
	ERR_clear_error();
	if (r == 0 && p->bundle->n == 0 && p->keys_n == 0)
		return err_set(e, -EINVAL, "PKCS#12: want certificates or private keys, got neither");
	return r;
}

/* ---- writing ---- */

static int load_chain(const struct bytes *chain, size_t n, X509 **ret_leaf, STACK_OF(X509) * ret_others, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(X509_freep) X509 *checked = NULL;
		const unsigned char *p = chain[i].p;
		X509 *x = NULL;
		int r = x509_decode(chain[i], &checked, e);

		if (r < 0)
			return err_wrap(e, r, "PKCS#12: certificate %zu of %zu", i + 1, n);
		x = d2i_X509(NULL, &p, (long)chain[i].n); /* one that knows its key OpenSSL's way */
		if (!x)
			return openssl_err(e, -EINVAL, "PKCS#12: certificate %zu of %zu", i + 1, n);
		if (i == 0) {
			*ret_leaf = x;
		} else if (sk_X509_push(ret_others, x) == 0) {
			X509_free(x);
			return err_nomem(e);
		}
	}
	return 0;
}

static int check_write(const struct bytes *chain, size_t n, const struct secret *passphrase, struct err *e)
{
	struct bytes pass = secret_bytes(passphrase);

	if (n == 0 || n > FACTS_CHAIN_MAX || !chain)
		return err_set(e, -EINVAL, "PKCS#12: want a chain of 1 to %d certificates, got %zu", FACTS_CHAIN_MAX,
			       n);
	if (pass.n == 0 || memchr(pass.p, 0, pass.n) || !bytes_is_utf8(pass))
		return err_set(e, -EINVAL, "PKCS#12: want a passphrase that is text and not empty");
	return 0;
}

static int encode_pkcs12(const struct pkey *k, X509 *leaf, STACK_OF(X509) * others, const char *friendly_name,
			 const struct secret *passphrase, struct buf *out, struct err *e)
{
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };
	PKCS12 *p12 CLEANUP(PKCS12_freep) = PKCS12_create((const char *)secret_bytes(passphrase).p, friendly_name, k->p,
							  leaf, others, NID_aes_256_cbc, NID_aes_256_cbc,
							  WRITE_ITERATIONS, -1, 0);

	/* PBES2 takes HMAC-SHA256 by default; the MAC is written apart, because its default has changed between
	 * versions. */
	if (!p12 || PKCS12_set_mac(p12, (const char *)secret_bytes(passphrase).p, (int)secret_bytes(passphrase).n, NULL,
				   0, WRITE_ITERATIONS, EVP_sha256()) != 1)
		return openssl_err(e, -EINVAL, "PKCS#12: write");
	der.n = i2d_PKCS12(p12, &der.p);
	if (der.n <= 0)
		return openssl_err(e, -EIO, "PKCS#12: encode");
	buf_add(out, ossl_bytes_view(&der));
	return buf_bad(out) ? err_set(e, -ENOMEM, "PKCS#12: no room for %d bytes", der.n) : 0;
}

int pkcs12_write(const struct pkey *k, const struct bytes *chain, size_t n, const char *friendly_name,
		 const struct secret *passphrase, struct buf *out, struct err *e)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	X509 *leaf = NULL;
	int r = others ? check_write(chain, n, passphrase, e) : err_nomem(e);

	if (r == 0)
		r = load_chain(chain, n, &leaf, others, e);
	if (r == 0)
		r = encode_pkcs12(k, leaf, others, friendly_name, passphrase, out, e);
	X509_free(leaf);
	sk_X509_pop_free(others, X509_free);
	return r;
}
