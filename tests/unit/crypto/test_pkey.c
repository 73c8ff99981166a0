#include "fixture.h"

#include "codec/base64.h"

#include <errno.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

/* ---- keys in every form that openssl writes; the passphrase is "correct horse" ---- */

#define NO_PASS NULL
#define RIGHT "correct horse"
#define WRONG "correct hors"

static const struct {
	const char *file, *passphrase;
	int want;
	const char *sentence; /* or the kind of key */
} pem_rows[] = {
	{ "p256.pem", NO_PASS, 0, "ec-p256" },
	{ "p256.pem", WRONG, 0, "ec-p256" }, /* not asked for */
	{ "rsa.pem", NO_PASS, 0, "rsa-2048" },
	{ "ed25519.pem", NO_PASS, 0, "ed25519" },
	{ "p256-sec1.pem", NO_PASS, 0, "ec-p256" },
	{ "p256-sec1-params.pem", NO_PASS, 0, "ec-p256" },
	{ "p256-compressed.pem", NO_PASS, 0, "ec-p256" },
	{ "rsa-pkcs1.pem", NO_PASS, 0, "rsa-2048" },
	{ "p256-aes.pem", RIGHT, 0, "ec-p256" },
	{ "p256-aes.pem", WRONG, 1, "the passphrase is wrong" },
	{ "p256-aes.pem", NO_PASS, 1, "want a passphrase, got none" },
	{ "p256-aes.pem", "", 1, "the passphrase is wrong" },
	{ "p256-des3.pem", RIGHT, 0, "ec-p256" },
	{ "p256-des3.pem", WRONG, 1, "the passphrase is wrong" },
	{ "p256-scrypt.pem", RIGHT, 0, "ec-p256" },
	{ "p256-scrypt.pem", WRONG, 1, "the passphrase is wrong" },
	{ "p256-pbe-3des.pem", RIGHT, 0, "ec-p256" },
	{ "p256-pbe-3des.pem", NO_PASS, 1, "want a passphrase, got none" },
	{ "p256-pbe-md5-des.pem", RIGHT, -EINVAL, "encrypted in an old way that is not supported" },
	{ "p256-slow.pem", RIGHT, -EINVAL, "want 1 to 5000000 iterations" },
	{ "p256-sec1-aes.pem", RIGHT, 0, "ec-p256" },
	{ "p256-sec1-aes.pem", WRONG, 1, "the passphrase is wrong" },
	{ "p256-sec1-aes.pem", NO_PASS, 1, "want a passphrase, got none" },
	{ "rsa-pkcs1-des3.pem", RIGHT, 0, "rsa-2048" },
	{ "rsa-pkcs1-des3.pem", WRONG, 1, "the passphrase is wrong" },
	{ "openssh.pem", NO_PASS, -EINVAL, "this is an OpenSSH private key" },
	{ "x25519.pem", NO_PASS, -EINVAL, "want RSA, EC P-256" },
	{ "secp256k1.pem", NO_PASS, -EINVAL, "want RSA, EC P-256" },
};

static struct secret *pass_of(const char *text)
{
	return text ? secret_of(bytes_of_str(text)) : NULL;
}

static void test_pem_rows(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(pem_rows); i++) {
		struct secret *pass CLEANUP(secret_freep) = pass_of(pem_rows[i].passphrase);
		struct pkey *k CLEANUP(pkey_freep) = NULL;
		struct bytes pem = data_file(f, arena_printf(f->a, "keys/%s", pem_rows[i].file));
		int r = pkey_from_pem(pem, pass, &k, &f->e);

		want_result(f, pem_rows[i].file, r, pem_rows[i].want, pem_rows[i].sentence);
		if (r == 0)
			assert_string_equal(key_spec_word(pkey_spec(k)), pem_rows[i].sentence);
		else
			assert_null(k);
	}
}

