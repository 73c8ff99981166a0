#include "fixture.h"

#include "codec/hex.h"

#include <errno.h>
#include <stdio.h>

typedef bool condition(const struct cert_facts *c);

/* One function per GOOD row, so that the row can be any condition. */
#define GOOD(file, cond)                                                     \
	static bool CONCAT(condition_, __LINE__)(const struct cert_facts *c) \
	{                                                                    \
		return cond;                                                 \
	}
#define CONCAT2(a, b) a##b
#define CONCAT(a, b) CONCAT2(a, b)
#define GOOD_FILE GOOD
#define BAD(file, sentence)
#include "odd_rows.def"
#undef GOOD
#undef GOOD_FILE
#undef BAD

static const struct row {
	const char *file, *text; /* the condition, or the words of the refusal */
	condition *good;
} rows[] = {
#define GOOD(file, cond) { "odd/" file ".der", #cond, CONCAT(condition_, __LINE__) },
#define GOOD_FILE(file, cond) { file, #cond, CONCAT(condition_, __LINE__) },
#define BAD(file, sentence) { "odd/" file ".der", sentence, NULL },
#include "odd_rows.def"
#undef GOOD
#undef GOOD_FILE
#undef BAD
};

/* What a parse said once it says again about its own DER, and in words without failing. */
static void check_again(struct fixture *f, const struct row *row, const struct cert_facts *c)
{
	struct cert_facts again;
	struct x509_field *fields;
	size_t n;

	want_result(f, row->file, x509_parse(c->der, f->a, &again, &f->e), 0, NULL);
	assert_memory_equal(c->fingerprint, again.fingerprint, FINGERPRINT_SIZE);
	want_result(f, row->file, x509_describe(c, f->a, &fields, &n, &f->e), 0, NULL);
	for (size_t i = 0; i < n; i++)
		if (bytes_has_control(bytes_of_str(fields[i].value)))
			fail_msg("%s: control character in %s", row->file, fields[i].name);
}

static void test_rows(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		const struct row *row = &rows[i];
		struct cert_facts c;
		struct bytes der = data_cert(f, row->file);
		int r = x509_parse(der, f->a, &c, &f->e);

		want_result(f, row->file, r, row->good ? 0 : -EINVAL, row->text);
		if (!row->good)
			continue;
		if (!row->good(&c))
			fail_msg("%s: want %s", row->file, row->text);
		check_again(f, row, &c);
	}
}

/* Every byte of a good certificate changed in turn: parsed or refused with a sentence, never a crash; facts follow the
 * bytes. */
static void test_flip_every_byte(void **state)
{
	struct fixture *f = *state;
	struct bytes good = data_file(f, "odd/good.der");
	uint8_t *copy = arena_alloc(f->a, good.n);
	size_t parsed = 0;

	for (size_t i = 0; i < good.n; i++) {
		struct arena *a = arena_new(1 << 20);
		struct cert_facts c;
		struct x509_field *fields;
		size_t n;

		memcpy(copy, good.p, good.n);
		copy[i] ^= 0xff;
		if (x509_parse(bytes_of(copy, good.n), a, &c, &f->e) == 0) {
			parsed++;
			assert_int_equal(x509_describe(&c, a, &fields, &n, &f->e), 0);
		} else {
			assert_string_not_equal(err_text(&f->e), "");
		}
		arena_free(a);
	}
	assert_in_range(parsed, 1, good.n - 1);
}

/* Cut off at every length: always refused. */
static void test_cut_everywhere(void **state)
{
	struct fixture *f = *state;
	struct bytes good = data_file(f, "odd/good.der");
	struct cert_facts c;

	for (size_t n = 0; n < good.n; n++)
		assert_int_equal(x509_parse(bytes_of(good.p, n), f->a, &c, &f->e), -EINVAL);
}

/* Without memory it fails with -ENOMEM at every point and writes nothing. */
static void test_no_memory(void **state)
{
	struct fixture *f = *state;
	struct bytes good = data_file(f, "odd/san-all-kinds.der");
	bool done = false;

	for (size_t max = 0; max < 16384 && !done; max += 16) {
		struct arena *a = arena_new(max);
		struct cert_facts c = { .version = 77 };
		int r = x509_parse(good, a, &c, &f->e);

		if (r == 0)
			done = true;
		else
			assert_true(c.version == 77);
		arena_free(a);
	}
	assert_true(done);
}

