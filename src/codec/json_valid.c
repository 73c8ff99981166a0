/* Is a text one JSON value? RFC 8259, by its grammar, with a limit for nesting. */
#include "codec/json_write.h"

struct reader {
	struct bytes rest;
};

static int peek(const struct reader *r)
{
	return r->rest.n > 0 ? r->rest.p[0] : -1;
}

static void skip(struct reader *r, size_t n)
{
	r->rest = bytes_of(r->rest.p + n, r->rest.n - n);
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c)
		return false;
	skip(r, 1);
	return true;
}

static void skip_space(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
		skip(r, 1);
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool take_digits(struct reader *r)
{
	if (!is_digit(peek(r)))
		return false;
	while (is_digit(peek(r)))
		skip(r, 1);
	return true;
}

static bool take_number(struct reader *r)
{
	(void)take(r, '-');
	if (!take(r, '0') && !take_digits(r))
		return false;
	if (take(r, '.') && !take_digits(r))
		return false;
	if (peek(r) == 'e' || peek(r) == 'E') {
		skip(r, 1);
		if (!take(r, '+'))
			(void)take(r, '-');
		return take_digits(r);
	}
	return true;
}

static bool take_escape(struct reader *r)
{
	int c = peek(r);

	if (c < 0 || c == 0 || !strchr("\"\\/bfnrtu", c))
		return false;
	skip(r, 1);
	for (int i = 0; c == 'u' && i < 4; i++) {
		int d = peek(r);

		if (!is_digit(d) && !(d >= 'a' && d <= 'f') && !(d >= 'A' && d <= 'F'))
			return false;
		skip(r, 1);
	}
	return true;
}

static bool take_string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (!take(r, '"')) {
		if (peek(r) < 0x20)
			return false;
		if (take(r, '\\') ? !take_escape(r) : (skip(r, 1), false))
			return false;
	}
	return true;
}

static bool take_word(struct reader *r, const char *word)
{
	for (; *word; word++) {
		if (!take(r, *word))
			return false;
	}
	return true;
}

static bool take_value(struct reader *r, int depth);

/* Members of an object, elements of an array: what stands between the brackets. */
static bool take_members(struct reader *r, char end, int depth)
{
	skip_space(r);
	if (take(r, end))
		return true;
	do {
		skip_space(r);
		if (end == '}') {
			if (!take_string(r))
				return false;
			skip_space(r);
			if (!take(r, ':'))
				return false;
		}
		if (!take_value(r, depth + 1))
			return false;
	} while (take(r, ','));
	return take(r, end);
}

static bool take_plain(struct reader *r)
{
	switch (peek(r)) {
	case '"':
		return take_string(r);
	case 't':
		return take_word(r, "true");
	case 'f':
		return take_word(r, "false");
	case 'n':
		return take_word(r, "null");
	default:
		return take_number(r);
	}
}

/* With the white space around it. */
static bool take_value(struct reader *r, int depth)
{
	bool good;

	if (depth > JSON_DEPTH_MAX)
		return false;
	skip_space(r);
	if (take(r, '{'))
		good = take_members(r, '}', depth);
	else if (take(r, '['))
		good = take_members(r, ']', depth);
	else
		good = take_plain(r);
	skip_space(r);
	return good;
}

bool json_is_valid(struct bytes text)
{
	struct reader r = { text };

	return bytes_is_utf8(text) && take_value(&r, 1) && r.rest.n == 0;
}
