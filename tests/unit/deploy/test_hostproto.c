/* The host protocol: reply lines good and bad, facts, requests byte by byte; quoting and the boot command under real shells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/deploy/generation.h"
#include "core/deploy/hostproto.h"
#include "core/deploy/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct line_row {
	const char *line;
	int kind; /* -1: refused */
	const char *a, *b;
} line_rows[] = {
	{ "ok", HOST_LINE_OK, NULL, NULL },
	{ "= clock 1764", HOST_LINE_FACT, "clock", "1764" },
	{ "= generation a b", HOST_LINE_FACT, "generation", "a b" },
	{ "+ -----BEGIN CERTIFICATE-----", HOST_LINE_CHAIN, NULL, "-----BEGIN CERTIFICATE-----" },
	{ "+ ", HOST_LINE_CHAIN, NULL, "" },
	{ "| nginx: ok", HOST_LINE_OUTPUT, NULL, "nginx: ok" },
	{ "|", HOST_LINE_OUTPUT, NULL, "" },
	{ "| ", HOST_LINE_OUTPUT, NULL, "" },
	{ "fail busy another update", HOST_LINE_FAIL, NULL, "another update" },
	{ "", -1, "the host's reply: want '= KEY VALUE', '+ TEXT', '| TEXT', 'ok' or 'fail WORD SENTENCE', got ''", NULL },
	{ "OK", -1, "the host's reply: want '= KEY VALUE', '+ TEXT', '| TEXT', 'ok' or 'fail WORD SENTENCE', got 'OK'", NULL },
	{ "ok ", -1, "the host's reply: want '= KEY VALUE', '+ TEXT', '| TEXT', 'ok' or 'fail WORD SENTENCE', got 'ok '", NULL },
	{ "=clock 1", -1, "the host's reply: want '= KEY VALUE', '+ TEXT', '| TEXT', 'ok' or 'fail WORD SENTENCE', got '=clock 1'", NULL },
	{ "= clock", -1, "the host's reply: want '= KEY VALUE', got '= clock'", NULL },
	{ "=  x", -1, "the host's reply: want '= KEY VALUE', got '=  x'", NULL },
	{ "= cl*ck 1", -1, "the host's reply: want '= KEY VALUE', got '= cl*ck 1'", NULL },
	{ "fail busy", -1, "the host's reply: want 'fail WORD SENTENCE', got 'fail busy'", NULL },
	{ "fail sleepy it is late", -1, "the host's reply: want a failure word of the host protocol, got 'fail sleepy it is late'", NULL },
	{ "| \033[31mred", -1, "the host's reply: want a line of printable text, at most 4095 bytes, got '| ?[31mred'", NULL },
	{ "bash: no such file, and a long text follows that is cut in the sentence", -1,
	  "the host's reply: want '= KEY VALUE', '+ TEXT', '| TEXT', 'ok' or 'fail WORD SENTENCE', got "
	  "'bash: no such file, and a long text follows that is cut in the s...'", NULL },
};

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(line_rows); i++) {
		const struct line_row *row = &line_rows[i];
		struct host_line l = { 0 };
		struct err e = { 0 };
		int r = hostproto_parse_line(bytes_of_str(row->line), &l, &e);

		assert_int_equal(r, row->kind < 0 ? -EPROTO : 0);
		if (r < 0) {
			assert_string_equal(err_text(&e), row->a);
			continue;
		}
		assert_int_equal(l.kind, row->kind);
		if (row->a)
			assert_true(bytes_equal_str(l.key, row->a));
		if (row->b)
			assert_true(bytes_equal_str(l.kind == HOST_LINE_FACT ? l.value : l.text, row->b));
	}
}

static void long_lines(void **state)
{
	char line[HOSTPROTO_LINE_MAX + 1];
	struct host_line l;
	struct err e = { 0 };

	(void)state;
	memset(line, 'x', sizeof(line));
	line[0] = '|';
	line[1] = ' ';
	assert_int_equal(hostproto_parse_line(bytes_of(line, HOSTPROTO_LINE_MAX - 1), &l, &e), 0);
	assert_int_equal(hostproto_parse_line(bytes_of(line, HOSTPROTO_LINE_MAX), &l, &e), -EPROTO);
	assert_int_equal(hostproto_parse_line(bytes_of("| a\0b", 5), &l, &e), -EPROTO);
}

