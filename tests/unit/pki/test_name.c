#include "fixture.h"

#include <errno.h>
#include <stdio.h>

static const struct parse_row {
	const char *text, *want; /* name_text(), or NULL: refused */
	enum general_name_kind kind;
} parse_rows[] = {
	/* host names */
	{ "gw.example.com", "gw.example.com", GN_DNS },
	{ "GW.Example.COM", "gw.example.com", GN_DNS },
	{ " gw.example.com\t", "gw.example.com", GN_DNS },
	{ "gw.example.com.", "gw.example.com", GN_DNS },
	{ "gw.example.com..", NULL, GN_DNS },
	{ "localhost", "localhost", GN_DNS },
	{ "a", "a", GN_DNS },
	{ "", NULL, GN_DNS },
	{ " ", NULL, GN_DNS },
	{ ".", NULL, GN_DNS },
	{ ".example.com", NULL, GN_DNS },
	{ "gw..example.com", NULL, GN_DNS },
	{ "-gw.example.com", NULL, GN_DNS },
	{ "gw-.example.com", NULL, GN_DNS },
	{ "g-w.example.com", "g-w.example.com", GN_DNS },
	{ "gw_1.example.com", NULL, GN_DNS },
	{ "gw 1.example.com", NULL, GN_DNS },
	{ "gw.example.com:443", NULL, GN_DNS },
	{ "https://gw.example.com", NULL, GN_DNS },
	{ "gw.example.com/x", NULL, GN_DNS },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example", GN_DNS },
	{ "b\xc3\xbc" "cher.example", NULL, GN_DNS },
	{ "3com.example", "3com.example", GN_DNS },
	{ "gw.example.3com", "gw.example.3com", GN_DNS },
	{ "gw.example.3", NULL, GN_DNS },
	{ "1234", NULL, GN_DNS },
	/* wildcards */
	{ "*.example.com", "*.example.com", GN_DNS },
	{ "*.Example.com", "*.example.com", GN_DNS },
	{ "*.com", NULL, GN_DNS },
	{ "*", NULL, GN_DNS },
	{ "*.", NULL, GN_DNS },
	{ "*.*.example.com", NULL, GN_DNS },
	{ "a.*.example.com", NULL, GN_DNS },
	{ "g*.example.com", NULL, GN_DNS },
	{ "*gw.example.com", NULL, GN_DNS },
	/* IPv4 */
	{ "192.0.2.1", "192.0.2.1", GN_IP },
	{ "255.255.255.255", "255.255.255.255", GN_IP },
	{ "192.0.2.256", NULL, GN_IP },
	{ "192.0.2", NULL, GN_IP },
	{ "192.0.2.1.", NULL, GN_IP },
	{ "192.0.2.01", NULL, GN_IP },
	{ "192.0.2.1/32", NULL, GN_IP },
	{ "0.0.0.0", NULL, GN_IP },
	{ "0.0.0.1", "0.0.0.1", GN_IP },
	{ "[192.0.2.1]", NULL, GN_IP },
	/* IPv6 */
	{ "2001:db8::1", "2001:db8::1", GN_IP },
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1", GN_IP },
	{ "[2001:db8::1]", "2001:db8::1", GN_IP },
	{ "[2001:db8::1", NULL, GN_IP },
	{ "[]", NULL, GN_IP },
	{ "[gw.example.com]", NULL, GN_IP },
	{ "::1", "::1", GN_IP },
	{ "::", NULL, GN_IP },
	{ "::ffff:192.0.2.1", NULL, GN_IP },
	{ "::fffe:192.0.2.1", "::fffe:c000:201", GN_IP },
	{ "fe80::1%eth0", NULL, GN_IP },
	{ "2001:db8::1::2", NULL, GN_IP },
	{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", GN_IP },
	{ "1:2:3:4:5:6:7:8:9", NULL, GN_IP },
	{ "12345::", NULL, GN_IP },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(parse_rows); i++) {
		const struct parse_row *row = &parse_rows[i];
		struct arena *a = arena_new(4096);
		struct general_name n;
		struct err e = { 0 };
		int r = name_parse(str(row->text), a, &n, &e);

		if ((r == 0) != (row->want != NULL) || (r == 0 && strcmp(name_text(&n, a), row->want) != 0))
			fail_msg("name '%s': %s", row->text, r == 0 ? name_text(&n, a) : err_text(&e));
		if (r == 0)
			assert_int_equal(n.kind, row->kind);
		else
			assert_int_equal(r, -EINVAL);
		assert_true(r == 0 || strstr(err_text(&e), "want ") != NULL);
		arena_free(a);
	}
}

