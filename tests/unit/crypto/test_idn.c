#include "fixture.h"

#include "sys/crypto/der.h"
#include "sys/idn.h"

#include <errno.h>

static const struct {
	const char *typed;
	int want;
	const char *ascii; /* or the words of the refusal */
} rows[] = {
	{ "gw.example.com", 0, "gw.example.com" },
	{ " gw.example.com ; 192.0.2.1 ", 0, "gw.example.com;192.0.2.1" },
	{ "GW.Example.com", 0, "GW.Example.com" }, /* core/pki/name.h lowers it */
	{ "", 0, "" },
	{ ";;", 0, "" },
	{ "bücher.example", 0, "xn--bcher-kva.example" },
	{ "BÜCHER.example", 0, "xn--bcher-kva.example" },
	{ "bu\xcc\x88"
	  "cher.example",
	  0, "xn--bcher-kva.example" }, /* u and a combining diaeresis: NFC */
	{ "*.bücher.example;2001:db8::1", 0, "*.xn--bcher-kva.example;2001:db8::1" },
	{ "straße.example", 0, "xn--strae-oqa.example" }, /* non-transitional: not "strasse" */
	{ "βόλος.example", 0, "xn--nxasmm1c.example" },
	{ "例え。example", 0, "xn--r8jz45g.example" }, /* the ideographic full stop */
	{ "xn--bcher-kva.example", 0, "xn--bcher-kva.example" },
	{ "XN--BCHER-KVA.example", 0, "xn--bcher-kva.example" },
	{ "xn--a.example", -EINVAL, "name 'xn--a.example': want an internationalized name" },
	{ "xn--strasse-.example", -EINVAL, "want an internationalized name" },
	{ "☃.example", -EINVAL, "want an internationalized name" }, /* IDNA2008: a snowman is no letter */
	{ "a\xe2\x80\x8d"
	  "b.example",
	  -EINVAL, "want an internationalized name" }, /* joiner out of context */
	{ "gw.ex\xff.com", -EINVAL, "want at most 1024 bytes of UTF-8" },
	{ "a;b\x01;c", -EINVAL, "without control characters" },
	{ "[2001:db8::1]", 0, "[2001:db8::1]" },
	{ "not a name!", 0, "not a name!" }, /* plain ASCII: core/pki/name.h judges */
};

static void test_to_ascii(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		const char *got = NULL;
		int r = idn_list_to_ascii(bytes_of_str(rows[i].typed), f->a, &got, &f->e);

		want_result(f, rows[i].typed, r, rows[i].want, rows[i].ascii);
		if (r == 0 && strcmp(got, rows[i].ascii) != 0)
			fail_msg("'%s': want '%s', got '%s'", rows[i].typed, rows[i].ascii, got);
	}
}

static void test_display(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name, *shown;
	} shows[] = {
		{ "gw.example.com", "gw.example.com" },
		{ "xn--bcher-kva.example", "bücher.example" },
		{ "*.xn--bcher-kva.example", "*.bücher.example" },
		{ "xn--strae-oqa.example", "straße.example" },
		{ "xn--a.example", "xn--a.example" },	  /* no A-label: as it stands */
		{ "xn--n3h.example", "xn--n3h.example" }, /* the snowman: not of IDNA2008 */
		{ "xn--", "xn--" },
	};

	for (size_t i = 0; i < ARRAY_N(shows); i++)
		assert_string_equal(idn_to_display(bytes_of_str(shows[i].name), f->a), shows[i].shown);
}

/* ---- DER, because it needs nothing else either ---- */

#define D(s)                                        \
	{                                           \
		(const uint8_t *)(s), sizeof(s) - 1 \
	}

static const struct {
	struct bytes der;
	const char *wrong; /* NULL: it is DER */
} der_rows[] = {
	{ D("\x30\x00"), NULL },
	{ D("\x05\x00"), NULL },
	{ D("\x05\x01\x00"), "a null is not empty" },
	{ D(""), "ends too early" },
	{ D("\x30"), "ends too early" },
	{ D("\x30\x01"), "ends too early" },
	{ D("\x30\x00\x00"), "1 bytes behind its end" },
	{ D("\x30\x80\x00\x00"), "the length is indefinite" },
	{ D("\x04\x81\x01\x41"), "a small length is in the long form" },
	{ D("\x04\x82\x00\x01\x41"), "the length is padded" },
	{ D("\x04\x85\x01\x01\x01\x01\x01"), "the length is too large" },
	{ D("\x01\x01\xff"), NULL },
	{ D("\x01\x01\x00"), NULL },
	{ D("\x01\x01\x01"), "a boolean is not 00 or ff" },
	{ D("\x01\x02\xff\xff"), "a boolean is not 00 or ff" },
	{ D("\x02\x01\x00"), NULL },
	{ D("\x02\x00"), "an integer is empty" },
	{ D("\x02\x02\x00\x80"), NULL },
	{ D("\x02\x02\x00\x7f"), "an integer is padded" },
	{ D("\x02\x02\xff\x7f"), NULL },
	{ D("\x02\x02\xff\x80"), "an integer is padded" },
	{ D("\x03\x01\x00"), NULL },
	{ D("\x03\x01\x01"), "no right count of unused bits" },
	{ D("\x03\x02\x08\x00"), "no right count of unused bits" },
	{ D("\x03\x02\x07\x80"), NULL },
	{ D("\x03\x02\x07\xc0"), "an unused bit of a bit string is set" },
	{ D("\x06\x01\x2a"), NULL },
	{ D("\x06\x00"), "an object identifier is cut off" },
	{ D("\x06\x02\x2a\x86"), "an object identifier is cut off" },
	{ D("\x06\x03\x2a\x80\x01"), "an object identifier is padded" },
	{ D("\x24\x03\x04\x01\x41"), "a string is in pieces" },
	{ D("\x1f\x1f\x00"), NULL },
	{ D("\x1f\x1e\x00"), "a small tag number is in the long form" },
	{ D("\x1f\x80\x1f\x00"), "the tag number is padded" },
	{ D("\xbf\x83\xff\xff\x7f\x00"), NULL },
	{ D("\xbf\x81\xff\xff\xff\x7f\x00"), "the tag number is too large" },
	{ D("\x30\x03\x02\x01\x05"), NULL },
	{ D("\x30\x03\x02\x02\x05"), "ends too early" },
	{ D("\x30\x04\xa0\x02\x05\x00"), NULL },
};

static void test_der(void **state)
{
	struct fixture *f = *state;
	uint8_t deep[2 * 40];

	for (size_t i = 0; i < ARRAY_N(der_rows); i++)
		want_result(f, der_rows[i].wrong ? der_rows[i].wrong : "DER", der_check(der_rows[i].der, &f->e),
			    der_rows[i].wrong ? -EINVAL : 0, der_rows[i].wrong);
	for (size_t depth = 1; depth <= 40; depth++) {
		for (size_t i = 0; i < depth; i++) {
			deep[2 * i] = 0x30;
			deep[2 * i + 1] = (uint8_t)(2 * (depth - 1 - i));
		}
		assert_int_equal(der_check(bytes_of(deep, 2 * depth), NULL), depth < 24 ? 0 : -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_to_ascii, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_display, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_der, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