static void greetings(void **state)
{
	static const struct row {
		const char *line;
		int kind;
	} rows[] = { { "gatewright-host 1 script", HOST_KIND_SCRIPT }, { "gatewright-host 1 gate", HOST_KIND_GATE },
		     { "gatewright-host 2 gate", -1 }, { "gatewright-host 1 Gate", -1 }, { "gatewright-host 1 ", -1 }, { "hello", -1 }, { "", -1 } };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		enum host_kind kind;
		int r = hostproto_parse_greeting(bytes_of_str(rows[i].line), &kind, &e);

		assert_int_equal(r, rows[i].kind < 0 ? -EPROTO : 0);
		assert_true(r < 0 || (int)kind == rows[i].kind);
	}
}

static void failure_words(void **state)
{
	(void)state;
	for (int f = 0; f < HF_N; f++) {
		enum host_failure back;

		assert_true(host_failure_from_word(bytes_of_str(host_failure_word((enum host_failure)f)), &back));
		assert_int_equal(back, f);
		assert_true(host_failure_code((enum host_failure)f) < 0);
	}
}

static int fact(struct host_report *r, const char *text, struct err *e)
{
	struct host_line l;

	assert_int_equal(hostproto_parse_line(bytes_of_str(text), &l, e), 0);
	return hostproto_report_fact(r, &l, e);
}

static void facts(void **state)
{
	static const struct row {
		const char *line;
		const char *sentence;
	} rows[] = {
		{ "= clock x", "the host's fact 'clock': want a number, got 'x'" },
		{ "= clock -1", "the host's fact 'clock': want a number, got '-1'" },
		{ "= free 1234567890123456", "the host's fact 'free': want a number, got '1234567890123456'" },
		{ "= running maybe", "the host's fact 'running': want yes, no or unknown, got 'maybe'" },
		{ "= restored perhaps", "the host's fact 'restored': want yes or no, got 'perhaps'" },
		{ "= live a b", "the host's fact 'live': want a word, got 'a b'" },
		{ "= boot-hook sysvinitsysvinit", "the host's fact 'boot-hook': want a word, got 'sysvinitsysvinit'" },
	};
	struct host_report r = HOST_REPORT_NONE;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fact(&r, "= clock 1795507200", &e) | fact(&r, "= free 123456789012345", &e) | fact(&r, "= live g-1", &e) |
				 fact(&r, "= pending -", &e) | fact(&r, "= left -", &e) | fact(&r, "= restored no", &e) |
				 fact(&r, "= running yes", &e) | fact(&r, "= unheard of", &e), 0);
	assert_true(r.has_clock && r.clock == 1795507200 && r.free_bytes == 123456789012345);
	assert_string_equal(r.live, "g-1");
	assert_string_equal(r.pending, "");
	assert_true(!r.has_left && r.restored == RESTORED_NO && r.running == HOST_RUNNING_YES && r.removed == -1);
	assert_int_equal(fact(&r, "= left 59", &e), 0);
	assert_true(r.has_left && r.left_s == 59);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		assert_int_equal(fact(&r, rows[i].line, &e), -EPROTO);
		assert_string_equal(err_text(&e), rows[i].sentence);
	}
}

