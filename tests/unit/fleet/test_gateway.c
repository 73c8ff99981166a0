#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/fleet/gateway.h"

#include <errno.h>

#define X16 "xxxxxxxxxxxxxxxx"
#define X32 X16 X16
#define KEY43 "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE"

typedef int check_fn(struct bytes text, struct err *e);

struct row {
	const char *text;
	bool good;
};

static void check(check_fn *fn, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct err e = { 0 };
		int r = fn(bytes_of_str(rows[i].text), &e);

		if (r != (rows[i].good ? 0 : -EINVAL))
			fail_msg("'%s': got %d %s", rows[i].text, r, e.text);
		if (!rows[i].good)
			assert_true(e.text[0] && e.text[strlen(e.text) - 1] != '.');
	}
}

static void names(void **state)
{
	static const struct row rows[] = {
		{ "a", true },	       { "edge-1", true }, { "9.x_y", true }, { X32 X16 "xxxxxxxxxxxxxxx", true },
		{ X32 X32, false },    { "", false },	   { "-a", false },   { ".", false },
		{ "_a", false },       { "a b", false },   { "a/b", false },  { "a\n", false },
		{ "\xc3\xa9", false }, { "a:b", false },
	};

	(void)state;
	check(gateway_check_name, rows, ARRAY_N(rows));
	assert_int_equal(gateway_check_name(bytes_of("a\0b", 3), NULL), -EINVAL);
}

static void hosts(void **state)
{
	static const struct row rows[] = {
		{ "gw.example.com", true },
		{ "localhost", true },
		{ "192.0.2.1", true },
		{ "2001:db8::1", true },
		{ "xn--bcher-kva.example", true },
		{ "", false },
		{ "*.example.com", false },
		{ "a b", false },
		{ "-oProxyCommand=x", false },
		{ "a..b", false },
		{ "a_b.example", false },
		{ "256.1.1.1", false },
	};

	(void)state;
	check(gateway_check_host, rows, ARRAY_N(rows));
}

static void server_names(void **state)
{
	static const struct row rows[] = { { "gw.example.com", true },
					   { "*.example.com", true },
					   { "192.0.2.1", true },
					   { "", false },
					   { "a b", false } };

	(void)state;
	check(gateway_check_server_name, rows, ARRAY_N(rows));
}

static void users(void **state)
{
	static const struct row rows[] = {
		{ "root", true },   { "_x", true },   { "a.b-c_9", true }, { X32, true },
		{ X32 "x", false }, { "", false },    { "-x", false },	   { ".x", false },
		{ "a b", false },   { "a;b", false }, { "a$", false },	   { "a\t", false },
	};

	(void)state;
	check(gateway_check_ssh_user, rows, ARRAY_N(rows));
}

static void host_keys(void **state)
{
	static const struct row rows[] = {
		{ "SHA256:" KEY43, true },
		{ "SHA256:" KEY43 "x", false },
		{ "SHA256:" KEY43 "=", false },
		{ "SHA256:", false },
		{ "", false },
		{ "MD5:" KEY43 "xxx", false },
		{ "sha256:" KEY43, false },
		{ "SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbC E", false },
		{ "SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE", false },
	};

	(void)state;
	check(gateway_check_host_key, rows, ARRAY_N(rows));
}

static void addresses(void **state)
{
	static const struct {
		const char *text, *host; /* NULL: refused */
		uint16_t port;
	} rows[] = {
		{ "127.0.0.1:8443", "127.0.0.1", 8443 },
		{ "gw.example.com:1", "gw.example.com", 1 },
		{ "[::1]:65535", "::1", 65535 },
		{ "[2001:db8::1]:443", "2001:db8::1", 443 },
		{ "127.0.0.1", NULL, 0 },
		{ ":443", NULL, 0 },
		{ "a:", NULL, 0 },
		{ "a:0", NULL, 0 },
		{ "a:65536", NULL, 0 },
		{ "a:0443", NULL, 0 },
		{ "a:4x", NULL, 0 },
		{ "a:-1", NULL, 0 },
		{ "a:999999999999", NULL, 0 },
		{ "::1:443", NULL, 0 },
		{ "[::1]", NULL, 0 },
		{ "[::1]443", NULL, 0 },
		{ "[]:443", NULL, 0 },
		{ "[127.0.0.1]:443", NULL, 0 },
		{ "[::1:443", NULL, 0 },
		{ "*.a.example:443", NULL, 0 },
		{ "", NULL, 0 },
		{ "a b:443", NULL, 0 },
		{ "a\n:443", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct gateway_address got = { 0 };
		struct err e = { 0 };
		int r = gateway_parse_address(bytes_of_str(rows[i].text), &got, &e);

		if (r != (rows[i].host ? 0 : -EINVAL))
			fail_msg("'%s': got %d %s", rows[i].text, r, e.text);
		if (!rows[i].host)
			continue;
		assert_true(bytes_equal_str(got.host, rows[i].host));
		assert_int_equal(got.port, rows[i].port);
	}
}

static void ports(void **state)
{
	static const struct {
		int64_t port;
		bool good;
	} rows[] = { { 1, true },   { 22, true },     { 65535, true },	   { 0, false },
		     { -1, false }, { 65536, false }, { INT64_MAX, false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		assert_int_equal(gateway_check_ssh_port(rows[i].port, NULL), rows[i].good ? 0 : -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(hosts),     cmocka_unit_test(server_names),
		cmocka_unit_test(users), cmocka_unit_test(host_keys), cmocka_unit_test(addresses),
		cmocka_unit_test(ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
