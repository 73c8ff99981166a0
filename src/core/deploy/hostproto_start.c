/* The remote command that starts a conversation, and the bytes that bring the script to the host. */
#include "core/deploy/hostproto.h"

#include "core/deploy/target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/*
 * The first thing that runs on the host, as `sh -c`: say that the shell is there, read a length and that many bytes,
 * and run them. The script travels over standard input because an argument list is world-readable and limited. It reads
 * byte-exactly
 * (`fullblock` where dd has it, else byte by byte), so that the conversation that follows stays in the pipe; a script
 * that came short is not run. No apostrophe and no exclamation mark in here: it is quoted for whatever login shell the
 * user has.
 */
static const char boot[] =
	"umask 077; LC_ALL=C; export LC_ALL; cd /; echo "
	"\"" HOSTPROTO_BOOT "\""
	"; "
	"IFS= read -r n || exit 0; "
	"gw_script=$({ dd iflag=fullblock bs=\"$n\" count=1 || dd bs=1 count=\"$n\"; } 2>/dev/null; echo x); "
	"gw_script=${gw_script%x}; [ ${#gw_script} -eq \"$n\" ] || exit 65; eval \"$gw_script\"";

static const char *const sudo_of[HOST_AS_N] = {
	[HOST_AS_ROOT] = "",
	[HOST_AS_SUDO] = "sudo -n ",
	[HOST_AS_SUDO_PASSWORD] = "sudo -S -k -p '' ",
	[HOST_AS_USER] = "",
};

void shell_put_word(struct buf *out, struct bytes b)
{
	buf_add_u8(out, '\'');
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '\'')
			buf_add_str(out, "'\\''");
		else
			buf_add_u8(out, b.p[i]);
	}
	buf_add_u8(out, '\'');
}

/* What is to run as root, without sudo. */
static int put_session(const struct target *t, const struct target_values *v, struct buf *out, struct err *e)
{
	if (t->kind == HOST_KIND_GATE)
		return target_expand(t, v, t->session, true, out, e);
	buf_add_str(out, "sh -c ");
	shell_put_word(out, bytes_of_str(boot));
	return buf_bad(out) ? err_nomem(e) : 0;
}

int hostproto_put_command(const struct target *t, const struct target_values *v, enum host_as as, struct buf *out,
			  struct err *e)
{
	buf_add_str(out, sudo_of[as]);
	return put_session(t, v, out, e);
}

/*
 * "root", "sudo", "sudo-password" or "user" on the last line. `sudo -n` is tried with the very command that will run,
 * with nothing on its standard input: a rule that allows only this command is found as well, and no cached right is
 * taken for a rule.
 */
int hostproto_put_ask_command(const struct target *t, const struct target_values *v, struct buf *out, struct err *e)
{
	struct buf inner;
	int r;

	buf_init(&inner, HOSTPROTO_LINE_MAX);
	buf_add_str(&inner, "if [ \"$(id -u)\" = 0 ]; then echo root; elif ! command -v sudo >/dev/null 2>&1; then "
			    "echo user; elif sudo -n -k ");
	r = put_session(t, v, &inner, e);
	if (r == 0) {
		buf_add_str(&inner, " </dev/null >/dev/null 2>&1; then echo sudo; else echo sudo-password; fi");
		buf_add_str(out, "sh -c ");
		shell_put_word(out, buf_bytes(&inner));
		if (buf_bad(&inner) || buf_bad(out))
			r = err_nomem(e);
	}
	buf_fini(&inner);
	return r;
}

int hostproto_parse_ask(struct bytes output, enum host_as *ret, struct err *e)
{
	static const char *const words[HOST_AS_N] = {
		[HOST_AS_ROOT] = "root",
		[HOST_AS_SUDO] = "sudo",
		[HOST_AS_SUDO_PASSWORD] = "sudo-password",
		[HOST_AS_USER] = "user",
	};
	struct bytes last = bytes_trim(output);
	size_t start = last.n;

	/* A login shell's profile may have printed something before. */
	while (start > 0 && last.p[start - 1] != '\n')
		start--;
	last = bytes_of(last.p + start, last.n - start);
	for (size_t i = 0; i < HOST_AS_N; i++) {
		if (bytes_equal_str(last, words[i])) {
			*ret = (enum host_as)i;
			return 0;
		}
	}
	return err_set(e, -EPROTO,
		       "how to become root on the host: want 'root', 'sudo', 'sudo-password' or 'user', got '%s'",
		       last.n == 0 ? "nothing" : "something else: is the login shell a shell?");
}

static bool is_assignable(struct bytes value)
{
	return value.n <= TARGET_TEXT_MAX && !memchr(value.p ? value.p : (const uint8_t *)"", '\0', value.n) &&
	       !memchr(value.p ? value.p : (const uint8_t *)"", '\n', value.n);
}

static int put_variable(struct buf *out, const char *name, struct bytes value, struct err *e)
{
	if (!is_assignable(value))
		return err_set(e, -EINVAL,
			       "value of '%s' for the host's script: want one line, got a line break or a NUL", name);
	buf_printf(out, "%s=", name);
	shell_put_word(out, value);
	buf_add_u8(out, '\n');
	return buf_bad(out) ? err_nomem(e) : 0;
}

