#include "fixture.h"

#include "base/limits.h"
#include "sys/crypto/x509_cache.h"

#include <errno.h>
#include <stdlib.h>

struct tree {
	struct made root, other_root, sub, leaf, leaf2;
};

static struct tree plant(struct fixture *f)
{
	struct tree t;

	t.root = make_cert(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
	t.other_root = make_cert(f, CERT_ROOT, "Other Root", NULL, spec_p256, NULL);
	t.sub = make_cert(f, CERT_INTERMEDIATE, "Sub", NULL, spec_p256, &t.root);
	t.leaf = make_cert(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &t.sub);
	t.leaf2 = make_cert(f, CERT_END_ENTITY, "gw2", "gw2.example.com", spec_p256, &t.root);
	return t;
}

static void fell(struct tree *t)
{
	pkey_free(t->root.key);
	pkey_free(t->other_root.key);
	pkey_free(t->sub.key);
	pkey_free(t->leaf.key);
	pkey_free(t->leaf2.key);
}

static void build(struct fixture *f, struct bytes leaf, const struct bytes *pool, size_t n, struct chain_facts *ret)
{
	want_result(f, "build", x509_chain_build(leaf, pool, n, f->a, ret, &f->e), 0, NULL);
}

/* Every order of a pool with strangers, duplicates and rubbish leads to the same chain. */
static void test_every_order(void **state)
{
	struct fixture *f = *state;
	struct tree t = plant(f);
	struct bytes rubbish = bytes_of_str("0rubbish"),
		     pool[6] = { t.root.der, t.sub.der, t.other_root.der, t.leaf.der, rubbish, t.root.der };
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	/* All orders of three places, and every 37th of the 720. */
	for (size_t shift = 0; shift < 720; shift++) {
		struct bytes left[6], order[6];
		size_t code = shift;

		memcpy(left, pool, sizeof(pool));
		for (size_t i = 0; i < 6; i++) {
			size_t pick = code % (6 - i);

			code /= 6 - i;
			order[i] = left[pick];
			left[pick] = left[5 - i];
		}
		if (shift % 37 != 0 && shift > 24)
			continue;
		build(f, t.leaf.der, order, 6, c);
		assert_int_equal(c->n, 3);
		assert_true(c->complete && c->signature_valid[0] && c->signature_valid[1] && c->signature_valid[2]);
		assert_true(bytes_equal(c->certs[1].der, t.sub.der) && bytes_equal(c->certs[2].der, t.root.der));
		assert_false(c->has_key || c->key_matches || c->revoked[0]);
	}
	fell(&t);
}

static void test_incomplete(void **state)
{
	struct fixture *f = *state;
	struct tree t = plant(f);
	struct bytes only_root[] = { t.root.der }, only_sub[] = { t.sub.der };
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	build(f, t.leaf.der, only_root, 1, c);
	assert_true(c->n == 1 && !c->complete && !c->signature_valid[0]);
	build(f, t.leaf.der, only_sub, 1, c);
	assert_true(c->n == 2 && !c->complete && c->signature_valid[0] && !c->signature_valid[1]);
	build(f, t.leaf2.der, only_root, 1, c);
	assert_true(c->n == 2 && c->complete && c->signature_valid[1]);
	build(f, t.root.der, NULL, 0, c);
	assert_true(c->n == 1 && c->complete && c->signature_valid[0]);
	want_result(f, "rubbish", x509_chain_build(bytes_of_str("0x"), NULL, 0, f->a, c, &f->e), -EINVAL,
		    "certificate");
	fell(&t);
}

/* Two CAs of one name: the key decides, not the name. */
static void test_same_name_other_key(void **state)
{
	struct fixture *f = *state;
	struct made real = make_cert(f, CERT_ROOT, "Twin", NULL, spec_p256, NULL);
	struct made false_twin = make_cert(f, CERT_ROOT, "Twin", NULL, spec_p256, NULL);
	struct made leaf = make_cert(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &real);
	struct bytes pool[] = { false_twin.der, real.der };
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	build(f, leaf.der, pool, 2, c);
	assert_true(c->complete && bytes_equal(c->certs[1].der, real.der));
	build(f, leaf.der, pool, 1, c);
	assert_true(c->n == 1 && !c->complete);
	pkey_free(real.key);
	pkey_free(false_twin.key);
	pkey_free(leaf.key);
}

/* A root that was cross-signed by an older one: the shorter way, to the self-signed one, is taken; without it the
 * longer. */
static void test_cross_signed(void **state)
{
	struct fixture *f = *state;
	struct made old = make_cert(f, CERT_ROOT, "Old Root", NULL, spec_p256, NULL);
	struct made new = make_cert(f, CERT_ROOT, "New Root", NULL, spec_p256, NULL);
	struct made leaf = make_cert(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &new);
	struct cert_profile p = make_profile(f, CERT_INTERMEDIATE, "New Root", NULL, spec_p256, &old);
	struct buf cross CLEANUP(buf_fini) = { .max = X509_DER_MAX };
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	want_result(f, "cross", x509_issue(&p, new.key, &old.facts, old.key, &cross, &f->e), 0, NULL);
	struct bytes pool[] = { buf_bytes(&cross), old.der, new.der };
	build(f, leaf.der, pool, 3, c);
	assert_true(c->n == 2 && c->complete && bytes_equal(c->certs[1].der, new.der));
	build(f, leaf.der, pool, 2, c);
	assert_true(c->n == 3 && c->complete && bytes_equal(c->certs[2].der, old.der));
	pkey_free(old.key);
	pkey_free(new.key);
	pkey_free(leaf.key);
}

/* Two CAs that signed each other, and no root: the search ends. */
static void test_circle(void **state)
{
	struct fixture *f = *state;
	struct made a = make_cert(f, CERT_ROOT, "A", NULL, spec_p256, NULL),
		    b = make_cert(f, CERT_ROOT, "B", NULL, spec_p256, NULL);
	struct made leaf = make_cert(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &a);
	struct cert_profile pa = make_profile(f, CERT_INTERMEDIATE, "A", NULL, spec_p256, &b);
	struct cert_profile pb = make_profile(f, CERT_INTERMEDIATE, "B", NULL, spec_p256, &a);
	struct buf ab CLEANUP(buf_fini) = { .max = X509_DER_MAX }, ba CLEANUP(buf_fini) = { .max = X509_DER_MAX };
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	want_result(f, "A by B", x509_issue(&pa, a.key, &b.facts, b.key, &ab, &f->e), 0, NULL);
	want_result(f, "B by A", x509_issue(&pb, b.key, &a.facts, a.key, &ba, &f->e), 0, NULL);
	struct bytes pool[] = { buf_bytes(&ab), buf_bytes(&ba) };
	build(f, leaf.der, pool, 2, c);
	assert_true(c->n == 3 && !c->complete);
	pkey_free(a.key);
	pkey_free(b.key);
	pkey_free(leaf.key);
}

/* Two hundred roots of one name and key: the first that fits is enough. */
static void test_work_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct made real = make_cert(f, CERT_ROOT, "Twin", NULL, spec_p256, NULL);
	struct made leaf = make_cert(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &real);
	struct bytes *pool = arena_alloc_array(f->a, 200, sizeof(*pool));
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	/* Same name and key each time, other serial numbers: any of them verifies. */
	for (size_t i = 0; i < 200; i++) {
		struct cert_profile p = make_profile(f, CERT_ROOT, "Twin", NULL, spec_p256, NULL);
		struct buf out CLEANUP(buf_fini) = { .max = X509_DER_MAX };

		want_result(f, "twin", x509_issue(&p, real.key, NULL, NULL, &out, &f->e), 0, NULL);
		assert_true(arena_bytes(f->a, buf_bytes(&out), &pool[i]));
	}
	build(f, leaf.der, pool, 200, c);
	assert_true(c->n == 2 && c->complete);
	pkey_free(real.key);
	pkey_free(leaf.key);
}

