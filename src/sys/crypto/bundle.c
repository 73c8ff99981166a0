#include "sys/crypto/bundle.h"

#include "base/limits.h"
#include "codec/base64.h"
#include "sys/crypto/openssl_err.h"
#include "sys/crypto/pem.h"
#include "sys/crypto/pkey_internal.h"
#include "sys/crypto/x509_internal.h"

#include <errno.h>
#include <stdlib.h>

#include <openssl/err.h>

void bundle_fini(struct bundle *b)
{
	for (size_t i = 0; i < b->n; i++)
		pkey_free(b->keys[i]);
	*b = (struct bundle) { .n = 0 };
}

int bundle_add_cert(struct bundle_parts *p, struct bytes der, struct err *e)
{
	struct bundle *b = p->bundle;
	int r;

	for (size_t i = 0; i < b->n; i++)
		if (bytes_equal(b->certs[i], der))
			return 0;
	if (b->n == ARRAY_N(b->certs))
		return err_set(e, -EINVAL, "want at most %zu certificates, got more", ARRAY_N(b->certs));
	r = x509_parse(der, p->arena, &p->facts[b->n], e);
	if (r < 0)
		return err_wrap(e, r, "number %zu", b->n + 1);
	b->certs[b->n] = p->facts[b->n].der;
	b->n++;
	return 0;
}

int bundle_add_key(struct bundle_parts *p, struct pkey *k, struct err *e)
{
	for (size_t i = 0; i < p->keys_n; i++) {
		if (EVP_PKEY_eq(p->keys[i]->p, k->p) != 1)
			continue;
		pkey_free(k);
		ERR_clear_error();
		return 0;
	}
	ERR_clear_error();
	if (p->keys_n == ARRAY_N(p->keys)) {
		pkey_free(k);
		return err_set(e, -EINVAL, "want at most %zu keys, got more", ARRAY_N(p->keys));
	}
	p->keys[p->keys_n++] = k;
	return 0;
}

/* Several certificates may share a key (a renewal that kept it): each gets its own. */
static int match_keys(struct bundle_parts *p, struct err *e)
{
	for (size_t k = 0; k < p->keys_n; k++) {
		bool used = false;

		for (size_t i = 0; i < p->bundle->n; i++) {
			if (!pkey_matches(p->keys[k], &p->facts[i]))
				continue;
			p->bundle->keys[i] = pkey_clone(p->keys[k]);
			if (!p->bundle->keys[i])
				return err_nomem(e);
			used = true;
		}
		if (!used)
			p->bundle->orphan_keys++;
	}
	return 0;
}

/* ---- PEM ---- */

static int add_block(struct bundle_parts *p, struct pem_block *b, const struct secret *passphrase, struct err *e)
{
	struct pkey *k = NULL;
	int r;

	if (strcmp(b->label, "CERTIFICATE") == 0 || strcmp(b->label, "X509 CERTIFICATE") == 0)
		return bundle_add_cert(p, bytes_of(b->data, (size_t)b->n), e);
	if (!pem_block_is_key(b))
		return 0;
	r = pem_block_key(b, passphrase, &p->work, &k, e);
	return r != 0 ? r : bundle_add_key(p, k, e);
}

/* Certificates before keys: a file that is no good says so before a passphrase is asked for. */
static int read_blocks(struct bytes text, bool keys, const struct secret *passphrase, struct bundle_parts *p,
		       const char **ret_excuse, struct err *e)
{
	BIO *bio CLEANUP(BIO_vfreep) = BIO_new_mem_buf(text.p, (int)text.n);
	struct pem_block b CLEANUP(pem_block_fini) = { 0 };
	int r = bio ? 0 : err_nomem(e);

	for (int i = 0; r == 0 && i <= LIMIT_PEM_BLOCKS_MAX; i++) {
		if (i == LIMIT_PEM_BLOCKS_MAX)
			return err_set(e, -EINVAL, "PEM: want at most %d blocks, got more", LIMIT_PEM_BLOCKS_MAX);
		r = pem_next(bio, &b, e);
		if (r == 1)
			return 0;
		if (r == 0 && !*ret_excuse)
			*ret_excuse = pem_block_excuse(&b);
		if (r == 0 && pem_block_is_key(&b) == keys)
			r = add_block(p, &b, passphrase, e);
		if (r < 0)
			(void)err_wrap(e, r, "PEM block %d", i + 1);
	}
	return r;
}

static int read_pem(struct bytes text, const struct secret *passphrase, struct bundle_parts *p, struct err *e)
{
	const char *excuse = NULL;
	int r = read_blocks(text, false, passphrase, p, &excuse, e);

	if (r == 0)
		r = read_blocks(text, true, passphrase, p, &excuse, e);
	if (r != 0)
		return r;
	if (p->bundle->n > 0 || p->keys_n > 0)
		return 0;
	if (excuse)
		return err_set(e, -EINVAL, "want certificates or private keys, got %s", excuse);
	return err_set(e, -EINVAL, "want certificates or private keys, got a PEM text with neither");
}