/* These stand in files of systemd and cron on the host, unquoted. */
static bool is_plain_path(struct bytes b)
{
	return b.p && b.n > 1 && b.n <= 200 && b.p[0] == '/' && hostproto_is_word(b) && !memchr(b.p, ':', b.n) &&
	       !memchr(b.p, '=', b.n) && !memmem(b.p, b.n, "//", 2) && !memmem(b.p, b.n, "/.", 2) &&
	       b.p[b.n - 1] != '/';
}

static bool is_unit(struct bytes b)
{
	return b.n == 0 || (b.n <= 200 && hostproto_is_word(b) && b.p[0] != '-' && !memchr(b.p, '/', b.n));
}

static bool is_boot_hook(struct bytes b)
{
	return bytes_equal_str(b, "auto") || bytes_equal_str(b, "none");
}

struct variable_row {
	const char *name, *text;
	bool quote;
	bool (*good)(struct bytes value);
	const char *want;
};

static int put_expanded(const struct target *t, const struct target_values *v, const struct variable_row *row,
			struct buf *out, struct err *e)
{
	struct buf value;
	int r;

	buf_init(&value, TARGET_TEXT_MAX);
	r = row->text ? target_expand(t, v, row->text, row->quote, &value, e) : 0;
	if (r == 0 && row->good && !row->good(buf_bytes(&value)))
		r = err_set(e, -EINVAL, "%s of target '%s': want %s, got '%.*s'", row->name + 3, t->name, row->want,
			    (int)value.n, (const char *)value.p);
	if (r == 0)
		r = put_variable(out, row->name, buf_bytes(&value), e);
	buf_fini(&value);
	return r;
}

static int put_numbered(struct buf *out, const char *name, size_t i, const char *value, struct err *e)
{
	char full[32];

	(void)snprintf(full, sizeof(full), "gw_%s_%zu", name, i);
	return put_variable(out, full, bytes_of_str(value), e);
}

static int put_file(struct buf *out, size_t i, const struct target_stage_file *f, struct err *e)
{
	char mode[8];
	int r;

	(void)snprintf(mode, sizeof(mode), "%04o", f->file->mode & 07777u);
	r = put_numbered(out, "name", i, f->name, e);
	if (r == 0)
		r = put_numbered(out, "form", i, target_form_word(f->form), e);
	if (r == 0)
		r = put_numbered(out, "path", i, f->path, e);
	if (r == 0)
		r = put_numbered(out, "owner", i, f->file->owner ? f->file->owner : "root", e);
	if (r == 0)
		r = put_numbered(out, "group", i, f->file->group ? f->file->group : "root", e);
	return r == 0 ? put_numbered(out, "mode", i, mode, e) : r;
}

static int put_files(const struct target *t, const struct target_values *v, struct buf *out, struct err *e)
{
	struct target_stage_file files[TARGET_FILES_MAX];
	CLEANUP(arena_freep) struct arena *a = arena_new(TARGET_TEXT_MAX);
	size_t n;
	int r;

	if (!a)
		return err_nomem(e);
	r = target_stage_list(t, v, a, files, &n, e);
	if (r < 0)
		return r;
	buf_printf(out, "gw_files=%zu\n", n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_file(out, i + 1, &files[i], e);
	return r;
}

static int put_variables(const struct target *t, const struct target_values *v, struct buf *out, struct err *e)
{
	const struct variable_row rows[] = {
		{ "gw_keystore", t->keystore, false, is_plain_path, "an absolute path of letters, digits and '._+-@'" },
		{ "gw_unit", t->unit, false, is_unit, "the name of a systemd unit" },
		{ "gw_boot_hook", t->boot_hook ? t->boot_hook : "auto", false, is_boot_hook, "'auto' or 'none'" },
		{ "gw_test", t->test, true, NULL, NULL },
		{ "gw_reload", t->reload, true, NULL, NULL },
		{ "gw_start", t->start, true, NULL, NULL },
		{ "gw_running", t->running, true, NULL, NULL },
	};
	int r = put_variable(out, "gw_gateway", bytes_of_str(v->gateway), e);

	for (size_t i = 0; r == 0 && i < ARRAY_N(rows); i++)
		r = put_expanded(t, v, &rows[i], out, e);
	if (r < 0)
		return r;
	buf_printf(out, "gw_running_wait=%" PRId64 "\n", t->running_wait_s);
	return put_files(t, v, out, e);
}

int hostproto_put_preamble(const struct target *t, const struct target_values *v, struct bytes script, struct buf *out,
			   struct err *e)
{
	struct buf all;
	int r;

	if (script.n == 0 || script.n > HOSTPROTO_SCRIPT_MAX || memchr(script.p, '\0', script.n))
		return err_set(e, -EINVAL, "the host's script: want 1 to %d bytes of text, got %zu",
			       HOSTPROTO_SCRIPT_MAX, script.n);
	buf_init(&all, HOSTPROTO_SCRIPT_MAX * 2);
	r = put_variables(t, v, &all, e);
	if (r == 0) {
		buf_add(&all, script);
		buf_printf(out, "%zu\n", all.n);
		buf_add(out, buf_bytes(&all));
		if (buf_bad(&all) || buf_bad(out))
			r = err_nomem(e);
	}
	buf_fini(&all);
	return r;
}
