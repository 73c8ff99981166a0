/*
 * TLS of the server: GnuTLS, which libmicrohttpd uses, asks for the certificate at each handshake. It gets a copy of
 * its own, so that another one can be set while handshakes are under way.
 */
#include "sys/http/server_internal.h"

#include <assert.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

#define CHAIN_MAX 8

struct http_certificate {
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned int chain_n;
	gnutls_x509_privkey_t key;
};

void http_certificate_free(struct http_certificate *c)
{
	if (!c)
		return;
	for (unsigned int i = 0; i < c->chain_n; i++)
		gnutls_x509_crt_deinit(c->chain[i]);
	if (c->key)
		gnutls_x509_privkey_deinit(c->key);
	free(c);
}

static int refuse(int code, const char *what, struct err *e)
{
	return err_set(e, code == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EINVAL, "certificate for TLS: %s: %s", what,
		       gnutls_strerror(code));
}

static gnutls_datum_t datum_of(struct bytes b)
{
	return (gnutls_datum_t) { (unsigned char *)(uintptr_t)b.p, (unsigned int)b.n };
}

/* Does the key belong to the leaf? By their key identifiers: the hash of the public key. */
static bool key_fits(const struct http_certificate *c)
{
	unsigned char a[64], b[64];
	size_t a_n = sizeof(a), b_n = sizeof(b);

	return gnutls_x509_crt_get_key_id(c->chain[0], GNUTLS_KEYID_USE_SHA256, a, &a_n) == 0 &&
	       gnutls_x509_privkey_get_key_id(c->key, GNUTLS_KEYID_USE_SHA256, b, &b_n) == 0 &&
	       bytes_equal(bytes_of(a, a_n), bytes_of(b, b_n));
}

static int fill(struct http_certificate *c, struct bytes chain_pem, const struct secret *key_pem, struct err *e)
{
	gnutls_datum_t chain = datum_of(chain_pem), key = datum_of(secret_bytes(key_pem));
	unsigned int n = CHAIN_MAX;
	int r = gnutls_x509_crt_list_import(c->chain, &n, &chain, GNUTLS_X509_FMT_PEM,
					    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);

	if (r < 0)
		return refuse(r, "read the chain", e);
	c->chain_n = n;
	r = gnutls_x509_privkey_init(&c->key);
	if (r == 0)
		r = gnutls_x509_privkey_import2(c->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (r < 0)
		return refuse(r, "read the key", e);
	return n > 0 && key_fits(c) ? 0 : err_set(e, -EINVAL, "certificate for TLS: want its own key, got another one");
}

int http_certificate_new(struct bytes chain_pem, const struct secret *key_pem, struct http_certificate **ret,
			 struct err *e)
{
	struct http_certificate *c = calloc(1, sizeof(*c));
	int r = c ? fill(c, chain_pem, key_pem, e) : err_nomem(e);

	if (r == 0)
		*ret = c;
	else
		http_certificate_free(c);
	return r;
}

struct http_certificate *http_server_swap_certificate(struct http_server *s, struct http_certificate *c)
{
	struct http_certificate *old;

	(void)pthread_mutex_lock(&s->certificate_lock);
	old = s->certificate;
	s->certificate = c;
	(void)pthread_mutex_unlock(&s->certificate_lock);
	return old;
}

/* All that GnuTLS frees itself after the handshake, or nothing. */
static int copy(const struct http_certificate *c, gnutls_pcert_st **ret, gnutls_privkey_t *ret_key)
{
	gnutls_pcert_st *certs = gnutls_calloc(CHAIN_MAX, sizeof(*certs));
	gnutls_privkey_t key = NULL;
	unsigned int n = 0;
	int r = certs ? gnutls_privkey_init(&key) : GNUTLS_E_MEMORY_ERROR;

	if (r == 0)
		r = gnutls_privkey_import_x509(key, c->key, GNUTLS_PRIVKEY_IMPORT_COPY);
	while (r == 0 && n < c->chain_n) {
		r = gnutls_pcert_import_x509(&certs[n], c->chain[n], 0);
		if (r == 0)
			n++;
	}
	if (r == 0) {
		*ret = certs;
		*ret_key = key;
		return 0;
	}
	while (n > 0)
		gnutls_pcert_deinit(&certs[--n]);
	if (key)
		gnutls_privkey_deinit(key);
	gnutls_free(certs);
	return r;
}

int tls_on_handshake(gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **certs,
		     unsigned int *certs_n, gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_n, gnutls_privkey_t *key,
		     unsigned int *flags)
{
	struct MHD_Connection *connection = gnutls_session_get_ptr(session);
	struct http_connection *from = connection_of(connection);
	struct http_server *s = from ? ((struct http_door *)from->owner)->server : NULL;
	int r = GNUTLS_E_NO_CERTIFICATE_FOUND;

	(void)info;
	*ocsp = NULL;
	*ocsp_n = 0;
	if (!s)
		return -1;
	(void)pthread_mutex_lock(&s->certificate_lock);
	if (s->certificate)
		r = copy(s->certificate, certs, key);
	if (r == 0)
		*certs_n = s->certificate->chain_n;
	(void)pthread_mutex_unlock(&s->certificate_lock);
	*flags = GNUTLS_CERT_RETR_DEINIT_ALL;
	return r == 0 ? 0 : -1;
}
