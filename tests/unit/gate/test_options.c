/* The command line: good and bad. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "gate/options.h"

#include <stdio.h>

static const struct {
	const char *line; /* words separated by spaces */
	int verb;	  /* -1: refused */
	const char *argument;
} rows[] = {
	{ "", VERB_RUN, NULL },
	{ "run", VERB_RUN, NULL },
	{ "--config x", VERB_RUN, NULL },
	{ "--config=x run", VERB_RUN, NULL },
	{ "run --config x", VERB_RUN, NULL },
	{ "keystore install f", VERB_INSTALL, "f" },
	{ "keystore install -", VERB_INSTALL, "-" },
	{ "keystore install -- --f", VERB_INSTALL, "--f" },
	{ "keystore install --confirm-within 60 --force --json f", VERB_INSTALL, "f" },
	{ "keystore install f --passphrase-fd=3", VERB_INSTALL, "f" },
	{ "keystore rollback", VERB_ROLLBACK, NULL },
	{ "keystore rollback g1 --json", VERB_ROLLBACK, "g1" },
	{ "keystore confirm", VERB_CONFIRM, NULL },
	{ "keystore confirm t", VERB_CONFIRM, "t" },
	{ "keystore list --json", VERB_LIST, NULL },
	{ "keystore session", VERB_SESSION, NULL },
	{ "keystore session --config /x", VERB_SESSION, NULL },
	{ "status", VERB_STATUS, NULL },
	{ "--check-config", VERB_CHECK_CONFIG, NULL },
	{ "--config x --check-config", VERB_CHECK_CONFIG, NULL },
	{ "--version", VERB_VERSION, NULL },
	{ "--help", VERB_HELP, NULL },
	{ "walk", -1, NULL },
	{ "run run", -1, NULL },
	{ "keystore", -1, NULL },
	{ "keystore instal f", -1, NULL },
	{ "keystore install", -1, NULL },
	{ "keystore install f g", -1, NULL },
	{ "keystore session x", -1, NULL },
	{ "keystore install f --confirm-within", -1, NULL },
	{ "keystore install f --confirm-within -1", -1, NULL },
	{ "keystore install f --confirm-within 86401", -1, NULL },
	{ "keystore install f --confirm-within 1s", -1, NULL },
	{ "keystore install f --forced", -1, NULL },
	{ "keystore install f --force=yes", -1, NULL },
	{ "keystore list --force", -1, NULL },
	{ "run --json", -1, NULL },
	{ "--version run", -1, NULL },
	{ "--config", -1, NULL },
	{ "-x", -1, NULL },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		char line[128], *argv[12] = { line }, *rest = line;
		struct options o;
		struct err e = { 0 };
		int argc = 1, got;

		(void)snprintf(line, sizeof(line), "%s", rows[i].line);
		while ((argv[argc] = strsep(&rest, " ")) && argv[argc][0])
			argc++;
		got = options_parse(argc, argv, &o, &e);
		if (got < 0 ? rows[i].verb >= 0 : (int)o.verb != rows[i].verb)
			fail_msg("'%s': want %d, got %d (%s)", rows[i].line, rows[i].verb, got < 0 ? got : (int)o.verb,
				 e.text);
		if (got < 0)
			assert_true(e.text[0]);
		else if (rows[i].argument ? !o.argument || strcmp(o.argument, rows[i].argument) != 0
					  : o.argument != NULL)
			fail_msg("'%s': another argument", rows[i].line);
	}
}

static void test_help(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	options_help(&b);
	assert_non_null(strstr(buf_str(&b), "keystore install FILE"));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_help) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
