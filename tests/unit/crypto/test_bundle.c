#include "fixture.h"

#include <errno.h>
#include <stdlib.h>

#define RIGHT "correct horse"

/* ---- files of others ---- */

static const struct {
	const char *file, *passphrase;
	int want;
	const char *sentence;
	size_t certs, keys;
} rows[] = {
	{ "bundles/openssl-aes.p12", RIGHT, 0, NULL, 2, 1 },
	{ "bundles/openssl-aes.p12", "wrong", 1, "the passphrase is wrong", 0, 0 },
	{ "bundles/openssl-aes.p12", "", 1, "the passphrase is wrong", 0, 0 },
	{ "bundles/openssl-aes.p12", NULL, 1, "want a passphrase, got none", 0, 0 },
	{ "bundles/openssl-3des.p12", RIGHT, 0, NULL, 2, 1 },
	{ "bundles/openssl-rc2.p12", RIGHT, -EINVAL, "RC2 or another cipher that is no longer supported", 0, 0 },
	{ "bundles/openssl-rc2.p12", "wrong", 1, "the passphrase is wrong", 0, 0 },
	{ "bundles/openssl-nomac.p12", RIGHT, 0, NULL, 2, 1 },
	{ "bundles/openssl-nomac.p12", "wrong", 1, "the passphrase is wrong", 0, 0 },
	{ "bundles/openssl-clear.p12", RIGHT, 0, NULL, 2, 1 },
	{ "bundles/openssl-slow.p12", RIGHT, -EINVAL, "want 1 to 5000000 iterations", 0, 0 },
	{ "bundles/openssl-empty.p12", NULL, 0, NULL, 2, 1 },
	{ "bundles/openssl-empty.p12", "", 0, NULL, 2, 1 },
	{ "bundles/openssl-empty.p12", "x", 1, "the passphrase is wrong", 0, 0 },
	{ "bundles/openssl-nokeys.p12", RIGHT, 0, NULL, 1, 0 },
	{ "bundles/gnutls-aes.p12", RIGHT, 0, NULL, 1, 1 },
	{ "bundles/gnutls-aes.p12", "wrong", 1, "the passphrase is wrong", 0, 0 },
	{ "bundles/gnutls-3des.p12", RIGHT, 0, NULL, 1, 1 },
	{ "bundles/pkcs7.der", NULL, -EINVAL, "got a PKCS#7 file", 0, 0 },
	{ "bundles/pkcs7.pem", NULL, -EINVAL, "got a PKCS#7 file", 0, 0 },
	{ "bundles/request.pem", NULL, -EINVAL, "got a certificate request", 0, 0 },
	{ "keys/openssh.pem", NULL, -EINVAL, "got an OpenSSH private key", 0, 0 },
	{ "openssl/root.pem", NULL, 0, NULL, 1, 0 },
	{ "odd/good.der", NULL, 0, NULL, 1, 0 },
	{ "odd/trailing-byte.der", NULL, -EINVAL, "got DER of another kind, or damaged", 0, 0 },
	{ "odd/truncated.der", NULL, -EINVAL, "got DER of another kind, or damaged", 0, 0 },
};

static struct secret *pass_of(const char *text)
{
	return text ? secret_of(bytes_of_str(text)) : NULL;
}

static size_t keys_of(const struct bundle *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->keys[i] != NULL;
	return n;
}

static void test_files(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct secret *pass CLEANUP(secret_freep) = pass_of(rows[i].passphrase);
		struct bundle b = { .n = 0 };
		int r = bundle_read(data_file(f, rows[i].file), pass, f->a, &b, &f->e);

		want_result(f, arena_printf(f->a, "%s with '%s'", rows[i].file, rows[i].passphrase), r, rows[i].want,
			    rows[i].sentence);
		if (b.n != rows[i].certs || keys_of(&b) != rows[i].keys || b.orphan_keys != 0)
			fail_msg("%s: want %zu certificates and %zu keys, got %zu and %zu", rows[i].file, rows[i].certs,
				 rows[i].keys, b.n, keys_of(&b));
		bundle_fini(&b);
	}
}

