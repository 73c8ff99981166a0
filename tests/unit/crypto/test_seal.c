#include "fixture.h"

#include "sys/crypto/seal.h"

#include <errno.h>

struct sealed {
	struct secret *kek, *plain;
	uint8_t hash[FINGERPRINT_SIZE];
	struct buf blob;
};

static struct sealed make_sealed(struct fixture *f)
{
	struct sealed s = { .kek = secret_new(SEAL_KEK_SIZE), .plain = secret_of(bytes_of_str("a private key")) };

	buf_init(&s.blob, 4096);
	memset(secret_data(s.kek), 7, SEAL_KEK_SIZE);
	memset(s.hash, 9, sizeof(s.hash));
	want_result(f, "seal", seal(s.kek, CERT_INTERMEDIATE, s.hash, secret_bytes(s.plain), &s.blob, &f->e), 0, NULL);
	return s;
}

static void free_sealed(struct sealed *s)
{
	secret_free(s->kek);
	secret_free(s->plain);
	buf_fini(&s->blob);
}

static void test_round_trip(void **state)
{
	struct fixture *f = *state;
	struct sealed s = make_sealed(f);
	struct secret *plain CLEANUP(secret_freep) = NULL;
	enum cert_kind kind = CERT_KIND_N;
	uint8_t hash[FINGERPRINT_SIZE] = { 0 };

	want_result(f, "unseal", unseal(s.kek, buf_bytes(&s.blob), &kind, hash, &plain, &f->e), 0, NULL);
	assert_int_equal(kind, CERT_INTERMEDIATE);
	assert_memory_equal(hash, s.hash, sizeof(hash));
	assert_true(secret_equal(plain, secret_bytes(s.plain)));
	assert_null(memmem(s.blob.p, s.blob.n, "private", 7));
	assert_int_equal(s.blob.n, 4 + 1 + 32 + 24 + 13 + 16);
	free_sealed(&s);
}

/* Every bit of the blob, the clear part too: none may change unseen. */
static void test_every_bit(void **state)
{
	struct fixture *f = *state;
	struct sealed s = make_sealed(f);

	for (size_t bit = 0; bit < s.blob.n * 8; bit++) {
		struct secret *plain CLEANUP(secret_freep) = NULL;
		int r;

		s.blob.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		r = unseal(s.kek, buf_bytes(&s.blob), NULL, NULL, &plain, &f->e);
		if (r != -EACCES && r != -EINVAL)
			fail_msg("bit %zu: want a refusal, got %d", bit, r);
		assert_true(bit < 40 || r == -EACCES);
		assert_null(plain);
		s.blob.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	free_sealed(&s);
}

static void test_every_length(void **state)
{
	struct fixture *f = *state;
	struct sealed s = make_sealed(f);

	for (size_t n = 0; n < s.blob.n; n++) {
		struct secret *plain CLEANUP(secret_freep) = NULL;
		int r = unseal(s.kek, bytes_of(s.blob.p, n), NULL, NULL, &plain, &f->e);

		assert_int_equal(r, n <= 77 ? -EINVAL : -EACCES);
	}
	free_sealed(&s);
}

static void test_other_kek(void **state)
{
	struct fixture *f = *state;
	struct sealed s = make_sealed(f);
	struct secret *plain CLEANUP(secret_freep) = NULL, *wrong CLEANUP(secret_freep) = secret_new(SEAL_KEK_SIZE),
			     *small CLEANUP(secret_freep) = secret_new(31);

	want_result(f, "wrong", unseal(wrong, buf_bytes(&s.blob), NULL, NULL, &plain, &f->e), -EACCES,
		    "another key-encryption key");
	want_result(f, "small", unseal(small, buf_bytes(&s.blob), NULL, NULL, &plain, &f->e), -EINVAL,
		    "want 32 bytes, got 31");
	want_result(f, "small", seal(small, CERT_ROOT, s.hash, secret_bytes(s.plain), &s.blob, &f->e), -EINVAL,
		    "want 32 bytes");
	want_result(f, "kind", seal(s.kek, CERT_KIND_N, s.hash, secret_bytes(s.plain), &s.blob, &f->e), -EINVAL,
		    "want a known kind");
	want_result(f, "empty", seal(s.kek, CERT_ROOT, s.hash, BYTES_NONE, &s.blob, &f->e), -EINVAL,
		    "want a known kind and 1 to");
	free_sealed(&s);
}

/* The same key sealed twice is two blobs; the clear part is there to see. */
static void test_peek_and_nonce(void **state)
{
	struct fixture *f = *state;
	struct sealed s = make_sealed(f), t = make_sealed(f);
	enum cert_kind kind;
	uint8_t hash[FINGERPRINT_SIZE];

	assert_false(bytes_equal(buf_bytes(&s.blob), buf_bytes(&t.blob)));
	assert_true(seal_peek(buf_bytes(&s.blob), &kind, hash));
	assert_int_equal(kind, CERT_INTERMEDIATE);
	assert_memory_equal(hash, s.hash, sizeof(hash));
	assert_false(seal_peek(bytes_of_str("GWK1 but no more"), &kind, hash));
	assert_false(seal_peek(BYTES_NONE, NULL, NULL));
	free_sealed(&s);
	free_sealed(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_every_bit, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_every_length, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_other_kek, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_peek_and_nonce, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