/* A name of labels of `label_n` letters, `total` characters in all. */
static void make_long(char *out, size_t label_n, size_t total)
{
	for (size_t i = 0; i < total; i++)
		out[i] = i % (label_n + 1) == label_n ? '.' : 'a';
	out[total] = '\0';
}

static void test_lengths(void **state)
{
	static const struct {
		size_t label_n, total;
		bool good;
	} rows[] = {
		{ 63, 63, true },  { 64, 64, false }, { 63, 127, true }, { 64, 100, false },
		{ 50, 253, true }, { 50, 254, false }, { 63, 253, true }, { 1, 253, true },
	};
	struct arena *a = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct general_name n;
		char text[300];

		make_long(text, rows[i].label_n, rows[i].total);
		if ((name_parse(str(text), a, &n, NULL) == 0) != rows[i].good)
			fail_msg("labels of %zu, %zu in all", rows[i].label_n, rows[i].total);
	}
	arena_free(a);
}

static void test_nul_byte_is_refused(void **state)
{
	struct arena *a = arena_new(4096);
	struct general_name n;

	(void)state;
	assert_int_equal(name_parse(bytes_of("gw.example.com\0x", 16), a, &n, NULL), -EINVAL);
	assert_int_equal(name_parse(bytes_of("192.0.2.1\0x", 11), a, &n, NULL), -EINVAL);
	arena_free(a);
}

static const struct list_row {
	const char *text;
	int want; /* names, or a negative kind */
} list_rows[] = {
	{ "", 0 },
	{ ";", 0 },
	{ " ; ;", 0 },
	{ "a.example", 1 },
	{ "a.example;", 1 },
	{ ";a.example", 1 },
	{ "a.example;b.example", 2 },
	{ "a.example ; b.example ;; 192.0.2.1", 3 },
	{ "a.example;A.example", -EEXIST },
	{ "a.example;a.example.", -EEXIST },
	{ "::1;0:0:0:0:0:0:0:1", -EEXIST },
	{ "*.example.com;gw.example.com", 2 },
	{ "a.example;b c", -EINVAL },
	{ "a.example,b.example", -EINVAL },
};

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(list_rows); i++) {
		struct arena *a = arena_new(1 << 16);
		struct general_name *names;
		size_t n = 99;
		struct err e = { 0 };
		int r = name_parse_list(str(list_rows[i].text), a, &names, &n, &e);

		if (r != 0 ? r != list_rows[i].want : (int)n != list_rows[i].want)
			fail_msg("list '%s': %d, %zu names, %s", list_rows[i].text, r, n, err_text(&e));
		assert_true(r == 0 || n == 99);
		arena_free(a);
	}
}

static int parse_many(size_t count)
{
	struct arena *a = arena_new(1 << 20);
	struct general_name *names;
	char *text = calloc(count + 1, 16);
	size_t n = 0, used = 0;
	int r;

	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, 16, "n%zu.example;", i);
	r = name_parse_list(bytes_of(text, used), a, &names, &n, NULL);
	free(text);
	arena_free(a);
	return r < 0 ? r : (int)n;
}

static void test_too_many(void **state)
{
	(void)state;
	assert_int_equal(parse_many(FACTS_NAMES_MAX), FACTS_NAMES_MAX);
	assert_int_equal(parse_many(FACTS_NAMES_MAX + 1), -E2BIG);
}

static void test_no_memory(void **state)
{
	(void)state;
	for (size_t max = 0; max < 64; max += 16) {
		struct arena *a = arena_new(max);
		struct general_name *names;
		size_t n;

		assert_int_equal(name_parse_list(str("gw.example.com;192.0.2.1"), a, &names, &n, NULL), -ENOMEM);
		arena_free(a);
	}
}

