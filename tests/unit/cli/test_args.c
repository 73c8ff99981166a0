/* The command line's parser and its tables: rows of what is typed and what comes of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cli/args.h"
#include "cli/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define WORDS_MAX 16

/* Split at blanks; "_" in a word stands for a blank in it. argv[0] comes first. */
static int split(char *line, char *argv[WORDS_MAX])
{
	int n = 0;
	char *rest = NULL;

	argv[n++] = (char *)(uintptr_t)"gatewright";
	for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(n < WORDS_MAX);
		for (char *p = word; *p; p++)
			*p = *p == '_' ? ' ' : *p;
		argv[n++] = word;
	}
	return n;
}

static int parse(const char *typed, char *line, size_t size, struct args *ret, struct err *e)
{
	char *argv[WORDS_MAX];
	int n;

	(void)snprintf(line, size, "%s", typed);
	n = split(line, argv);
	return args_parse(n, argv, ret, e);
}

static const struct {
	const char *typed;
	const char *sentence; /* NULL: it is accepted */
} rows[] = {
	{ "", "want a command: see 'gatewright --help'" },
	{ "--help", NULL },
	{ "-h", NULL },
	{ "--version", NULL },
	{ "help", NULL },
	{ "help certificate", NULL },
	{ "help certificate create", NULL },
	{ "certificate help", NULL },
	{ "version", NULL },
	{ "version certificate", NULL },
	{ "certificate", "'certificate' wants an action: see 'gatewright certificate --help'" },
	{ "certificate --help", NULL },
	{ "certificate create --help", NULL },
	{ "certificate create", NULL },
	{ "certificate create extra", "argument 'extra' is one too many: want none" },
	{ "certificate show", "'certificate show' wants CERTIFICATE" },
	{ "certificate show 7", NULL },
	{ "certificate show 7 8", "argument '8' is one too many: want CERTIFICATE" },
	{ "certificate compare 7", "'certificate compare' wants CURRENT CANDIDATE" },
	{ "certificate compare 7 8", NULL },
	{ "certificate import", "'certificate import' wants FILE..." },
	{ "certificate import a b c", NULL },
	{ "certificate import -", NULL },
	{ "certificate import -- --odd-name", NULL },
	{ "certificate import --odd-name", "unknown option '--odd-name': see 'gatewright certificate import --help'" },
	{ "certificate delete 1 2", NULL },
	{ "health", NULL },
	{ "health now", "argument 'now' is one too many: want none" },
	{ "heath", "unknown command 'heath': did you mean 'health'?" },
	{ "cert list", "unknown command 'cert': did you mean 'certificate'?" },
	{ "certificat list", "unknown command 'certificat': did you mean 'certificate'?" },
	{ "certificates list", "unknown command 'certificates': did you mean 'certificate'?" },
	{ "xyzzy", "unknown command 'xyzzy': see 'gatewright --help'" },
	{ "certificate lst", "unknown action 'lst': did you mean 'certificate list'?" },
	{ "certificate frobnicate", "unknown action 'frobnicate': see 'gatewright certificate --help'" },
	{ "gateway update", "unknown action 'update': did you mean 'gateway update-keystore'?" },
	{ "job wacth 1", "unknown action 'wacth': did you mean 'job watch'?" },
	{ "certificate list --kidn root", "unknown option '--kidn': did you mean '--kind'?" },
	{ "certificate list --colums id", "unknown option '--colums': did you mean '--columns'?" },
	{ "certificate list --names a", "unknown option '--names': see 'gatewright certificate list --help'" },
	{ "certificate list -v", "unknown option '-v': options are long, as '--json'" },
	{ "certificate create --kind root", NULL },
	{ "certificate create --kind=root", NULL },
	{ "certificate create --kind", "option '--kind' wants a value: root|intermediate|end-entity" },
	{ "certificate create --kind leaf", "option '--kind': want root|intermediate|end-entity, got 'leaf'" },
	{ "certificate create --kind roo", "option '--kind': want root|intermediate|end-entity, got 'roo'" },
	{ "certificate create --kind intermediate|end-entity",
	  "option '--kind': want root|intermediate|end-entity, got 'intermediate|end-entity'" },
	{ "certificate create --kind=", "option '--kind': want root|intermediate|end-entity, got ''" },
	{ "certificate create --kind root --kind root", "option '--kind' is given twice" },
	{ "certificate create --dry-run", NULL },
	{ "certificate create --dry-run=yes", "option '--dry-run' takes no value" },
	{ "certificate create --dry-run --dry-run", "option '--dry-run' is given twice" },
	{ "certificate create --display-name", "option '--display-name' wants a value: TEXT" },
	{ "certificate create --display-name=", NULL },
	{ "certificate create --display-name --json", NULL }, /* a value may look like an option */
	{ "certificate create --key rsa-1024",
	  "option '--key': want ec-p256|ec-p384|ed25519|rsa-2048|rsa-3072|rsa-4096, got 'rsa-1024'" },
	{ "--json certificate list", NULL },
	{ "certificate --json list", NULL },
	{ "certificate list --json", NULL },
	{ "--socket /x certificate list", NULL },
	{ "--socket", "option '--socket' wants a value: PATH" },
	{ "--kind root certificate list", "unknown option '--kind': see 'gatewright --help'" },
	{ "--scoket /x health", "unknown option '--scoket': did you mean '--socket'?" },
	{ "certificate list --version", "unknown option '--version': see 'gatewright certificate list --help'" },
	{ "gateway add e --tls a:1 --tls b:2 --param a=b --param c=d", NULL },
	{ "gateway add e --target nginx --target nginx", "option '--target' is given twice" },
	{ "gateway update-keystore e --password hunter2", "unknown option '--password': did you mean '--password-fd'?" },
	{ "certificate export 7 --passphrase x", "unknown option '--passphrase': did you mean '--passphrase-fd'?" },
	{ "proof verify f --key-file k --fingerprint x", NULL },
};

