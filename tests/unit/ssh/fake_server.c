#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "fake_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#define WAIT_S 20

struct fake_server {
	enum fake_mode mode;
	int listener;
	uint16_t port;
	SSL_CTX *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended_one;
	int ended;
	bool stop, orderly;
	char sni[256];
};

static bool stopped(struct fake_server *s)
{
	bool stop;

	(void)pthread_mutex_lock(&s->lock);
	stop = s->stop;
	(void)pthread_mutex_unlock(&s->lock);
	return stop;
}

static int take_anybody(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

static void set_versions(SSL_CTX *ctx, enum fake_mode mode)
{
	int min = TLS1_2_VERSION, max = TLS1_3_VERSION;

	if (mode == FAKE_TLS12 || mode == FAKE_TLS12_WANTS_CLIENT)
		max = TLS1_2_VERSION;
	if (mode == FAKE_TLS13_WANTS_CLIENT)
		min = TLS1_3_VERSION;
	if (mode == FAKE_TLS11) {
		min = TLS1_VERSION;
		max = TLS1_1_VERSION;
		SSL_CTX_set_security_level(ctx, 0);
	}
	assert_int_equal(SSL_CTX_set_min_proto_version(ctx, min), 1);
	assert_int_equal(SSL_CTX_set_max_proto_version(ctx, max), 1);
	if (mode == FAKE_TLS12_WANTS_CLIENT || mode == FAKE_TLS13_WANTS_CLIENT)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, take_anybody);
}

static void set_chain(SSL_CTX *ctx, struct bytes key_pem, const struct bytes *chain, size_t n)
{
	BIO *bio = BIO_new_mem_buf(key_pem.p, (int)key_pem.n);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	for (size_t i = 0; i < n; i++) {
		const unsigned char *p = chain[i].p;
		X509 *x = d2i_X509(NULL, &p, (long)chain[i].n);

		assert_non_null(x);
		assert_int_equal(i == 0 ? SSL_CTX_use_certificate(ctx, x) : SSL_CTX_add1_chain_cert(ctx, x), 1);
		X509_free(x);
	}
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	EVP_PKEY_free(key);
	BIO_free(bio);
}

static void serve_tls(struct fake_server *s, int fd)
{
	SSL *ssl = SSL_new(s->ctx);
	const char *sni;
	char byte;
	int n;

	(void)SSL_set_fd(ssl, fd);
	ERR_clear_error();
	if (SSL_accept(ssl) != 1) {
		SSL_free(ssl);
		return;
	}
	sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	ERR_clear_error();
	n = SSL_read(ssl, &byte, 1);
	(void)pthread_mutex_lock(&s->lock);
	(void)snprintf(s->sni, sizeof(s->sni), "%s", sni ? sni : "");
	s->orderly = n == 0 && SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN && recv(fd, &byte, 1, 0) == 0;
	(void)pthread_mutex_unlock(&s->lock);
	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
}

/* Until the peer is gone, or the test ends: say `what` again and again (NULL: nothing). */
static void serve_words(struct fake_server *s, int fd, const char *first, const char *what)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	if (first)
		(void)send(fd, first, 5, MSG_NOSIGNAL);
	while (!stopped(s) && poll(&p, 1, 5) >= 0 && !(p.revents & (POLLRDHUP | POLLHUP | POLLERR))) {
		if (what && send(fd, what, strlen(what), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
			return;
	}
}

static void serve(struct fake_server *s, int fd)
{
	static const struct linger at_once = { 1, 0 };
	static const char http[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

	switch (s->mode) {
	case FAKE_PLAIN:
		(void)send(fd, http, sizeof(http) - 1, MSG_NOSIGNAL);
		serve_words(s, fd, NULL, NULL);
		return;
	case FAKE_RESETS:
		/* only once the client has spoken: before that the reset may count as a failed connect */
		(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 10000);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		return;
	case FAKE_CLOSES:
		return;
	case FAKE_SILENT:
		serve_words(s, fd, NULL, NULL);
		return;
	case FAKE_TRICKLES:
		serve_words(s, fd, "\x16\x03\x03\x3f\xff", "\x02");
		return;
	case FAKE_TALKS:
		serve_words(s, fd, NULL, "welcome to a machine that never stops talking\r\n");
		return;
	case FAKE_TLS:
	case FAKE_TLS12:
	case FAKE_TLS12_WANTS_CLIENT:
	case FAKE_TLS13_WANTS_CLIENT:
	case FAKE_TLS11:
		serve_tls(s, fd);
		return;
	case FAKE_MODE_N:
		return;
	}
}

static void *run(void *context)
{
	struct fake_server *s = context;

	for (;;) {
		int fd = accept(s->listener, NULL, NULL);

		if (fd < 0 || stopped(s)) {
			if (fd >= 0)
				(void)close(fd);
			return NULL;
		}
		serve(s, fd);
		(void)close(fd);
		(void)pthread_mutex_lock(&s->lock);
		s->ended++;
		(void)pthread_cond_broadcast(&s->ended_one);
		(void)pthread_mutex_unlock(&s->lock);
	}
}

struct fake_server *fake_start(enum fake_mode mode, struct bytes key_pem, const struct bytes *chain, size_t chain_n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct fake_server *s = calloc(1, sizeof(*s));
	socklen_t n = sizeof(a);

	assert_non_null(s);
	s->mode = mode;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(s->listener, 64), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &n), 0);
	s->port = ntohs(a.sin_port);
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->ended_one, NULL);
	if (mode <= FAKE_TLS11) {
		s->ctx = SSL_CTX_new(TLS_server_method());
		set_versions(s->ctx, mode);
		set_chain(s->ctx, key_pem, chain, chain_n);
	}
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
	return s;
}

void fake_stop(struct fake_server *s)
{
	if (!s)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_mutex_unlock(&s->lock);
	(void)shutdown(s->listener, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->listener);
	SSL_CTX_free(s->ctx);
	(void)pthread_cond_destroy(&s->ended_one);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

uint16_t fake_port(const struct fake_server *s)
{
	return s->port;
}

void fake_wait(struct fake_server *s, int n)
{
	struct timespec until;
	int r = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	(void)pthread_mutex_lock(&s->lock);
	while (s->ended < n && r == 0)
		r = pthread_cond_timedwait(&s->ended_one, &s->lock, &until);
	(void)pthread_mutex_unlock(&s->lock);
	assert_int_equal(r, 0);
}

const char *fake_sni(const struct fake_server *s)
{
	return s->sni;
}

bool fake_orderly(const struct fake_server *s)
{
	return s->orderly;
}
