#include "sys/ssh/visible.h"

#include <stdio.h>

#define UTF8_MAX 4

/* Length of the well-formed, printable character at the start of `b`; 0: this byte must be escaped. */
static size_t printable(struct bytes b)
{
	size_t n;

	if (b.p[0] < 0x80)
		return b.p[0] >= 0x20 && b.p[0] != 0x7f ? 1 : 0;
	n = b.p[0] >= 0xf0 ? 4 : b.p[0] >= 0xe0 ? 3 : 2;
	if (n > b.n || !bytes_is_utf8(bytes_of(b.p, n)))
		return 0;
	return b.p[0] == 0xc2 && b.p[1] < 0xa0 ? 0 : n;
}

static bool add_if_fits(struct buf *out, struct bytes piece)
{
	if (out->bad || out->max - out->n < piece.n)
		return false;
	buf_add(out, piece);
	return true;
}

void visible_add(struct buf *out, struct bytes text, bool lines)
{
	while (text.n > 0) {
		size_t n = printable(text);
		char escaped[5];
		bool fits;

		if (n > 0) {
			fits = add_if_fits(out, bytes_of(text.p, n));
		} else if (text.p[0] == '\t' || (lines && text.p[0] == '\n')) {
			fits = add_if_fits(out, bytes_of(text.p[0] == '\t' ? " " : "\n", 1));
			n = 1;
		} else {
			(void)snprintf(escaped, sizeof(escaped), "\\x%02x", text.p[0]);
			fits = add_if_fits(out, bytes_of(escaped, 4));
			n = 1;
		}
		if (!fits)
			return;
		text = bytes_of(text.p + n, text.n - n);
	}
}

const char *visible_text(struct bytes text, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, size - 1);
	visible_add(&b, bytes_trim(text), false);
	memcpy(out, b.n > 0 ? (const char *)b.p : "", b.n);
	out[b.n] = '\0';
	buf_fini(&b);
	return out;
}
