/* Roles, names, passwords, lockout, texts of secrets: rows on both sides of each boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/access/lockout.h"
#include "core/access/names.h"
#include "core/access/refusals.h"
#include "core/access/roles.h"
#include "core/access/secrets.h"

#define V BIT(ROLE_VIEWER)
#define D BIT(ROLE_DEPLOYER)
#define I BIT(ROLE_ISSUER)
#define A BIT(ROLE_ADMINISTRATOR)

/* The table of docs/adr/0007-who-may-call.md. */
static void permissions_of_roles(void **state)
{
	static const unsigned want[PERMISSION_N] = {
		[PERMISSION_PUBLIC] = V | D | I | A, [PERMISSION_SELF] = V | D | I | A, [PERMISSION_VIEW] = V | D | I | A,
		[PERMISSION_DEPLOY] = D | A,	     [PERMISSION_ISSUE] = I | A,	[PERMISSION_EXPORT] = I | A,
		[PERMISSION_ISSUE_CA] = A,	     [PERMISSION_AUDIT] = A,		[PERMISSION_ADMIN] = A,
	};

	(void)state;
	for (enum permission p = 0; p < PERMISSION_N; p++) {
		for (enum access_role r = 0; r < ACCESS_ROLES_N; r++)
			if (access_allows(BIT(r), p) != ((want[p] & BIT(r)) != 0))
				fail_msg("%s as %s", permission_word(p), access_role_word(r));
		assert_int_equal(access_allows(ROLES_NONE, p), p == PERMISSION_PUBLIC);
	}
	assert_true(access_allows(D | I, PERMISSION_DEPLOY));
	assert_false(access_allows(D | I, PERMISSION_ADMIN));
}

static void roles_as_text(void **state)
{
	char text[ROLES_TEXT_MAX];
	unsigned back = 77;

	(void)state;
	for (unsigned set = 0; set <= ROLES_EVERY; set++) {
		assert_true(roles_parse(roles_format(set, text), &back));
		assert_int_equal(back, set);
	}
	assert_string_equal(roles_format(D | A, text), "deployer;administrator");
	assert_false(roles_parse("root", &back));
	assert_false(roles_parse("viewer;;", &back));
	assert_false(roles_parse("viewer ", &back));
}

