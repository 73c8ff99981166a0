/* The difference that a person reads, as golden text. */
#include "fixture.h"
#include "base/buf.h"

#include <stdio.h>

/* One line per row: "=" the same, "!" not; field; both sides, "-" for nothing. */
static void assert_diff(struct fixture *f, const struct chain_facts *current, const struct chain_facts *candidate,
			const char *want)
{
	struct compat_row *rows;
	struct buf b;
	size_t n = 0;

	buf_init(&b, 1 << 16);
	rows = compat_diff(current, candidate, f->a, &n);
	assert_non_null(rows);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s %s: %s | %s\n", rows[i].same ? "=" : "!", rows[i].field,
			   rows[i].current ? rows[i].current : "-", rows[i].candidate ? rows[i].candidate : "-");
	assert_string_equal(buf_str(&b), want);
	buf_fini(&b);
}

static void test_successor(void **state)
{
	struct fixture *f = fixture_new();

	(void)state;
	set_names(f, OLD, "gw.example.com;old.example.com;192.0.2.1");
	set_names(f, NEW, "GW.example.com;192.0.2.1;*.new.example.com");
	OLD->subject.organization = "Example Ltd";
	NEW->key_alg = KEY_ALG_RSA;
	NEW->key_bits = 1234;
	NEW->key_usage |= BIT(KU_KEY_ENCIPHERMENT);
	INTER->not_after = at("2027-06-01T00:00:00Z");
	assert_diff(f, &f->current, &f->candidate,
		    "= display name: edge gateway | edge gateway\n"
		    "= holder: - | -\n"
		    "! organization: Example Ltd | -\n"
		    "= locality: - | -\n"
		    "= country: - | -\n"
		    "= type: end entity | end entity\n"
		    "= root: Example Root (1010101010101010...) | Example Root (1010101010101010...)\n"
		    "= issuer: Example Issuing CA | Example Issuing CA\n"
		    "= chain: 3 certificates | 3 certificates\n"
		    "= name: gw.example.com | GW.example.com\n"
		    "! name: old.example.com | -\n"
		    "= name: 192.0.2.1 | 192.0.2.1\n"
		    "! name: - | *.new.example.com\n"
		    "! valid from: 2026-01-02T00:00:00Z | 2026-11-24T07:00:00Z\n"
		    "! valid until: 2026-12-31T23:59:59Z | 2027-11-24T23:59:59Z\n"
		    "! chain valid until: 2026-12-31T23:59:59Z | 2027-06-01T00:00:00Z\n"
		    "! key: EC P-256 | RSA 1234\n"
		    "! public key: 3131313131313131... | 4141414141414141...\n"
		    "= signature: SHA-256 | SHA-256\n"
		    "! key usage: digital signature | digital signature, key encipherment\n"
		    "= extended key usage: server authentication | server authentication\n"
		    "= serial: 5a000000000000000000000000000000 | 5a000000000000000000000000000000\n"
		    "! fingerprint: 3030303030303030 3030303030303030 3030303030303030 3030303030303030"
		    " | 4040404040404040 4040404040404040 4040404040404040 4040404040404040\n");
	fixture_free(f);
}

static void test_nothing_in_use(void **state)
{
	struct fixture *f = fixture_new();

	(void)state;
	f->candidate.n = 1;
	f->candidate.complete = false;
	NEW->subject.name = "Ann Lee";
	NEW->subject.locality = "Vigo";
	NEW->subject.country = "ES";
	NEW->has_key_usage = false;
	NEW->ext_key_usage = 0;
	NEW->sig_hash = SIG_HASH_NONE;
	NEW->serial = BYTES_NONE;
	assert_diff(f, NULL, &f->candidate,
		    "! display name: - | edge gateway\n"
		    "! holder: - | Ann Lee\n"
		    "= organization: - | -\n"
		    "! locality: - | Vigo\n"
		    "! country: - | ES\n"
		    "! type: - | end entity\n"
		    "! root: - | unknown\n"
		    "! issuer: - | CN=Example Issuing CA\n"
		    "! chain: - | 1 certificate, without a root\n"
		    "! name: - | gw.example.com\n"
		    "! name: - | 192.0.2.1\n"
		    "! valid from: - | 2026-11-24T07:00:00Z\n"
		    "! valid until: - | 2027-11-24T23:59:59Z\n"
		    "! chain valid until: - | 2027-11-24T23:59:59Z\n"
		    "! key: - | EC P-256\n"
		    "! public key: - | 4141414141414141...\n"
		    "! signature: - | Ed25519\n"
		    "= key usage: - | -\n"
		    "! extended key usage: - | none\n"
		    "! serial: - | 0\n"
		    "! fingerprint: - | 4040404040404040 4040404040404040 4040404040404040 4040404040404040\n");
	fixture_free(f);
}

/* Every allocation that fails leaves NULL, never a crash. */
static void test_no_memory(void **state)
{
	struct fixture *f = fixture_new();
	size_t n;

	(void)state;
	for (size_t max = 0; max < 4096; max += 64) {
		struct arena *a = arena_new(max);
		struct compat_row *rows = compat_diff(&f->current, &f->candidate, a, &n);

		assert_true(rows == NULL || n == 21);
		arena_free(a);
	}
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_successor),
		cmocka_unit_test(test_nothing_in_use),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