static void test_what_it_is_not(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct bytes data;
		const char *sentence;
	} looks[] = {
		{ { NULL, 0 }, "got an empty file" },
		{ { (const uint8_t *)"hello", 5 }, "got a text without PEM blocks" },
		{ { (const uint8_t *)"\xfe\xed\xfe\xed\0\0\0\2", 8 }, "got a Java keystore" },
		{ { (const uint8_t *)"\x80\0\xff", 3 }, "got bytes of another kind" },
		{ { (const uint8_t *)"-----BEGIN X-----\nAAAA\n-----END X-----\n", 39 }, "a PEM text with neither" },
	};

	for (size_t i = 0; i < ARRAY_N(looks); i++) {
		struct bundle b = { .n = 0 };

		want_result(f, looks[i].sentence, bundle_read(looks[i].data, NULL, f->a, &b, &f->e), -EINVAL,
			    looks[i].sentence);
	}
}

/* ---- PEM in any order ---- */

struct parts {
	struct made root, sub, leaf, other;
	struct bytes pem[7]; /* root, sub, leaf, other certificates; leaf's, other's, stranger's key */
};

static struct bytes cert_pem(struct fixture *f, struct bytes der)
{
	struct buf out = { .max = 1 << 16 };
	struct bytes kept;

	want_result(f, "PEM", x509_der_to_pem(der, &out, &f->e), 0, NULL);
	assert_true(arena_bytes(f->a, buf_bytes(&out), &kept));
	buf_fini(&out);
	return kept;
}

static struct bytes key_pem(struct fixture *f, const struct pkey *k)
{
	struct secret *pem CLEANUP(secret_freep) = NULL;
	struct bytes kept;

	want_result(f, "PEM", pkey_to_pem(k, &pem, &f->e), 0, NULL);
	assert_true(arena_bytes(f->a, secret_bytes(pem), &kept));
	return kept;
}

static struct parts make_parts(struct fixture *f)
{
	struct parts p;
	struct pkey *stranger = NULL;

