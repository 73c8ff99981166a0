#include "sys/http/json_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The size before each block, so that it is known when the block is freed. */
#define HEAD 16

static void *wiping_malloc(size_t n)
{
	uint8_t *p = n <= SIZE_MAX - HEAD ? malloc(n + HEAD) : NULL;

	if (!p)
		return NULL;
	memcpy(p, &n, sizeof(n));
	return p + HEAD;
}

static void wiping_free(void *block)
{
	uint8_t *p = block;
	size_t n;

	if (!p)
		return;
	memcpy(&n, p - HEAD, sizeof(n));
	explicit_bzero(p, n);
	free(p - HEAD);
}

void json_wipe_freed(void)
{
	json_set_alloc_funcs(wiping_malloc, wiping_free);
}

static const char *const type_words[] = {
	[JSON_IN_STRING] = "a string",		[JSON_IN_TEXT] = "a string",
	[JSON_IN_SECRET] = "a string",		[JSON_IN_INT] = "a whole number",
	[JSON_IN_BOOL] = "true or false",	[JSON_IN_TIME] = "a time like \"2027-01-31T23:59:59Z\"",
	[JSON_IN_OBJECT] = "an object",		[JSON_IN_STRINGS] = "a list of strings",
	[JSON_IN_OBJECTS] = "a list of objects"
};

static const char *got_word(const json_t *v)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return "null";
	default:
		return "something else";
	}
}

struct place {
	const char *where;
	const struct json_in_row *row;
	void *out;
};

static int wrong_type(const struct place *p, const json_t *v, struct err *e)
{
	return err_set(e, -EINVAL, "member '%s%s': want %s, got %s", p->where, p->row->name, type_words[p->row->type],
		       got_word(v));
}

static int check_text(const struct place *p, const json_t *v, bool line_breaks, struct err *e)
{
	struct bytes text = bytes_of(json_string_value(v), json_string_length(v));

	if (p->row->max > 0 && text.n > (size_t)p->row->max)
		return err_set(e, -EINVAL, "member '%s%s': want at most %lld bytes, got %zu", p->where, p->row->name,
			       (long long)p->row->max, text.n);
	if (!line_breaks && bytes_has_control(text))
		return err_set(e, -EINVAL, "member '%s%s': want text without control characters", p->where,
			       p->row->name);
	return 0;
}

static int read_text(const struct place *p, const json_t *v, struct err *e)
{
	const char *text;
	int r;

	if (!json_is_string(v))
		return wrong_type(p, v, e);
	r = check_text(p, v, p->row->type != JSON_IN_STRING, e);
	if (r < 0)
		return r;
	text = json_string_value(v);
	memcpy(p->out, &text, sizeof(text));
	return 0;
}

static int read_secret(const struct place *p, const json_t *v, struct err *e)
{
	struct secret **out = p->out;
	int r;

	if (!json_is_string(v))
		return wrong_type(p, v, e);
	r = check_text(p, v, true, e);
	if (r < 0)
		return r;
	secret_free(*out);
	*out = secret_of(bytes_of(json_string_value(v), json_string_length(v)));
	return *out ? 0 : err_nomem(e);
}

static int read_int(const struct place *p, const json_t *v, struct err *e)
{
	int64_t n;

	if (!json_is_integer(v))
		return wrong_type(p, v, e);
	n = json_integer_value(v);
	if (n < p->row->min || n > p->row->max)
		return err_set(e, -EINVAL, "member '%s%s': want %lld to %lld, got %lld", p->where, p->row->name,
			       (long long)p->row->min, (long long)p->row->max, (long long)n);
	memcpy(p->out, &n, sizeof(n));
	return 0;
}

static int read_bool(const struct place *p, const json_t *v, struct err *e)
{
	bool b = json_is_true(v);

	if (!json_is_boolean(v))
		return wrong_type(p, v, e);
	memcpy(p->out, &b, sizeof(b));
	return 0;
}

