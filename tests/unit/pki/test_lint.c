/* The lint before issuing: a certificate as built against its profile, one field changed at a time. */
#include "fixture.h"
#include "core/pki/profile.h"

static const uint8_t serial[16] = { 0, 0x81, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

/* The profile that the fixture's new leaf fulfils. */
static struct cert_profile profile_of_leaf(struct fixture *f)
{
	struct cert_profile p = { .kind = CERT_END_ENTITY, .subject = { "edge gateway", "Ann Lee", "Example Ltd", "Vigo", "ES", 0 },
				  .names = NEW->names, .names_n = NEW->names_n, .not_before = NEW->not_before,
				  .not_after = NEW->not_after, .key = { KEY_ALG_EC_P256, 256 }, .path_len = -1,
				  .key_usage = BIT(KU_DIGITAL_SIGNATURE), .ext_key_usage = BIT(EKU_SERVER_AUTH) };

	memcpy(p.serial, serial, sizeof(serial));
	NEW->subject = p.subject;
	NEW->serial = bytes_of(serial + 1, 15);
	return p;
}

static struct cert_profile profile_of_root(struct fixture *f)
{
	struct cert_profile p = { .kind = CERT_ROOT, .subject = ROOT->subject, .not_before = ROOT->not_before,
				  .not_after = ROOT->not_after, .key = { KEY_ALG_EC_P256, 256 }, .is_ca = true, .path_len = -1,
				  .key_usage = BIT(KU_KEY_CERT_SIGN) | BIT(KU_CRL_SIGN) };

	memcpy(p.serial, serial, sizeof(serial));
	ROOT->serial = bytes_of(serial + 1, 15);
	return p;
}

#define ROW_FUNCTION_(line) change_##line
#define ROW_FUNCTION(line) ROW_FUNCTION_(line)

#define ROW(kind, name, want, ...)                                                      \
	static void ROW_FUNCTION(__LINE__)(struct fixture * f, struct cert_profile * p) \
	{                                                                               \
		(void)f;                                                                \
		(void)p;                                                                \
		__VA_ARGS__;                                                            \
	}
#include "lint_rows.def"
#undef ROW

static const struct row {
	enum cert_kind kind;
	const char *name, *want;
	void (*change)(struct fixture *f, struct cert_profile *p);
} rows[] = {
#define ROW(kind, name, want, ...) { kind, name, want, ROW_FUNCTION(__LINE__) },
#include "lint_rows.def"
#undef ROW
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct fixture *f = fixture_new();
	struct cert_profile p = row->kind == CERT_ROOT ? profile_of_root(f) : profile_of_leaf(f);
	struct findings found = { .n = 0 };

	row->change(f, &p);
	profile_lint(&p, row->kind == CERT_ROOT ? ROOT : NEW, row->kind == CERT_ROOT ? NULL : INTER, &found);
	assert_words(row->name, &found, row->want);
	fixture_free(f);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_N(rows)];

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		union {
			const struct row *row;
			void *p;
		} state = { .row = &rows[i] };

		tests[i] = (struct CMUnitTest){ rows[i].name, test_row, NULL, NULL, state.p };
	}
	return _cmocka_run_group_tests("lint", tests, ARRAY_N(rows), NULL, NULL);
}