/* However it was stored, it is the key of the certificate. */
static void test_matches(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *key, *cert;
		bool want;
	} rows[] = {
		{ "keys/p256.pem", "openssl/leaf-p256.pem", true },
		{ "keys/p256-sec1.pem", "openssl/leaf-p256.pem", true },
		{ "keys/p256-compressed.pem", "openssl/leaf-p256.pem", true },
		{ "keys/rsa.pem", "openssl/leaf-rsa2048.pem", true },
		{ "keys/rsa-pkcs1.pem", "openssl/leaf-rsa2048.pem", true },
		{ "keys/ed25519.pem", "openssl/leaf-ed25519.pem", true },
		{ "keys/p256.pem", "openssl/leaf-p384.pem", false },
		{ "keys/p256.pem", "openssl/leaf-wildcard.pem", false },
		{ "keys/rsa.pem", "openssl/leaf-p256.pem", false },
		{ "keys/ed25519.pem", "openssl/root.pem", false },
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct pkey *k CLEANUP(pkey_freep) = NULL;
		struct cert_facts c;

		want_result(f, rows[i].key, pkey_from_pem(data_file(f, rows[i].key), NULL, &k, &f->e), 0, NULL);
		want_result(f, rows[i].cert, x509_parse(data_cert(f, rows[i].cert), f->a, &c, &f->e), 0, NULL);
		if (pkey_matches(k, &c) != rows[i].want)
			fail_msg("%s and %s: want %d", rows[i].key, rows[i].cert, rows[i].want);
	}
}

static void test_bad_pem(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *pem, *sentence;
	} rows[] = {
		{ "", "got none" },
		{ "hello", "got none" },
		{ "-----BEGIN PRIVATE KEY-----\n", "PEM block is damaged" },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not PKCS#8" },
		{ "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", "damaged" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
		  "not encrypted PKCS#8" },
		{ "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "this is a public key" },
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct pkey *k = NULL;

		want_result(f, rows[i].pem, pkey_from_pem(bytes_of_str(rows[i].pem), NULL, &k, &f->e), -EINVAL,
			    rows[i].sentence);
		assert_null(k);
	}
}

/* A key whose public half is another's would "match" the other's certificate: it must not come in. */
static void test_halves(void **state)
{
	struct fixture *f = *state;
	struct pkey *a CLEANUP(pkey_freep) = NULL, *b CLEANUP(pkey_freep) = NULL, *mixed = NULL;
	struct secret *da CLEANUP(secret_freep) = NULL, *db CLEANUP(secret_freep) = NULL;
	struct buf pem CLEANUP(buf_fini) = { .max = 4096 };
	struct bytes x;
	uint8_t *der;

	want_result(f, "a", pkey_generate(spec_p256, &a, &f->e), 0, NULL);
	want_result(f, "b", pkey_generate(spec_p256, &b, &f->e), 0, NULL);
	want_result(f, "a", pkey_to_der(a, &da, &f->e), 0, NULL);
	want_result(f, "b", pkey_to_der(b, &db, &f->e), 0, NULL);
	x = secret_bytes(da);
	assert_int_equal(x.n, secret_bytes(db).n);
	der = secret_data(da);
	memcpy(der + x.n - 65, secret_bytes(db).p + x.n - 65, 65);
	buf_add_str(&pem, "-----BEGIN PRIVATE KEY-----\n");
	for (size_t i = 0; i < x.n; i += 48) {
		base64_encode(bytes_of(x.p + i, x.n - i < 48 ? x.n - i : 48), &pem);
		buf_add_str(&pem, "\n");
	}
	buf_add_str(&pem, "-----END PRIVATE KEY-----\n");
	want_result(f, "mixed", pkey_from_pem(buf_bytes(&pem), NULL, &mixed, &f->e), -EINVAL, "do not belong together");
	assert_null(mixed);
}

