/*
 * A bundle: PEM, PKCS#12 or DER, with the passphrase "correct horse". Each key belongs to its certificate; a keystore
 * written of what was read reads the same. Slow key derivations are cut short by PBE_ITERATIONS_MAX, and by how few
 * inputs carry them.
 */
#include "fuzz.h"
#include "sys/crypto/pkey.h"

#include <errno.h>

static void check_pairs(const struct bundle *b, struct arena *a)
{
	FUZZ_ASSERT(b->n <= sizeof(b->certs) / sizeof(b->certs[0]));
	for (size_t i = 0; i < b->n; i++) {
		struct cert_facts c;
		struct err e = { 0 };

		FUZZ_ASSERT(x509_parse(b->certs[i], a, &c, &e) == 0);
		FUZZ_ASSERT(!b->keys[i] || pkey_matches(b->keys[i], &c));
		for (size_t k = 0; k < i; k++)
			FUZZ_ASSERT(!bytes_equal(b->certs[i], b->certs[k]));
	}
}

/* A key that came in goes out and comes in again as the same one. */
static void check_keys(const struct bundle *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct secret *der = NULL, *again = NULL;
		struct pkey *k = NULL;
		struct err e = { 0 };

		if (!b->keys[i])
			continue;
		FUZZ_ASSERT(pkey_to_der(b->keys[i], &der, &e) == 0 && pkey_from_der(secret_bytes(der), &k, &e) == 0);
		FUZZ_ASSERT(pkey_to_der(k, &again, &e) == 0 && secret_equal(again, secret_bytes(der)));
		secret_free(der);
		secret_free(again);
		pkey_free(k);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct secret *passphrase;
	struct arena *a = arena_new((size_t)32 << 20);
	struct bundle b = { .n = 0 };
	struct err e = { 0 };
	int r;

	if (!passphrase) {
		secret_init();
		passphrase = secret_of(bytes_of_str("correct horse"));
	}
	if (!a || !passphrase)
		return 0;
	r = bundle_read(bytes_of(data, size), passphrase, a, &b, &e);
	FUZZ_ASSERT(r == 0 || ((r == -EINVAL || r == 1 || r == -ENOMEM) && e.text[0] != 0));
	FUZZ_ASSERT(r == 0 || b.n == 0);
	check_pairs(&b, a);
	check_keys(&b);
	bundle_fini(&b);
	arena_free(a);
	return 0;
}
