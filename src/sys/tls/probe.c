#include "sys/tls/probe.h"
#include "base/limits.h"
#include "core/pki/name.h"

#include "sys/clock.h"
#include "sys/net/net.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* Only ciphers whose key exchange the server's certificate signs. TLS 1.3 has no others. */
#define CIPHERS_12 "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES:DHE+AES:!aNULL:!PSK:!SRP:@SECLEVEL=0"

struct tls_prober {
	OSSL_LIB_CTX *lib;
	SSL_CTX *ctx;
};

/* One probe under way. */
struct look {
	SSL *ssl;
	int fd;
	const char *where;
	struct mono_time deadline;
	struct arena *a;
	struct tls_seen seen;
	bool nomem;
};

/* OpenSSL's verification is replaced by keeping what was sent. */
static int keep_chain(X509_STORE_CTX *store, void *context)
{
	struct look *l = SSL_get_ex_data(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()), 0);
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);

	(void)context;
	l->seen.sent_n = (size_t)sk_X509_num(sent);
	for (int i = 0; i < sk_X509_num(sent) && l->seen.n < LIMIT_TLS_PROBE_CERTS_MAX; i++) {
		unsigned char *der = NULL;
		int n = i2d_X509(sk_X509_value(sent, i), &der);
		bool kept = n > 0 && arena_bytes(l->a, bytes_of(der, (size_t)n), &l->seen.certs[l->seen.n]);

		OPENSSL_free(der);
		if (!kept) {
			l->nomem = true;
			return 0;
		}
		l->seen.n++;
	}
	return 1;
}

static int no_client_certificate(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	struct look *l = SSL_get_ex_data(ssl, 0);

	(void)certificate;
	(void)key;
	l->seen.asks_client_certificate = true;
	return 0;
}

