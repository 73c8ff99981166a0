/* Parsing a target file: a keyword per line, one row of a table each. */
#include "core/deploy/target.h"

#include "base/rd.h"

#include <errno.h>

#define RUNNING_WAIT_DEFAULT_S 10
#define RUNNING_WAIT_MAX_S 60

static const struct form_row {
	const char *word;
	bool has_key;
} forms[FORM_N] = {
	[FORM_KEY] = { "key", true },	    [FORM_CERTIFICATE] = { "certificate", false },
	[FORM_CHAIN] = { "chain", false },  [FORM_FULLCHAIN] = { "fullchain", false },
	[FORM_BUNDLE] = { "bundle", true }, [FORM_ROOT] = { "root", false },
};

const char *target_form_word(enum target_form f)
{
	return forms[f].word;
}

bool target_form_has_key(enum target_form f)
{
	return forms[f].has_key;
}

struct parser {
	struct arena *a;
	struct target *t;
	unsigned line;
	uint32_t seen; /* bit per keyword */
	struct err *e;
};

#define REFUSE(p, ...) err_set((p)->e, -EINVAL, __VA_ARGS__)

static bool is_name(struct bytes b, size_t max)
{
	if (b.n == 0 || b.n > max)
		return false;
	for (size_t i = 0; i < b.n; i++) {
		uint8_t c = b.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (i > 0 && ((c >= '0' && c <= '9') || c == '-'));

		if (!letter)
			return false;
	}
	return true;
}

/* A user or group: what passwd takes. */
static bool is_plain(struct bytes b)
{
	return hostproto_is_word(b) && b.n <= 64 && b.p[0] != '-' && !memchr(b.p, '/', b.n) && !memchr(b.p, ':', b.n);
}

static struct bytes word(struct bytes *rest)
{
	struct rd r = rd_of(*rest);
	bool found;
	struct bytes w = rd_until(&r, ' ', &found);

	*rest = r.rest;
	return w;
}

static int keep(struct parser *p, struct bytes value, const char **ret)
{
	char *s = arena_str(p->a, value);

	if (!s)
		return err_nomem(p->e);
	*ret = s;
	return 0;
}

/* A line's value as it stands. */
static int keep_text(struct parser *p, const char *what, struct bytes rest, const char **ret)
{
	if (rest.n == 0)
		return REFUSE(p, "want a value for '%s', got nothing", what);
	return keep(p, rest, ret);
}

static int take_name(struct parser *p, struct bytes rest)
{
	if (!is_name(rest, TARGET_NAME_MAX))
		return REFUSE(p, "name: want a-z, 0-9 and '-', a letter first, at most %d, got '%.*s'", TARGET_NAME_MAX,
			      (int)rest.n, (const char *)rest.p);
	return keep(p, rest, &p->t->name);
}

static int take_title(struct parser *p, struct bytes rest)
{
	return keep_text(p, "title", rest, &p->t->title);
}

static int take_kind(struct parser *p, struct bytes rest)
{
	for (size_t i = 0; i < HOST_KIND_N; i++) {
		if (bytes_equal_str(rest, host_kind_word((enum host_kind)i))) {
			p->t->kind = (enum host_kind)i;
			return 0;
		}
	}
	return REFUSE(p, "kind: want 'script' or 'gate', got '%.*s'", (int)rest.n, (const char *)rest.p);
}

/* "VALUE" without escapes; what follows is the meaning. */
static int take_default(struct parser *p, struct target_param *param, struct bytes *rest)
{
	struct rd r = rd_of(*rest);
	bool closed = false;
	struct bytes value = BYTES_NONE;

	if (rd_u8(&r) == '"')
		value = rd_until(&r, '"', &closed);
	if (!closed || value.n > TARGET_VALUE_MAX || (r.rest.n > 0 && rd_u8(&r) != ' '))
		return REFUSE(p, "param '%s': want default \"VALUE\" and the meaning", param->name);
	*rest = r.rest;
	return keep(p, value, &param->value_default);
}