static const char *value_of(const struct x509_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].value;
	return "(none)";
}

static void test_describe(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *file, *field, *value;
	} words[] = {
		{ "odd/good.der", "version", "3" },
		{ "odd/good.der", "serial number", "1234" },
		{ "odd/serial-zero.der", "serial number", "0" },
		{ "odd/serial-negative.der", "serial number", "-05" },
		{ "odd/good.der", "signature", "with SHA-256" },
		{ "odd/sha1.der", "signature", "with SHA-1 (too weak)" },
		{ "odd/good.der", "issuer", "CN=Odd Root" },
		{ "odd/good.der", "valid from", "2026-01-01T00:00:00Z" },
		{ "odd/date-9999.der", "valid until", "9999-12-31T23:59:59Z" },
		{ "odd/subject-empty.der", "subject", "" },
		{ "odd/subject-bmp.der", "subject", "O=Org,CN=Pförtner" },
		{ "odd/subject-nul.der", "display name", "gw.example.com\\00.evil.example" },
		{ "odd/good.der", "public key", "EC P-256" },
		{ "odd/rsa1024.der", "public key", "RSA 1024" },
		{ "odd/good.der", "key usage", "digital signature (critical)" },
		{ "odd/ku-empty.der", "key usage", "none (critical)" },
		{ "odd/eku-empty.der", "extended key usage", "none" },
		{ "odd/good.der", "subject alternative name", "2 names" },
		{ "odd/san-wildcard.der", "name", "DNS *.example.com" },
		{ "odd/bc-ca.der", "basic constraints", "CA, path length 3 (critical)" },
		{ "odd/nc.der", "excluded name", "DNS evil.example.com" },
		{ "odd/unknown-critical.der", "unknown critical extension", "1.2.3.4.5" },
		{ "odd/san-twice.der", "extension that comes twice", "2.5.29.17" },
		{ "odd/good.der", "self-signed", "(none)" },
		{ "odd/own-key.der", "self-signed", "yes, although it names another issuer" },
		{ "openssl/root.pem", "self-signed", "yes" },
		{ "openssl/leaf-p384.pem", "city or locality", "Madrid" },
	};

	for (size_t i = 0; i < ARRAY_N(words); i++) {
		struct cert_facts c;
		struct x509_field *fields;
		size_t n;
		const char *got;

		want_result(f, words[i].file, x509_parse(data_cert(f, words[i].file), f->a, &c, &f->e), 0, NULL);
		want_result(f, words[i].file, x509_describe(&c, f->a, &fields, &n, &f->e), 0, NULL);
		got = value_of(fields, n, words[i].field);
		if (strcmp(got, words[i].value) != 0)
			fail_msg("%s: %s: want '%s', got '%s'", words[i].file, words[i].field, words[i].value, got);
	}
}

/* PEM and back; other blocks are passed over. */
static void test_pem(void **state)
{
	struct fixture *f = *state;
	struct bytes der = data_file(f, "odd/good.der"), ders[3];
	struct buf pem CLEANUP(buf_fini) = { .max = 1 << 20 };
	size_t n;

	buf_add_str(&pem, "some words before\n");
	want_result(f, "to PEM", x509_der_to_pem(der, &pem, &f->e), 0, NULL);
	buf_add(&pem, data_file(f, "keys/p256.pem"));
	want_result(f, "to PEM", x509_der_to_pem(der, &pem, &f->e), 0, NULL);
	want_result(f, "from PEM", x509_pem_to_ders(buf_bytes(&pem), f->a, ders, 3, &n, &f->e), 0, NULL);
	assert_int_equal(n, 2);
	assert_true(bytes_equal(ders[0], der) && bytes_equal(ders[1], der));
	want_result(f, "too many", x509_pem_to_ders(buf_bytes(&pem), f->a, ders, 1, &n, &f->e), -EINVAL,
		    "want at most 1");
	want_result(f, "none", x509_pem_to_ders(BYTES_NONE, f->a, ders, 1, &n, &f->e), 0, NULL);
	assert_int_equal(n, 0);
	want_result(f, "damaged",
		    x509_pem_to_ders(bytes_of_str("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"),
				     f->a, ders, 1, &n, &f->e),
		    -EINVAL, "PEM block 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_flip_every_byte, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_cut_everywhere, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_describe, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_pem, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