int tls_prober_new(struct tls_prober **ret, struct err *e)
{
	CLEANUP(tls_prober_freep) struct tls_prober *p = calloc(1, sizeof(*p));

	if (!p)
		return err_nomem(e);
	p->lib = OSSL_LIB_CTX_new();
	p->ctx = p->lib ? SSL_CTX_new_ex(p->lib, NULL, TLS_client_method()) : NULL;
	if (!p->ctx || SSL_CTX_set_min_proto_version(p->ctx, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(p->ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(p->ctx, CIPHERS_12) != 1)
		return err_set(e, -EIO, "set up a TLS client");
	SSL_CTX_set_verify(p->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(p->ctx, keep_chain, NULL);
	SSL_CTX_set_client_cert_cb(p->ctx, no_client_certificate);
	(void)SSL_CTX_set_session_cache_mode(p->ctx, SSL_SESS_CACHE_OFF);
	*ret = TAKE(p);
	return 0;
}

void tls_prober_free(struct tls_prober *p)
{
	if (!p)
		return;
	SSL_CTX_free(p->ctx);
	OSSL_LIB_CTX_free(p->lib);
	free(p);
}

static int look_init(struct look *l, SSL_CTX *ctx, const char *server_name, struct err *e)
{
	char name[256]; /* OpenSSL's macro wants it without const, and copies it */
	uint8_t ip[NAME_ADDRESS_MAX];

	l->ssl = SSL_new(ctx);
	if (!l->ssl || SSL_set_ex_data(l->ssl, 0, l) != 1 || SSL_set_fd(l->ssl, l->fd) != 1)
		return err_nomem(e);
	if (!server_name || name_address(bytes_of_str(server_name), ip) > 0)
		return 0;
	if ((size_t)snprintf(name, sizeof(name), "%s", server_name) >= sizeof(name) ||
	    SSL_set_tlsext_host_name(l->ssl, name) != 1)
		return err_set(e, -EINVAL, "'%s' can't be asked for as a server name", server_name);
	return 0;
}

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool has_reason(unsigned long code, int reason)
{
	return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == reason;
}

static int handshake_error(struct look *l, int kind, struct err *e)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	if (l->nomem)
		return err_nomem(e);
	if (kind == SSL_ERROR_SYSCALL && code == 0)
		return err_set(e, -EPROTO, "TLS handshake with %s: the connection was cut by the server", l->where);
	if (kind == SSL_ERROR_ZERO_RETURN || has_reason(code, SSL_R_UNEXPECTED_EOF_WHILE_READING))
		return err_set(e, -EPROTO, "TLS handshake with %s: the server closed the connection", l->where);
	if (has_reason(code, SSL_R_WRONG_VERSION_NUMBER) || has_reason(code, SSL_R_HTTP_REQUEST) ||
	    has_reason(code, SSL_R_RECORD_LENGTH_MISMATCH))
		return err_set(e, -EPROTO, "TLS handshake with %s: the server does not speak TLS there (plain text?)",
			       l->where);
	if (has_reason(code, SSL_R_UNSUPPORTED_PROTOCOL) || has_reason(code, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION))
		return err_set(e, -EPROTO,
			       "TLS handshake with %s: want TLS 1.2 or 1.3, the server has only older versions",
			       l->where);
	if (has_reason(code, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE))
		return err_set(e, -EPROTO,
			       "TLS handshake with %s: the server found no cipher or certificate in common (alert "
			       "handshake_failure)",
			       l->where);
	if (has_reason(code, SSL_R_TLSV1_UNRECOGNIZED_NAME))
		return err_set(e, -EPROTO,
			       "TLS handshake with %s: the server does not know that name (alert unrecognized_name)",
			       l->where);
	return err_set(e, -EPROTO, "TLS handshake with %s: %s", l->where, reason ? reason : "failed");
}

static bool is_alert(int kind)
{
	unsigned long code = ERR_peek_error();

	return kind == SSL_ERROR_SSL && ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET;
}

/*
 * TLS 1.2: the server's signature was checked before it asked for our certificate; that it then refuses us for having
 * none takes nothing away from what it has shown.
 */
static bool proved_before_refusal(struct look *l, int kind)
{
	return l->seen.n > 0 && l->seen.asks_client_certificate && SSL_version(l->ssl) == TLS1_2_VERSION &&
	       is_alert(kind);
}

static int handshake(struct look *l, struct err *e)
{
	double start = now_ms();

	for (;;) {
		int done, kind, r;

		ERR_clear_error();
		done = SSL_connect(l->ssl);
		l->seen.handshake_ms = now_ms() - start;
		if (done == 1)
			return 0;
		kind = SSL_get_error(l->ssl, done);
		if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE)
			return proved_before_refusal(l, kind) ? 0 : handshake_error(l, kind, e);
		r = net_wait(l->fd, kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, l->deadline, NULL, e);
		if (r < 0)
			return r;
		if (r > 0 || net_left_ms(l->deadline) == 0)
			return err_set(e, -ETIMEDOUT,
				       "TLS handshake with %s: the connection stands, but no answer came in time",
				       l->where);
	}
}

/* Say close_notify and read what is still coming (session tickets), so that the server sees an orderly end and no
 * reset. */
static void say_goodbye(struct look *l)
{
	struct mono_time deadline = { clock_mono().ms + LIMIT_TLS_GOODBYE_MS };
	char rest[4096];
	ssize_t n;

	ERR_clear_error();
	(void)SSL_shutdown(l->ssl);
	(void)shutdown(l->fd, SHUT_WR);
	while (net_wait(l->fd, POLLIN, deadline, NULL, NULL) == 0) {
		n = recv(l->fd, rest, sizeof(rest), 0);
		if (n == 0 || (n < 0 && errno != EAGAIN) || net_left_ms(deadline) == 0)
			break;
	}
	ERR_clear_error();
}

static int look_at(struct look *l, SSL_CTX *ctx, const char *server_name, struct err *e)
{
	int r = look_init(l, ctx, server_name, e);

	if (r == 0)
		r = handshake(l, e);
	if (r < 0)
		return r;
	l->seen.protocol = arena_str(l->a, bytes_of_str(SSL_get_version(l->ssl)));
	l->seen.cipher = arena_str(l->a, bytes_of_str(SSL_get_cipher_name(l->ssl)));
	say_goodbye(l);
	if (!l->seen.protocol || !l->seen.cipher)
		return err_nomem(e);
	if (l->seen.n == 0)
		return err_set(e, -EPROTO, "TLS handshake with %s: the server sent no certificate", l->where);
	return 0;
}

int tls_probe(struct tls_prober *p, const struct net_address *address, const char *server_name,
	      struct mono_time deadline, struct arena *a, struct tls_seen *ret, struct err *e)
{
	char where[NET_TEXT_SIZE];
	struct look l = { .fd = -1, .where = net_text(address, where), .deadline = deadline, .a = a };
	int r = net_connect(address, deadline, &l.fd, e);

	if (r < 0)
		return r;
	r = look_at(&l, p->ctx, server_name, e);
	SSL_free(l.ssl);
	(void)close(l.fd);
	if (r == 0)
		*ret = l.seen;
	return r;
}
