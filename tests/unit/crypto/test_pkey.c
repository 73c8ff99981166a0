#include "fixture.h"

#include "base/limits.h"
#include "codec/base64.h"
#include "sys/crypto/pkey_internal.h"

#include <errno.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
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

/* ---- files that were made to keep a process busy ---- */

/* `p` 0: PBKDF2 with `n` iterations. */
static X509_ALGOR *kdf_of(uint64_t n, uint64_t r, uint64_t p)
{
	uint8_t salt[8] = { 1 }, iv[16] = { 1 };
	X509_ALGOR *alg = p > 0 ? PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt), iv, n, r, p)
				: PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), (int)n, salt, sizeof(salt), iv,
						    NID_hmacWithSHA256);

	assert_non_null(alg);
	return alg;
}

static void test_kdf_cost(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name;
		uint64_t n, r, p;
		int64_t before;
		int want;
		const char *sentence;
	} rows[] = {
		{ "PBKDF2, most", 5000000, 0, 0, 0, 0, NULL },
		{ "PBKDF2, one more", 5000001, 0, 0, 0, -EINVAL, "want 1 to 5000000 iterations" },
		{ "scrypt as openssl writes it", 16384, 8, 1, 0, 0, NULL },
		{ "scrypt, most", 32768, 1, 152, 0, 0, NULL },
		{ "scrypt, more lanes", 32768, 1, 153, 0, -EINVAL, "want 1 to 5000000 iterations" },
		{ "scrypt, hours", 32768, 1, 200000, 0, -EINVAL, "want 1 to 5000000 iterations" },
		{ "all of a file, most", 5000000, 0, 0, 15000000, 0, NULL },
		{ "all of a file, one more", 5000000, 0, 0, 15000001, -EINVAL, "at most 20000000 iterations in all" },
		{ "all of a file, scrypt", 16384, 8, 1, 19900000, -EINVAL, "at most 20000000 iterations in all" },
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		X509_ALGOR *alg = kdf_of(rows[i].n, rows[i].r, rows[i].p);
		int64_t work = rows[i].before, cost = (int64_t)(rows[i].p > 0 ? rows[i].n * rows[i].r * rows[i].p
									      : rows[i].n);

		want_result(f, rows[i].name, pbe_check_cost(alg, &work, &f->e), rows[i].want, rows[i].sentence);
		assert_int_equal(work, rows[i].before + (rows[i].want == 0 ? cost : 0));
		X509_ALGOR_free(alg);
	}
}

/* Only the kinds that are supported, and only of a length that keys have, reach OpenSSL's decoders. */
static void test_pkcs8_content(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int kind, n;
		const char *sentence;
	} rows[] = {
		{ NID_dsa, 100, "want RSA, EC P-256, P-384, P-521 or Ed25519, got DSA" },
		{ NID_dhKeyAgreement, 100, "got dhKeyAgreement" },
		{ NID_rsaEncryption, LIMIT_KEY_DER_MAX, "damaged" },
		{ NID_rsaEncryption, LIMIT_KEY_DER_MAX + 1, "want at most 16384 bytes, got 16385" },
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		PKCS8_PRIV_KEY_INFO *p8 = PKCS8_PRIV_KEY_INFO_new();
		uint8_t *content = OPENSSL_zalloc((size_t)rows[i].n);
		EVP_PKEY *key = NULL;

		assert_true(p8 && content);
		assert_int_equal(PKCS8_pkey_set0(p8, OBJ_nid2obj(rows[i].kind), 0, V_ASN1_NULL, NULL, content,
						 rows[i].n),
				 1);
		want_result(f, rows[i].sentence, pkey_of_pkcs8(p8, &key, &f->e), -EINVAL, rows[i].sentence);
		assert_null(key);
		PKCS8_PRIV_KEY_INFO_free(p8);
	}
}

static void test_traditional_too_long(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeros[LIMIT_KEY_DER_MAX + 2];
	struct buf pem CLEANUP(buf_fini) = { .max = 1 << 16 };
	struct pkey *k = NULL;

	buf_add_str(&pem, "-----BEGIN RSA PRIVATE KEY-----\n");
	for (size_t i = 0; i < sizeof(zeros); i += 48) {
		base64_encode(bytes_of(zeros + i, sizeof(zeros) - i < 48 ? sizeof(zeros) - i : 48), &pem);
		buf_add_str(&pem, "\n");
	}
	buf_add_str(&pem, "-----END RSA PRIVATE KEY-----\n");
	want_result(f, "long", pkey_from_pem(buf_bytes(&pem), NULL, &k, &f->e), -EINVAL, "want at most 16384 bytes");
	assert_null(k);
}

static const char *const rsa_numbers[] = {
	OSSL_PKEY_PARAM_RSA_N,	       OSSL_PKEY_PARAM_RSA_E,	      OSSL_PKEY_PARAM_RSA_D,
	OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
	OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/* `from` with the number at `odd` replaced by one that is as long as the modulus and `more` bits. */
static EVP_PKEY *rsa_with(const EVP_PKEY *from, size_t odd, int more)
{
	BIGNUM *numbers[ARRAY_N(rsa_numbers)] = { NULL };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params;
	EVP_PKEY *ret = NULL;

	for (size_t i = 0; i < ARRAY_N(rsa_numbers); i++) {
		assert_int_equal(EVP_PKEY_get_bn_param(from, rsa_numbers[i], &numbers[i]), 1);
		if (i == odd)
			assert_int_equal(BN_lshift(numbers[i], BN_value_one(), EVP_PKEY_get_bits(from) + more - 1), 1);
		if (i == odd)
			assert_int_equal(BN_set_bit(numbers[i], 0), 1);
		assert_int_equal(OSSL_PARAM_BLD_push_BN(build, rsa_numbers[i], numbers[i]), 1);
	}
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &ret, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	for (size_t i = 0; i < ARRAY_N(rsa_numbers); i++)
		BN_free(numbers[i]);
	return ret;
}

/* A number longer than the modulus makes one signature take hours; each of them, and both sides of the border. */
static void test_rsa_numbers(void **state)
{
	struct fixture *f = *state;
	EVP_PKEY *good = EVP_RSA_gen(2048);
	struct pkey *k = NULL;

	for (size_t i = 2; i < ARRAY_N(rsa_numbers); i++) {
		want_result(f, rsa_numbers[i], pkey_wrap_foreign(rsa_with(good, i, 1), &k, &f->e), -EINVAL,
			    "no number longer than its modulus");
		assert_null(k);
	}
	want_result(f, "as long", pkey_wrap_foreign(rsa_with(good, 3, 0), &k, &f->e), 0, NULL);
	pkey_free(k);
	want_result(f, "good", pkey_wrap_foreign(rsa_with(good, ARRAY_N(rsa_numbers), 0), &k, &f->e), 0, NULL);
	pkey_free(k);
	EVP_PKEY_free(good);
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
		cmocka_unit_test_setup_teardown(test_kdf_cost, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_pkcs8_content, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_traditional_too_long, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_rsa_numbers, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