static void user_names(void **state)
{
	static const struct {
		const char *name;
		bool fine;
	} rows[] = {
		{ "a", true },	     { "admin", true },	   { "j.doe-2_x", true }, { "7", true },
		{ "", false },	     { "Admin", false },   { ".a", false },	  { "-a", false },
		{ "a b", false },    { "a/b", false },	   { "\xc3\xb6", false }, { "a\n", false },
		{ "12345678901234567890123456789012", true }, { "123456789012345678901234567890123", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		if ((user_check_name(bytes_of_str(rows[i].name), NULL) == 0) != rows[i].fine)
			fail_msg("'%s'", rows[i].name);
	assert_int_equal(token_check_name(bytes_of_str("ci \xc3\xb6"), NULL), 0);
	assert_true(token_check_name(BYTES_NONE, NULL) < 0);
	assert_true(token_check_name(bytes_of_str("a\tb"), NULL) < 0);
}

static void passwords(void **state)
{
	static const struct {
		const char *password, *user;
		bool fine;
	} rows[] = {
		{ "12345678901", "alice", false },
		{ "123456789012", "alice", true },
		{ "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6", "alice", false }, /* six characters */
		{ "alice.smith-jones", "alice.smith-jones", false },
		{ "ALICE.smith-jones", "alice.smith-jones", false },
		{ "alicealicealice", "alice", false },
		{ "alicealicealicE1", "alice", true },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "alice", false },
	};
	static char longest[PASSWORD_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		if ((password_check(bytes_of_str(rows[i].password), rows[i].user, NULL) == 0) != rows[i].fine)
			fail_msg("row %zu", i);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(password_check(bytes_of(longest, PASSWORD_MAX), "a", NULL), 0);
	assert_true(password_check(bytes_of(longest, PASSWORD_MAX + 1), "a", NULL) < 0);
}

#define NOW ((struct wall_time) { 1800000000 })

static void waits_double(void **state)
{
	static const int64_t want[] = { 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };
	struct lockout l = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(want); i++) {
		assert_int_equal(lockout_wait(l, NOW), want[i]);
		l = lockout_failed(l, NOW);
	}
	for (int i = 0; i < 1000; i++)
		l = lockout_failed(l, NOW);
	assert_int_equal(l.failures, LOCKOUT_FAILURES_MAX);
	assert_int_equal(lockout_wait(l, NOW), LOCKOUT_WAIT_MAX_S);
}

static void waits_pass_and_counts_fade(void **state)
{
	struct lockout l = { 8, NOW };

	(void)state;
	assert_int_equal(lockout_wait(l, wall_add(NOW, 7)), 1);
	assert_int_equal(lockout_wait(l, wall_add(NOW, 8)), 0);
	assert_int_equal(lockout_failed(l, wall_add(NOW, LOCKOUT_DECAY_S - 1)).failures, 9);
	assert_int_equal(lockout_failed(l, wall_add(NOW, LOCKOUT_DECAY_S)).failures, 5);
	assert_int_equal(lockout_failed(l, wall_add(NOW, 4 * LOCKOUT_DECAY_S)).failures, 1);
	assert_int_equal(lockout_failed(l, (struct wall_time) { INT64_MAX }).failures, 1);
	assert_int_equal(lockout_undone(lockout_failed(l, NOW)).failures, 8);
	assert_int_equal(lockout_undone((struct lockout) { 0, NOW }).failures, 0);
}

/* Nothing locks for ever: not a clock that was set back by a year either. */
static void a_clock_that_goes_back(void **state)
{
	struct lockout l = { LOCKOUT_FAILURES_MAX, NOW };

	(void)state;
	assert_int_equal(lockout_wait(l, wall_add(NOW, -366 * DAY_S)), LOCKOUT_WAIT_MAX_S);
	assert_int_equal(lockout_failed(l, wall_add(NOW, -366 * DAY_S)).last.s, NOW.s - 366 * DAY_S);
}

static void addresses(void **state)
{
	static const struct {
		const char *address, *key;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "unix", "unix" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2::9", "2001:db8:1:2::/64" },
		{ "2001:db8:1:3::9", "2001:db8:1:3::/64" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "::1", "::/64" },
	};
	char out[LOCKOUT_ADDRESS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		assert_string_equal(lockout_address(rows[i].address, out), rows[i].key);
}

static void secrets_as_text(void **state)
{
	uint8_t secret[ACCESS_SECRET_SIZE], back[ACCESS_SECRET_SIZE];
	char text[TOKEN_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(i * 37);
	assert_true(token_parse(bytes_of_str(token_format(secret, text)), back));
	assert_memory_equal(secret, back, sizeof(secret));
	assert_int_equal(strlen(text), 47);
	assert_false(token_parse(bytes_of_str(text + 4), back));
	assert_true(access_secret_parse(bytes_of_str(text + 4), back));
	assert_false(token_parse(bytes_of(text, 46), back));
	text[5] = '+';
	assert_false(token_parse(bytes_of_str(text), back));
	assert_false(token_parse(BYTES_NONE, back));
}

static void codes(void **state)
{
	static const uint8_t zeros[CODE_RANDOM_SIZE], ones[CODE_RANDOM_SIZE] = { 255, 255, 255, 255, 255,
										 255, 255, 255, 255, 255 };
	char text[CODE_TEXT_SIZE], digits[CODE_DIGITS + 1];

	(void)state;
	assert_string_equal(code_format(zeros, text), "aaaa-aaaa-aaaa-aaaa");
	assert_string_equal(code_format(ones, text), "9999-9999-9999-9999");
	assert_true(code_normalize(bytes_of_str("ABCD efgh-2345 6789"), digits));
	assert_string_equal(digits, "abcdefgh23456789");
	assert_false(code_normalize(bytes_of_str("ABCD efgh-2345 678"), digits));
	assert_false(code_normalize(bytes_of_str("ABCD efgh-2345 67899"), digits));
	assert_false(code_normalize(bytes_of_str("ABCD efgh-2345 678i"), digits));
	assert_false(code_normalize(bytes_of("aaaaaaaaaaaaaaa", 16), digits));
}

/* RFC 4648 section 10, without the padding. */
static void base32(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = { { "", "" },	 { "f", "MY" },	      { "fo", "MZXQ" },
		     { "foo", "MZXW6" }, { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" },
		     { "foobar", "MZXW6YTBOI" } };
	char out[BASE32_TEXT_SIZE(6)];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		assert_string_equal(base32_encode(bytes_of_str(rows[i].text), out), rows[i].want);
}

#define AT(s_) ((struct wall_time) { s_ })

static void refusals_are_told_once_in_a_while(void **state)
{
	struct refusals t = { .window_s = 60 };
	struct refusal got;

	(void)state;
	assert_true(refusals_count(&t, "token:1/eve", "192.0.2.1", "/metrics", AT(1000)));
	assert_false(refusals_count(&t, "token:1/eve", "192.0.2.1", "/metrics", AT(1000)));
	assert_false(refusals_count(&t, "token:1/eve", "192.0.2.1", "/metrics", AT(1059)));
	assert_true(refusals_count(&t, "token:1/eve", "192.0.2.1", "users", AT(1000)));
	assert_true(refusals_count(&t, "token:1/eve", "192.0.2.2", "/metrics", AT(1000)));
	assert_true(refusals_count(&t, "token:2/eve", "192.0.2.1", "/metrics", AT(1000)));
	assert_false(refusals_take(&t, AT(1059), false, &got));
	assert_true(refusals_take(&t, AT(1060), false, &got));
	assert_string_equal(got.actor, "token:1/eve");
	assert_string_equal(got.address, "192.0.2.1");
	assert_string_equal(got.call, "/metrics");
	assert_int_equal(got.more, 2);
	assert_int_equal(got.since.s, 1000);
	assert_false(refusals_take(&t, AT(1060), false, &got));
	assert_true(refusals_count(&t, "token:1/eve", "192.0.2.1", "/metrics", AT(1060)));
	assert_true(refusals_count(&t, "token:1/eve", "192.0.2.1", "users", AT(1060))); /* nothing was untold */
	assert_false(refusals_count(&t, "token:1/eve", "192.0.2.1", "users", AT(1061)));
	assert_true(refusals_take(&t, AT(1062), true, &got));
	assert_int_equal(got.more, 1);
	assert_true(refusals_count(&t, "token:2/eve", "192.0.2.1", "/metrics", AT(1062)));
	assert_false(refusals_count(&t, "token:2/eve", "192.0.2.1", "/metrics", AT(1062)));
	assert_true(refusals_take(&t, AT(900), false, &got)); /* a clock that went back keeps nothing */
}

/* However many different ones there are, so many are told. */
static void refusals_are_bounded(void **state)
{
	struct refusals t = { .window_s = 60 };
	struct refusal got;
	char call[300];
	int told = 0;

	(void)state;
	memset(call, 'x', sizeof(call) - 1);
	call[sizeof(call) - 1] = '\0';
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(call, 5, "%04d", i);
		call[4] = 'x';
		told += refusals_count(&t, "nobody", "192.0.2.1", call, AT(1000));
		told += refusals_count(&t, "nobody", "192.0.2.1", call, AT(1000));
	}
	assert_int_equal(told, REFUSALS_MAX);
	for (int i = 0; i < REFUSALS_MAX; i++) {
		assert_true(refusals_take(&t, AT(1060), false, &got));
		assert_int_equal(got.more, 1);
		assert_int_equal(strlen(got.call), REFUSALS_CALL_MAX - 1);
	}
	assert_true(refusals_take(&t, AT(1060), false, &got));
	assert_string_equal(got.call, "several");
	assert_int_equal(got.more, 2 * (1000 - REFUSALS_MAX));
	assert_false(refusals_take(&t, AT(1060), true, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permissions_of_roles),	      cmocka_unit_test(roles_as_text),
		cmocka_unit_test(user_names),		      cmocka_unit_test(passwords),
		cmocka_unit_test(waits_double),		      cmocka_unit_test(waits_pass_and_counts_fade),
		cmocka_unit_test(a_clock_that_goes_back),     cmocka_unit_test(addresses),
		cmocka_unit_test(secrets_as_text),	      cmocka_unit_test(codes),
		cmocka_unit_test(base32),		      cmocka_unit_test(refusals_are_told_once_in_a_while),
		cmocka_unit_test(refusals_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
