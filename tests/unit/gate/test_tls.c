/* What one connection leaves in the thread's error queue is none of another's business. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "certificates.h"
#include "gate/tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct bench {
	struct tls_library *library;
	struct tls_context *context;
	struct tls *tls;
	SSL_CTX *client_context;
	SSL *client;
	int fds[2];
};

static void make_context(struct bench *b)
{
	uint8_t ticket_keys[TLS_TICKET_KEYS_SIZE] = { 1 };
	struct authority *a = authority_new("Root");
	char *key, *cert;
	struct tls_setup setup = { .ticket_keys = bytes_of(ticket_keys, sizeof(ticket_keys)),
				   .session_id_context = bytes_of_str("x") };
	struct err e = { 0 };

	authority_issue(a, "gw", "DNS:gw.example.com", 300, &key, &cert);
	setup.key_pem = bytes_of_str(key);
	setup.chain_pem = bytes_of_str(cert);
	assert_int_equal(tls_library_new(&b->library, &e), 0);
	assert_int_equal(tls_context_new(b->library, &setup, &b->context, &e), 0);
	free(key);
	free(cert);
	authority_free(a);
}

static void bench_init(struct bench *b)
{
	make_context(b);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b->fds), 0);
	b->tls = tls_new(b->context, b->fds[0]);
	b->client_context = SSL_CTX_new(TLS_client_method());
	b->client = SSL_new(b->client_context);
	assert_int_equal(SSL_set_fd(b->client, b->fds[1]), 1);
	SSL_set_connect_state(b->client);
}

static void bench_fini(struct bench *b)
{
	tls_free(b->tls);
	tls_context_free(b->context);
	tls_library_free(b->library);
	SSL_free(b->client);
	SSL_CTX_free(b->client_context);
	close(b->fds[0]);
	close(b->fds[1]);
}

static void leave_error(void)
{
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
}

static void test_errors_of_others(void **state)
{
	static const uint8_t data[16384];
	uint8_t in[16];
	struct bench b;
	const char *why = "";
	enum tls_result r;
	size_t n;

	(void)state;
	bench_init(&b);
	leave_error();
	assert_int_equal(tls_handshake(b.tls, &why), TLS_WANT_READ);
	do {
		(void)SSL_do_handshake(b.client);
		leave_error();
		r = tls_handshake(b.tls, &why);
	} while (r == TLS_WANT_READ);
	assert_int_equal(r, TLS_DONE);
	leave_error();
	assert_int_equal(tls_read(b.tls, in, sizeof(in), &n, &why), TLS_WANT_READ);
	do {
		leave_error();
		r = tls_write(b.tls, bytes_of(data, sizeof(data)), &n, &why);
	} while (r == TLS_DONE);
	assert_int_equal(r, TLS_WANT_WRITE);
	leave_error();
	assert_int_equal(tls_shutdown(b.tls, &why), TLS_WANT_WRITE);
	assert_string_equal(why, "");
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_errors_of_others) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
