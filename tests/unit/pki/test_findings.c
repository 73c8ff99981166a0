#include "fixture.h"

#include <stdio.h>

static void test_rows_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < FINDING_N; i++) {
		enum finding_id id = (enum finding_id)i, back = FINDING_N;
		const char *word = finding_word(id);

		assert_true(strlen(word) > 0);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
		assert_true(strlen(finding_meaning(id)) > 0);
		assert_int_equal(strspn(finding_field(id), "abcdefghijklmnopqrstuvwxyz_"), strlen(finding_field(id)));
		assert_true(finding_severity(id) < FINDING_SEVERITY_N);
		assert_true(finding_from_word(str(word), &back)); /* no word twice: the first one found is itself */
		assert_int_equal(back, id);
	}
}

static void test_unknown(void **state)
{
	enum finding_id id = FINDING_WILDCARD;

	(void)state;
	assert_false(finding_from_word(str("no-such-finding"), &id));
	assert_false(finding_from_word(str(""), &id));
	assert_int_equal(id, FINDING_WILDCARD);
	assert_string_equal(finding_word(FINDING_N), "?");
	assert_string_equal(finding_severity_word(FINDING_SEVERITY_N), "?");
	assert_string_equal(finding_severity_word(FINDING_BLOCKER), "blocker");
	assert_string_equal(finding_severity_word(FINDING_WARNING), "warning");
	assert_string_equal(finding_severity_word(FINDING_NOTE), "note");
}

static void test_sort(void **state)
{
	struct findings f = { .n = 0 };

	(void)state;
	findings_add(&f, FINDING_KEY_REUSED, "a note first");
	findings_add(&f, FINDING_WILDCARD, "first wildcard");
	findings_add(&f, FINDING_EXPIRED, "a late blocker");
	findings_add(&f, FINDING_WILDCARD, "second wildcard");
	findings_add(&f, FINDING_ROOT_DIFFERS, "an earlier blocker");
	findings_sort(&f);
	assert_words("sorted", &f, "root-differs expired wildcard wildcard key-reused");
	assert_string_equal(f.items[2].text, "first wildcard");
	assert_string_equal(f.items[3].text, "second wildcard");
}

static void test_blocked(void **state)
{
	struct findings f = { .n = 0 };

	(void)state;
	assert_false(findings_blocked(&f));
	findings_add(&f, FINDING_WILDCARD, "a warning");
	findings_add(&f, FINDING_KEY_REUSED, "a note");
	assert_false(findings_blocked(&f));
	findings_add(&f, FINDING_EXPIRED, "a blocker");
	assert_true(findings_blocked(&f));
	assert_true(findings_has(&f, FINDING_WILDCARD));
	assert_false(findings_has(&f, FINDING_REVOKED));
}

/* A full list loses warnings, never a blocker. */
static void test_full(void **state)
{
	struct findings f = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < FINDINGS_MAX; i++)
		findings_add(&f, FINDING_WILDCARD, "warning %zu", i);
	assert_int_equal(f.dropped, 0);
	findings_add(&f, FINDING_NAME_ADDED, "one warning more");
	assert_int_equal(f.dropped, 1);
	assert_false(findings_has(&f, FINDING_NAME_ADDED));
	findings_add(&f, FINDING_EXPIRED, "a blocker");
	assert_int_equal(f.n, FINDINGS_MAX);
	assert_int_equal(f.dropped, 2);
	assert_true(findings_blocked(&f));
	for (size_t i = 0; i < 2 * FINDINGS_MAX; i++)
		findings_add(&f, FINDING_REVOKED, "blocker %zu", i);
	assert_int_equal(f.n, FINDINGS_MAX);
	assert_false(findings_has(&f, FINDING_WILDCARD));
}

static const struct text_row {
	const char *text, *want;
} text_rows[] = {
	{ "plain", "plain" },
	{ "b\xc3\xbc" "cher \xe2\x82\xac \xf0\x9f\x94\x91", "b\xc3\xbc" "cher \xe2\x82\xac \xf0\x9f\x94\x91" },
	{ "line\nnext", "line?next" },
	{ "bell\a\033[0m\x7f", "bell??[0m?" },
	{ "latin \xfc", "latin ?" },
	{ "C1 \xc2\x9b" "31m", "C1 ??31m" },
	{ "no-break \xc2\xa0", "no-break \xc2\xa0" },
	{ "overlong \xc0\xaf", "overlong ??" },
	{ "half \xe2\x82", "half ??" },
	{ "surrogate \xed\xa0\x80", "surrogate ???" },
};

static void test_text_is_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(text_rows); i++) {
		struct findings f = { .n = 0 };

		findings_add(&f, FINDING_NAME_ADDED, "%s", text_rows[i].text);
		assert_string_equal(f.items[0].text, text_rows[i].want);
	}
}

/* Cut at a whole character, whatever is in its way. */
static void test_text_is_cut(void **state)
{
	(void)state;
	for (size_t n = FINDING_TEXT_MAX - 8; n < FINDING_TEXT_MAX + 8; n++) {
		struct findings f = { .n = 0 };
		char text[FINDING_TEXT_MAX + 64];
		size_t got;

		memset(text, 'x', n);
		memcpy(text + n, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 10);
		findings_add(&f, FINDING_NAME_ADDED, "%s", text);
		got = strlen(f.items[0].text);
		assert_true(got < FINDING_TEXT_MAX);
		assert_true(bytes_is_utf8(str(f.items[0].text)));
		assert_null(strchr(f.items[0].text, '?'));
		if (n + 9 < FINDING_TEXT_MAX)
			assert_string_equal(f.items[0].text, text);
		else
			assert_string_equal(f.items[0].text + got - 3, "...");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_well_formed), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_sort),		     cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_full),		     cmocka_unit_test(test_text_is_harmless),
		cmocka_unit_test(test_text_is_cut),
	};

	return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
