/* The keys process: second factors, and heads of the audit log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include "core/audit/audit.h"
#include "sys/crypto/totp.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct bench b;

static int set_up(void **state)
{
	(void)state;
	secret_init();
	bench_init(&b);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	bench_fini(&b);
	return 0;
}

/* ---- second factors ---- */

struct factor {
	uint8_t secret[TOTP_SECRET_SIZE], sealed[512];
	size_t sealed_n;
};

static void make(uint64_t account, struct factor *ret)
{
	struct bytes secret, sealed;

	bench_begin(&b, MSG_KEYS_TOTP_NEW);
	bench_u64(&b, FIELD_ACCOUNT, account);
	assert_int_equal(bench_ask(&b, WHO_MANAGER, -1), 0);
	secret = wire_get(&b.m, FIELD_TOTP_SECRET);
	sealed = wire_get(&b.m, FIELD_SEALED_TOTP);
	assert_int_equal(secret.n, TOTP_SECRET_SIZE);
	assert_in_range(sealed.n, TOTP_SECRET_SIZE, sizeof(ret->sealed));
	assert_null(memmem(sealed.p, sealed.n, secret.p, secret.n));
	memcpy(ret->secret, secret.p, secret.n);
	memcpy(ret->sealed, sealed.p, sealed.n);
	ret->sealed_n = sealed.n;
}

/* The step of the code, 0: wrong, negative: refused. */
static int64_t check(uint64_t account, const struct factor *f, const char *code, uint64_t after)
{
	uint64_t step = 0;
	int r;

	bench_begin(&b, MSG_KEYS_TOTP_CHECK);
	bench_u64(&b, FIELD_ACCOUNT, account);
	bench_bytes(&b, FIELD_SEALED_TOTP, bytes_of(f->sealed, f->sealed_n));
	bench_text(&b, FIELD_CODE, code);
	bench_u64(&b, FIELD_TIME_STEP, after);
	r = bench_ask(&b, WHO_MANAGER, -1);
	if (r < 0)
		return r;
	(void)wire_get_u64(&b.m, FIELD_TIME_STEP, &step);
	return (int64_t)step;
}

static void factors_are_checked(void **state)
{
	const uint64_t now = BENCH_NOW / TOTP_STEP_S;
	struct factor f, other;
	char text[16];
	uint32_t code = 0;

	(void)state;
	make(7, &f);
	make(8, &other);
	assert_memory_not_equal(f.secret, other.secret, TOTP_SECRET_SIZE);
	assert_int_equal(totp_code(bytes_of(f.secret, TOTP_SECRET_SIZE), now, &code, NULL), 0);
	(void)snprintf(text, sizeof(text), "%06u", code);
	assert_int_equal(check(7, &f, text, 0), now);
	assert_int_equal(check(7, &f, text, now), 0); /* once */
	assert_int_equal(check(7, &f, "12345", 0), 0);
	assert_int_equal(check(8, &f, text, 0), -EACCES); /* sealed for another user */
	b.now.s += 2 * TOTP_STEP_S;
	assert_int_equal(check(7, &f, text, 0), 0);
	b.now.s = BENCH_NOW;
	f.sealed[f.sealed_n - 1] ^= 1;
	assert_int_equal(check(7, &f, text, 0), -EACCES);
	f.sealed_n = 3;
	assert_int_equal(check(7, &f, text, 0), -EINVAL);
}

/* A certificate's key and a second factor are sealed under different keys. */
static void a_sealed_key_is_no_factor(void **state)
{
	static struct issued root;
	struct factor f;

	(void)state;
	bench_issue(&b, "root", "Test Root", NULL, NULL, &root);
	assert_in_range(root.sealed_n, 1, sizeof(f.sealed));
	memcpy(f.sealed, root.sealed, root.sealed_n);
	f.sealed_n = root.sealed_n;
	assert_int_equal(check(1, &f, "123456", 0), -EACCES);
}

/* ---- heads ---- */

static int sign_head(uint64_t n, const char *text)
{
	bench_begin(&b, MSG_KEYS_SIGN_HEAD);
	bench_text(&b, FIELD_PAYLOAD, text);
	bench_u64(&b, FIELD_NUMBER, n);
	return bench_ask(&b, WHO_MANAGER, -1);
}

static void last_is(uint64_t n, const char *text)
{
	uint64_t got = 0;

	bench_begin(&b, MSG_KEYS_LAST_HEAD);
	assert_int_equal(bench_ask(&b, WHO_MANAGER, -1), 0);
	(void)wire_get_u64(&b.m, FIELD_NUMBER, &got);
	assert_int_equal(got, n);
	assert_true(bytes_equal(wire_get(&b.m, FIELD_PAYLOAD), bytes_of_str(text)));
}

static void heads_are_signed_and_kept(void **state)
{
	static const char signed_text[] = AUDIT_HEAD_CONTEXT "third";
	struct bytes key, signature;

	(void)state;
	last_is(0, "");
	assert_int_equal(sign_head(3, "third"), 0);
	key = wire_get(&b.m, FIELD_PUBLIC_KEY);
	signature = wire_get(&b.m, FIELD_SIGNATURE);
	assert_int_equal(signature.n, PROOF_SIGNATURE_SIZE);
	assert_int_equal(crypto_sign_verify_detached(signature.p, (const uint8_t *)signed_text, strlen(signed_text), key.p), 0);
	last_is(3, "third");
	assert_int_equal(sign_head(2, "second"), 0); /* signed, but an earlier one is not kept */
	last_is(3, "third");
	assert_string_equal(AUDIT_HEAD_CONTEXT, HEAD_CONTEXT);
	bench_begin(&b, MSG_KEYS_SIGN_PROOF); /* not in another way, which would not keep it */
	bench_text(&b, FIELD_PAYLOAD, signed_text);
	assert_int_equal(bench_ask(&b, WHO_MANAGER, -1), -EACCES);
}

static int head_file(void)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	fd = dup(fileno(file));
	assert_int_equal(fclose(file), 0);
	return fd;
}

/* What the file of `fd` says after a restart. */
static int restart(int fd)
{
	bench_fini(&b);
	bench_init(&b);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return keys_keep_head(b.keys, dup(fd), &b.e);
}

static void damage(int fd, off_t at)
{
	assert_int_equal(pwrite(fd, "x", 1, at), 1);
}

static void the_file_survives(void **state)
{
	int fd = head_file();

	(void)state;
	assert_int_equal(keys_keep_head(b.keys, dup(fd), &b.e), 0);
	last_is(0, "");
	for (uint64_t n = 2; n <= 8; n += 2) { /* two places in turn, whatever the numbers are */
		char text[16];

		(void)snprintf(text, sizeof(text), "head %llu", (unsigned long long)n);
		assert_int_equal(sign_head(n, text), 0);
	}
	assert_int_equal(restart(fd), 0);
	last_is(8, "head 8");
	damage(fd, 20); /* the write of the fourth was cut off: the second place is written first */
	assert_int_equal(restart(fd), 0);
	last_is(6, "head 6");
	damage(fd, 512 + 20);
	assert_int_equal(restart(fd), -EINVAL);
	(void)close(fd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { T(factors_are_checked), T(a_sealed_key_is_no_factor), T(heads_are_signed_and_kept),
					    T(the_file_survives) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
