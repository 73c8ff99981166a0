/* One DER certificate. What parses says the same again about its own DER, can be described, and makes a chain of one.
 */
#include "fuzz.h"
#include "sys/crypto/x509.h"

#include <errno.h>

static bool same_names(const struct general_name *a, const struct general_name *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].kind != b[i].kind || !bytes_equal(a[i].value, b[i].value))
			return false;
	return true;
}

static void check_same(const struct cert_facts *a, const struct cert_facts *b)
{
	FUZZ_ASSERT(memcmp(a->fingerprint, b->fingerprint, FINGERPRINT_SIZE) == 0);
	FUZZ_ASSERT(memcmp(a->spki_sha256, b->spki_sha256, FINGERPRINT_SIZE) == 0);
	FUZZ_ASSERT(a->version == b->version && bytes_equal(a->serial, b->serial) &&
		    a->serial_negative == b->serial_negative);
	FUZZ_ASSERT(bytes_equal(a->subject_der, b->subject_der) && bytes_equal(a->issuer_der, b->issuer_der));
	FUZZ_ASSERT(a->not_before.s == b->not_before.s && a->not_after.s == b->not_after.s);
	FUZZ_ASSERT(a->key_alg == b->key_alg && a->sig_hash == b->sig_hash &&
		    a->sig_alg_mismatch == b->sig_alg_mismatch);
	FUZZ_ASSERT(a->is_ca == b->is_ca && a->path_len == b->path_len && a->key_usage == b->key_usage);
	FUZZ_ASSERT(a->ext_key_usage == b->ext_key_usage && a->self_signature_valid == b->self_signature_valid);
	FUZZ_ASSERT(a->names_n == b->names_n && same_names(a->names, b->names, a->names_n));
	FUZZ_ASSERT(a->permitted_n == b->permitted_n && same_names(a->permitted, b->permitted, a->permitted_n));
	FUZZ_ASSERT(a->excluded_n == b->excluded_n && same_names(a->excluded, b->excluded, a->excluded_n));
}

/* Within what every other part relies on. */
static void check_bounds(const struct cert_facts *c)
{
	FUZZ_ASSERT(c->version >= 1 && c->version <= 3);
	FUZZ_ASSERT(c->serial.n == 0 || c->serial.p[0] != 0);
	FUZZ_ASSERT(c->names_n <= FACTS_NAMES_MAX && c->permitted_n <= FACTS_NAMES_MAX &&
		    c->excluded_n <= FACTS_NAMES_MAX);
	FUZZ_ASSERT(c->path_len >= -1 && c->subject_text && c->issuer_text);
	FUZZ_ASSERT(c->subject_der.n >= 2 && c->issuer_der.n >= 2);
	FUZZ_ASSERT(!bytes_has_control(bytes_of_str(c->subject.common_name)) &&
		    bytes_is_utf8(bytes_of_str(c->subject.common_name)));
	for (size_t i = 0; i < c->names_n; i++)
		FUZZ_ASSERT(c->names[i].kind != GN_IP || c->names[i].value.n == 4 || c->names[i].value.n == 16);
}

static void check_words(const struct cert_facts *c, struct arena *a)
{
	struct x509_field *fields = NULL;
	struct err e = { 0 };
	size_t n = 0;

	FUZZ_ASSERT(x509_describe(c, a, &fields, &n, &e) == 0);
	for (size_t i = 0; i < n; i++)
		FUZZ_ASSERT(!bytes_has_control(bytes_of_str(fields[i].value)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)16 << 20);
	struct cert_facts c, again;
	struct chain_facts *chain = a ? arena_alloc(a, sizeof(*chain)) : NULL;
	struct err e = { 0 };
	int r;

	if (!chain)
		return 0;
	r = x509_parse(bytes_of(data, size), a, &c, &e);
	FUZZ_ASSERT(r == 0 || (r == -EINVAL && e.text[0] != 0));
	if (r == 0) {
		FUZZ_ASSERT(bytes_equal(c.der, bytes_of(data, size)));
		FUZZ_ASSERT(x509_parse(c.der, a, &again, &e) == 0);
		check_same(&c, &again);
		check_bounds(&c);
		check_words(&c, a);
		FUZZ_ASSERT(x509_chain_build(c.der, &c.der, 1, a, chain, &e) == 0 && chain->n == 1);
		FUZZ_ASSERT(chain->signature_valid[0] == (c.self_issued && c.self_signature_valid));
	}
	arena_free(a);
	return 0;
}
