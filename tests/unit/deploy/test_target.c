/* Target files: good ones and each way to be bad, with the exact sentence; values, expansion, and the files in targets/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/deploy/plan.h"
#include "core/deploy/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define HEAD "gatewright-target 1\nname x\ntitle X\nkind script\n"
#define FILES "file key.pem key /k\nfile crt.pem fullchain /c\n"
#define REST "keystore /ks\nreload true\n"

static const struct row {
	const char *name, *text;
	const char *sentence; /* NULL: good */
} rows[] = {
	{ "smallest script", HEAD FILES REST, NULL },
	{ "no newline at the end", HEAD FILES "reload true\nkeystore /ks", NULL },
	{ "comments and empty lines", HEAD "# c\n\n" FILES REST "#end", NULL },
	{ "bundle alone", HEAD "file b bundle /b\n" REST, NULL },
	{ "smallest gate", "gatewright-target 1\nname g\ntitle G\nkind gate\nfile k key -\nfile c fullchain -\nsession s\n", NULL },
	{ "param used", HEAD "param p default \"v\" meaning\n" FILES REST "test echo %{p} %{gateway} 100%%\n", NULL },
	{ "param with an empty default", HEAD "param p default \"\" meaning\n" FILES REST, NULL },
	{ "all options of a file", HEAD "file k key /k owner root group ssl-cert mode 0640\nfile c certificate /c\n" REST, NULL },
	{ "longest wait", HEAD FILES REST "running-wait 60\n", NULL },
	{ "empty", "", "target file: want 1 to 16384 bytes, got 0" },
	{ "no head", "name x\n", "target file: line 1: want 'gatewright-target 1', got something else" },
	{ "version 2", "gatewright-target 2\n", "target file: line 1: want 'gatewright-target 1', got something else" },
	{ "unknown keyword", HEAD "tset x\n", "target file: line 5: want a keyword of a target file, got 'tset'" },
	{ "upper case", HEAD "Test x\n", "target file: line 5: want a keyword of a target file, got 'Test'" },
	{ "twice", HEAD "name y\n", "target file: line 5: 'name' stands there twice" },
	{ "indented", HEAD " test x\n", "target file: line 5: want no space at the start or the end of a line" },
	{ "space behind", HEAD "test x \n", "target file: line 5: want no space at the start or the end of a line" },
	{ "tab", HEAD "test\tx\n", "target file: line 5: want plain text in UTF-8 without tabs, got something else" },
	{ "CR", HEAD "test x\r\n", "target file: line 5: want plain text in UTF-8 without tabs, got something else" },
	{ "not UTF-8", HEAD "test \xff\n", "target file: line 5: want plain text in UTF-8 without tabs, got something else" },
	{ "bad name", "gatewright-target 1\nname X\n", "target file: line 2: name: want a-z, 0-9 and '-', a letter first, at most 32, got 'X'" },
	{ "bad kind", "gatewright-target 1\nkind ssh\n", "target file: line 2: kind: want 'script' or 'gate', got 'ssh'" },
	{ "no value", HEAD "test\n", "target file: line 5: want a value for 'test', got nothing" },
	{ "no reload", HEAD FILES "keystore /ks\n", "target file: want a line 'reload', got none" },
	{ "no keystore", HEAD FILES "reload true\n", "target file: want a line 'keystore', got none" },
	{ "no file", HEAD REST, "target file: want a line 'file', got none" },
	{ "session in a script", HEAD FILES REST "session s\n", "target file: 'session' is not for kind 'script'" },
	{ "test in a gate", "gatewright-target 1\nname g\ntitle G\nkind gate\nfile k key -\nfile c fullchain -\nsession s\ntest t\n",
	  "target file: 'test' is not for kind 'gate'" },
	{ "gate with a path", "gatewright-target 1\nname g\ntitle G\nkind gate\nfile k key /k\nfile c fullchain -\nsession s\n",
	  "target file: file 'k': want '-' for kind 'gate', got /k" },
	{ "script without a path", HEAD "file k key -\nfile c fullchain /c\n" REST, "target file: file 'k': want a path for kind 'script', got '-'" },
	{ "two keys", HEAD "file b bundle /b\n" FILES REST, "target file: want exactly one file with the key, got 2" },
	{ "no key", HEAD "file c fullchain /c\n" REST, "target file: want exactly one file with the key, got 0" },
	{ "no certificate", HEAD "file k key /k\nfile c chain /c\n" REST, "target file: want a file with the certificate, got none" },
	{ "file twice", HEAD FILES "file key.pem root /r\n", "target file: line 7: file 'key.pem' stands there twice" },
	{ "file name with a slash", HEAD "file a/b key /k\n", "target file: line 5: file: want a name of letters, digits, '.' and '-', got 'a/b'" },
	{ "file name that hides", HEAD "file .k key /k\n", "target file: line 5: file: want a name of letters, digits, '.' and '-', got '.k'" },
	{ "unknown form", HEAD "file k pkcs12 /k\n",
	  "target file: line 5: file 'k': want key, certificate, chain, fullchain, bundle or root, got 'pkcs12'" },
	{ "no path", HEAD "file k key\n", "target file: line 5: file 'k': want a path or '-', got nothing" },
	{ "key for all", HEAD "file k key /k mode 0644\n",
	  "target file: line 5: file 'k' holds a private key: want a mode that keeps others out, got 0644" },
	{ "decimal mode", HEAD "file k key /k mode 600\n",
	  "target file: line 5: file 'k': want 'owner USER', 'group GROUP' or 'mode 0640', each once, got 'mode 600'" },
	{ "setuid mode", HEAD "file k key /k mode 4600\n",
	  "target file: line 5: file 'k': want 'owner USER', 'group GROUP' or 'mode 0640', each once, got 'mode 4600'" },
	{ "owner twice", HEAD "file k key /k owner a owner b\n",
	  "target file: line 5: file 'k': want 'owner USER', 'group GROUP' or 'mode 0640', each once, got 'owner b'" },
	{ "param twice", HEAD "param p required m\nparam p required m\n", "target file: line 6: param 'p' stands there twice" },
	{ "param gateway", HEAD "param gateway required m\n",
	  "target file: line 5: param: want a name of a-z, 0-9 and '-' other than 'gateway', got 'gateway'" },
	{ "param how", HEAD "param p optional m\n", "target file: line 5: param 'p': want 'default \"VALUE\"' or 'required', got 'optional'" },
	{ "default not closed", HEAD "param p default \"v m\n", "target file: line 5: param 'p': want default \"VALUE\" and the meaning" },
	{ "default not quoted", HEAD "param p default v m\n", "target file: line 5: param 'p': want default \"VALUE\" and the meaning" },
	{ "no meaning", HEAD "param p default \"v\"\n", "target file: line 5: want a value for 'p', got nothing" },
	{ "wait 0", HEAD "running-wait 0\n", "target file: line 5: running-wait: want 1 to 60 seconds, got '0'" },
	{ "wait 61", HEAD "running-wait 61\n", "target file: line 5: running-wait: want 1 to 60 seconds, got '61'" },
	{ "wait in words", HEAD "running-wait ten\n", "target file: line 5: running-wait: want 1 to 60 seconds, got 'ten'" },
	{ "unknown reference", HEAD FILES REST "test %{nope}\n", "target file: test: '%{nope}' is no param of this target" },
	{ "lonely percent", HEAD FILES REST "test 100%\n", "target file: test: want '%{param}' or '%%' behind a '%'" },
	{ "open reference", HEAD FILES REST "test %{gateway\n", "target file: test: want '%{param}' or '%%' behind a '%'" },
	{ "reference in a path", HEAD "file k key /%{nope}\nfile c fullchain /c\n" REST, "target file: k: '%{nope}' is no param of this target" },
};