/* As sent: unsorted stays unsorted, and says so. */
static void test_chain_of(void **state)
{
	struct fixture *f = *state;
	struct tree t = plant(f);
	struct bytes right[] = { t.leaf.der, t.sub.der, t.root.der }, wrong[] = { t.leaf.der, t.root.der, t.sub.der };
	struct bytes many[FACTS_CHAIN_MAX + 1];
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	want_result(f, "right", x509_chain_of(right, 3, f->a, c, &f->e), 0, NULL);
	assert_true(c->n == 3 && c->complete && c->signature_valid[0] && c->signature_valid[1] &&
		    c->signature_valid[2]);
	want_result(f, "short", x509_chain_of(right, 2, f->a, c, &f->e), 0, NULL);
	assert_true(c->n == 2 && !c->complete && c->signature_valid[0] && !c->signature_valid[1]);
	want_result(f, "wrong order", x509_chain_of(wrong, 3, f->a, c, &f->e), 0, NULL);
	assert_true(c->n == 3 && !c->complete && !c->signature_valid[0] && !c->signature_valid[1]);
	want_result(f, "none", x509_chain_of(right, 0, f->a, c, &f->e), -EINVAL, "want 1 to 8");
	for (size_t i = 0; i < ARRAY_N(many); i++)
		many[i] = t.root.der;
	want_result(f, "eight", x509_chain_of(many, FACTS_CHAIN_MAX, f->a, c, &f->e), 0, NULL);
	want_result(f, "nine", x509_chain_of(many, FACTS_CHAIN_MAX + 1, f->a, c, &f->e), -EINVAL, "got 9");
	many[1] = bytes_of_str("0x");
	want_result(f, "rubbish", x509_chain_of(many, 2, f->a, c, &f->e), -EINVAL, "certificate 2 of 2");
	fell(&t);
}

