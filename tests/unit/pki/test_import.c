/* What may enter the inventory from elsewhere. */
#include "fixture.h"
#include "core/pki/import.h"

static struct chain_facts tail(const struct chain_facts *c, size_t from)
{
	struct chain_facts t = { .n = c->n - from, .complete = c->complete };

	for (size_t i = 0; i < t.n; i++) {
		t.certs[i] = c->certs[from + i];
		t.signature_valid[i] = c->signature_valid[from + i];
		t.revoked[i] = c->revoked[from + i];
	}
	return t;
}

/* `from`: 0 imports the leaf with its chain, 1 the intermediate, 2 the root. */
#define ROWS                                                                                                      \
	ROW(0, "a leaf with chain and key", "", (void)f)                                                          \
	ROW(0, "a leaf without key", "", f->candidate.has_key = f->candidate.key_matches = false)                 \
	ROW(0, "a leaf with another's key", "key-mismatch", f->candidate.key_matches = false)                     \
	ROW(0, "a leaf that expires in this second", "", NEW->not_after = f->now)                                 \
	ROW(0, "a leaf that has expired", "import-expired", NEW->not_after = wall_add(f->now, -1))                \
	ROW(0, "a leaf that is not valid yet", "import-not-yet-valid", NEW->not_before = wall_add(f->now, 301))   \
	ROW(0, "a leaf without names", "san-missing", set_names(f, NEW, ""))                                      \
	ROW(0, "a leaf with a malformed name", "san-malformed", set_names(f, NEW, "a b"))                         \
	ROW(0, "a leaf with an underscore in a name", "san-malformed", set_names(f, NEW, "gw_1.example.com"))     \
	ROW(0, "a leaf without root", "chain-incomplete", f->candidate.n = 2; f->candidate.complete = false)      \
	ROW(0, "a leaf with a bad signature", "signature-invalid", f->candidate.signature_valid[0] = false)       \
	ROW(0, "a leaf below what is no CA", "issuer-not-ca", INTER->is_ca = false)                               \
	ROW(0, "a leaf below too many CAs", "path-length", ROOT->path_len = 0)                                    \
	ROW(0, "a leaf below an expired root", "issuer-expired", ROOT->not_after = wall_add(f->now, -1))          \
	ROW(0, "a leaf against the name constraints", "name-excluded", exclude(f, ROOT, "example.com"))           \
	ROW(0, "a leaf with a wildcard", "", set_names(f, NEW, "*.example.com"))                                  \
	ROW(0, "a leaf for clients", "", NEW->ext_key_usage = BIT(EKU_CLIENT_AUTH))                               \
	ROW(0, "a self-signed leaf", "self-signed", f->candidate.n = 1; f->candidate.complete = false;            \
	    NEW->issuer_der = NEW->subject_der; NEW->self_issued = NEW->self_signature_valid = true)              \
	ROW(0, "a leaf signed with its own key under another name", "self-signed", f->candidate.n = 1;            \
	    f->candidate.complete = false; NEW->self_signature_valid = true)                                      \
	ROW(1, "a lone intermediate signed with its own key", "chain-incomplete", f->candidate.n = 2;             \
	    f->candidate.complete = false; INTER->self_signature_valid = true)                                    \
	ROW(1, "an intermediate with its root", "", (void)f)                                                      \
	ROW(1, "an intermediate without its root", "chain-incomplete", f->candidate.n = 2; f->candidate.complete = false) \
	ROW(1, "an expired intermediate", "issuer-expired", INTER->not_after = wall_add(f->now, -1))              \
	ROW(1, "an intermediate with a bad signature", "signature-invalid", f->candidate.signature_valid[1] = false) \
	ROW(1, "an intermediate below path length 0", "path-length", ROOT->path_len = 0)                          \
	ROW(1, "an intermediate that may not sign", "issuer-key-usage", INTER->key_usage = BIT(KU_CRL_SIGN))      \
	ROW(2, "a root", "", (void)f)                                                                             \
	ROW(2, "a root that expires in this second", "", ROOT->not_after = f->now)                                \
	ROW(2, "an expired root", "issuer-expired", ROOT->not_after = wall_add(f->now, -1))                       \
	ROW(2, "a root whose own signature is bad", "signature-invalid", f->candidate.signature_valid[2] = false) \
	ROW(2, "a root with serial number zero", "root-serial", ROOT->serial = BYTES_NONE)                        \
	ROW(2, "a root of 1024 bits", "weak-key", ROOT->key_alg = KEY_ALG_RSA; ROOT->key_bits = 1024)             \
	ROW(2, "a root with an unknown critical extension", "unknown-critical", ROOT->unknown_critical = "1.2.3")

static void check(struct fixture *f, size_t from, const char *name, const char *want)
{
	struct chain_facts c = tail(&f->candidate, from);
	struct findings found = { .n = 0 };

	c.has_key = from == 0 && f->candidate.has_key;
	c.key_matches = from == 0 && f->candidate.key_matches;
	import_check(&c, &f->policy, f->now, &found);
	assert_words(name, &found, want);
}

static void test_rows(void **state)
{
	(void)state;
#define ROW(from, name, want, ...)                \
	do {                                      \
		struct fixture *f = fixture_new(); \
                                                  \
		__VA_ARGS__;                      \
		check(f, from, name, want);       \
		fixture_free(f);                  \
	} while (0);
	ROWS
#undef ROW
}

static void test_nothing(void **state)
{
	struct chain_facts empty = { .n = 0 };
	struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	struct findings found = { .n = 0 };

	(void)state;
	import_check(&empty, &policy, at("2026-11-24T08:00:00Z"), &found);
	import_check(NULL, &policy, at("2026-11-24T08:00:00Z"), &found);
	assert_words("nothing", &found, "chain-empty chain-empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_nothing) };

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