static void parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
		struct target t;
		struct err e = { 0 };
		int r = target_parse(bytes_of_str(rows[i].text), a, &t, &e);

		if ((r == 0) != (rows[i].sentence == NULL) || (r < 0 && strcmp(err_text(&e), rows[i].sentence) != 0))
			print_error("row '%s': %s\n", rows[i].name, r < 0 ? err_text(&e) : "accepted");
		assert_int_equal(r, rows[i].sentence ? -EINVAL : 0);
		if (rows[i].sentence)
			assert_string_equal(err_text(&e), rows[i].sentence);
	}
}

/* The limits, on both sides. */
static void limits(void **state)
{
	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
		struct buf b;
		struct target t;
		struct err e = { 0 };
		int lines = TARGET_PARAMS_MAX + extra;

		buf_init(&b, 1 << 16);
		buf_add_str(&b, HEAD FILES REST);
		for (int i = 0; i < lines; i++)
			buf_printf(&b, "param p%d required m\n", i);
		assert_int_equal(target_parse(buf_bytes(&b), a, &t, &e), extra ? -EINVAL : 0);
		buf_reset(&b);
		buf_add_str(&b, HEAD FILES REST "test ");
		for (int i = 0; i < TARGET_LINE_MAX - 5 + extra; i++)
			buf_add_u8(&b, 'x');
		assert_int_equal(target_parse(buf_bytes(&b), a, &t, &e), extra ? -EINVAL : 0);
		buf_fini(&b);
	}
}

#define PARAMS "param path default \"/etc/x\" m\nparam need required what it is for\nparam opt default \"\" m\n"
static const char sample[] = HEAD PARAMS "file k key %{path}.key\nfile c fullchain %{path}.crt\nfile r root %{opt}\n"
			     "keystore /ks/%{gateway}\nreload load %{need} '100%%'\n";

