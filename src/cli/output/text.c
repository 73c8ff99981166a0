#include "cli/output/text.h"

#include <stdlib.h>

#define CLEAN_MAX (8u * 1024 * 1024)

/* The length of the well-formed sequence at the front, 0: none. */
static size_t sequence(struct bytes s, uint32_t *ret)
{
	uint8_t c = s.p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
	uint32_t v = n == 1 ? c : n == 2 ? c & 0x1f : n == 3 ? c & 0x0f : c & 0x07;

	if (n == 0 || n > s.n || !bytes_is_utf8(bytes_of(s.p, n)))
		return 0;
	for (size_t i = 1; i < n; i++)
		v = v << 6 | (s.p[i] & 0x3f);
	*ret = v;
	return n;
}

static bool is_dangerous(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x00ad || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void text_clean_to(struct buf *out, struct bytes s, const char *keep_newline_indent)
{
	uint32_t c = 0;
	size_t n;

	for (; s.n > 0; s = bytes_of(s.p + n, s.n - n)) {
		n = sequence(s, &c);
		if (n == 0) {
			buf_add_str(out, "\\ufffd");
			n = 1;
		} else if (c == '\n' && keep_newline_indent) {
			buf_add_str(out, "\n");
			buf_add_str(out, keep_newline_indent);
		} else if (is_dangerous(c)) {
			buf_printf(out, c > 0xffff ? "\\u{%x}" : "\\u%04x", (unsigned)c);
		} else {
			buf_add(out, bytes_of(s.p, n));
		}
	}
}

static void put_escape(FILE *out, uint32_t c)
{
	if (c > 0xffff)
		(void)fprintf(out, "\\u%04X\\u%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
	else
		(void)fprintf(out, "\\u%04X", c);
}

void text_print_json(FILE *out, struct bytes json)
{
	uint32_t c = 0;
	size_t n;

	for (; json.n > 0; json = bytes_of(json.p + n, json.n - n)) {
		n = sequence(json, &c);
		if (n > 0 && c != '\n' && is_dangerous(c))
			put_escape(out, c);
		else
			(void)fwrite(json.p, 1, n > 0 ? n : 1, out);
		n = n > 0 ? n : 1;
	}
}

char *text_clean(const char *s)
{
	struct buf out;
	const char *text;
	char *copy;

	buf_init(&out, CLEAN_MAX);
	text_clean_to(&out, bytes_of_str(s), NULL);
	text = buf_str(&out);
	copy = text ? strdup(text) : NULL;
	buf_fini(&out);
	return copy;
}
