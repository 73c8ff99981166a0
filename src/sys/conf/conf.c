#include "sys/conf/conf.h"
#include "base/rd.h"
#include "sys/conf/file.h"
#include "sys/conf/nearest.h"
#include "sys/conf/value.h"

#include <assert.h>
#include <errno.h>

#define ROWS_MAX 128

struct reading {
	const struct conf_row *rows;
	size_t rows_n;
	struct arena *arena;
	void *out;
	unsigned line_of[ROWS_MAX]; /* where a row's option first stood; 0: not yet */
};

static void *member_of(const struct reading *c, size_t i)
{
	return (uint8_t *)c->out + c->rows[i].offset;
}

/* The text before a comment: "#" first in the line, or behind white space and outside double quotes. */
static struct bytes without_comment(struct bytes line)
{
	bool quoted = false;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '"')
			quoted = !quoted;
		if (line.p[i] == '#' && !quoted && (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return bytes_of(line.p, i);
	}
	return line;
}

static bool line_is_text(struct bytes line)
{
	for (size_t i = 0; i < line.n; i++)
		if ((line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
			return false;
	return bytes_is_utf8(line);
}

/* Take the quotes off. False: a quote is missing or in the middle. */
static bool unquote(struct bytes *value)
{
	const uint8_t *first = value->n > 0 ? memchr(value->p, '"', value->n) : NULL;

	if (!first)
		return true;
	if (first != value->p || value->n < 2 || memchr(value->p + 1, '"', value->n - 1) != value->p + value->n - 1)
		return false;
	*value = bytes_of(value->p + 1, value->n - 2);
	return true;
}

static int unknown_option(const struct reading *c, struct bytes name, struct err *e)
{
	const char *nearest = nearest_option(name, c->rows, c->rows_n);
	int shown = name.n > 64 ? 64 : (int)name.n;

	if (nearest)
		return err_set(e, -EINVAL, "unknown option '%.*s' (did you mean '%s'?)", shown, (const char *)name.p,
			       nearest);
	return err_set(e, -EINVAL, "unknown option '%.*s'", shown, (const char *)name.p);
}

static int set_option(struct reading *c, unsigned line_n, struct bytes name, struct bytes value, struct err *e)
{
	for (size_t i = 0; i < c->rows_n; i++) {
		if (!bytes_equal_str(name, c->rows[i].name))
			continue;
		if (c->line_of[i] != 0 && !value_is_list(&c->rows[i]))
			return err_set(e, -EINVAL, "option '%s': want it once, got it again (first in line %u)",
				       c->rows[i].name, c->line_of[i]);
		if (c->line_of[i] == 0)
			c->line_of[i] = line_n;
		return value_set(&c->rows[i], value, c->arena, member_of(c, i), e);
	}
	return unknown_option(c, name, e);
}

static int read_line(struct reading *c, unsigned line_n, struct bytes line, struct err *e)
{
	struct bytes name, value;
	struct rd r;
	bool found;

	if (!line_is_text(line))
		return err_set(e, -EINVAL,
			       "want UTF-8 text and lines that end with LF, got a control character or other bytes");
	line = bytes_trim(without_comment(line));
	if (line.n == 0)
		return 0;
	r = rd_of(line);
	name = bytes_trim(rd_until(&r, '=', &found));
	value = bytes_trim(r.rest);
	if (!found || name.n == 0)
		return err_set(e, -EINVAL, "want 'name = value', got '%.*s'", line.n > 80 ? 80 : (int)line.n,
			       (const char *)line.p);
	if (value.n == 0)
		return err_set(e, -EINVAL, "option '%.*s': want a value, got none (\"\" is the empty text)",
			       name.n > 64 ? 64 : (int)name.n, (const char *)name.p);
	if (!unquote(&value))
		return err_set(e, -EINVAL, "option '%.*s': want double quotes around the whole value, got '%.*s'",
			       name.n > 64 ? 64 : (int)name.n, (const char *)name.p, value.n > 80 ? 80 : (int)value.n,
			       (const char *)value.p);
	return set_option(c, line_n, name, value, e);
}

/* Rows that no line named get their fallback. It comes from our own table: one that is refused is our bug. */
static int fill_fallbacks(struct reading *c, struct err *e)
{
	for (size_t i = 0; i < c->rows_n; i++) {
		int r;

		if (c->line_of[i] != 0 || !c->rows[i].fallback[0])
			continue;
		r = value_set(&c->rows[i], bytes_of_str(c->rows[i].fallback), c->arena, member_of(c, i), e);
		assert(r != -EINVAL);
		if (r < 0)
			return r;
	}
	return 0;
}

static size_t list_length(const struct conf_row *row, const void *member)
{
	return row->type == CONF_STRINGS ? ((const struct conf_list *)member)->n
					 : ((const struct conf_addresses *)member)->n;
}

static int check_list_lengths(const struct reading *c, const char *file, struct err *e)
{
	for (size_t i = 0; i < c->rows_n; i++) {
		size_t min, max;

		if (!value_is_list(&c->rows[i]))
			continue;
		value_list_limits(&c->rows[i], &min, &max);
		if (list_length(&c->rows[i], member_of(c, i)) < min)
			return err_set(e, -EINVAL, "%s: option '%s': want at least %zu, got %zu", file, c->rows[i].name,
				       min, list_length(&c->rows[i], member_of(c, i)));
	}
	return 0;
}

int conf_parse(struct bytes text, const char *file, const struct conf_row *rows, size_t rows_n, struct arena *a,
	       void *ret, struct err *e)
{
	struct reading c = { .rows = rows, .rows_n = rows_n, .arena = a, .out = ret };
	struct rd r = rd_of(text);
	bool more = text.n > 0;
	int k;

	assert(rows_n <= ROWS_MAX);
	for (size_t i = 0; i < rows_n; i++)
		if (value_is_list(&rows[i]) || !rows[i].fallback[0])
			value_clear(&rows[i], member_of(&c, i));
	for (unsigned line_n = 1; more; line_n++) {
		k = read_line(&c, line_n, rd_until(&r, '\n', &more), e);
		if (k < 0)
			return err_wrap(e, k, "%s:%u", file, line_n);
	}
	k = fill_fallbacks(&c, e);
	return k < 0 ? k : check_list_lengths(&c, file, e);
}

int conf_defaults(const struct conf_row *rows, size_t rows_n, struct arena *a, void *ret, struct err *e)
{
	return conf_parse(BYTES_NONE, "defaults", rows, rows_n, a, ret, e);
}

int conf_load(const char *path, const struct conf_row *rows, size_t rows_n, struct arena *a, void *ret, struct err *e)
{
	struct buf b;
	int r;

	buf_init(&b, CONF_TEXT_MAX);
	r = conf_read_file(path, &b, e);
	if (r == 0)
		r = conf_parse(buf_bytes(&b), path, rows, rows_n, a, ret, e);
	buf_fini(&b);
	return r;
}

void conf_describe(const struct conf_row *rows, size_t rows_n, struct buf *out)
{
	for (size_t i = 0; i < rows_n; i++) {
		char want[CONF_WANT_MAX];

		buf_printf(out, "%s = %s\n    %s; %s%s\n", rows[i].name,
			   rows[i].fallback[0] ? rows[i].fallback : "\"\"", rows[i].meaning, value_want(&rows[i], want),
			   value_is_list(&rows[i]) ? "; may be repeated" : "");
	}
}