static const struct value_row {
	const char *name, *gateway;
	const char *pairs[3];
	const char *sentence;
} value_rows[] = {
	{ "needed one given", "edge-1", { "need=x" }, NULL },
	{ "value with an equals sign", "edge-1", { "need=a=b" }, NULL },
	{ "empty value", "edge-1", { "need=" }, NULL },
	{ "needed one missing", "edge-1", { 0 }, "target 'x' needs parameter 'need': what it is for" },
	{ "unknown", "edge-1", { "need=x", "nope=y" }, "target 'x' has no parameter 'nope'" },
	{ "no equals sign", "edge-1", { "need" }, "target 'x' has no parameter 'need'" },
	{ "twice", "edge-1", { "need=x", "need=y" }, "parameter 'need' of target 'x' is given twice" },
	{ "line break", "edge-1", { "need=x\ny" }, "parameter of target 'x': want plain text in UTF-8, got something else" },
	{ "gateway with a slash", "a/b", { "need=x" },
	  "name of a gateway: want 1 to 63 letters, digits, '.', '_' and '-', a letter or digit first" },
	{ "gateway ..", "..", { "need=x" }, "name of a gateway: want 1 to 63 letters, digits, '.', '_' and '-', a letter or digit first" },
	{ "gateway empty", "", { "need=x" }, "name of a gateway: want 1 to 63 letters, digits, '.', '_' and '-', a letter or digit first" },
};

static int make_values(const struct target *t, const char *gateway, const char *const *texts, struct arena *a, struct target_values *v,
		       struct err *e)
{
	struct bytes pairs[3];
	size_t n = 0;

	while (n < 3 && texts[n]) {
		pairs[n] = bytes_of_str(texts[n]);
		n++;
	}
	return target_values_make(t, gateway, pairs, n, a, v, e);
}

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(value_rows); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
		const struct value_row *row = &value_rows[i];
		struct target t;
		struct target_values v;
		struct err e = { 0 };

		assert_int_equal(target_parse(bytes_of_str(sample), a, &t, &e), 0);
		if (make_values(&t, row->gateway, row->pairs, a, &v, &e) == 0)
			assert_null(row->sentence);
		else
			assert_string_equal(err_text(&e), row->sentence ? row->sentence : "accepted");
	}
}

