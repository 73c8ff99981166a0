/* Hexadecimal and base64. */
#include "unit.h"
#include "codec/base64.h"
#include "codec/hex.h"

static void test_hex(void **state)
{
	char text[16];
	uint8_t out[4] = { 0 };

	(void)state;
	assert_string_equal(hex_encode(B("\x00\x7f\x80\xff"), text), "007f80ff");
	assert_string_equal(hex_encode(BYTES_NONE, text), "");
	assert_true(hex_decode(B("007F80fF"), out, 4));
	assert_memory_equal(out, "\x00\x7f\x80\xff", 4);
	assert_false(hex_decode(B("007F80f"), out, 4));
	assert_false(hex_decode(B("007F80fff"), out, 4));
	assert_false(hex_decode(B("007F80fg"), out, 4));
	assert_false(hex_decode(B("007F80f "), out, 4));
	assert_false(hex_decode(B("0x7F80ff"), out, 4));
	assert_true(hex_decode(BYTES_NONE, out, 0));
	for (int c = 0; c < 256; c++) {
		uint8_t two[2] = { '0', (uint8_t)c };
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

		assert_int_equal(hex_decode(bytes_of(two, 2), out, 1), digit);
	}
}

static void test_groups(void **state)
{
	char text[HEX_GROUPS_SIZE];
	uint8_t fingerprint[32];

	(void)state;
	for (size_t i = 0; i < 32; i++)
		fingerprint[i] = (uint8_t)(i * 8);
	assert_string_equal(hex_groups(fingerprint, text),
			    "0008101820283038 4048505860687078 80889098a0a8b0b8 c0c8d0d8e0e8f0f8");
}

/* RFC 4648 section 10, and what the two alphabets differ in. */
static const struct vector {
	struct bytes plain;
	const char *standard, *url;
} vectors[] = {
#define ROW(plain, standard, url) { { (const uint8_t *)(plain), sizeof(plain) - 1 }, standard, url }
	ROW("", "", ""),
	ROW("f", "Zg==", "Zg"),
	ROW("fo", "Zm8=", "Zm8"),
	ROW("foo", "Zm9v", "Zm9v"),
	ROW("foob", "Zm9vYg==", "Zm9vYg"),
	ROW("fooba", "Zm9vYmE=", "Zm9vYmE"),
	ROW("foobar", "Zm9vYmFy", "Zm9vYmFy"),
	ROW("\0", "AA==", "AA"),
	ROW("\xfb\xff\xbf", "+/+/", "-_-_"),
	ROW("\xff\xff\xff\xff", "/////w==", "_____w"),
#undef ROW
};

static void test_base64_vectors(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < ARRAY_N(vectors); i++) {
		base64_encode(vectors[i].plain, &b);
		assert_string_equal(buf_str(&b), vectors[i].standard);
		buf_reset(&b);
		base64url_encode(vectors[i].plain, &b);
		assert_string_equal(buf_str(&b), vectors[i].url);
		buf_reset(&b);
		assert_true(base64_decode(bytes_of_str(vectors[i].standard), &b));
		assert_true(bytes_equal(buf_bytes(&b), vectors[i].plain));
		buf_reset(&b);
		assert_true(base64url_decode(bytes_of_str(vectors[i].url), &b));
		assert_true(bytes_equal(buf_bytes(&b), vectors[i].plain));
		buf_reset(&b);
	}
	buf_fini(&b);
}

static const struct bad_row {
	const char *text;
	bool standard, url; /* taken? */
} bad_rows[] = {
	{ "Zg==", true, false },  { "Zg=", false, false },   { "Zg", false, true },	 { "Z", false, false },
	{ "Z===", false, false }, { "====", false, false },  { "=", false, false },	 { "Zh==", false, false },
	{ "Zm9=", false, false }, { "Zm9", false, false },   { "Zm8=", true, false },	 { "Zm 9", false, false },
	{ "Zm9v\n", false, false }, { "Zm9v\nYg=", false, false }, { "Zg==Zg==", false, false }, { "Zm9vZg==", true, false },
	{ "-_-_", false, true },  { "+/+/", true, false },   { "Zm9v====", false, false }, { "Z=9v", false, false },
	{ "Zm=v", false, false }, { "\x80m9v", false, false },
};

static void test_base64_strict(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < ARRAY_N(bad_rows); i++) {
		buf_reset(&b);
		if (base64_decode(bytes_of_str(bad_rows[i].text), &b) != bad_rows[i].standard)
			fail_msg("standard '%s'", bad_rows[i].text);
		buf_reset(&b);
		if (base64url_decode(bytes_of_str(bad_rows[i].text), &b) != bad_rows[i].url)
			fail_msg("url '%s'", bad_rows[i].text);
	}
	assert_false(base64_decode(B("Zm9\0"), &b));
	buf_fini(&b);
}

static void test_base64_full_buffer(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 2);
	assert_false(base64_decode(B("Zm9v"), &b));
	buf_reset(&b);
	assert_true(base64_decode(B("Zm8="), &b));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_base64_vectors),
		cmocka_unit_test(test_base64_strict),
		cmocka_unit_test(test_base64_full_buffer),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
