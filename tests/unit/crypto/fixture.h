/* What the tests of sys/crypto share: an arena per test, the files of tests/interop/data, and certificates made on the
 * spot. */
#ifndef GW_TESTS_CRYPTO_FIXTURE_H
#define GW_TESTS_CRYPTO_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sys/crypto/pkey.h"

struct fixture {
	struct arena *a;
	struct err e;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* A file of tests/interop/data, in the arena. Fails the test when it is not there. */
struct bytes data_file(struct fixture *f, const char *path);

/* The first certificate of a PEM or DER file, as DER. */
struct bytes data_cert(struct fixture *f, const char *path);

struct wall_time at(const char *rfc3339);

/* Fails with the sentence when `r` is not what is wanted, or when the sentence lacks `text` (NULL: any). */
void want_result(struct fixture *f, const char *what, int r, int want, const char *text);

/* A certificate authority or a leaf made by x509_issue(): its key, DER and facts. */
struct made {
	struct pkey *key;
	struct bytes der;
	struct cert_facts facts;
};

/* `kind` below `issuer` (NULL for a root), `names` DNS names with ";" or NULL; valid 2026 to 2036 (leaves until 2030).
 */
struct made make_cert(struct fixture *f, enum cert_kind kind, const char *display_name, const char *names,
		      struct key_spec spec, const struct made *issuer);
struct cert_profile make_profile(struct fixture *f, enum cert_kind kind, const char *display_name, const char *names,
				 struct key_spec spec, const struct made *issuer);

extern const struct key_spec spec_p256;

#endif