static void generations(void **state)
{
	static const uint8_t random[16] = { 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255 };
	struct host_line l;
	struct err e = { 0 };
	struct bytes id;
	bool complete;
	char text[GENERATION_TOKEN_SIZE];

	(void)state;
	assert_int_equal(hostproto_parse_line(bytes_of_str("= generation g1 partial"), &l, &e), 0);
	assert_true(hostproto_generation_fact(&l, &id, &complete) && bytes_equal_str(id, "g1") && !complete);
	assert_int_equal(hostproto_parse_line(bytes_of_str("= generation ../x complete"), &l, &e), 0);
	assert_false(hostproto_generation_fact(&l, &id, &complete));
	assert_string_equal(generation_id((struct wall_time){ 1795507043 }, random, text), "20261124T075723Z-deadbeef");
	assert_true(generation_id_ok(bytes_of_str(text)) && hostproto_is_id(bytes_of_str(text)));
	assert_false(generation_id_ok(bytes_of_str("20261124T075723Z-deadbeeF")));
	assert_false(generation_id_ok(bytes_of_str("20261124T075723Z-deadbeef0")));
	assert_string_equal(generation_token(random, text), "deadbeef0102030405060708090a0bff");
}

static void words(void **state)
{
	static const struct row {
		const char *text;
		bool word, id;
	} rows[] = { { "a", true, true }, { "a.b-C9", true, true }, { "a/b", true, false }, { "-", true, false }, { "-a", true, false },
		     { ".a", true, false }, { "..", true, false }, { "a b", false, false }, { "", false, false }, { "a\nb", false, false },
		     { "\xc3\xa9", false, false }, { "a_b", true, false } };
	char text[66];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		assert_int_equal(hostproto_is_word(bytes_of_str(rows[i].text)), rows[i].word);
		assert_int_equal(hostproto_is_id(bytes_of_str(rows[i].text)), rows[i].id);
	}
	memset(text, 'a', sizeof(text));
	assert_true(hostproto_is_id(bytes_of(text, 64)));
	assert_false(hostproto_is_id(bytes_of(text, 65)));
}

static void requests(void **state)
{
	static const uint8_t hash[32] = { 0xab };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	hostproto_put_check(&b);
	hostproto_put_stage(&b, "g1", 1);
	hostproto_put_file(&b, "key.pem", bytes_of_str("K\n"), hash);
	hostproto_put_switch(&b, "g1", "t1", 60);
	hostproto_put_status(&b);
	hostproto_put_confirm(&b, "t1", 5);
	hostproto_put_rollback(&b, "t1");
	hostproto_put_discard(&b, "g1");
	hostproto_put_list(&b);
	hostproto_put_bye(&b);
	assert_string_equal(buf_str(&b), "check\nstage g1 1\nfile key.pem 2 ab00000000000000000000000000000000000000000000000000000000000000\nK\n"
					 "switch g1 t1 60\nstatus\nconfirm t1 5\nrollback t1\ndiscard g1\nlist\nbye\n");
	buf_fini(&b);
}

