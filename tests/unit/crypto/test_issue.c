#include "fixture.h"

#include "core/pki/name.h"

#include <errno.h>

#include <openssl/x509.h>

static const struct key_spec specs[] = {
	{ KEY_ALG_EC_P256, 256 }, { KEY_ALG_EC_P384, 384 }, { KEY_ALG_ED25519, 256 },
	{ KEY_ALG_RSA, 2048 },	  { KEY_ALG_RSA, 3072 },    { KEY_ALG_RSA, 4096 },
};

static void lint(struct fixture *f, const struct cert_profile *p, const struct cert_facts *c,
		 const struct cert_facts *issuer)
{
	struct findings *findings = arena_alloc(f->a, sizeof(*findings));

	profile_lint(p, c, issuer, findings);
	if (findings->n > 0)
		fail_msg("%s: %s", p->subject.common_name, findings->items[0].text);
}

static void check_issue(struct fixture *f, const struct cert_profile *p, const struct pkey *key,
			const struct made *issuer)
{
	struct buf out CLEANUP(buf_fini) = { .max = X509_DER_MAX };
	struct cert_facts c;
	struct chain_facts *chain = arena_alloc(f->a, sizeof(*chain));

	want_result(f, "issue",
		    x509_issue(p, key, issuer ? &issuer->facts : NULL, issuer ? issuer->key : NULL, &out, &f->e), 0,
		    NULL);
	want_result(f, "parse", x509_parse(buf_bytes(&out), f->a, &c, &f->e), 0, NULL);
	lint(f, p, &c, issuer ? &issuer->facts : NULL);
	assert_true(pkey_matches(key, &c));
	if (issuer) {
		struct bytes ders[] = { c.der, issuer->der };

		want_result(f, "chain", x509_chain_of(ders, 2, f->a, chain, &f->e), 0, NULL);
		assert_true(chain->signature_valid[0]);
		assert_true(bytes_equal(c.authority_key_id, issuer->facts.subject_key_id));
	} else {
		assert_true(c.self_signature_valid);
	}
}

/* Each kind of certificate with each kind of key, below a root with each kind of key. */
static void test_every_kind_and_key(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(specs); i++) {
		struct made root = make_cert(f, CERT_ROOT, "Root", NULL, specs[i], NULL);
		struct pkey *key = NULL;

		want_result(f, "generate", pkey_generate(specs[(i + 1) % ARRAY_N(specs)], &key, &f->e), 0, NULL);
		for (int kind = CERT_ROOT; kind < CERT_KIND_N; kind++) {
			const struct made *issuer = kind == CERT_ROOT ? NULL : &root;
			struct cert_profile p = make_profile(
				f, (enum cert_kind)kind, "gw",
				kind == CERT_END_ENTITY ? "gw.example.com;192.0.2.1;2001:db8::1;*.a.example" : NULL,
				pkey_spec(key), issuer);

			check_issue(f, &p, key, issuer);
		}
		pkey_free(key);
		pkey_free(root.key);
	}
}

/* The hash follows the issuer's key. */
static void test_signature_hash(void **state)
{
	struct fixture *f = *state;
	static const enum sig_hash want[] = { SIG_HASH_SHA256, SIG_HASH_SHA384, SIG_HASH_NONE, SIG_HASH_SHA256 };

	for (size_t i = 0; i < ARRAY_N(want); i++) {
		struct made root = make_cert(f, CERT_ROOT, "Root", NULL, specs[i], NULL);

		assert_int_equal(root.facts.sig_hash, want[i]);
		assert_int_equal(root.facts.subject_key_id.n, 20);
		pkey_free(root.key);
	}
}

/* A change to a good profile or issuer that must be refused. */
struct refusal {
	const char *name, *sentence;
	void (*change)(struct cert_profile *p, struct cert_facts *issuer);
};

#define CHANGE(id, ...)                                                            \
	static void change_##id(struct cert_profile *p, struct cert_facts *issuer) \
	{                                                                          \
		(void)p;                                                           \
		(void)issuer;                                                      \
		__VA_ARGS__;                                                       \
	}
