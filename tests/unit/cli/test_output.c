/* What people read: cleaned text, tables, trees; golden. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cli/certificate_tree.h"
#include "cli/commands.h"
#include "cli/gateway_ssh.h"
#include "cli/job_progress.h"
#include "cli/resolve.h"
#include "cli/output/json.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *raw, *clean;
} texts[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "M\xc3\xbcnchen", "M\xc3\xbcnchen" },
	{ "\xe2\x82\xac \xf0\x9f\x94\x91", "\xe2\x82\xac \xf0\x9f\x94\x91" },
	{ "a\033[31mred", "a\\u001b[31mred" },
	{ "a\nb\tc\r", "a\\u000ab\\u0009c\\u000d" },
	{ "\x7f", "\\u007f" },
	{ "\xc2\x9b" "31m", "\\u009b31m" },
	{ "\xe2\x80\xae" "gpj.exe", "\\u202egpj.exe" },
	{ "a\xe2\x80\x8b" "b", "a\\u200bb" },
	{ "\xef\xbb\xbf" "x", "\\ufeffx" },
	{ "\xf3\xa0\x81\x81", "\\u{e0041}" },
	{ "\xff\xfe", "\\ufffd\\ufffd" },
	{ "\xc3", "\\ufffd" },
	{ "\xc0\xaf", "\\ufffd\\ufffd" },
	{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		CLEANUP(util_freep) char *clean = text_clean(texts[i].raw);

		assert_string_equal(clean, texts[i].clean);
	}
}

/* A terminal of `width` columns that writes into memory. */
struct screen {
	struct cli cli;
	char *text;
	size_t n;
};

static void screen_open(struct screen *s, int width)
{
	*s = (struct screen){ .text = NULL };
	s->cli.out = open_memstream(&s->text, &s->n);
	s->cli.err = s->cli.out;
	s->cli.width = width;
	s->cli.utf8 = true;
	assert_non_null(s->cli.out);
}

static void screen_is(struct screen *s, const char *expected)
{
	assert_int_equal(fclose(s->cli.out), 0);
	assert_string_equal(s->text, expected);
	free(s->text);
}

static void test_table(void **state)
{
	static const struct column columns[] = { { "NAME", COLUMN_TREE }, { "DAYS", COLUMN_RIGHT }, { "NOTE", COLUMN_CUT } };
	static const char *const root[] = { "Root", "3650", NULL }, *const leaf[] = { "edge \033[1m", "7", "x" };
	struct screen s;
	struct table *t;
	struct err e = { 0 };
	int parent;

	(void)state;
	screen_open(&s, 0);
	t = table_new(&s.cli, columns, ARRAY_N(columns));
	parent = table_add(t, -1, root);
	assert_int_equal(parent, 0);
	assert_int_equal(table_add(t, parent, leaf), 1);
	table_colour(t, 1, 1, "red"); /* does nothing without colours */
	assert_int_equal(table_print(t, &e), 0);
	table_free(t);
	screen_is(&s, "NAME             DAYS NOTE\nRoot             3650 \n\xe2\x94\x94\xe2\x94\x80" "edge \\u001b[1m    7 x\n");
}

/* What a terminal would obey is escaped, and reads back as what it was. */
static const struct {
	const char *raw, *printed;
} json_texts[] = {
	{ "M\xc3\xbcnchen \xf0\x9f\x94\x91", "M\xc3\xbcnchen \xf0\x9f\x94\x91" },
	{ "a\n\033[2J\x7f", "a\\n\\u001B[2J\\u007F" },
	{ "\xc2\x80\xc2\x9b" "31m\xc2\x9f\xc2\xa0", "\\u0080\\u009B31m\\u009F\xc2\xa0" },
	{ "\xe2\x80\x8e\xe2\x80\x8f", "\\u200E\\u200F" },
	{ "\xe2\x80\xaa\xe2\x80\xae" "gpj\xe2\x80\xaf", "\\u202A\\u202Egpj\xe2\x80\xaf" },
	{ "\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xb0", "\\u2066\\u2069\xe2\x81\xb0" },
	{ "\xf3\xa0\x81\x81", "\\uDB40\\uDC41" },
};

static void json_is(size_t i, void (*print)(const struct cli *cli, const json_t *value), const char *before, const char *behind)
{
	json_t *value = json_pack("{s:s}", "k", json_texts[i].raw), *back;
	char expected[128];
	struct screen s;

	(void)snprintf(expected, sizeof(expected), "%s%s%s", before, json_texts[i].printed, behind);
	screen_open(&s, 0);
	print(&s.cli, value);
	(void)fflush(s.cli.out);
	back = json_loads(s.text, 0, NULL);
	assert_true(json_equal(back, value));
	json_decref(back);
	json_decref(value);
	screen_is(&s, expected);
}

static void test_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(json_texts); i++) {
		json_is(i, json_print, "{\n  \"k\": \"", "\"\n}\n");
		json_is(i, json_print_line, "{\"k\":\"", "\"}\n");
	}
}

