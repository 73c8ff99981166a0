/* Every row of compat_rows.def: a good pair, one change, and exactly the findings that it must bring. */
#include "fixture.h"

#include <stdio.h>

#define ROW_FUNCTION_(line) change_##line
#define ROW_FUNCTION(line) ROW_FUNCTION_(line)

#define ROW(name, want, ...)                                   \
	static void ROW_FUNCTION(__LINE__)(struct fixture * f) \
	{                                                      \
		__VA_ARGS__;                                   \
	}
#include "compat_rows.def"
#undef ROW

static const struct row {
	const char *name, *want;
	void (*change)(struct fixture *f);
} rows[] = {
#define ROW(name, want, ...) { name, want, ROW_FUNCTION(__LINE__) },
#include "compat_rows.def"
#undef ROW
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct fixture *f = fixture_new();
	struct findings found = { .n = 0 };

	row->change(f);
	compat_check(&f->current, &f->candidate, &f->policy, f->now, &found);
	assert_words(row->name, &found, row->want);
	assert_int_equal(findings_blocked(&found),
			 found.n > 0 && finding_severity(found.items[0].id) == FINDING_BLOCKER);
	fixture_free(f);
}

/* The chain of a new CA certificate: the candidate's without its leaf. */
#define CA_ROW(id, ...)                               \
	static void change_ca_##id(struct fixture *f) \
	{                                             \
		__VA_ARGS__;                          \
	}
CA_ROW(nothing, (void)f)
CA_ROW(lone_root, f->candidate.n = 2; f->candidate.certs[1] = *ROOT; f->candidate.signature_valid[1] = true)
CA_ROW(empty, f->candidate.n = 1)
CA_ROW(incomplete, f->candidate.n = 2; f->candidate.complete = false)
CA_ROW(no_ca, INTER->is_ca = false)
CA_ROW(signature, f->candidate.signature_valid[1] = false)
CA_ROW(root_signature, f->candidate.signature_valid[2] = false)
CA_ROW(order, set_subject(f, ROOT, "Another Root"))
CA_ROW(no_room, ROOT->path_len = 0)
CA_ROW(room, ROOT->path_len = 1)
CA_ROW(elsewhere, permit(f, ROOT, "dn:Elsewhere"))
CA_ROW(names_only, permit(f, ROOT, "example.com"))
CA_ROW(expired, ROOT->not_after.s = f->now.s - 1)

static void test_ca_chain(void **state)
{
	static const struct row ca_rows[] = {
		{ "as it should be", "", change_ca_nothing },
		{ "a root alone", "", change_ca_lone_root },
		{ "nothing", "chain-empty", change_ca_empty },
		{ "without its root", "chain-incomplete", change_ca_incomplete },
		{ "not a CA certificate", "issuer-not-ca", change_ca_no_ca },
		{ "its signature does not verify", "signature-invalid", change_ca_signature },
		{ "its root's signature does not verify", "signature-invalid", change_ca_root_signature },
		{ "not the issuer's name", "chain-order", change_ca_order },
		{ "the root leaves no room for it", "path-length", change_ca_no_room },
		{ "the root leaves room for one", "", change_ca_room },
		{ "a subject that the root does not permit", "name-not-permitted", change_ca_elsewhere },
		{ "a constraint for names that it does not have", "", change_ca_names_only },
		{ "below a root that expired", "issuer-expired", change_ca_expired },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(ca_rows); i++) {
		struct fixture *f = fixture_new();
		struct chain_facts *c = &f->candidate;
		struct findings found = { .n = 0 };

		ca_rows[i].change(f);
		for (size_t k = 1; k < c->n; k++) {
			c->certs[k - 1] = c->certs[k];
			c->signature_valid[k - 1] = c->signature_valid[k];
		}
		c->n--;
		compat_check_ca_chain(c, &f->policy, f->now, &found);
		assert_words(ca_rows[i].name, &found, ca_rows[i].want);
		fixture_free(f);
	}
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_N(rows) + 1];

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		union {
			const struct row *row;
			void *p;
		} state = { .row = &rows[i] };

		tests[i] = (struct CMUnitTest){ rows[i].name, test_row, NULL, NULL, state.p };
	}
	tests[ARRAY_N(rows)] = (struct CMUnitTest)cmocka_unit_test(test_ca_chain);
	return _cmocka_run_group_tests("compat", tests, ARRAY_N(tests), NULL, NULL);
}