static const struct match_row {
	const char *name, *host;
	bool want;
} match_rows[] = {
	{ "gw.example.com", "gw.example.com", true },
	{ "gw.example.com", "GW.example.COM", true },
	{ "gw.example.com", "gw2.example.com", false },
	{ "*.example.com", "gw.example.com", true },
	{ "*.example.com", "GW.EXAMPLE.com", true },
	{ "*.example.com", "example.com", false },
	{ "*.example.com", "a.gw.example.com", false },
	{ "*.example.com", ".example.com", false },
	{ "*.example.com", "gw.example.org", false },
	{ "*.example.com", "*.example.com", false },
	{ "*.example.com", "gateway", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", false },
	{ "2001:db8::1", "2001:0db8::0001", true },
	{ "*.0.2.1", "192.0.2.1", false },
	{ "uri:gw.example.com", "uri:gw.example.com", false },
};

static void test_matches(void **state)
{
	struct fixture *f = fixture_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_N(match_rows); i++) {
		const struct match_row *row = &match_rows[i];

		set_names(f, OLD, row->name);
		set_names(f, NEW, row->host);
		if (name_matches_host(&OLD->names[0], &NEW->names[0]) != row->want)
			fail_msg("'%s' for '%s': want %d", row->name, row->host, row->want);
	}
	fixture_free(f);
}

static const struct text_row {
	const char *name, *want;
} text_rows[] = {
	{ "gw.example.com", "gw.example.com" },
	{ "10.0.0.0/8", "10.0.0.0/8" },
	{ "2001:db8::/32", "2001:db8::/32" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "192.0.2.1/32", "192.0.2.1/32" },
	{ "raw-ip:0a000000ff00ff00", "10.0.0.0/255.0.255.0" },
	{ "raw-ip:0a0000", "address 0a0000" },
	{ "uri:https://x.example/a", "https://x.example/a" },
	{ "email:ops@example.com", "ops@example.com" },
	{ "raw-dn:3000", "directory name 3000" },
	{ "other:ab", "other name 6162" },
	{ "a\nb", "a\\x0ab" },
	{ "a\033[31m", "a\\x1b[31m" },
	{ "a\\b", "a\\x5cb" },
	{ "b\xc3\xbc" "cher", "b\\xc3\\xbccher" },
};

static void test_texts(void **state)
{
	struct fixture *f = fixture_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_N(text_rows); i++) {
		set_names(f, NEW, text_rows[i].name);
		assert_string_equal(name_text(&NEW->names[0], f->a), text_rows[i].want);
	}
	fixture_free(f);
}

/* A text that does not fit ends in "..." and stays inside. */
static void test_text_is_cut(void **state)
{
	struct general_name n = { GN_DNS, str("gateway.example.com") };
	char out[24];

	(void)state;
	for (size_t size = 4; size <= sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		assert_ptr_equal(name_format(&n, out, size), out);
		assert_true(strlen(out) < size);
		assert_true(size == sizeof(out) || out[size] == '#');
		assert_int_equal(strcmp(out, "gateway.example.com") == 0, size >= 23);
		assert_true(size >= 23 || strcmp(out + strlen(out) - 3, "...") == 0);
	}
}

static void test_looks_like_host(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "gw.example.com", true }, { "GW.EXAMPLE.COM", true }, { "gw.example.com.", true },
		{ "*.example.com", true },  { "192.0.2.1", true },	{ "2001:db8::1", true },
		{ "gateway", false },	    { "Edge Gateway", false },	{ "Gateway 1.2", false },
		{ "v1.2", false },	    { "", false },		{ "Example Inc.", false },
		{ "a_b.example", false },   { "J. Doe", false },	{ "localhost", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		if (name_looks_like_host(str(rows[i].text)) != rows[i].want)
			fail_msg("'%s'", rows[i].text);
}

static void test_mask_prefix(void **state)
{
	(void)state;
	assert_int_equal(name_mask_prefix(bytes_of("\0\0\0\0", 4)), 0);
	assert_int_equal(name_mask_prefix(bytes_of("\xff\x80\0\0", 4)), 9);
	assert_int_equal(name_mask_prefix(bytes_of("\xff\xff\xff\xff", 4)), 32);
	assert_int_equal(name_mask_prefix(bytes_of("\xff\0\xff\0", 4)), -1);
	assert_int_equal(name_mask_prefix(bytes_of("\x7f\xff\xff\xff", 4)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	    cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_nul_byte_is_refused), cmocka_unit_test(test_lists),
		cmocka_unit_test(test_too_many),    cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_matches),	    cmocka_unit_test(test_texts),
		cmocka_unit_test(test_text_is_cut), cmocka_unit_test(test_looks_like_host),
		cmocka_unit_test(test_mask_prefix),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