	p.root = make_cert(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
	p.sub = make_cert(f, CERT_INTERMEDIATE, "Sub", NULL, spec_p256, &p.root);
	p.leaf = make_cert(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &p.sub);
	p.other = make_cert(f, CERT_END_ENTITY, "gw2", "gw2.example.com", (struct key_spec) { KEY_ALG_ED25519, 256 },
			    &p.sub);
	want_result(f, "stranger", pkey_generate(spec_p256, &stranger, &f->e), 0, NULL);
	p.pem[0] = cert_pem(f, p.root.der);
	p.pem[1] = cert_pem(f, p.sub.der);
	p.pem[2] = cert_pem(f, p.leaf.der);
	p.pem[3] = cert_pem(f, p.other.der);
	p.pem[4] = key_pem(f, p.leaf.key);
	p.pem[5] = key_pem(f, p.other.key);
	p.pem[6] = key_pem(f, stranger);
	pkey_free(stranger);
	return p;
}

static void free_parts(struct parts *p)
{
	pkey_free(p->root.key);
	pkey_free(p->sub.key);
	pkey_free(p->leaf.key);
	pkey_free(p->other.key);
}

/* Each certificate has its own key, wherever in the file either stood. */
static void check_parts(struct fixture *f, const struct bundle *b)
{
	assert_int_equal(b->n, 4);
	assert_int_equal(b->orphan_keys, 1);
	for (size_t i = 0; i < b->n; i++) {
		struct cert_facts c;
		bool leaf;

		want_result(f, "parse", x509_parse(b->certs[i], f->a, &c, &f->e), 0, NULL);
		leaf = !c.is_ca;
		assert_true((b->keys[i] != NULL) == leaf);
		assert_true(!leaf || pkey_matches(b->keys[i], &c));
	}
}

static void test_any_order(void **state)
{
	struct fixture *f = *state;
	struct parts p = make_parts(f);

	for (size_t round = 0; round < 7 * 6; round++) {
		struct buf text CLEANUP(buf_fini) = { .max = 1 << 17 };
		struct bundle b = { .n = 0 };
		size_t step = 1 + round / 7;

		/* Seven is prime: every step from every start walks through all parts. Windows line ends and words
		 * between. */
		for (size_t i = 0, at_part = round % 7; i < 7; i++, at_part = (at_part + step) % 7) {
			buf_add(&text, p.pem[at_part]);
			buf_add_str(&text, "\r\nsubject=/CN=words between\r\n");
		}
		buf_add(&text, p.pem[2]); /* a second copy is one certificate */
		want_result(f, "bundle", bundle_read(buf_bytes(&text), NULL, f->a, &b, &f->e), 0, NULL);
		check_parts(f, &b);
		bundle_fini(&b);
	}
	free_parts(&p);
}

/* One bad part refuses the whole, and says which. */
static void test_bad_part(void **state)
{
	struct fixture *f = *state;
	struct parts p = make_parts(f);
	struct buf text CLEANUP(buf_fini) = { .max = 1 << 17 };
	struct secret *pass CLEANUP(secret_freep) = secret_of(bytes_of_str(RIGHT));
	struct bundle b = { .n = 0 };

	buf_add(&text, p.pem[2]);
	buf_add(&text, data_file(f, "keys/p256-aes.pem"));
	want_result(f, "encrypted", bundle_read(buf_bytes(&text), NULL, f->a, &b, &f->e), 1, "want a passphrase");
	want_result(f, "encrypted", bundle_read(buf_bytes(&text), pass, f->a, &b, &f->e), 0, NULL);
	assert_true(b.n == 1 && !b.keys[0] && b.orphan_keys == 1);
	bundle_fini(&b);
	buf_add(&text, cert_pem(f, data_file(f, "odd/v4.der")));
	want_result(f, "v4", bundle_read(buf_bytes(&text), pass, f->a, &b, &f->e), -EINVAL,
		    "PEM block 3: number 2: certificate: version");
	free_parts(&p);
}

/* 64 certificates, and one more. */
static void test_limits(void **state)
{
	struct fixture *f = *state;
	struct made root = make_cert(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
	struct buf text CLEANUP(buf_fini) = { .max = BUNDLE_MAX };
	struct bundle b = { .n = 0 };
	uint8_t *big = calloc(1, BUNDLE_MAX + 1);

	for (size_t i = 0; i < 65; i++) {
		struct cert_profile p = make_profile(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
		struct buf der CLEANUP(buf_fini) = { .max = X509_DER_MAX };

		if (i == 64) {
			want_result(f, "64", bundle_read(buf_bytes(&text), NULL, f->a, &b, &f->e), 0, NULL);
			assert_int_equal(b.n, 64);
			bundle_fini(&b);
		}
		want_result(f, "issue", x509_issue(&p, root.key, NULL, NULL, &der, &f->e), 0, NULL);
		buf_add(&text, cert_pem(f, buf_bytes(&der)));
	}
	want_result(f, "65", bundle_read(buf_bytes(&text), NULL, f->a, &b, &f->e), -EINVAL,
		    "want at most 64 certificates");
	want_result(f, "too big", bundle_read(bytes_of(big, BUNDLE_MAX + 1), NULL, f->a, &b, &f->e), -EINVAL,
		    "want at most 1048576 bytes");
	free(big);
	pkey_free(root.key);
}

/* Two certificates of one key (a renewal that kept it): both have it. */
static void test_shared_key(void **state)
{
	struct fixture *f = *state;
	struct parts p = make_parts(f);
	struct cert_profile again = make_profile(f, CERT_END_ENTITY, "gw again", "gw.example.com", spec_p256, &p.sub);
	struct buf der CLEANUP(buf_fini) = { .max = X509_DER_MAX }, text CLEANUP(buf_fini) = { .max = 1 << 17 };
	struct bundle b = { .n = 0 };

	want_result(f, "again", x509_issue(&again, p.leaf.key, &p.sub.facts, p.sub.key, &der, &f->e), 0, NULL);
	buf_add(&text, p.pem[4]);
	buf_add(&text, p.pem[2]);
	buf_add(&text, p.pem[4]);
	buf_add(&text, cert_pem(f, buf_bytes(&der)));
	want_result(f, "bundle", bundle_read(buf_bytes(&text), NULL, f->a, &b, &f->e), 0, NULL);
	assert_true(b.n == 2 && b.keys[0] && b.keys[1] && b.orphan_keys == 0);
	bundle_fini(&b);
	free_parts(&p);
}

/* ---- PKCS#12 of our own ---- */

static void test_pkcs12_round_trip(void **state)
{
	struct fixture *f = *state;
	struct parts p = make_parts(f);
	struct bytes chain[] = { p.leaf.der, p.sub.der, p.root.der };
	struct secret *pass CLEANUP(secret_freep) = secret_of(bytes_of_str("Käse und Brot")),
			    *none CLEANUP(secret_freep) = secret_new(0);
	struct secret *nul CLEANUP(secret_freep) = secret_of(bytes_of("a\0b", 3));
	struct buf out CLEANUP(buf_fini) = { .max = 1 << 17 };
	struct bundle b = { .n = 0 };

	want_result(f, "write", pkcs12_write(p.leaf.key, chain, 3, "gw", pass, &out, &f->e), 0, NULL);
	want_result(f, "read", bundle_read(buf_bytes(&out), pass, f->a, &b, &f->e), 0, NULL);
	assert_true(b.n == 3 && b.keys[0] && !b.keys[1] && !b.keys[2] && bytes_equal(b.certs[0], p.leaf.der));
	bundle_fini(&b);
	want_result(f, "no pass", bundle_read(buf_bytes(&out), NULL, f->a, &b, &f->e), 1, "want a passphrase");
	want_result(f, "other key", pkcs12_write(p.other.key, chain, 3, "gw", pass, &out, &f->e), -EINVAL,
		    "PKCS#12: write");
	want_result(f, "empty", pkcs12_write(p.leaf.key, chain, 3, "gw", none, &out, &f->e), -EINVAL, "not empty");
	want_result(f, "NUL", pkcs12_write(p.leaf.key, chain, 3, "gw", nul, &out, &f->e), -EINVAL,
		    "want a passphrase that is text");
	want_result(f, "no chain", pkcs12_write(p.leaf.key, chain, 0, "gw", pass, &out, &f->e), -EINVAL,
		    "want a chain of 1 to 8");
	free_parts(&p);
}

/* Any byte of a PKCS#12 file changed: refused, or the same content; never another key. (Every 13th byte: the MAC takes
 * time.) */
static void test_pkcs12_flip(void **state)
{
	struct fixture *f = *state;
	struct bytes good = data_file(f, "bundles/openssl-aes.p12");
	struct secret *pass CLEANUP(secret_freep) = secret_of(bytes_of_str(RIGHT));
	uint8_t *copy = arena_alloc(f->a, good.n);

	for (size_t i = 0; i < good.n; i += 13) {
		struct arena *a = arena_new(1 << 20);
		struct bundle b = { .n = 0 };

		memcpy(copy, good.p, good.n);
		copy[i] ^= 0x55;
		if (bundle_read(bytes_of(copy, good.n), pass, a, &b, &f->e) == 0)
			assert_true(b.n == 2 && keys_of(&b) == 1);
		bundle_fini(&b);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_it_is_not, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_any_order, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bad_part, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_limits, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_shared_key, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_pkcs12_round_trip, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_pkcs12_flip, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