/* Run a command of a shell with `input`; what it prints, in `out`. */
static void run(const char *command, struct bytes input, struct buf *out)
{
	int in[2], from[2], status;
	uint8_t *p;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(in) | pipe(from), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(in[0], 0);
		(void)dup2(from[1], 1);
		(void)close(in[1]);
		(void)close(from[0]);
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(from[1]);
	while (input.n > 0 && (n = write(in[1], input.p, input.n)) > 0)
		input = bytes_of(input.p + n, input.n - (size_t)n);
	(void)close(in[1]);
	while ((p = buf_reserve(out, 4096)) && (n = read(from[0], p, 4096)) > 0)
		buf_added(out, (size_t)n);
	(void)close(from[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	out->bad = false;
}

static void quoting(void **state)
{
	static const char *const words_to_quote[] = { "", "plain", "it's", "''", "$(date) `date` $HOME", "a\\b\\", "\"x\"", "!history", "a;b|c&d>e",
						      "* ? [a]", "-n", "tab\there", "~root", "caf\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(words_to_quote); i++) {
		struct buf command, out;

		buf_init(&command, 1000);
		buf_init(&out, 8192);
		buf_add_str(&command, "printf '<%s>' ");
		shell_put_word(&command, bytes_of_str(words_to_quote[i]));
		run(buf_str(&command), BYTES_NONE, &out);
		assert_int_equal(out.n, strlen(words_to_quote[i]) + 2);
		assert_memory_equal(out.p + 1, words_to_quote[i], out.n - 2);
		buf_fini(&command);
		buf_fini(&out);
	}
}

static void load(const char *text, const char *pair, struct arena *a, struct target *t, struct target_values *v)
{
	struct bytes pairs[1] = { bytes_of_str(pair) };
	struct err e = { 0 };

	if (target_parse(bytes_of_str(text), a, t, &e) < 0 || target_values_make(t, "edge-1", pairs, pair ? 1 : 0, a, v, &e) < 0)
		fail_msg("%s", err_text(&e));
}

#define GOOD_SAMPLE                                                                                                            \
	"gatewright-target 1\nname x\ntitle X\nkind script\nparam say required what\nfile k key /k owner a\nfile c fullchain /c\n" \
	"keystore /ks/%{gateway}\nreload echo %{say}\n"

/* The real command and preamble through every shell of this machine: variables arrive as they are, the rest of the pipe stays. */
static void boot(void **state)
{
	static const char script[] = "printf '%s|%s|%s|%s|%s|%s|' \"$gw_gateway\" \"$gw_keystore\" \"$gw_reload\" \"$gw_files\" \"$gw_path_1\" \"$gw_owner_1\"\n"
				     "eval \"$gw_reload\"\nIFS= read -r line\nprintf '%s|%s' \"$line\" \"$(cat)\"\n# '\n\n";
	static const char *const shells[] = { "", "busybox ", "bash -c 'exec -a sh bash \"$@\"' x " };
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
	struct target t;
	struct target_values v;
	struct err e = { 0 };

	(void)state;
	load(GOOD_SAMPLE, "say=it's 5 o'clock", a, &t, &v);
	for (size_t i = 0; i < ARRAY_N(shells); i++) {
		struct buf command, input, out;

		buf_init(&command, 8192);
		buf_init(&input, 1 << 20);
		buf_init(&out, 8192);
		assert_int_equal(hostproto_put_command(&t, &v, HOST_AS_ROOT, &command, &e), 0);
		assert_memory_equal(command.p, "sh -c '", 7);
		if (shells[i][0]) {
			struct buf with;

			buf_init(&with, 8192);
			buf_add_str(&with, shells[i]);
			buf_add(&with, bytes_of(command.p + (i == 2 ? 3 : 0), command.n - (i == 2 ? 3 : 0)));
			buf_fini(&command);
			command = with;
		}
		assert_int_equal(hostproto_put_preamble(&t, &v, bytes_of_str(script), &input, &e), 0);
		buf_add_str(&input, "check\nand the rest");
		run(buf_str(&command), buf_bytes(&input), &out);
		assert_string_equal(buf_str(&out), HOSTPROTO_BOOT "\nedge-1|/ks/edge-1|echo 'it'\\''s 5 o'\\''clock'|2|/k|a|it's 5 o'clock\n"
						   "check|and the rest");
		buf_fini(&command);
		buf_fini(&input);
		buf_fini(&out);
	}
}

/* A script that came short is never run. */
static void boot_short(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
	struct buf command, input, out;
	struct target t;
	struct target_values v;
	struct err e = { 0 };

	(void)state;
	load(GOOD_SAMPLE, "say=x", a, &t, &v);
	buf_init(&command, 8192);
	buf_init(&input, 1 << 20);
	buf_init(&out, 8192);
	assert_int_equal(hostproto_put_command(&t, &v, HOST_AS_USER, &command, &e), 0);
	assert_int_equal(hostproto_put_preamble(&t, &v, bytes_of_str("echo ran\n"), &input, &e), 0);
	run(buf_str(&command), bytes_of(input.p, input.n - 1), &out);
	assert_string_equal(buf_str(&out), HOSTPROTO_BOOT "\n");
	buf_fini(&command);
	buf_fini(&input);
	buf_fini(&out);
}

static void refused_values(void **state)
{
	static const struct row {
		const char *text, *sentence;
	} rows[] = {
		{ "keystore ks\n", "keystore of target 'x': want an absolute path of letters, digits and '._+-@', got 'ks'" },
		{ "keystore /a b\n", "keystore of target 'x': want an absolute path of letters, digits and '._+-@', got '/a b'" },
		{ "keystore /a/../b\n", "keystore of target 'x': want an absolute path of letters, digits and '._+-@', got '/a/../b'" },
		{ "keystore /a\nunit x;y\n", "unit of target 'x': want the name of a systemd unit, got 'x;y'" },
		{ "keystore /a\nboot-hook maybe\n", "boot_hook of target 'x': want 'auto' or 'none', got 'maybe'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
		struct buf text, out;
		struct target t;
		struct target_values v;
		struct err e = { 0 };

		buf_init(&text, 4096);
		buf_init(&out, 1 << 16);
		buf_printf(&text, "gatewright-target 1\nname x\ntitle X\nkind script\nfile b bundle /b\nreload true\n%s", rows[i].text);
		load(buf_str(&text), NULL, a, &t, &v);
		assert_int_equal(hostproto_put_preamble(&t, &v, bytes_of_str("true"), &out, &e), -EINVAL);
		assert_string_equal(err_text(&e), rows[i].sentence);
		buf_fini(&text);
		buf_fini(&out);
	}
}

static void becoming_root(void **state)
{
	static const struct row {
		const char *output;
		int as;
	} rows[] = { { "root\n", HOST_AS_ROOT }, { "Welcome!\nsudo\n", HOST_AS_SUDO }, { "sudo-password", HOST_AS_SUDO_PASSWORD },
		     { "user\n", HOST_AS_USER }, { "", -1 }, { "rooted\n", -1 }, { "root\nbye\n", -1 } };
	static const char gate[] = "gatewright-target 1\nname g\ntitle G\nkind gate\nparam c required c\nfile k key -\nfile c fullchain -\n"
				   "session gatewright-gate keystore session --config %{c}\n";
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
	struct target t;
	struct target_values v;
	struct err e = { 0 };
	struct buf b;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		enum host_as as;
		int r = hostproto_parse_ask(bytes_of_str(rows[i].output), &as, &e);

		assert_int_equal(r, rows[i].as < 0 ? -EPROTO : 0);
		assert_true(r < 0 || (int)as == rows[i].as);
	}
	load(gate, "c=/a b", a, &t, &v);
	buf_init(&b, 8192);
	assert_int_equal(hostproto_put_command(&t, &v, HOST_AS_SUDO_PASSWORD, &b, &e), 0);
	assert_string_equal(buf_str(&b), "sudo -S -k -p '' gatewright-gate keystore session --config '/a b'");
	buf_reset(&b);
	assert_int_equal(hostproto_put_command(&t, &v, HOST_AS_SUDO, &b, &e), 0);
	assert_string_equal(buf_str(&b), "sudo -n gatewright-gate keystore session --config '/a b'");
	buf_fini(&b);
}

/* The question itself, under the shell of this machine: the answer fits who we are. */
static void ask(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);
	struct buf command, out;
	struct target t;
	struct target_values v;
	struct err e = { 0 };
	enum host_as as;

	(void)state;
	load(GOOD_SAMPLE, "say=x", a, &t, &v);
	buf_init(&command, 8192);
	buf_init(&out, 8192);
	assert_int_equal(hostproto_put_ask_command(&t, &v, &command, &e), 0);
	run(buf_str(&command), BYTES_NONE, &out);
	assert_int_equal(hostproto_parse_ask(buf_bytes(&out), &as, &e), 0);
	assert_true((as == HOST_AS_ROOT) == (geteuid() == 0));
	buf_fini(&command);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),	  cmocka_unit_test(long_lines), cmocka_unit_test(greetings),	 cmocka_unit_test(failure_words),
		cmocka_unit_test(facts),	  cmocka_unit_test(generations), cmocka_unit_test(words),	 cmocka_unit_test(requests),
		cmocka_unit_test(quoting),	  cmocka_unit_test(boot),	cmocka_unit_test(boot_short),	 cmocka_unit_test(refused_values),
		cmocka_unit_test(becoming_root), cmocka_unit_test(ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