/* id, issuer (0: null) in the order of the list, and the order of the tree as "id<parent". */
static const struct {
	const char *name;
	int pairs[8][2];
	const char *order;
} trees[] = {
	{ "nothing", { { 0 } }, "" },
	{ "one root", { { 1, 0 } }, "1<- " },
	{ "own issuer", { { 1, 1 } }, "1<- " },
	{ "chain", { { 1, 0 }, { 2, 1 }, { 3, 2 } }, "1<- 2<1 3<2 " },
	{ "backwards", { { 3, 2 }, { 2, 1 }, { 1, 0 } }, "1<- 2<1 3<2 " },
	{ "siblings keep their order", { { 1, 0 }, { 9, 1 }, { 2, 1 }, { 5, 1 } }, "1<- 9<1 2<1 5<1 " },
	{ "back up to the next", { { 1, 0 }, { 2, 1 }, { 3, 2 }, { 4, 1 }, { 5, 0 }, { 6, 5 } }, "1<- 2<1 3<2 4<1 5<- 6<5 " },
	{ "issuer is not here", { { 7, 99 }, { 8, 7 } }, "7<- 8<7 " },
	{ "circle", { { 1, 2 }, { 2, 1 } }, "1<- 2<1 " },
	{ "circle with a tail", { { 3, 1 }, { 1, 2 }, { 2, 1 } }, "3<- 1<- 2<1 " },
};

static json_t *tree_items(size_t i)
{
	json_t *items = json_array();

	for (size_t j = 0; j < 8 && trees[i].pairs[j][0] != 0; j++) {
		json_t *c = json_pack("{s:i, s:n}", "id", trees[i].pairs[j][0], "issuer");

		if (trees[i].pairs[j][1] != 0)
			(void)json_object_set_new(c, "issuer", json_integer(trees[i].pairs[j][1]));
		(void)json_array_append_new(items, c);
	}
	return items;
}

static void test_tree(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(trees); i++) {
		json_t *items = tree_items(i);
		struct tree_node *nodes = tree_order(items);
		char order[128] = "";
		size_t n = 0;

		for (size_t j = 0; j < json_array_size(items); j++) {
			n += (size_t)snprintf(order + n, sizeof(order) - n, "%d<", trees[i].pairs[nodes[j].item][0]);
			if (nodes[j].parent == TREE_NONE)
				n += (size_t)snprintf(order + n, sizeof(order) - n, "- ");
			else
				n += (size_t)snprintf(order + n, sizeof(order) - n, "%d ", trees[i].pairs[nodes[j].parent][0]);
		}
		if (strcmp(order, trees[i].order) != 0)
			fail_msg("%s: want %s, got %s", trees[i].name, trees[i].order, order);
		free(nodes);
		json_decref(items);
	}
}

static void test_field(void **state)
{
	struct screen s;
	struct fields f = { NULL, 8 };

	(void)state;
	screen_open(&s, 0);
	f.cli = &s.cli;
	field_print(&f, "names", "a;\nb\033");
	screen_is(&s, "names:   a;\n         b\\u001b\n");
}

static json_t *step_of(int n, const char *outcome, const char *output)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:i}", "n", n, "state", "staged", "text", "write 3 files", "outcome", outcome,
			 "host_output", output, "time_ms", 412);
}

/* Each end of a step is printed once, whatever is sent again. */
static void test_progress(void **state)
{
	json_t *started = step_of(1, "started", ""), *done = step_of(1, "done", "ok\n\033[2Jb\n"), *failed = step_of(2, "failed", "");
	struct progress p;
	struct screen s;

	(void)state;
	screen_open(&s, 0);
	progress_init(&p, &s.cli);
	progress_step(&p, started);
	progress_tick(&p);
	progress_step(&p, done);
	progress_step(&p, started);
	progress_step(&p, done);
	progress_step(&p, failed);
	progress_fini(&p);
	json_decref(started);
	json_decref(done);
	json_decref(failed);
	screen_is(&s, "\xe2\x9c\x93 staged        write 3 files  0.4 s\n    | ok\n    | \\u001b[2Jb\n"
		      "\xe2\x9c\x97 staged        write 3 files  0.4 s\n");
}

#define PRINT_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *word;
	bool matches;
} references[] = {
	{ "edge 2027", true },	 { "Edge 2027", false }, { "edge", false },	{ "01234567", true },	 { "0123456", false },
	{ "01234568", false },	 { "01:23:45:67", true }, { "0123 4567 89AB", true }, { PRINT_64, true }, { PRINT_64 "0", false },
	{ "0123456g", false },	 { "", false },
};

static void test_references(void **state)
{
	json_t *c = json_pack("{s:i, s:s, s:s}", "id", 7, "display_name", "edge 2027", "fingerprint", PRINT_64);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(references); i++) {
		if (resolve_matches(c, references[i].word) != references[i].matches)
			fail_msg("'%s': want %d", references[i].word, references[i].matches);
	}
	json_decref(c);
}

static const struct {
	const char *name, *text;
	bool encrypted;
} keys[] = {
	{ "PKCS#8", "-----BEGIN PRIVATE KEY-----\nAAAA\n", false },
	{ "PKCS#8 encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n", true },
	{ "PKCS#1", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n", false },
	{ "PKCS#1 encrypted", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n", true },
	{ "OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\n", false },
	{ "OpenSSH encrypted", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0\n", true },
	{ "nothing", "", false },
};

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(keys); i++) {
		if (gateway_ssh_key_is_encrypted(bytes_of_str(keys[i].text)) != keys[i].encrypted)
			fail_msg("%s: want %d", keys[i].name, keys[i].encrypted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	 cmocka_unit_test(test_table),	    cmocka_unit_test(test_tree),
		cmocka_unit_test(test_field),	 cmocka_unit_test(test_progress),   cmocka_unit_test(test_references),
		cmocka_unit_test(test_keys),	 cmocka_unit_test(test_json),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