static int read_time(const struct place *p, const json_t *v, struct err *e)
{
	struct wall_time t;

	if (!json_is_string(v))
		return wrong_type(p, v, e);
	if (!time_parse(bytes_of(json_string_value(v), json_string_length(v)), &t))
		return err_set(e, -EINVAL, "member '%s%s': want %s, got '%.60s'", p->where, p->row->name,
			       type_words[JSON_IN_TIME], json_string_value(v));
	memcpy(p->out, &t, sizeof(t));
	return 0;
}

static int read_object(const struct place *p, const json_t *v, struct err *e)
{
	if (!json_is_object(v))
		return wrong_type(p, v, e);
	memcpy(p->out, &v, sizeof(v));
	return 0;
}

static int check_item(const struct place *p, const json_t *item, struct err *e)
{
	bool strings = p->row->type == JSON_IN_STRINGS;

	if (strings ? !json_is_string(item) : !json_is_object(item))
		return wrong_type(p, item, e);
	if (strings && bytes_has_control(bytes_of(json_string_value(item), json_string_length(item))))
		return err_set(e, -EINVAL, "member '%s%s': want text without control characters", p->where,
			       p->row->name);
	return 0;
}

static int read_list(const struct place *p, const json_t *v, struct err *e)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v))
		return wrong_type(p, v, e);
	if (p->row->max > 0 && n > (size_t)p->row->max)
		return err_set(e, -EINVAL, "member '%s%s': want at most %lld items, got %zu", p->where, p->row->name,
			       (long long)p->row->max, n);
	for (size_t i = 0; i < n; i++) {
		int r = check_item(p, json_array_get(v, i), e);

		if (r < 0)
			return r;
	}
	memcpy(p->out, &v, sizeof(v));
	return 0;
}

static int read_one(const struct place *p, const json_t *v, struct err *e)
{
	switch (p->row->type) {
	case JSON_IN_STRING:
	case JSON_IN_TEXT:
		return read_text(p, v, e);
	case JSON_IN_SECRET:
		return read_secret(p, v, e);
	case JSON_IN_INT:
		return read_int(p, v, e);
	case JSON_IN_BOOL:
		return read_bool(p, v, e);
	case JSON_IN_TIME:
		return read_time(p, v, e);
	case JSON_IN_OBJECT:
		return read_object(p, v, e);
	case JSON_IN_STRINGS:
	case JSON_IN_OBJECTS:
		return read_list(p, v, e);
	}
	return err_set(e, -EINVAL, "member '%s': no such type", p->row->name);
}

static bool is_known(const char *name, const struct json_in_row *rows, size_t rows_n)
{
	for (size_t i = 0; i < rows_n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return true;
	return false;
}

static int refuse_unknown(const json_t *object, const char *where, const struct json_in_row *rows, size_t rows_n,
			  struct err *e)
{
	for (void *i = json_object_iter((json_t *)(uintptr_t)object); i;
	     i = json_object_iter_next((json_t *)(uintptr_t)object, i))
		if (!is_known(json_object_iter_key(i), rows, rows_n))
			return err_set(e, -EINVAL, "member '%s%.60s': there is no such member here", where,
				       json_object_iter_key(i));
	return 0;
}

int json_in(const json_t *object, const char *where, const struct json_in_row *rows, size_t rows_n, void *ret,
	    struct err *e)
{
	int r = refuse_unknown(object, where, rows, rows_n, e);

	for (size_t i = 0; r == 0 && i < rows_n; i++) {
		const json_t *v = json_object_get(object, rows[i].name);
		struct place p = { where, &rows[i], (uint8_t *)ret + rows[i].offset };

		if (json_is_null(v) && rows[i].nullable)
			v = NULL;
		if (v)
			r = read_one(&p, v, e);
		else if (rows[i].required)
			r = err_set(e, -EINVAL, "member '%s%s' is missing: want %s", where, rows[i].name,
				    type_words[rows[i].type]);
	}
	return r;
}