/* DER and PEM and back, each kind that is made here; then a byte too many, and one too few. */
static void test_round_trip(void **state)
{
	struct fixture *f = *state;
	static const char *const words[] = { "ec-p256", "ec-p384", "ed25519", "rsa-2048", "rsa-3072" };

	for (size_t i = 0; i < ARRAY_N(words); i++) {
		struct pkey *k CLEANUP(pkey_freep) = NULL, *from_der CLEANUP(pkey_freep) = NULL,
			       *from_pem CLEANUP(pkey_freep) = NULL;
		struct secret *der CLEANUP(secret_freep) = NULL, *again CLEANUP(secret_freep) = NULL,
				   *pem CLEANUP(secret_freep) = NULL;
		struct key_spec spec;
		struct bytes d;
		uint8_t *longer;
		struct pkey *none = NULL;

		assert_true(key_spec_parse(bytes_of_str(words[i]), &spec));
		want_result(f, words[i], pkey_generate(spec, &k, &f->e), 0, NULL);
		want_result(f, words[i], pkey_to_der(k, &der, &f->e), 0, NULL);
		want_result(f, words[i], pkey_from_der(secret_bytes(der), &from_der, &f->e), 0, NULL);
		assert_string_equal(key_spec_word(pkey_spec(from_der)), words[i]);
		want_result(f, words[i], pkey_to_pem(from_der, &pem, &f->e), 0, NULL);
		want_result(f, words[i], pkey_from_pem(secret_bytes(pem), NULL, &from_pem, &f->e), 0, NULL);
		want_result(f, words[i], pkey_to_der(from_pem, &again, &f->e), 0, NULL);
		assert_true(secret_equal(again, secret_bytes(der)));
		d = secret_bytes(der);
		longer = arena_alloc(f->a, d.n + 1);
		memcpy(longer, d.p, d.n);
		want_result(f, words[i], pkey_from_der(bytes_of(longer, d.n + 1), &none, &f->e), -EINVAL,
			    "1 bytes behind its end");
		want_result(f, words[i], pkey_from_der(bytes_of(longer, d.n - 1), &none, &f->e), -EINVAL, "not PKCS#8");
	}
}

/* What is written without OpenSSL's encoder is what that would write; of 600 keys, some begin with a zero byte. */
static void test_der_is_openssls(void **state)
{
	struct fixture *f = *state;
	static const struct key_spec specs[] = { { KEY_ALG_EC_P256, 256 },
						 { KEY_ALG_EC_P384, 384 },
						 { KEY_ALG_ED25519, 256 } };

	for (size_t i = 0; i < 600; i++) {
		struct pkey *k CLEANUP(pkey_freep) = NULL, *again CLEANUP(pkey_freep) = NULL;
		struct secret *der CLEANUP(secret_freep) = NULL, *der_again CLEANUP(secret_freep) = NULL;
		PKCS8_PRIV_KEY_INFO *p8;
		const unsigned char *p;
		unsigned char *theirs = NULL;
		EVP_PKEY *key;
		int n;

		want_result(f, "generate", pkey_generate(specs[i % 3], &k, &f->e), 0, NULL);
		want_result(f, "to DER", pkey_to_der(k, &der, &f->e), 0, NULL);
		p = secret_bytes(der).p;
		key = d2i_AutoPrivateKey(NULL, &p, (long)secret_bytes(der).n);
		assert_non_null(key);
		p8 = EVP_PKEY2PKCS8(key);
		n = i2d_PKCS8_PRIV_KEY_INFO(p8, &theirs);
		assert_true(n > 0 && secret_equal(der, bytes_of(theirs, (size_t)n)));
		want_result(f, "from DER", pkey_from_der(secret_bytes(der), &again, &f->e), 0, NULL);
		want_result(f, "to DER", pkey_to_der(again, &der_again, &f->e), 0, NULL);
		assert_true(secret_equal(der, secret_bytes(der_again)));
		OPENSSL_free(theirs);
		PKCS8_PRIV_KEY_INFO_free(p8);
		EVP_PKEY_free(key);
	}
}

static void test_generate_refuses(void **state)
{
	struct fixture *f = *state;
	static const struct key_spec bad[] = {
		{ KEY_ALG_RSA, 1024 }, { KEY_ALG_RSA, 2047 }, { KEY_ALG_RSA, 8192 }, { KEY_ALG_OTHER, 0 }
	};

	for (size_t i = 0; i < ARRAY_N(bad); i++) {
		struct pkey *k = NULL;

		want_result(f, "generate", pkey_generate(bad[i], &k, &f->e), -EINVAL, "generate a key: want");
		assert_null(k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pem_rows, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_matches, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bad_pem, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_halves, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_round_trip, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_der_is_openssls, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_generate_refuses, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
