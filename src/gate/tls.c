#include "gate/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls_library {
	OSSL_LIB_CTX *lib;
};

struct tls_context {
	SSL_CTX *ctx;
};

/* The library's last words, or `otherwise`. Both live for ever: reason strings are constants. */
static const char *reason(const char *otherwise)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = code ? ERR_reason_error_string(code) : NULL;

	return text ? text : otherwise;
}

static int fail(struct err *e, const char *what)
{
	int r = err_set(e, -EINVAL, "%s: %s", what, reason("refused by the TLS library"));

	ERR_clear_error();
	return r;
}

int tls_library_new(struct tls_library **ret, struct err *e)
{
	struct tls_library *lib = calloc(1, sizeof(*lib));

	if (!lib)
		return err_nomem(e);
	lib->lib = OSSL_LIB_CTX_new();
	if (!lib->lib) {
		free(lib);
		return fail(e, "make a TLS library context");
	}
	*ret = lib;
	return 0;
}

void tls_library_free(struct tls_library *lib)
{
	if (!lib)
		return;
	OSSL_LIB_CTX_free(lib->lib);
	free(lib);
}

/*
 * A context
 */

static int use_key(SSL_CTX *ctx, struct tls_library *lib, struct bytes pem, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey_ex(bio, NULL, NULL, NULL, lib->lib, NULL) : NULL;
	int r = key && SSL_CTX_use_PrivateKey(ctx, key) == 1 ? 0 : fail(e, "private key");

	EVP_PKEY_free(key);
	BIO_free(bio);
	return r;
}

static X509 *next_certificate(BIO *bio, struct tls_library *lib)
{
	X509 *x = X509_new_ex(lib->lib, NULL);

	if (x && PEM_read_bio_X509(bio, &x, NULL, NULL))
		return x;
	X509_free(x);
	return NULL;
}

