#include "base/bytes.h"

#include <stdlib.h>

static uint8_t lower(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool bytes_equal_str(struct bytes a, const char *s)
{
	return bytes_equal(a, bytes_of_str(s));
}

bool bytes_equal_ascii_nocase(struct bytes a, struct bytes b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool bytes_has_control(struct bytes a)
{
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] < 0x20 || a.p[i] == 0x7f)
			return true;
	return false;
}

/* How many bytes the code point at `a.p` takes, or 0 when it is not well formed. RFC 3629 section 4. */
static size_t utf8_length(struct bytes a)
{
	uint8_t c = a.p[0], low = 0x80, high = 0xbf;
	size_t n;

	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf) {
		n = 2;
	} else if (c >= 0xe0 && c <= 0xef) {
		n = 3;
		low = c == 0xe0 ? 0xa0 : 0x80;
		high = c == 0xed ? 0x9f : 0xbf;
	} else if (c >= 0xf0 && c <= 0xf4) {
		n = 4;
		low = c == 0xf0 ? 0x90 : 0x80;
		high = c == 0xf4 ? 0x8f : 0xbf;
	} else {
		return 0;
	}
	if (a.n < n || a.p[1] < low || a.p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((a.p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool bytes_is_utf8(struct bytes a)
{
	while (a.n > 0) {
		size_t n = utf8_length(a);

		if (n == 0)
			return false;
		a = bytes_of(a.p + n, a.n - n);
	}
	return true;
}

char *text_keep_utf8(char *text)
{
	struct bytes rest = bytes_of(text, strlen(text));
	char *to = text;

	while (rest.n > 0) {
		size_t n = utf8_length(rest);

		memmove(to, rest.p, n);
		to += n;
		n = n > 0 ? n : 1;
		rest = bytes_of(rest.p + n, rest.n - n);
	}
	*to = '\0';
	return text;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct bytes bytes_trim(struct bytes a)
{
	while (a.n > 0 && is_space(a.p[0]))
		a = bytes_of(a.p + 1, a.n - 1);
	while (a.n > 0 && is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

char *bytes_strdup(struct bytes a)
{
	char *s;

	if (a.n > 0 && memchr(a.p, 0, a.n))
		return NULL;
	s = malloc(a.n + 1);
	if (!s)
		return NULL;
	if (a.n > 0)
		memcpy(s, a.p, a.n);
	s[a.n] = '\0';
	return s;
}