static int take_param(struct parser *p, struct bytes rest)
{
	struct target *t = p->t;
	struct target_param *param = &t->params[t->params_n];
	struct bytes name = word(&rest), how = word(&rest);
	int r;

	if (t->params_n == TARGET_PARAMS_MAX)
		return REFUSE(p, "want at most %d params", TARGET_PARAMS_MAX);
	if (!is_name(name, TARGET_NAME_MAX) || bytes_equal_str(name, "gateway"))
		return REFUSE(p, "param: want a name of a-z, 0-9 and '-' other than 'gateway', got '%.*s'", (int)name.n,
			      (const char *)name.p);
	for (size_t i = 0; i < t->params_n; i++) {
		if (bytes_equal_str(name, t->params[i].name))
			return REFUSE(p, "param '%s' stands there twice", t->params[i].name);
	}
	r = keep(p, name, &param->name);
	if (r < 0)
		return r;
	if (bytes_equal_str(how, "default"))
		r = take_default(p, param, &rest);
	else if (!bytes_equal_str(how, "required"))
		r = REFUSE(p, "param '%s': want 'default \"VALUE\"' or 'required', got '%.*s'", param->name, (int)how.n,
			   (const char *)how.p);
	if (r == 0)
		r = keep_text(p, param->name, rest, &param->meaning);
	t->params_n += r == 0;
	return r;
}

static bool parse_mode(struct bytes b, unsigned *ret)
{
	unsigned mode = 0;

	if (b.n != 4 || b.p[0] != '0')
		return false;
	for (size_t i = 1; i < 4; i++) {
		if (b.p[i] < '0' || b.p[i] > '7')
			return false;
		mode = mode * 8 + (unsigned)(b.p[i] - '0');
	}
	*ret = mode;
	return true;
}

/* owner USER, group GROUP, mode 0640: any order, each once. */
static int take_file_options(struct parser *p, struct target_file *f, struct bytes rest)
{
	bool has_mode = false;

	while (rest.n > 0) {
		struct bytes key = word(&rest), value = word(&rest);
		int r = 0;

		if (bytes_equal_str(key, "owner") && !f->owner && is_plain(value))
			r = keep(p, value, &f->owner);
		else if (bytes_equal_str(key, "group") && !f->group && is_plain(value))
			r = keep(p, value, &f->group);
		else if (bytes_equal_str(key, "mode") && !has_mode && parse_mode(value, &f->mode))
			has_mode = true;
		else
			return REFUSE(p,
				      "file '%s': want 'owner USER', 'group GROUP' or 'mode 0640', each once, got "
				      "'%.*s %.*s'",
				      f->name, (int)key.n, (const char *)key.p, (int)value.n, (const char *)value.p);
		if (r < 0)
			return r;
	}
	if (!has_mode)
		f->mode = target_form_has_key(f->form) ? 0600 : 0644;
	if (target_form_has_key(f->form) && (f->mode & 0007) != 0)
		return REFUSE(p, "file '%s' holds a private key: want a mode that keeps others out, got 0%03o", f->name,
			      f->mode);
	return 0;
}

static bool form_from_word(struct bytes w, enum target_form *ret)
{
	for (size_t i = 0; i < FORM_N; i++) {
		if (bytes_equal_str(w, forms[i].word)) {
			*ret = (enum target_form)i;
			return true;
		}
	}
	return false;
}

static int take_file(struct parser *p, struct bytes rest)
{
	struct target *t = p->t;
	struct target_file *f = &t->files[t->files_n];
	struct bytes name = word(&rest), form = word(&rest), path = word(&rest);
	int r;

	if (t->files_n == TARGET_FILES_MAX)
		return REFUSE(p, "want at most %d files", TARGET_FILES_MAX);
	if (!hostproto_is_id(name))
		return REFUSE(p, "file: want a name of letters, digits, '.' and '-', got '%.*s'", (int)name.n,
			      (const char *)name.p);
	for (size_t i = 0; i < t->files_n; i++) {
		if (bytes_equal_str(name, t->files[i].name))
			return REFUSE(p, "file '%s' stands there twice", t->files[i].name);
	}
	if (!form_from_word(form, &f->form))
		return REFUSE(p, "file '%.*s': want key, certificate, chain, fullchain, bundle or root, got '%.*s'",
			      (int)name.n, (const char *)name.p, (int)form.n, (const char *)form.p);
	if (path.n == 0)
		return REFUSE(p, "file '%.*s': want a path or '-', got nothing", (int)name.n, (const char *)name.p);
	r = keep(p, name, &f->name);
	if (r == 0 && !bytes_equal_str(path, "-"))
		r = keep(p, path, &f->path);
	if (r == 0)
		r = take_file_options(p, f, rest);
	t->files_n += r == 0;
	return r;
}

