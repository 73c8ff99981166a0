#include "cli/output/json.h"
#include "cli/output/text.h"

#include <malloc.h>
#include <stdlib.h>

static void *json_malloc(size_t n)
{
	return malloc(n);
}

static void wiping_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void json_wipe_memory(void)
{
	json_set_alloc_funcs(json_malloc, wiping_free);
}

const char *json_text(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s ? s : "";
}

json_int_t json_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

double json_decimal(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

bool json_flag(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

bool json_has(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);

	return v && !json_is_null(v);
}

char *json_joined(const json_t *array, const char *separator)
{
	struct buf out;
	const json_t *item;
	const char *text;
	char *copy;
	size_t i;

	buf_init(&out, 1024u * 1024);
	json_array_foreach(array, i, item)
	{
		if (json_is_string(item))
			buf_printf(&out, "%s%s", out.n > 0 ? separator : "", json_string_value(item));
	}
	text = buf_str(&out);
	copy = text ? strdup(text) : NULL;
	buf_fini(&out);
	return copy;
}

/* jansson escapes C0 only, and a terminal obeys more. Pieces end between characters. */
static int print_piece(const char *piece, size_t n, void *out)
{
	text_print_json(out, bytes_of(piece, n));
	return 0;
}

void json_print(const struct cli *cli, const json_t *value)
{
	(void)json_dump_callback(value, print_piece, cli->out, JSON_INDENT(2) | JSON_ENCODE_ANY);
	(void)fputc('\n', cli->out);
}

void json_print_line(const struct cli *cli, const json_t *value)
{
	(void)json_dump_callback(value, print_piece, cli->out, JSON_COMPACT | JSON_ENCODE_ANY);
	(void)fputc('\n', cli->out);
	(void)fflush(cli->out);
}

void json_print_list(const struct cli *cli, json_t *items)
{
	json_t *list = json_pack("{s:O, s:n}", "items", items, "next");

	if (list)
		json_print(cli, list);
	json_decref(list);
}