CHANGE(nothing, (void)0)
CHANGE(ca_flag, p->is_ca = true)
CHANGE(cert_sign, p->key_usage |= BIT(KU_KEY_CERT_SIGN))
CHANGE(crl_sign, p->key_usage |= BIT(KU_CRL_SIGN))
CHANGE(dates_equal, p->not_after = p->not_before)
CHANGE(outlives, p->not_after.s = issuer->not_after.s + 1)
CHANGE(same_end, p->not_after = issuer->not_after)
CHANGE(serial_zero, memset(p->serial, 0, sizeof(p->serial)))
CHANGE(serial_high, p->serial[0] = 0x80)
CHANGE(serial_one, memset(p->serial, 0, sizeof(p->serial)); p->serial[15] = 1)
CHANGE(issuer_no_ca, issuer->is_ca = false)
CHANGE(issuer_no_sign, issuer->key_usage = BIT(KU_CRL_SIGN))
CHANGE(name_kind, static const struct general_name uri = { GN_URI, { (const uint8_t *)"u:x", 3 } }; p->names = &uri;
       p->names_n = 1)
CHANGE(name_ip5, static const struct general_name ip = { GN_IP, { (const uint8_t *)"12345", 5 } }; p->names = &ip;
       p->names_n = 1)
CHANGE(names_many, p->names_n = FACTS_NAMES_MAX + 1)
CHANGE(kind, p->kind = CERT_KIND_N)

static const struct refusal refusals[] = {
	{ "as it is", NULL, change_nothing },
	{ "CA flag on an end entity", "kind and its CA flag differ", change_ca_flag },
	{ "end entity that signs certificates", "no certificate signing", change_cert_sign },
	{ "end entity that signs CRLs", "no certificate signing", change_crl_sign },
	{ "ends when it begins", "want an end after the start", change_dates_equal },
	{ "one second beyond the issuer", "no later than that of the issuer", change_outlives },
	{ "the issuer's last second", NULL, change_same_end },
	{ "serial zero", "positive serial number", change_serial_zero },
	{ "serial with the top bit", "positive serial number", change_serial_high },
	{ "serial one", NULL, change_serial_one },
	{ "issuer that is no CA", "may not sign certificates", change_issuer_no_ca },
	{ "issuer without keyCertSign", "may not sign certificates", change_issuer_no_sign },
	{ "a URI among the names", "name 1: want a DNS name", change_name_kind },
	{ "an address of five bytes", "name 1: want a DNS name", change_name_ip5 },
	{ "one name too many", "want at most 256 names", change_names_many },
	{ "unknown kind", "kind and its CA flag differ", change_kind },
};

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	struct made root = make_cert(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
	struct pkey *key = NULL;

	want_result(f, "generate", pkey_generate(spec_p256, &key, &f->e), 0, NULL);
	for (size_t i = 0; i < ARRAY_N(refusals); i++) {
		struct cert_profile p = make_profile(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &root);
		struct cert_facts issuer = root.facts;
		struct buf out CLEANUP(buf_fini) = { .max = X509_DER_MAX };

		refusals[i].change(&p, &issuer);
		want_result(f, refusals[i].name, x509_issue(&p, key, &issuer, root.key, &out, &f->e),
			    refusals[i].sentence ? -EINVAL : 0, refusals[i].sentence);
		assert_true((out.n > 0) == !refusals[i].sentence);
	}
	pkey_free(key);
	pkey_free(root.key);
}