static void test_rows(void **state)
{
	char line[256];
	struct args args;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct err e = { 0 };
		int r = parse(rows[i].typed, line, sizeof(line), &args, &e);

		if (!rows[i].sentence && r != 0)
			fail_msg("'%s': refused: %s", rows[i].typed, e.text);
		if (rows[i].sentence && (r != -EINVAL || strcmp(e.text, rows[i].sentence) != 0))
			fail_msg("'%s':\n want %s\n got  %s", rows[i].typed, rows[i].sentence, r ? e.text : "accepted");
	}
}

static void test_values(void **state)
{
	char line[256];
	struct args args;
	struct err e = { 0 };
	size_t cursor = 0;

	(void)state;
	assert_int_equal(parse("--json gateway add edge_1 --tls a:1 --ssh-port=2222 --tls b:2 --param x=y=z", line, sizeof(line),
			       &args, &e), 0);
	assert_string_equal(args.verb->action, "add");
	assert_string_equal(args.positional[0], "edge 1");
	assert_true(args_has(&args, OPT_JSON));
	assert_false(args_has(&args, OPT_SOCKET));
	assert_string_equal(args_get(&args, OPT_SSH_PORT), "2222");
	assert_string_equal(args_get(&args, OPT_PARAM), "x=y=z");
	assert_string_equal(args_next(&args, OPT_TLS, &cursor), "a:1");
	assert_string_equal(args_next(&args, OPT_TLS, &cursor), "b:2");
	assert_null(args_next(&args, OPT_TLS, &cursor));
	assert_null(args_get(&args, OPT_TARGET));
	assert_int_equal(parse("help gateway add", line, sizeof(line), &args, &e), 0);
	assert_true(args.help);
	assert_string_equal(args.verb->action, "add");
	assert_int_equal(parse("certificate show help", line, sizeof(line), &args, &e), 0);
	assert_false(args.help);
	assert_string_equal(args.positional[0], "help");
}

