/* Every field of a request for a certificate: what is refused, and what the profile says when nothing is. */
#include "fixture.h"
#include "core/pki/profile.h"

#include <errno.h>
#include <stdio.h>

static const uint8_t random_bytes[16] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static const char *repeat(struct fixture *f, const char *s, size_t n)
{
	size_t one = strlen(s);
	char *text = arena_alloc(f->a, n * one + 1);

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * one, s, one);
	return text;
}

static const char *many_names(struct fixture *f, size_t n)
{
	char *text = arena_alloc(f->a, n * 32);
	size_t used = 0;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, 32, "n%zu.example.com;", i);
	return text;
}

/* The issuer's chain instead of a whole one: what was leaf first becomes issuing CA first. */
static void drop_leaf(struct chain_facts *c)
{
	c->certs[0] = c->certs[1];
	c->certs[1] = c->certs[2];
	c->n = 2;
	c->has_key = c->key_matches = false;
}

static void fill_chain(struct fixture *f, size_t n)
{
	struct cert_facts root = f->candidate.certs[1], issuing = f->candidate.certs[0];

	for (size_t i = 0; i + 1 < n; i++) {
		f->candidate.certs[i] = issuing;
		set_subject(f, &f->candidate.certs[i], arena_printf(f->a, "Example CA %zu", i));
	}
	f->candidate.certs[n - 1] = root;
	f->candidate.n = n;
	for (size_t i = 0; i + 1 < n; i++) {
		f->candidate.certs[i].issuer_der = f->candidate.certs[i + 1].subject_der;
		f->candidate.certs[i].authority_key_id = f->candidate.certs[i + 1].subject_key_id;
	}
}

static struct cert_request good_request(void)
{
	return (struct cert_request){ .kind = CERT_END_ENTITY, .display_name = "edge gateway", .holder = "Ann Lee",
				      .organization = "Example Ltd", .locality = "Vigo", .country = "ES",
				      .names = "gw.example.com;192.0.2.1", .path_len = -1 };
}

#undef INTER
#undef ROOT
#define INTER (&f->candidate.certs[0])
#define ROOT (&f->candidate.certs[1])

#define ROW_FUNCTION_(line) change_##line
#define ROW_FUNCTION(line) ROW_FUNCTION_(line)

#define ROW(name, want, ...)                                                             \
	static void ROW_FUNCTION(__LINE__)(struct fixture * f, struct cert_request * q)  \
	{                                                                                \
		(void)f;                                                                 \
		(void)q;                                                                 \
		__VA_ARGS__;                                                             \
	}
#include "profile_rows.def"
#undef ROW

static const struct row {
	const char *name, *want;
	void (*change)(struct fixture *f, struct cert_request *q);
} rows[] = {
#define ROW(name, want, ...) { name, want, ROW_FUNCTION(__LINE__) },
#include "profile_rows.def"
#undef ROW
};

static struct fixture *issuer_fixture(void)
{
	struct fixture *f = fixture_new();

	drop_leaf(&f->candidate);
	return f;
}

static int make(struct fixture *f, const struct cert_request *q, struct cert_profile *ret, struct findings *found)
{
	return profile_make(q, f->candidate.n > 0 ? &f->candidate : NULL, f->now, random_bytes, f->a, ret, found, NULL);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct fixture *f = issuer_fixture();
	struct cert_request q = good_request();
	struct cert_profile p;
	struct findings found = { .n = 0 };
	struct cert_profile untouched;

	memset(&p, 0xa5, sizeof(p));
	memset(&untouched, 0xa5, sizeof(untouched));
	row->change(f, &q);
	assert_int_equal(make(f, &q, &p, &found), 0);
	assert_words(row->name, &found, row->want);
	if (findings_blocked(&found))
		assert_memory_equal(&p, &untouched, sizeof(p));
	else
		assert_int_equal(p.kind, q.kind);
	fixture_free(f);
}

static void make_good(struct fixture *f, const struct cert_request *q, struct cert_profile *ret)
{
	struct findings found = { .n = 0 };

	assert_int_equal(make(f, q, ret, &found), 0);
	assert_false(findings_blocked(&found));
}