static bool is_self_signed(const X509 *x)
{
	return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

static int use_chain(SSL_CTX *ctx, struct tls_library *lib, struct bytes pem, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *x = bio ? next_certificate(bio, lib) : NULL;
	int r = x && SSL_CTX_use_certificate(ctx, x) == 1 ? 0 : fail(e, "certificate");

	X509_free(x);
	while (r == 0 && (x = next_certificate(bio, lib))) {
		if (!is_self_signed(x) && SSL_CTX_add1_chain_cert(ctx, x) != 1)
			r = fail(e, "chain");
		X509_free(x);
	}
	ERR_clear_error(); /* "no start line" ends the loop */
	BIO_free(bio);
	return r;
}

/* A peer that speaks ALPN must speak HTTP/1.1 (RFC 7301 section 3.2); one that does not speak ALPN is fine. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in,
			   unsigned int in_n, void *context)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl;
	(void)context;
	for (unsigned int at = 0; at + 1 + in[at] <= in_n; at += 1u + in[at]) {
		if (in[at] == ours[0] && memcmp(in + at + 1, ours + 1, ours[0]) == 0) {
			*out = in + at + 1;
			*out_n = ours[0];
			return SSL_TLSEXT_ERR_OK;
		}
		if (at + 1 + in[at] == in_n)
			break;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int configure(SSL_CTX *ctx, const struct tls_setup *setup, struct err *e)
{
	unsigned char keys[TLS_TICKET_KEYS_SIZE];
	long set;

	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_options(ctx,
				  SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets only: nothing is kept here */
	(void)SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_security_level(ctx, 2);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	if (SSL_CTX_set_min_proto_version(ctx, setup->tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
	    SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") != 1)
		return fail(e, "TLS versions and ciphers");
	if (SSL_CTX_set_session_id_context(ctx, setup->session_id_context.p, (unsigned)setup->session_id_context.n) !=
	    1)
		return fail(e, "session context");
	memcpy(keys, setup->ticket_keys.p, sizeof(keys));
	set = SSL_CTX_set_tlsext_ticket_keys(ctx, keys, sizeof(keys));
	OPENSSL_cleanse(keys, sizeof(keys));
	return set == 1 ? 0 : fail(e, "ticket keys");
}

int tls_context_new(struct tls_library *lib, const struct tls_setup *setup, struct tls_context **ret, struct err *e)
{
	CLEANUP(tls_context_freep) struct tls_context *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return err_nomem(e);
	ERR_clear_error();
	c->ctx = SSL_CTX_new_ex(lib->lib, NULL, TLS_server_method());
	if (!c->ctx)
		return fail(e, "make a TLS context");
	r = configure(c->ctx, setup, e);
	if (r == 0)
		r = use_chain(c->ctx, lib, setup->chain_pem, e);
	if (r == 0)
		r = use_key(c->ctx, lib, setup->key_pem, e);
	if (r == 0 && SSL_CTX_check_private_key(c->ctx) != 1)
		r = fail(e, "private key and certificate");
	if (r < 0)
		return r;
	*ret = TAKE(c);
	return 0;
}

void tls_context_free(struct tls_context *c)
{
	if (!c)
		return;
	SSL_CTX_free(c->ctx);
	free(c);
}

/*
 * A connection: struct tls is the library's own object, so that an idle connection costs no memory beside it.
 */

static SSL *ssl_of(struct tls *t)
{
	return (SSL *)(void *)t;
}

struct tls *tls_new(struct tls_context *c, int fd)
{
	SSL *ssl = SSL_new(c->ctx);

	if (ssl && SSL_set_fd(ssl, fd) == 1) {
		SSL_set_accept_state(ssl);
		return (struct tls *)(void *)ssl;
	}
	SSL_free(ssl);
	ERR_clear_error();
	return NULL;
}

void tls_free(struct tls *t)
{
	if (t)
		SSL_free(ssl_of(t));
}

static enum tls_result result_of(SSL *ssl, int r, const char **ret_why)
{
	int number = errno;
	int code = SSL_get_error(ssl, r);

	switch (code) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_END;
	case SSL_ERROR_SYSCALL:
		*ret_why = r == 0 || number == 0 || number == ECONNRESET || number == EPIPE
				   ? "the peer cut the connection"
				   : "the connection failed";
		break;
	default:
		*ret_why = reason("the peer broke the protocol");
		break;
	}
	ERR_clear_error();
	return TLS_BROKEN;
}

/* Before each call: what another connection left in this thread's error queue or errno would be taken for its own. */
static SSL *ready(struct tls *t)
{
	ERR_clear_error();
	errno = 0;
	return ssl_of(t);
}

enum tls_result tls_handshake(struct tls *t, const char **ret_why)
{
	SSL *ssl = ready(t);

	return result_of(ssl, SSL_do_handshake(ssl), ret_why);
}

enum tls_result tls_read(struct tls *t, uint8_t *p, size_t max, size_t *ret_n, const char **ret_why)
{
	SSL *ssl = ready(t);

	*ret_n = 0;
	return result_of(ssl, SSL_read_ex(ssl, p, max, ret_n), ret_why);
}

enum tls_result tls_write(struct tls *t, struct bytes b, size_t *ret_n, const char **ret_why)
{
	SSL *ssl = ready(t);

	*ret_n = 0;
	return result_of(ssl, SSL_write_ex(ssl, b.p, b.n, ret_n), ret_why);
}

enum tls_result tls_shutdown(struct tls *t, const char **ret_why)
{
	SSL *ssl = ready(t);
	int r = SSL_shutdown(ssl);

	return r >= 0 ? TLS_DONE : result_of(ssl, r, ret_why);
}

size_t tls_pending(const struct tls *t)
{
	const SSL *ssl = (const SSL *)(const void *)t;

	return SSL_has_pending(ssl) ? (size_t)SSL_pending(ssl) + 1 : 0;
}