static void expand(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
	const char *const pairs[3] = { "need=it's $(date) \"x\"" };
	struct target_stage_file files[TARGET_FILES_MAX];
	struct target t;
	struct target_values v;
	struct err e = { 0 };
	struct buf b;
	size_t n;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(target_parse(bytes_of_str(sample), a, &t, &e), 0);
	assert_int_equal(make_values(&t, "edge-1", pairs, a, &v, &e), 0);
	assert_int_equal(target_expand(&t, &v, t.reload, true, &b, &e), 0);
	assert_string_equal(buf_str(&b), "load 'it'\\''s $(date) \"x\"' '100%'");
	buf_reset(&b);
	assert_int_equal(target_expand(&t, &v, t.keystore, false, &b, &e), 0);
	assert_string_equal(buf_str(&b), "/ks/edge-1");
	assert_int_equal(target_stage_list(&t, &v, a, files, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_string_equal(files[0].path, "/etc/x.key");
	buf_fini(&b);
}

static void paths(void **state)
{
	static const struct path_row {
		const char *pairs[3];
		size_t n; /* 0: refused */
		const char *sentence;
	} path_rows[] = {
		{ { "need=", "opt=/r" }, 3, NULL },
		{ { "need=", "path=/a b/c" }, 2, NULL },
		{ { "need=", "path=etc/x" }, 0, "file 'k' of target 'x': want an absolute path without '.', '..' or '//', got 'etc/x.key'" },
		{ { "need=", "path=/a/../b" }, 0, "file 'k' of target 'x': want an absolute path without '.', '..' or '//', got '/a/../b.key'" },
		{ { "need=", "path=/a//b" }, 0, "file 'k' of target 'x': want an absolute path without '.', '..' or '//', got '/a//b.key'" },
		{ { "need=", "opt=/a/" }, 0, "file 'r' of target 'x': want an absolute path without '.', '..' or '//', got '/a/'" },
		{ { "need=", "opt=/etc/x.crt" }, 0, "files 'c' and 'r' have the same path '/etc/x.crt'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(path_rows); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
		struct target_stage_file files[TARGET_FILES_MAX];
		struct target t;
		struct target_values v;
		struct err e = { 0 };
		size_t n = 0;
		int r;

		assert_int_equal(target_parse(bytes_of_str(sample), a, &t, &e), 0);
		assert_int_equal(make_values(&t, "edge-1", path_rows[i].pairs, a, &v, &e), 0);
		r = target_stage_list(&t, &v, a, files, &n, &e);
		assert_int_equal(n, path_rows[i].n);
		if (r < 0)
			assert_string_equal(err_text(&e), path_rows[i].sentence);
	}
}

static char *read_all(const char *name)
{
	const char *root = getenv("GATEWRIGHT_SOURCE");
	char path[1024];
	char *text = calloc(1, TARGET_TEXT_MAX + 1);
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/targets/%s", root ? root : ".", name);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, TARGET_TEXT_MAX, f) > 0);
	(void)fclose(f);
	return text;
}

/* Every file in targets/ parses, takes its defaults, and makes a plan. */
static void shipped(void **state)
{
	static const struct shipped_row {
		const char *file;
		enum host_kind kind;
		size_t files_n;
		size_t sentences;
	} shipped_rows[] = { { "nginx.conf", HOST_KIND_SCRIPT, 2, 17 },
			     { "haproxy.conf", HOST_KIND_SCRIPT, 1, 16 },
			     { "gatewright-gate.conf", HOST_KIND_GATE, 3, 16 } };
	static const char *const addresses[] = { "192.0.2.1:443" }, *const names[] = { "gw.example.com" };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(shipped_rows); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new(1 << 18);
		char *text = read_all(shipped_rows[i].file);
		const char *sentences[PLAN_SENTENCES_MAX];
		struct target_stage_file files[TARGET_FILES_MAX];
		struct target t;
		struct target_values v;
		struct err e = { 0 };
		size_t n;
		struct plan_input in = { &t, &v, "192.0.2.1", "root", 22, "SHA256:x", "old", "new", "aa", "bb", addresses, 1, names, 1, 60, 5, 300 };

		if (target_parse(bytes_of_str(text), a, &t, &e) < 0)
			fail_msg("%s: %s", shipped_rows[i].file, err_text(&e));
		assert_int_equal(t.kind, shipped_rows[i].kind);
		assert_int_equal(target_values_make(&t, "edge-1", NULL, 0, a, &v, &e), 0);
		assert_int_equal(target_stage_list(&t, &v, a, files, &n, &e), 0);
		assert_int_equal(n, shipped_rows[i].files_n);
		assert_int_equal(plan_make(&in, a, sentences, &n, &e), 0);
		assert_int_equal(n, shipped_rows[i].sentences);
		free(text);
	}
}

/* What a person reads, golden. */
static void plan(void **state)
{
	static const char *const want[] = {
		"replace 'old' (aa) by 'new' (bb) on gateway 'edge-1' (X)",
		"connect to 'gw.example.com' port 22 over SSH as user 'admin'",
		"show its host key, which is not known yet, and stop there until it is accepted",
		"become root: as root itself, else by sudo without a password, else by sudo with the password on its standard input",
		("stop there when the host's clock is more than 300 s off, its space is short, the gateway is not running, another update is pending, "
		 "or its files hold another certificate than expected"),
		"write the new keystore beside the old one, readable by nobody else, and verify sizes and hashes there",
		"file 'k' (key) will be read at '/etc/x.key', owner and mode as they are",
		"file 'c' (fullchain) will be read at '/etc/x.crt', owner and mode as they are",
		"arm the dead-man switch on the host: without a confirmation within 60 s the old keystore returns by itself",
		"switch to the new keystore by one rename",
		"reload: load 'x y' '100%'",
		"probe '192.0.2.1:443': the new certificate bb must be served",
		"every probe good: confirm on the host and keep 5 generations there; anything else: restore the old keystore",
		"mark 'new' as used by gateway 'edge-1', and 'old' no longer",
		"write a signed proof",
	};
	static const char *const addresses[] = { "192.0.2.1:443" }, *const pairs[3] = { "need=x y" };
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 18);
	const char *sentences[PLAN_SENTENCES_MAX];
	struct target t;
	struct target_values v;
	struct err e = { 0 };
	size_t n;
	struct plan_input in = { &t, &v, "gw.example.com", "admin", 22, NULL, "old", "new", "aa", "bb", addresses, 1, NULL, 0, 60, 5, 300 };

	(void)state;
	assert_int_equal(target_parse(bytes_of_str(sample), a, &t, &e), 0);
	assert_int_equal(make_values(&t, "edge-1", pairs, a, &v, &e), 0);
	assert_int_equal(plan_make(&in, a, sentences, &n, &e), 0);
	assert_int_equal(n, ARRAY_N(want));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(sentences[i], want[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse), cmocka_unit_test(limits), cmocka_unit_test(values), cmocka_unit_test(expand),
		cmocka_unit_test(paths), cmocka_unit_test(shipped), cmocka_unit_test(plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
