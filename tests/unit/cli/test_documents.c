/* What was made from the table of verbs, and what was written beside it, says what the table says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cli/completion.h"
#include "cli/files.h"
#include "cli/help.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (1024u * 1024)

static void read_file(const char *name, struct buf *out)
{
	const char *root = getenv("GATEWRIGHT_SOURCE");
	char path[4096];
	struct err e = { 0 };

	assert_non_null(root);
	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	buf_init(out, TEXT_MAX);
	if (files_read(path, out, &e) < 0)
		fail_msg("%s", e.text);
}

static void test_completion(void **state)
{
	static const char *const shells[] = { "bash", "zsh", "fish" };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(shells); i++) {
		char name[128], *made = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&made, &n);
		struct buf there;

		assert_true(completion_print(out, shells[i]));
		assert_int_equal(fclose(out), 0);
		(void)snprintf(name, sizeof(name), "dist/completion/gatewright.%s", shells[i]);
		read_file(name, &there);
		if (!bytes_equal(buf_bytes(&there), bytes_of(made, n)))
			fail_msg("%s is not what 'gatewright --completion %s' prints", name, shells[i]);
		buf_fini(&there);
		free(made);
	}
	assert_false(completion_print(stderr, "tcsh"));
}

static void test_manual_has_every_verb(void **state)
{
	struct buf text;
	char want[128];

	(void)state;
	read_file("man/gatewright.1", &text);
	for (size_t i = 0; i < verbs_n; i++) {
		(void)snprintf(want, sizeof(want), ".It Nm Ic %s%s%s", verbs[i].noun, verbs[i].action ? " " : "",
			       verbs[i].action ? verbs[i].action : "");
		if (!strstr(buf_str(&text), want))
			fail_msg("man/gatewright.1: no '%s'", want);
	}
	buf_fini(&text);
}

static void test_manual_has_every_option(void **state)
{
	struct buf text;
	char want[128];

	(void)state;
	read_file("man/gatewright.1", &text);
	for (size_t o = 0; o < OPT_N; o++) {
		const char *at, *after;

		(void)snprintf(want, sizeof(want), "Fl Fl %s", option_rows[o].name);
		at = strstr(buf_str(&text), want);
		after = at ? at + strlen(want) : NULL;
		while (after && *after != ' ' && *after != '\n') {
			at = strstr(after, want);
			after = at ? at + strlen(want) : NULL;
		}
		if (!after)
			fail_msg("man/gatewright.1: no '%s'", want);
	}
	buf_fini(&text);
}

/* The calls of docs/api.md, by their own words: nothing is asked that is not promised. */
static void test_api_has_every_call(void **state)
{
	struct buf text;
	char want[160];

	(void)state;
	read_file("docs/api.md", &text);
	for (size_t i = 0; i < verbs_n; i++) {
		for (const char *p = strchr(verbs[i].api, ' '), *end; p; p = *end ? strchr(end + 2, ' ') : NULL) {
			end = strchrnul(p, ',');
			(void)snprintf(want, sizeof(want), "%.*s`", (int)(end - p - 1), p + 1);
			if (!strstr(buf_str(&text), want))
				fail_msg("docs/api.md: no '%s' of '%s %s'", verbs[i].api, verbs[i].noun, verbs[i].action);
		}
	}
	buf_fini(&text);
}

static void help_of(const struct args *args, char **ret)
{
	size_t n = 0;
	FILE *out = open_memstream(ret, &n);

	help_print(out, args);
	assert_int_equal(fclose(out), 0);
}

/* Help fits a terminal of 80 columns and names every option of the verb. */
static void test_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < verbs_n; i++) {
		struct args args = { .verb = &verbs[i], .help = true };
		char *text = NULL, want[128];

		help_of(&args, &text);
		for (size_t o = 0; o < OPT_N; o++) {
			(void)snprintf(want, sizeof(want), "\n  --%s", option_rows[o].name);
			if (verb_takes(&verbs[i], (enum opt)o))
				assert_non_null(strstr(text, want));
		}
		for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
			assert_true(strcspn(line, "\n") <= 80);
		free(text);
	}
}

static void test_help_of_all(void **state)
{
	struct args all = { .help = true }, noun = { .help = true, .noun = "job" };
	char *text = NULL;

	(void)state;
	help_of(&all, &text);
	for (size_t i = 0; i < verbs_n; i++)
		assert_non_null(strstr(text, verbs[i].summary) ? "" : strstr(text, verbs[i].noun));
	assert_non_null(strstr(text, "Exit codes: 0 done, 1 failed, 2 wrong usage"));
	free(text);
	help_of(&noun, &text);
	assert_non_null(strstr(text, "job watch"));
	assert_null(strstr(text, "gateway list"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_completion),	    cmocka_unit_test(test_manual_has_every_verb),
		cmocka_unit_test(test_manual_has_every_option), cmocka_unit_test(test_api_has_every_call),
		cmocka_unit_test(test_help),		    cmocka_unit_test(test_help_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