/* Issuer and key come together, and belong together; a path length of 0 allows no CA. */
static void test_issuer_and_key(void **state)
{
	struct fixture *f = *state;
	struct made root = make_cert(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
	struct made sub = make_cert(f, CERT_INTERMEDIATE, "Sub", NULL, spec_p256, &root);
	struct cert_profile leaf = make_profile(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &root);
	struct cert_profile ca = make_profile(f, CERT_INTERMEDIATE, "Sub sub", NULL, spec_p256, &root);
	struct cert_profile top = make_profile(f, CERT_ROOT, "Other", NULL, spec_p256, NULL);
	struct buf out CLEANUP(buf_fini) = { .max = X509_DER_MAX };

	ca.not_after = leaf.not_after;
	want_result(f, "other key", x509_issue(&leaf, sub.key, &root.facts, sub.key, &out, &f->e), -EINVAL,
		    "does not belong to the issuer");
	want_result(f, "no key", x509_issue(&leaf, sub.key, &root.facts, NULL, &out, &f->e), -EINVAL,
		    "want an issuer with its key");
	want_result(f, "no issuer", x509_issue(&leaf, sub.key, NULL, NULL, &out, &f->e), -EINVAL, "want an issuer");
	want_result(f, "root below", x509_issue(&top, sub.key, &root.facts, root.key, &out, &f->e), -EINVAL,
		    "for a root, none");
	want_result(f, "path", x509_issue(&ca, sub.key, &sub.facts, sub.key, &out, &f->e), -EINVAL, "path length is 0");
	want_result(f, "leaf", x509_issue(&leaf, sub.key, &sub.facts, sub.key, &out, &f->e), 0, NULL);
	pkey_free(sub.key);
	pkey_free(root.key);
}

/* The rehearsal passes the lint, and its signature verifies with nobody's key. */
static void test_trial(void **state)
{
	struct fixture *f = *state;
	struct made root = make_cert(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
	struct cert_profile p = make_profile(f, CERT_END_ENTITY, "gw", "gw.example.com", spec_p256, &root);
	struct buf out CLEANUP(buf_fini) = { .max = X509_DER_MAX };
	struct pkey *key = NULL, *throw_away = NULL, *other = NULL;
	struct chain_facts *chain = arena_alloc(f->a, sizeof(*chain));
	struct cert_facts c;

	want_result(f, "key", pkey_generate(spec_p256, &key, &f->e), 0, NULL);
	want_result(f, "key", pkey_generate(spec_p256, &throw_away, &f->e), 0, NULL);
	want_result(f, "key", pkey_generate(specs[2], &other, &f->e), 0, NULL);
	want_result(f, "trial", x509_issue_trial(&p, key, &root.facts, throw_away, &out, &f->e), 0, NULL);
	want_result(f, "parse", x509_parse(buf_bytes(&out), f->a, &c, &f->e), 0, NULL);
	lint(f, &p, &c, &root.facts);
	struct bytes ders[] = { c.der, root.der };
	want_result(f, "chain", x509_chain_of(ders, 2, f->a, chain, &f->e), 0, NULL);
	assert_false(chain->signature_valid[0]);
	want_result(f, "other kind", x509_issue_trial(&p, key, &root.facts, other, &out, &f->e), -EINVAL,
		    "want a throw-away key EC P-256");
	pkey_free(key);
	pkey_free(throw_away);
	pkey_free(other);
	pkey_free(root.key);
}

/* RFC 5280 section 4.1.2.5, by the tags in the DER: 0x17 UTCTime through 2049, 0x18 GeneralizedTime from 2050. */
static void test_time_forms(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *end;
		uint8_t tag, length;
	} rows[] = { { "2049-12-31T23:59:59Z", 0x17, 13 }, { "2050-01-01T00:00:00Z", 0x18, 15 } };

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct cert_profile p = make_profile(f, CERT_ROOT, "Root", NULL, spec_p256, NULL);
		struct buf out CLEANUP(buf_fini) = { .max = X509_DER_MAX };
		const uint8_t head[] = { rows[i].tag, rows[i].length, '2', '0' };
		struct pkey *key = NULL;

		p.not_after = at(rows[i].end);
		want_result(f, "key", pkey_generate(spec_p256, &key, &f->e), 0, NULL);
		want_result(f, rows[i].end, x509_issue(&p, key, NULL, NULL, &out, &f->e), 0, NULL);
		assert_int_equal(memmem(out.p, out.n, head, i == 0 ? 2 : 4) != NULL, 1);
		pkey_free(key);
	}
}

/* What was built without OpenSSL's encoders reads as OpenSSL would have written it. */
static void test_encoding_is_openssls(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 4; i++) {
		struct made root = make_cert(f, CERT_ROOT, "Root", NULL, specs[i], NULL);
		const unsigned char *p = root.der.p;
		X509 *x = d2i_X509(NULL, &p, (long)root.der.n);
		unsigned char *spki = NULL;
		int n;

		assert_non_null(x);
		n = i2d_PUBKEY(X509_get0_pubkey(x), &spki);
		assert_true(n > 0 && memmem(root.der.p, root.der.n, spki, (size_t)n));
		OPENSSL_free(spki);
		X509_free(x);
		pkey_free(root.key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_kind_and_key, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_signature_hash, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_refusals, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_issuer_and_key, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_trial, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_time_forms, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_encoding_is_openssls, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