/* Chains of openssl and certtool, each root only for its own. */
static void test_made_by_others(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *leaf;
		size_t n;
	} rows[] = {
		{ "openssl/leaf-p256.pem", 3 },	    { "openssl/leaf-p384.pem", 3 },
		{ "openssl/leaf-ed25519.pem", 3 },  { "openssl/leaf-rsa2048.pem", 3 },
		{ "openssl/leaf-wildcard.pem", 3 }, { "openssl/leaf-pss.pem", 2 },
		{ "gnutls/leaf-ecdsa.pem", 3 },	    { "gnutls/leaf-eddsa.pem", 3 },
		{ "gnutls/leaf-rsa.pem", 3 },	    { "gnutls/leaf-rsa-pss.pem", 3 },
		{ "openssl/leaf-bare.pem", 3 },	    { "openssl/root.pem", 1 },
	};
	static const char *const cas[] = { "gnutls/root.pem",  "openssl/rsaroot.pem", "openssl/int.pem",
					   "openssl/root.pem", "gnutls/int.pem",      "openssl/constrained.pem" };
	struct bytes pool[ARRAY_N(cas)];
	struct chain_facts *c = arena_alloc(f->a, sizeof(*c));

	for (size_t i = 0; i < ARRAY_N(cas); i++)
		pool[i] = data_cert(f, cas[i]);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		build(f, data_cert(f, rows[i].leaf), pool, ARRAY_N(cas), c);
		if (c->n != rows[i].n || !c->complete)
			fail_msg("%s: want a complete chain of %zu, got %zu", rows[i].leaf, rows[i].n, c->n);
	}
}

static bool is_kept(const uint8_t fingerprint[FINGERPRINT_SIZE])
{
	X509 *x = x509_cache_get(fingerprint);

	X509_free(x);
	return x != NULL;
}

/* An issuer's certificate, and that its signature was checked, outlive any number of leaves that come by once. */
static void test_cache_keeps_what_is_asked_for(void **state)
{
	uint8_t issuer[FINGERPRINT_SIZE] = { 0xca }, once[FINGERPRINT_SIZE] = { 0x01 }, leaf[FINGERPRINT_SIZE] = { 0x1e };
	X509 *x = X509_new();

	(void)state;
	x509_cache_put(issuer, x);
	x509_cache_put(once, x);
	x509_cache_put_signed(issuer, issuer, true);
	x509_cache_put_signed(once, once, true);
	for (int i = 0; i < 3 * LIMIT_SIGNATURE_CACHE; i++) {
		bool is_signed = false;

		leaf[1] = (uint8_t)i;
		leaf[2] = (uint8_t)(i >> 8);
		x509_cache_put(leaf, x);
		x509_cache_put_signed(leaf, issuer, false);
		if (!is_kept(issuer) || !x509_cache_signed(issuer, issuer, &is_signed) || !is_signed)
			fail_msg("gone after %d others", i + 1);
		assert_true(is_kept(leaf));
		assert_true(x509_cache_signed(leaf, issuer, &is_signed) && !is_signed);
	}
	assert_false(is_kept(once));
	assert_false(x509_cache_signed(once, once, &(bool){ false }));
	X509_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_order, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_incomplete, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_same_name_other_key, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_cross_signed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_circle, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_work_is_bounded, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_chain_of, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_made_by_others, fixture_setup, fixture_teardown),
		cmocka_unit_test(test_cache_keeps_what_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