static int take_keystore(struct parser *p, struct bytes rest)
{
	return keep_text(p, "keystore", rest, &p->t->keystore);
}

static int take_test(struct parser *p, struct bytes rest)
{
	return keep_text(p, "test", rest, &p->t->test);
}

static int take_reload(struct parser *p, struct bytes rest)
{
	return keep_text(p, "reload", rest, &p->t->reload);
}

static int take_running(struct parser *p, struct bytes rest)
{
	return keep_text(p, "running", rest, &p->t->running);
}

static int take_start(struct parser *p, struct bytes rest)
{
	return keep_text(p, "start", rest, &p->t->start);
}

static int take_boot_hook(struct parser *p, struct bytes rest)
{
	return keep_text(p, "boot-hook", rest, &p->t->boot_hook);
}

static int take_running_wait(struct parser *p, struct bytes rest)
{
	int64_t v = 0;

	for (size_t i = 0; i < rest.n && i < 3; i++)
		v = rest.p[i] >= '0' && rest.p[i] <= '9' ? v * 10 + (rest.p[i] - '0') : RUNNING_WAIT_MAX_S + 1;
	if (rest.n == 0 || rest.n > 2 || v < 1 || v > RUNNING_WAIT_MAX_S)
		return REFUSE(p, "running-wait: want 1 to %d seconds, got '%.*s'", RUNNING_WAIT_MAX_S, (int)rest.n,
			      (const char *)rest.p);
	p->t->running_wait_s = v;
	return 0;
}

static int take_unit(struct parser *p, struct bytes rest)
{
	return keep_text(p, "unit", rest, &p->t->unit);
}

static int take_session(struct parser *p, struct bytes rest)
{
	return keep_text(p, "session", rest, &p->t->session);
}

#define FOR_SCRIPT BIT(HOST_KIND_SCRIPT)
#define FOR_GATE BIT(HOST_KIND_GATE)

static const struct keyword_row {
	const char *word;
	int (*take)(struct parser *p, struct bytes rest);
	bool many;
	unsigned needed, allowed; /* BIT(kind) */
} keywords[] = {
	/* word		take		   many	  needed by		   allowed for */
	{ "name", take_name, false, FOR_SCRIPT | FOR_GATE, FOR_SCRIPT | FOR_GATE },
	{ "title", take_title, false, FOR_SCRIPT | FOR_GATE, FOR_SCRIPT | FOR_GATE },
	{ "kind", take_kind, false, FOR_SCRIPT | FOR_GATE, FOR_SCRIPT | FOR_GATE },
	{ "param", take_param, true, 0, FOR_SCRIPT | FOR_GATE },
	{ "file", take_file, true, FOR_SCRIPT | FOR_GATE, FOR_SCRIPT | FOR_GATE },
	{ "keystore", take_keystore, false, FOR_SCRIPT, FOR_SCRIPT },
	{ "test", take_test, false, 0, FOR_SCRIPT },
	{ "reload", take_reload, false, FOR_SCRIPT, FOR_SCRIPT },
	{ "start", take_start, false, 0, FOR_SCRIPT },
	{ "boot-hook", take_boot_hook, false, 0, FOR_SCRIPT },
	{ "running", take_running, false, 0, FOR_SCRIPT },
	{ "running-wait", take_running_wait, false, 0, FOR_SCRIPT },
	{ "unit", take_unit, false, 0, FOR_SCRIPT },
	{ "session", take_session, false, FOR_GATE, FOR_GATE },
};

static int take_line(struct parser *p, struct bytes line)
{
	struct bytes rest = line, key = word(&rest);

	if (line.n > TARGET_LINE_MAX)
		return REFUSE(p, "want at most %d bytes in a line, got %zu", TARGET_LINE_MAX, line.n);
	if (bytes_has_control(line) || !bytes_is_utf8(line))
		return REFUSE(p, "want plain text in UTF-8 without tabs, got something else");
	if (line.p[line.n - 1] == ' ' || line.p[0] == ' ')
		return REFUSE(p, "want no space at the start or the end of a line");
	for (size_t i = 0; i < ARRAY_N(keywords); i++) {
		if (!bytes_equal_str(key, keywords[i].word))
			continue;
		if (!keywords[i].many && (p->seen & BIT(i)))
			return REFUSE(p, "'%s' stands there twice", keywords[i].word);
		p->seen |= BIT(i);
		return keywords[i].take(p, rest);
	}
	return REFUSE(p, "want a keyword of a target file, got '%.*s'", (int)key.n, (const char *)key.p);
}

