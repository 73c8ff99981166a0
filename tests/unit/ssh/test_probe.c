#include "../crypto/fixture.h"
#include "base/limits.h"
#include "fake_server.h"

#include "sys/clock.h"
#include "sys/net/net.h"
#include "sys/tls/probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

/* A root, an intermediate, and a leaf; made once per test. */
struct served {
	struct bytes chain[2];
	struct secret *key;
	struct pkey *keys[3];
};

static struct served make_served(struct fixture *f, struct key_spec spec)
{
	struct made root = make_cert(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
	struct made middle = make_cert(f, CERT_INTERMEDIATE, "Middle", NULL, spec_p256, &root);
	struct made leaf = make_cert(f, CERT_END_ENTITY, "Leaf", "gw.example.test", spec, &middle);
	struct served s = { .chain = { leaf.der, middle.der }, .keys = { root.key, middle.key, leaf.key } };

	want_result(f, "key to PEM", pkey_to_pem(leaf.key, &s.key, &f->e), 0, NULL);
	return s;
}

static void free_served(struct served *s)
{
	for (size_t i = 0; i < ARRAY_N(s->keys); i++)
		pkey_free(s->keys[i]);
	secret_free(s->key);
}

static int probe(struct fixture *f, struct fake_server *s, const char *name, int limit_ms, struct tls_seen *ret)
{
	CLEANUP(tls_prober_freep) struct tls_prober *p = NULL;
	struct net_address list[LIMIT_NET_ADDRESSES_MAX];
	size_t n;

	assert_int_equal(tls_prober_new(&p, &f->e), 0);
	assert_int_equal(net_resolve("127.0.0.1", fake_port(s), list, &n, &f->e), 0);
	return tls_probe(p, &list[0], name, (struct mono_time){ clock_mono().ms + limit_ms }, f->a, ret, &f->e);
}

static void test_good(void **state)
{
	static const struct {
		const char *what, *protocol;
		enum fake_mode mode;
		struct key_spec key;
		bool asks;
	} rows[] = {
		{ "TLS 1.3", "TLSv1.3", FAKE_TLS, { KEY_ALG_EC_P256, 256 }, false },
		{ "TLS 1.2", "TLSv1.2", FAKE_TLS12, { KEY_ALG_EC_P256, 256 }, false },
		{ "TLS 1.2, RSA", "TLSv1.2", FAKE_TLS12, { KEY_ALG_RSA, 2048 }, false },
		{ "TLS 1.3, Ed25519", "TLSv1.3", FAKE_TLS, { KEY_ALG_ED25519, 256 }, false },
		{ "TLS 1.3, wants a client certificate", "TLSv1.3", FAKE_TLS13_WANTS_CLIENT, { KEY_ALG_EC_P256, 256 }, true },
		{ "TLS 1.2, wants a client certificate", "TLSv1.2", FAKE_TLS12_WANTS_CLIENT, { KEY_ALG_EC_P256, 256 }, true },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct served served = make_served(f, rows[i].key);
		struct fake_server *s = fake_start(rows[i].mode, secret_bytes(served.key), served.chain, 2);
		struct tls_seen seen = { 0 };

		want_result(f, rows[i].what, probe(f, s, "gw.example.test", 10000, &seen), 0, NULL);
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.sent_n, 2);
		assert_true(bytes_equal(seen.certs[0], served.chain[0]) && bytes_equal(seen.certs[1], served.chain[1]));
		assert_string_equal(seen.protocol, rows[i].protocol);
		assert_true(seen.cipher[0] != '\0' && seen.handshake_ms > 0 && seen.handshake_ms < 10000);
		assert_int_equal(seen.asks_client_certificate, rows[i].asks);
		fake_wait(s, 1);
		if (!rows[i].asks) {
			assert_string_equal(fake_sni(s), "gw.example.test");
			if (!fake_orderly(s))
				fail_msg("%s: the server saw no orderly end", rows[i].what);
		}
		fake_stop(s);
		free_served(&served);
	}
}

/* An address is never sent as a server name (RFC 6066 section 3). */
static void test_names(void **state)
{
	static const struct {
		const char *name, *sni;
	} rows[] = { { NULL, "" }, { "192.0.2.1", "" }, { "2001:db8::1", "" }, { "a.example.test", "a.example.test" } };
	struct fixture *f = *state;
	struct served served = make_served(f, spec_p256);
	struct fake_server *s = fake_start(FAKE_TLS, secret_bytes(served.key), served.chain, 2);

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct tls_seen seen = { 0 };

		want_result(f, "probe", probe(f, s, rows[i].name, 10000, &seen), 0, NULL);
		fake_wait(s, (int)i + 1);
		assert_string_equal(fake_sni(s), rows[i].sni);
	}
	fake_stop(s);
	free_served(&served);
}

static void test_bad(void **state)
{
	static const struct {
		const char *what;
		enum fake_mode mode;
		int code;
		const char *error;
		int limit_ms;
	} rows[] = {
		{ "plain text", FAKE_PLAIN, -EPROTO, "does not speak TLS", 10000 },
		{ "TLS 1.1 only", FAKE_TLS11, -EPROTO, "only older versions", 10000 },
		{ "closes at once", FAKE_CLOSES, -EPROTO, "the server", 10000 },
		{ "resets", FAKE_RESETS, -EPROTO, "the server", 10000 },
		{ "says nothing", FAKE_SILENT, -ETIMEDOUT, "no answer came in time", 200 },
		{ "trickles for ever", FAKE_TRICKLES, -ETIMEDOUT, "in time", 300 },
	};
	struct fixture *f = *state;
	struct served served = make_served(f, spec_p256);

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct fake_server *s = fake_start(rows[i].mode, secret_bytes(served.key), served.chain, 2);
		struct tls_seen seen = { .n = 77 };
		int64_t began = clock_mono().ms;

		want_result(f, rows[i].what, probe(f, s, "gw.example.test", rows[i].limit_ms, &seen), rows[i].code, rows[i].error);
		assert_non_null(strstr(err_text(&f->e), "127.0.0.1:"));
		assert_int_equal(seen.n, 77);
		assert_true(clock_mono().ms - began < rows[i].limit_ms + 3000);
		fake_stop(s);
	}
	free_served(&served);
}

/* More certificates than are kept: the first ones are, and the number is told. */
static void test_long_chain(void **state)
{
	struct fixture *f = *state;
	struct served served = make_served(f, spec_p256);
	struct bytes chain[LIMIT_TLS_PROBE_CERTS_MAX + 2];
	struct tls_seen seen = { 0 };
	struct fake_server *s;

	chain[0] = served.chain[0];
	for (size_t i = 1; i < ARRAY_N(chain); i++)
		chain[i] = served.chain[1];
	s = fake_start(FAKE_TLS, secret_bytes(served.key), chain, ARRAY_N(chain));
	want_result(f, "probe", probe(f, s, NULL, 10000, &seen), 0, NULL);
	assert_int_equal(seen.n, LIMIT_TLS_PROBE_CERTS_MAX);
	assert_int_equal(seen.sent_n, ARRAY_N(chain));
	fake_stop(s);
	free_served(&served);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = { TEST(test_good), TEST(test_names), TEST(test_bad), TEST(test_long_chain) };
#undef TEST

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
