/* Keys in words, countries, distinguished names. */
#include "fixture.h"
#include "core/pki/dn.h"
#include "core/pki/profile.h"

static void test_key_words(void **state)
{
	static const struct {
		const char *word, *text;
		enum key_alg alg;
		int bits;
	} rows[] = {
		{ "ec-p256", "EC P-256", KEY_ALG_EC_P256, 256 }, { "ec-p384", "EC P-384", KEY_ALG_EC_P384, 384 },
		{ "ed25519", "Ed25519", KEY_ALG_ED25519, 256 },	 { "rsa-2048", "RSA 2048", KEY_ALG_RSA, 2048 },
		{ "rsa-3072", "RSA 3072", KEY_ALG_RSA, 3072 },	 { "rsa-4096", "RSA 4096", KEY_ALG_RSA, 4096 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct key_spec spec;

		assert_true(key_spec_parse(str(rows[i].word), &spec));
		assert_int_equal(spec.alg, rows[i].alg);
		assert_int_equal(spec.bits, rows[i].bits);
		assert_string_equal(key_spec_word(spec), rows[i].word);
		assert_string_equal(key_alg_text(spec.alg, spec.bits), rows[i].text);
	}
}

static void test_other_keys(void **state)
{
	static const char *const bad[] = { "", "ec", "EC-P256", "ec-p521", "rsa", "rsa-1024", "rsa-2048 ", "other" };
	struct key_spec spec;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(bad); i++)
		assert_false(key_spec_parse(str(bad[i]), &spec));
	assert_string_equal(key_alg_text(KEY_ALG_RSA, 1234), "RSA");
	assert_string_equal(key_alg_text(KEY_ALG_EC_P521, 521), "EC P-521");
	assert_string_equal(key_alg_text(KEY_ALG_OTHER, 0), "unknown");
	assert_string_equal(key_spec_word((struct key_spec){ KEY_ALG_RSA, 1234 }), "rsa");
	assert_string_equal(key_spec_word((struct key_spec){ KEY_ALG_EC_P521, 521 }), "ec-p521");
	assert_string_equal(key_spec_word((struct key_spec){ KEY_ALG_OTHER, 0 }), "other");
}

static void test_countries(void **state)
{
	static const char *const good[] = { "AD", "AZ", "BA", "US", "ES", "GB", "OM", "QA", "ZW", "TW", "SS", "UA", "VU" };
	static const char *const bad[] = { "", "U", "USA", "us", "UK", "EU", "XK", "XX", "ZZ", "AN", "SU", "DD", "1A", "A1", "  " };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(good); i++)
		assert_true(country_is_known(str(good[i])));
	for (size_t i = 0; i < ARRAY_N(bad); i++)
		assert_false(country_is_known(str(bad[i])));
	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++)
			n += country_is_known(bytes_of((uint8_t[]){ (uint8_t)a, (uint8_t)b }, 2));
	assert_int_equal(n, 249); /* what ISO 3166-1 assigns */
}

/* CN=Ab; CN=Ab as PrintableString; CN=Ab, O=x; two attributes in one relative name; a broken one. */
#define CN_UTF8 "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02" "Ab"
#define CN_PRINTABLE "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x13\x02" "aB"
#define CN_AND_O "\x30\x19\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02" "Ab" "\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01x"
#define O_ONLY "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01x"
#define CN_AS_BITS "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x03\x02" "Ab"
#define CN_TAGGED "\xa4\x0f" CN_UTF8
#define CN_PLUS_O "\x30\x17\x31\x15\x30\x09\x06\x03\x55\x04\x03\x0c\x02" "Ab" "\x30\x08\x06\x03\x55\x04\x0a\x0c\x01x"
#define NOTHING "\x30\x00"
#define LONG_FORM "\x30\x81\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02" "Ab"
#define CUT "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x03" "Ab"
#define TAIL CN_UTF8 "x"
#define EMPTY_SET "\x30\x02\x31\x00"

#define DER(s) bytes_of(s, sizeof(s) - 1)
#define D(s) { (const uint8_t *)(s), sizeof(s) - 1 }

static void test_names_compare(void **state)
{
	static const struct {
		struct bytes name, prefix;
		bool starts, equal;
	} rows[] = {
		{ D(CN_UTF8), D(CN_UTF8), true, true },
		{ D(CN_UTF8), D(CN_PRINTABLE), true, true },
		{ D(CN_UTF8), D(CN_TAGGED), true, true },
		{ D(CN_TAGGED), D(CN_UTF8), true, true },
		{ D(CN_AND_O), D(CN_UTF8), true, false },
		{ D(CN_UTF8), D(CN_AND_O), false, false },
		{ D(CN_AND_O), D(O_ONLY), false, false },
		{ D(CN_UTF8), D(CN_AS_BITS), false, false },
		{ D(CN_AS_BITS), D(CN_AS_BITS), true, true },
		{ D(CN_PLUS_O), D(CN_UTF8), false, false },
		{ D(CN_PLUS_O), D(CN_PLUS_O), true, true },
		{ D(CN_UTF8), D(NOTHING), true, false },
		{ D(NOTHING), D(NOTHING), true, true },
		{ D(CUT), D(CUT), false, false },
		{ D(CN_UTF8), D(CUT), false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		if (dn_starts_with(rows[i].name, rows[i].prefix) != rows[i].starts)
			fail_msg("row %zu: starts with", i);
		if (dn_equal(rows[i].name, rows[i].prefix) != rows[i].equal)
			fail_msg("row %zu: equal", i);
	}
}

static void test_names_readable(void **state)
{
	(void)state;
	assert_true(dn_is_readable(DER(CN_UTF8)));
	assert_true(dn_is_readable(DER(CN_TAGGED)));
	assert_true(dn_is_readable(DER(CN_PLUS_O)));
	assert_true(dn_is_readable(DER(NOTHING)));
	assert_false(dn_is_readable(DER(LONG_FORM))); /* a short length in the long form is not DER */
	assert_false(dn_is_readable(DER(CUT)));
	assert_false(dn_is_readable(DER(TAIL)));
	assert_false(dn_is_readable(DER(EMPTY_SET)));
	assert_false(dn_is_readable(BYTES_NONE));
	for (size_t n = 0; n < sizeof(CN_AND_O) - 1; n++)
		assert_false(dn_is_readable(bytes_of(CN_AND_O, n)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_words),     cmocka_unit_test(test_other_keys),
		cmocka_unit_test(test_countries),     cmocka_unit_test(test_names_compare),
		cmocka_unit_test(test_names_readable),
	};

	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
