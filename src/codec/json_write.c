#include "codec/json_write.h"

#include <inttypes.h>

void json_begin(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer) { .out = out };
}

bool json_done(const struct json_writer *w)
{
	return !w->bad && !buf_bad(w->out) && w->depth == 0 && (w->filled & 1);
}

/* RFC 8259 section 7: quotation mark, reverse solidus and U+0000 to U+001F are escaped; U+007F too, for terminals. */
static void put_string(struct json_writer *w, struct bytes text)
{
	static const char short_forms[] = "btnvfr"; /* U+0008 to U+000D */

	if (!bytes_is_utf8(text)) {
		w->bad = true;
		return;
	}
	buf_add_u8(w->out, '"');
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c == '"' || c == '\\')
			buf_printf(w->out, "\\%c", c);
		else if (c >= 8 && c <= 13 && c != 11)
			buf_printf(w->out, "\\%c", short_forms[c - 8]);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(w->out, "\\u%04x", c);
		else
			buf_add_u8(w->out, c);
	}
	buf_add_u8(w->out, '"');
}

/* The comma and the key before a value; false: the call is out of order. */
static bool start_value(struct json_writer *w, const char *key)
{
	uint32_t here = BIT(w->depth);
	bool in_object = w->depth > 0 && !(w->array & here);

	if (w->bad || (key != NULL) != in_object || (w->depth == 0 && (w->filled & 1))) {
		w->bad = true;
		return false;
	}
	if (w->filled & here)
		buf_add_u8(w->out, ',');
	w->filled |= here;
	if (key) {
		put_string(w, bytes_of_str(key));
		buf_add_u8(w->out, ':');
	}
	return true;
}

static void open(struct json_writer *w, const char *key, bool array)
{
	if (w->depth + 1 >= JSON_DEPTH_MAX) {
		w->bad = true;
		return;
	}
	if (!start_value(w, key))
		return;
	w->depth++;
	w->filled &= ~BIT(w->depth);
	w->array = array ? w->array | BIT(w->depth) : w->array & ~BIT(w->depth);
	buf_add_u8(w->out, array ? '[' : '{');
}

static void close(struct json_writer *w, bool array)
{
	if (w->bad || w->depth == 0 || ((w->array & BIT(w->depth)) != 0) != array) {
		w->bad = true;
		return;
	}
	w->depth--;
	buf_add_u8(w->out, array ? ']' : '}');
}

void json_open_object(struct json_writer *w, const char *key)
{
	open(w, key, false);
}

void json_close_object(struct json_writer *w)
{
	close(w, false);
}

void json_open_array(struct json_writer *w, const char *key)
{
	open(w, key, true);
}

void json_close_array(struct json_writer *w)
{
	close(w, true);
}

void json_put_bytes(struct json_writer *w, const char *key, struct bytes text)
{
	if (start_value(w, key))
		put_string(w, text);
}

void json_put_str(struct json_writer *w, const char *key, const char *s)
{
	if (s)
		json_put_bytes(w, key, bytes_of_str(s));
	else
		json_put_null(w, key);
}

void json_put_int(struct json_writer *w, const char *key, int64_t v)
{
	if (start_value(w, key))
		buf_printf(w->out, "%" PRId64, v);
}

void json_put_bool(struct json_writer *w, const char *key, bool v)
{
	if (start_value(w, key))
		buf_add_str(w->out, v ? "true" : "false");
}

void json_put_null(struct json_writer *w, const char *key)
{
	if (start_value(w, key))
		buf_add_str(w->out, "null");
}

void json_put_json(struct json_writer *w, const char *key, struct bytes json)
{
	if (!json_is_valid(json))
		w->bad = true;
	else if (start_value(w, key))
		buf_add(w->out, bytes_trim(json));
}