/* ---- DER and everything else ---- */

/* What the first bytes of well-known files mean to the person who chose one by mistake. */
static const char *looks_like(struct bytes b)
{
	static const uint8_t jks[] = { 0xfe, 0xed, 0xfe, 0xed }, jceks[] = { 0xce, 0xce, 0xce, 0xce };
	static const uint8_t signed_data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };

	if (b.n == 0)
		return "an empty file";
	if (b.n >= sizeof(jks) && (memcmp(b.p, jks, sizeof(jks)) == 0 || memcmp(b.p, jceks, sizeof(jceks)) == 0))
		return "a Java keystore (JKS); convert it with keytool -importkeystore -deststoretype pkcs12";
	if (b.p[0] == 0x30 && memmem(b.p, b.n < 32 ? b.n : 32, signed_data, sizeof(signed_data)))
		return "a PKCS#7 file; take it apart with openssl pkcs7 -inform der -print_certs";
	if (b.p[0] == 0x30)
		return "DER of another kind, or damaged";
	if (bytes_is_utf8(b) && !memchr(b.p, 0, b.n))
		return "a text without PEM blocks";
	return "bytes of another kind";
}

static int read_der(struct bytes der, const struct secret *passphrase, struct bundle_parts *p, struct err *e)
{
	X509 *x CLEANUP(X509_freep) = NULL;
	struct pkey *k = NULL;
	int r = pkcs12_read(der, passphrase, p, e);

	if (r != 2)
		return r;
	if (x509_decode(der, &x, NULL) == 0)
		return bundle_add_cert(p, der, e);
	if (pkey_from_der(der, &k, NULL) == 0)
		return bundle_add_key(p, k, e);
	return err_set(e, -EINVAL, "want PEM, PKCS#12 or a DER certificate, got %s", looks_like(der));
}

int bundle_read(struct bytes data, const struct secret *passphrase, struct arena *a, struct bundle *ret, struct err *e)
{
	static const char begin[] = "-----BEGIN ";
	struct bundle b = { .n = 0 };
	struct bundle_parts *p CLEANUP(util_freep) = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return err_nomem(e);
	if (data.n > BUNDLE_MAX)
		return err_set(e, -EINVAL, "bundle: want at most %d bytes, got %zu", BUNDLE_MAX, data.n);
	p->arena = a;
	p->bundle = &b;
	r = data.n > 0 && memmem(data.p, data.n, begin, sizeof(begin) - 1) ? read_pem(data, passphrase, p, e)
									   : read_der(data, passphrase, p, e);
	if (r == 0)
		r = match_keys(p, e);
	for (size_t i = 0; i < p->keys_n; i++)
		pkey_free(p->keys[i]);
	if (r != 0) {
		bundle_fini(&b);
		return err_wrap(e, r, "bundle");
	}
	*ret = b;
	return 0;
}

/* ---- certificates alone, for whoever holds no keys ---- */

int x509_pem_to_ders(struct bytes pem, struct arena *a, struct bytes *ders, size_t max, size_t *ret_n, struct err *e)
{
	BIO *bio CLEANUP(BIO_vfreep) = NULL;
	struct pem_block b CLEANUP(pem_block_fini) = { 0 };
	size_t n = 0;
	int r;

	if (pem.n > BUNDLE_MAX)
		return err_set(e, -EINVAL, "PEM: want at most %d bytes, got %zu", BUNDLE_MAX, pem.n);
	bio = BIO_new_mem_buf(pem.n > 0 ? (const void *)pem.p : "", (int)pem.n);
	if (!bio)
		return err_nomem(e);
	for (int i = 0; i < LIMIT_PEM_BLOCKS_MAX; i++) {
		r = pem_next(bio, &b, e);
		if (r < 0)
			return err_wrap(e, r, "PEM block %d", i + 1);
		if (r == 1) {
			*ret_n = n;
			return 0;
		}
		if (strcmp(b.label, "CERTIFICATE") != 0 && strcmp(b.label, "X509 CERTIFICATE") != 0)
			continue;
		if (n == max)
			return err_set(e, -EINVAL, "PEM: want at most %zu certificates, got more", max);
		if (!arena_bytes(a, bytes_of(b.data, (size_t)b.n), &ders[n++]))
			return err_nomem(e);
	}
	return err_set(e, -EINVAL, "PEM: want at most %d blocks, got more", LIMIT_PEM_BLOCKS_MAX);
}

int x509_der_to_pem(struct bytes der, struct buf *out, struct err *e)
{
	buf_add_str(out, "-----BEGIN CERTIFICATE-----\n");
	for (size_t at = 0; at < der.n; at += 48) {
		base64_encode(bytes_of(der.p + at, der.n - at < 48 ? der.n - at : 48), out);
		buf_add_str(out, "\n");
	}
	buf_add_str(out, "-----END CERTIFICATE-----\n");
	return buf_bad(out) ? err_set(e, -ENOMEM, "PEM: no room for a certificate of %zu bytes", der.n) : 0;
}