static const struct {
	const char *text;
	long min, max;
	bool good;
	long value;
} numbers[] = {
	{ "0", 0, 10, true, 0 },	{ "10", 0, 10, true, 10 },   { "11", 0, 10, false, 0 },	 { "1", 2, 10, false, 0 },
	{ "", 0, 10, false, 0 },	{ "-1", -5, 10, false, 0 },  { "+1", 0, 10, false, 0 },	 { " 1", 0, 10, false, 0 },
	{ "1 ", 0, 10, false, 0 },	{ "0x1", 0, 10, false, 0 },  { "1e1", 0, 10, false, 0 }, { "007", 0, 10, true, 7 },
	{ "65535", 1, 65535, true, 65535 }, { "65536", 1, 65535, false, 0 }, { "99999999999", 0, 10, false, 0 },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(numbers); i++) {
		long v = 0;
		bool good = args_parse_number(numbers[i].text, numbers[i].min, numbers[i].max, &v);

		if (good != numbers[i].good || (good && v != numbers[i].value))
			fail_msg("number '%s': got %d, %ld", numbers[i].text, good, v);
	}
}

static const struct {
	const char *a, *b;
	size_t distance;
} distances[] = {
	{ "", "", 0 },		{ "a", "", 1 },	       { "", "ab", 2 },	      { "list", "list", 0 }, { "lst", "list", 1 },
	{ "lsit", "list", 1 },	{ "listt", "list", 1 }, { "lint", "list", 1 }, { "show", "list", 4 }, { "ca", "abc", 3 },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 0 },
};

static void test_distances(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(distances); i++)
		assert_int_equal(suggest_distance(distances[i].a, distances[i].b), distances[i].distance);
}

/* One name must not be a flag here and take a value there; completions and people rely on it. */
static void test_option_rows(void **state)
{
	(void)state;
	for (size_t o = 0; o < OPT_N; o++) {
		const struct option_row *row = &option_rows[o];

		assert_non_null(row->name);
		assert_non_null(row->help);
		assert_true(row->help[0] && row->help[strlen(row->help) - 1] != '.');
		assert_true(row->complete != COMPLETE_WORDS || strchr(row->value, '|'));
		for (size_t p = 0; p < o; p++) {
			if (strcmp(option_rows[p].name, row->name) == 0)
				assert_int_equal(!option_rows[p].value, !row->value);
		}
	}
}

static void test_verb_rows(void **state)
{
	option_set used = VERB_COMMON | VERB_OPTION(VERSION);

	(void)state;
	for (size_t i = 0; i < verbs_n; i++) {
		const struct verb *v = &verbs[i];

		assert_non_null(v->run);
		assert_ptr_equal(verb_find(v->noun, v->action), v);
		assert_true(v->arguments_min <= v->arguments_max && v->arguments_max <= ARGS_POSITIONAL_MAX);
		assert_int_equal(v->arguments_max > 0, v->arguments[0] != '\0');
		assert_true(v->summary[0] && v->summary[strlen(v->summary) - 1] != '.' && strlen(v->summary) < 70);
		used |= v->options;
		for (size_t o = 0; o < OPT_N; o++) {
			for (size_t p = 0; p < o; p++)
				assert_false(verb_takes(v, (enum opt)o) && verb_takes(v, (enum opt)p) &&
					     strcmp(option_rows[o].name, option_rows[p].name) == 0);
		}
	}
	for (size_t o = 0; o < OPT_N; o++)
		assert_true((used >> o & 1) != 0);
}

static void test_option_of_field(void **state)
{
	const struct verb *create = verb_find("certificate", "create");

	(void)state;
	assert_int_equal(verb_option_of_field(create, "not_after"), OPT_VALID_UNTIL);
	assert_int_equal(verb_option_of_field(create, "names"), OPT_NAMES);
	assert_int_equal(verb_option_of_field(create, "kind"), OPT_KIND);
	assert_int_equal(verb_option_of_field(create, ""), OPT_N);
	assert_int_equal(verb_option_of_field(create, "password"), OPT_N);
	assert_int_equal(verb_option_of_field(verb_find("certificate", "list"), "kind"), OPT_LIST_KIND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	    cmocka_unit_test(test_values),    cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_distances),   cmocka_unit_test(test_option_rows), cmocka_unit_test(test_verb_rows),
		cmocka_unit_test(test_option_of_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
