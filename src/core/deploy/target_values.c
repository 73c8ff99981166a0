/* A target filled in for one gateway: its parameters, paths and commands. */
#include "core/deploy/target.h"

#include <errno.h>

bool target_gateway_name_ok(struct bytes name)
{
	static const char others[] = "._-";

	if (name.n == 0 || name.n > 63)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!alnum && (i == 0 || c == '\0' || !strchr(others, c)))
			return false;
	}
	return true;
}

static int find_param(const struct target *t, struct bytes name, size_t *ret)
{
	for (size_t i = 0; i < t->params_n; i++) {
		if (bytes_equal_str(name, t->params[i].name)) {
			*ret = i;
			return 0;
		}
	}
	return -ENOENT;
}

static int set_pair(const struct target *t, struct bytes pair, struct arena *a, struct target_values *v, struct err *e)
{
	const uint8_t *equals = pair.n > 0 ? memchr(pair.p, '=', pair.n) : NULL;
	size_t name_n = equals ? (size_t)(equals - pair.p) : pair.n, i;
	struct bytes value;

	if (bytes_has_control(pair) || !bytes_is_utf8(pair))
		return err_set(e, -EINVAL, "parameter of target '%s': want plain text in UTF-8, got something else",
			       t->name);
	if (!equals || find_param(t, bytes_of(pair.p, name_n), &i) < 0)
		return err_set(e, -EINVAL, "target '%s' has no parameter '%.*s'", t->name,
			       (int)(name_n < 64 ? name_n : 64), (const char *)pair.p);
	if (v->values[i])
		return err_set(e, -EINVAL, "parameter '%s' of target '%s' is given twice", t->params[i].name, t->name);
	value = bytes_of(equals + 1, pair.n - name_n - 1);
	if (value.n > TARGET_VALUE_MAX)
		return err_set(e, -EINVAL, "parameter '%s' of target '%s': want at most %d bytes, got %zu",
			       t->params[i].name, t->name, TARGET_VALUE_MAX, value.n);
	v->values[i] = arena_str(a, value);
	return v->values[i] ? 0 : err_nomem(e);
}

int target_values_make(const struct target *t, const char *gateway, const struct bytes *pairs, size_t pairs_n,
		       struct arena *a, struct target_values *ret, struct err *e)
{
	struct target_values v = { 0 };

	if (!target_gateway_name_ok(bytes_of_str(gateway)))
		return err_set(
			e, -EINVAL,
			"name of a gateway: want 1 to 63 letters, digits, '.', '_' and '-', a letter or digit first");
	v.gateway = arena_str(a, bytes_of_str(gateway));
	if (!v.gateway)
		return err_nomem(e);
	for (size_t i = 0; i < pairs_n; i++) {
		int r = set_pair(t, pairs[i], a, &v, e);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < t->params_n; i++) {
		if (!v.values[i])
			v.values[i] = t->params[i].value_default;
		if (!v.values[i])
			return err_set(e, -EINVAL, "target '%s' needs parameter '%s': %s", t->name, t->params[i].name,
				       t->params[i].meaning);
	}
	*ret = v;
	return 0;
}

/* The value of the %{name} at the start of `rest`, which moves behind it. */
static int take_reference(const struct target *t, const struct target_values *v, struct bytes *rest, struct bytes *ret,
			  struct err *e)
{
	const uint8_t *end = rest->n > 2 && rest->p[1] == '{' ? memchr(rest->p, '}', rest->n) : NULL;
	struct bytes name;
	size_t i;

	if (!end)
		return err_set(e, -EINVAL, "want '%%{param}' or '%%%%' behind a '%%'");
	name = bytes_of(rest->p + 2, (size_t)(end - rest->p) - 2);
	if (bytes_equal_str(name, "gateway"))
		*ret = bytes_of_str(v->gateway);
	else if (find_param(t, name, &i) == 0)
		*ret = bytes_of_str(v->values[i]);
	else
		return err_set(e, -EINVAL, "'%%{%.*s}' is no param of this target", (int)(name.n < 64 ? name.n : 64),
			       (const char *)name.p);
	*rest = bytes_of(end + 1, rest->n - (size_t)(end + 1 - rest->p));
	return 0;
}

int target_expand(const struct target *t, const struct target_values *v, const char *text, bool quote, struct buf *out,
		  struct err *e)
{
	struct bytes rest = bytes_of_str(text);

	while (rest.n > 0) {
		struct bytes value;
		int r;

		if (rest.p[0] != '%' || (rest.n > 1 && rest.p[1] == '%')) {
			buf_add_u8(out, rest.p[0]);
			rest = bytes_of(rest.p + (rest.p[0] == '%' ? 2 : 1), rest.n - (rest.p[0] == '%' ? 2 : 1));
			continue;
		}
		r = take_reference(t, v, &rest, &value, e);
		if (r < 0)
			return r;
		if (quote)
			shell_put_word(out, value);
		else
			buf_add(out, value);
	}
	return buf_bad(out) ? err_set(e, -EFBIG, "the expanded text is too long") : 0;
}

/* Absolute, no empty, "." or ".." component, no "/" at the end. */
static bool path_is_clean(const char *path)
{
	const char *p = path;

	if (*p != '/')
		return false;
	while (*p == '/') {
		const char *start = ++p;
		size_t n = strcspn(start, "/");

		if (n == 0 || (n == 1 && start[0] == '.') || (n == 2 && start[0] == '.' && start[1] == '.'))
			return false;
		p = start + n;
	}
	return true;
}

static int expand_path(const struct target *t, const struct target_values *v, const struct target_file *f,
		       struct arena *a, const char **ret, struct err *e)
{
	struct buf out;
	int r;

	buf_init(&out, TARGET_TEXT_MAX);
	r = target_expand(t, v, f->path, false, &out, e);
	if (r == 0) {
		*ret = arena_str(a, buf_bytes(&out));
		if (!*ret)
			r = err_nomem(e);
	}
	buf_fini(&out);
	if (r == 0 && (*ret)[0] && !path_is_clean(*ret))
		r = err_set(e, -EINVAL,
			    "file '%s' of target '%s': want an absolute path without '.', '..' or '//', got '%s'",
			    f->name, t->name, *ret);
	return r;
}

static int check_distinct(const struct target_stage_file *files, size_t n, const struct target_stage_file *f,
			  struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (f->path && strcmp(files[i].path, f->path) == 0)
			return err_set(e, -EINVAL, "files '%s' and '%s' have the same path '%s'", files[i].name,
				       f->name, f->path);
	}
	return 0;
}

int target_stage_list(const struct target *t, const struct target_values *v, struct arena *a,
		      struct target_stage_file ret[TARGET_FILES_MAX], size_t *ret_n, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < t->files_n; i++) {
		struct target_stage_file f = { .name = t->files[i].name,
					       .form = t->files[i].form,
					       .file = &t->files[i] };
		int r = f.file->path ? expand_path(t, v, f.file, a, &f.path, e) : 0;

		if (r == 0)
			r = check_distinct(ret, n, &f, e);
		if (r < 0)
			return r;
		if (!f.path || f.path[0])
			ret[n++] = f;
	}
	*ret_n = n;
	return 0;
}