static void test_values_of_a_leaf(void **state)
{
	struct fixture *f = issuer_fixture();
	struct cert_request q = good_request();
	struct cert_profile p;

	(void)state;
	q.display_name = "  edge gateway ";
	q.country = "uk";
	make_good(f, &q, &p);
	assert_string_equal(p.subject.common_name, "edge gateway");
	assert_string_equal(p.subject.name, "Ann Lee");
	assert_string_equal(p.subject.organization, "Example Ltd");
	assert_string_equal(p.subject.locality, "Vigo");
	assert_string_equal(p.subject.country, "GB");
	assert_int_equal(p.subject.other_n, 0);
	assert_int_equal(p.names_n, 2);
	assert_int_equal(p.names[0].kind, GN_DNS);
	assert_int_equal(p.names[1].kind, GN_IP);
	assert_false(p.san_critical);
	assert_int_equal(p.not_before.s, f->now.s - 3600);
	assert_int_equal(p.not_after.s, at("2027-11-24T23:59:59Z").s);
	assert_int_equal(p.key.alg, KEY_ALG_EC_P256);
	assert_false(p.is_ca);
	assert_int_equal(p.path_len, -1);
	assert_int_equal(p.key_usage, BIT(KU_DIGITAL_SIGNATURE));
	assert_int_equal(p.ext_key_usage, BIT(EKU_SERVER_AUTH));
	assert_int_equal(p.serial[0], 0x7f); /* the top bit is clear */
	assert_memory_equal(p.serial + 1, random_bytes + 1, 15);
	fixture_free(f);
}

static void test_values_of_an_rsa_leaf(void **state)
{
	struct fixture *f = issuer_fixture();
	struct cert_request q = good_request();
	struct cert_profile p;

	(void)state;
	q.key = (struct key_spec){ KEY_ALG_RSA, 3072 };
	make_good(f, &q, &p);
	assert_int_equal(p.key.bits, 3072);
	assert_int_equal(p.key_usage, BIT(KU_DIGITAL_SIGNATURE) | BIT(KU_KEY_ENCIPHERMENT));
	fixture_free(f);
}