static int check_keywords(struct parser *p)
{
	unsigned kind = BIT(p->t->kind);

	for (size_t i = 0; i < ARRAY_N(keywords); i++) {
		bool there = (p->seen & BIT(i)) != 0;

		if (!there && (keywords[i].needed & kind))
			return REFUSE(p, "want a line '%s', got none", keywords[i].word);
		if (there && !(keywords[i].allowed & kind))
			return REFUSE(p, "'%s' is not for kind '%s'", keywords[i].word, host_kind_word(p->t->kind));
	}
	return 0;
}

/* Does every %{param} of a text exist? An expansion with empty values finds out. */
static int check_text(struct parser *p, const char *what, const char *text)
{
	struct target_values v = { .gateway = "" };
	struct buf out;
	int r;

	if (!text)
		return 0;
	for (size_t i = 0; i < TARGET_PARAMS_MAX; i++)
		v.values[i] = "";
	buf_init(&out, TARGET_TEXT_MAX);
	r = target_expand(p->t, &v, text, true, &out, p->e);
	buf_fini(&out);
	return r < 0 ? err_wrap(p->e, r, "%s", what) : 0;
}

static int check_files(struct parser *p)
{
	const struct target *t = p->t;
	int keys = 0, certificates = 0;

	for (size_t i = 0; i < t->files_n; i++) {
		const struct target_file *f = &t->files[i];
		int r = check_text(p, f->name, f->path);

		if (r < 0)
			return r;
		if ((f->path == NULL) != (t->kind == HOST_KIND_GATE))
			return REFUSE(p, "file '%s': want %s, got %s", f->name,
				      f->path ? "'-' for kind 'gate'" : "a path for kind 'script'",
				      f->path ? f->path : "'-'");
		keys += target_form_has_key(f->form);
		certificates += f->form == FORM_CERTIFICATE || f->form == FORM_FULLCHAIN || f->form == FORM_BUNDLE;
	}
	if (keys != 1)
		return REFUSE(p, "want exactly one file with the key, got %d", keys);
	if (certificates == 0)
		return REFUSE(p, "want a file with the certificate, got none");
	return 0;
}

static int check_all(struct parser *p)
{
	const struct target *t = p->t;
	const struct text_row {
		const char *what, *text;
	} texts[] = { { "keystore", t->keystore }, { "test", t->test },	     { "reload", t->reload },
		      { "running", t->running },   { "start", t->start },    { "boot-hook", t->boot_hook },
		      { "unit", t->unit },	   { "session", t->session } };
	int r = check_keywords(p);

	for (size_t i = 0; r == 0 && i < ARRAY_N(texts); i++)
		r = check_text(p, texts[i].what, texts[i].text);
	return r == 0 ? check_files(p) : r;
}

static int take_lines(struct parser *p, struct bytes text)
{
	struct rd rd = rd_of(text);

	for (bool found = true; found;) {
		struct bytes line = rd_until(&rd, '\n', &found);
		int r = 0;

		p->line++;
		if (p->line == 1 && !bytes_equal_str(line, "gatewright-target 1"))
			r = REFUSE(p, "want 'gatewright-target 1', got something else");
		else if (p->line > 1 && line.n > 0 && line.p[0] != '#')
			r = take_line(p, line);
		if (r < 0)
			return err_wrap(p->e, r, "line %u", p->line);
	}
	return 0;
}

int target_parse(struct bytes text, struct arena *a, struct target *ret, struct err *e)
{
	struct target t = { .running_wait_s = RUNNING_WAIT_DEFAULT_S };
	struct parser p = { .a = a, .t = &t, .e = e };
	int r;

	if (text.n == 0 || text.n > TARGET_TEXT_MAX)
		return err_wrap(e, err_set(e, -EINVAL, "want 1 to %d bytes, got %zu", TARGET_TEXT_MAX, text.n),
				"target file");
	r = take_lines(&p, text);
	if (r == 0)
		r = check_all(&p);
	if (r < 0)
		return err_wrap(e, r, "target file");
	*ret = t;
	return 0;
}