static void test_values_of_a_ca(void **state)
{
	static const struct {
		enum cert_kind kind;
		int asked, want;
		const char *end;
	} cases[] = {
		{ CERT_ROOT, -1, -1, "2036-11-24T23:59:59Z" },
		{ CERT_ROOT, 2, 2, "2036-11-24T23:59:59Z" },
		{ CERT_INTERMEDIATE, -1, 0, "2031-11-24T23:59:59Z" },
		{ CERT_INTERMEDIATE, 3, 3, "2031-11-24T23:59:59Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct fixture *f = issuer_fixture();
		struct cert_request q = good_request();
		struct cert_profile p;

		if (cases[i].kind == CERT_ROOT)
			f->candidate.n = 0;
		q.kind = cases[i].kind;
		q.names = NULL;
		q.path_len = cases[i].asked;
		make_good(f, &q, &p);
		assert_true(p.is_ca);
		assert_int_equal(p.path_len, cases[i].want);
		assert_int_equal(p.not_after.s, at(cases[i].end).s);
		assert_int_equal(p.key_usage, BIT(KU_KEY_CERT_SIGN) | BIT(KU_CRL_SIGN));
		assert_int_equal(p.ext_key_usage, 0);
		assert_int_equal(p.names_n, 0);
		fixture_free(f);
	}
}

static void test_default_ends(void **state)
{
	static const struct {
		const char *now, *end;
	} cases[] = {
		{ "2026-11-24T00:00:00Z", "2027-11-24T23:59:59Z" }, { "2026-11-24T23:59:59Z", "2027-11-24T23:59:59Z" },
		{ "2028-02-29T12:00:00Z", "2029-02-28T23:59:59Z" }, { "2027-02-28T12:00:00Z", "2028-02-28T23:59:59Z" },
		{ "2027-03-01T00:00:00Z", "2028-03-01T23:59:59Z" }, { "2026-12-31T23:59:59Z", "2027-12-31T23:59:59Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct fixture *f = issuer_fixture();
		struct cert_request q = good_request();
		struct cert_profile p;

		f->now = at(cases[i].now);
		make_good(f, &q, &p);
		assert_int_equal(p.not_after.s, at(cases[i].end).s);
		fixture_free(f);
	}
}

static void test_serial_is_never_zero(void **state)
{
	static const uint8_t nothing[16] = { 0x80 };
	struct fixture *f = issuer_fixture();
	struct cert_request q = good_request();
	struct cert_profile p;
	struct findings found = { .n = 0 };

	(void)state;
	assert_int_equal(profile_make(&q, &f->candidate, f->now, nothing, f->a, &p, &found, NULL), 0);
	assert_int_equal(p.serial[0], 0);
	assert_int_equal(p.serial[15], 1);
	fixture_free(f);
}

/* Whatever allocation fails, the answer is -ENOMEM and nothing is written. */
static void test_no_memory(void **state)
{
	struct cert_request q = good_request();
	bool made = false;

	(void)state;
	for (size_t max = 0; !made; max += 16) {
		struct fixture *f = issuer_fixture();
		struct arena *a = arena_new(max);
		struct cert_profile p = { .names_n = 77 };
		struct findings found = { .n = 0 };
		int r = profile_make(&q, &f->candidate, f->now, random_bytes, a, &p, &found, NULL);

		made = r == 0;
		assert_true(made || (r == -ENOMEM && p.names_n == 77));
		assert_true(!made || p.names_n == 2);
		assert_true(max < 4096);
		arena_free(a);
		fixture_free(f);
	}
}

static void test_prefill(void **state)
{
	struct fixture *f = fixture_new();
	struct cert_request q;

	(void)state;
	OLD->subject = (struct subject){ "edge gateway", "Ann Lee", "Example Ltd", "Vigo", "ES", 1 };
	set_names(f, OLD, "GW.example.com;192.0.2.1;uri:urn:x;2001:db8::1;*.example.com;not a name");
	assert_int_equal(profile_prefill(OLD, f->a, &q, NULL), 0);
	assert_int_equal(q.kind, CERT_END_ENTITY);
	assert_string_equal(q.display_name, "edge gateway");
	assert_string_equal(q.holder, "Ann Lee");
	assert_string_equal(q.organization, "Example Ltd");
	assert_string_equal(q.locality, "Vigo");
	assert_string_equal(q.country, "ES");
	assert_string_equal(q.names, "GW.example.com;192.0.2.1;2001:db8::1;*.example.com");
	assert_int_equal(q.not_after.s, 0);
	assert_int_equal(q.key.alg, KEY_ALG_EC_P256);
	assert_int_equal(q.path_len, -1);
	fixture_free(f);
}

static void test_prefill_of_others(void **state)
{
	struct fixture *f = issuer_fixture();
	struct cert_request q;

	(void)state;
	INTER->path_len = 3;
	INTER->key_alg = KEY_ALG_RSA;
	INTER->key_bits = 3072;
	assert_int_equal(profile_prefill(INTER, f->a, &q, NULL), 0);
	assert_int_equal(q.kind, CERT_INTERMEDIATE);
	assert_int_equal(q.path_len, 3);
	assert_int_equal(q.key.bits, 3072);
	assert_string_equal(q.names, "");
	assert_null(q.holder);
	ROOT->key_alg = KEY_ALG_EC_P521;
	assert_int_equal(profile_prefill(ROOT, f->a, &q, NULL), 0);
	assert_int_equal(q.kind, CERT_ROOT);
	assert_int_equal(q.key.alg, KEY_ALG_OTHER); /* the default: nobody can ask for P-521 */
	assert_int_equal(q.key.bits, 0);
	fixture_free(f);
}

/* The longest names of a certificate still fit. */
static void test_prefill_of_many_long_names(void **state)
{
	struct fixture *f = fixture_new();
	struct general_name *names = arena_alloc_array(f->a, FACTS_NAMES_MAX, sizeof(*names));
	struct cert_request q;

	(void)state;
	assert_non_null(names);
	for (size_t i = 0; i < FACTS_NAMES_MAX; i++)
		names[i] = (struct general_name){ GN_DNS, str(repeat(f, "a.", 126)) };
	for (size_t i = 0; i < FACTS_NAMES_MAX; i++)
		names[i].value.n = 251;
	OLD->names = names;
	OLD->names_n = FACTS_NAMES_MAX;
	assert_int_equal(profile_prefill(OLD, f->a, &q, NULL), 0);
	assert_int_equal(strlen(q.names), FACTS_NAMES_MAX * 252 - 1);
	fixture_free(f);
}

static void test_kinds(void **state)
{
	static const char *const words[] = { "root", "intermediate", "end-entity" };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(words); i++) {
		enum cert_kind k = CERT_KIND_N;

		assert_true(cert_kind_from_word(str(words[i]), &k));
		assert_int_equal(k, i);
		assert_string_equal(cert_kind_word(k), words[i]);
	}
	assert_string_equal(cert_kind_word(CERT_KIND_N), "?");
	assert_false(cert_kind_from_word(str("Root"), &(enum cert_kind){ CERT_ROOT }));
	assert_false(cert_kind_from_word(str(""), &(enum cert_kind){ CERT_ROOT }));
}

#define OTHERS_N 10

int main(void)
{
	const struct CMUnitTest others[OTHERS_N] = {
		cmocka_unit_test(test_values_of_a_leaf), cmocka_unit_test(test_values_of_an_rsa_leaf),
		cmocka_unit_test(test_values_of_a_ca),	 cmocka_unit_test(test_default_ends),
		cmocka_unit_test(test_serial_is_never_zero), cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_prefill),		 cmocka_unit_test(test_prefill_of_others),
		cmocka_unit_test(test_prefill_of_many_long_names), cmocka_unit_test(test_kinds),
	};
	struct CMUnitTest tests[ARRAY_N(rows) + OTHERS_N];

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		union {
			const struct row *row;
			void *p;
		} state = { .row = &rows[i] };

		tests[i] = (struct CMUnitTest){ rows[i].name, test_row, NULL, NULL, state.p };
	}
	memcpy(tests + ARRAY_N(rows), others, sizeof(others));
	return _cmocka_run_group_tests("profile", tests, ARRAY_N(tests), NULL, NULL);
}
