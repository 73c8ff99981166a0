#include "core/access/names.h"

#include <errno.h>

static bool is_name_character(uint8_t c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return true;
	return !first && (c == '.' || c == '_' || c == '-');
}

int user_check_name(struct bytes name, struct err *e)
{
	bool fine = name.n > 0 && name.n <= USER_NAME_MAX;

	for (size_t i = 0; fine && i < name.n; i++)
		fine = is_name_character(name.p[i], i == 0);
	return fine ? 0
		    : err_set(e, -EINVAL,
			      "name: want 1 to %d of a-z, 0-9, '.', '_' and '-', the first a letter or digit, got "
			      "'%.*s'",
			      USER_NAME_MAX, name.n > 60 ? 60 : (int)name.n, (const char *)name.p);
}

int token_check_name(struct bytes name, struct err *e)
{
	if (name.n > 0 && name.n <= TOKEN_NAME_MAX && bytes_is_utf8(name) && !bytes_has_control(name))
		return 0;
	return err_set(e, -EINVAL, "name: want 1 to %d bytes of text without control characters, got %zu",
		       TOKEN_NAME_MAX, name.n);
}

static size_t characters(struct bytes text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += (text.p[i] & 0xc0) != 0x80;
	return n;
}

/* "alice", "AliceAlice", "alicealicealice" */
static bool is_name_repeated(struct bytes password, struct bytes name)
{
	if (name.n == 0 || password.n % name.n != 0)
		return false;
	for (size_t at = 0; at < password.n; at += name.n)
		if (!bytes_equal_ascii_nocase(bytes_of(password.p + at, name.n), name))
			return false;
	return true;
}

int password_check(struct bytes password, const char *user_name, struct err *e)
{
	if (password.n > PASSWORD_MAX)
		return err_set(e, -EINVAL, "the new password is too long: want at most %d bytes", PASSWORD_MAX);
	if (!bytes_is_utf8(password) || (password.n > 0 && memchr(password.p, 0, password.n)))
		return err_set(e, -EINVAL, "the new password: want UTF-8 text, got other bytes");
	if (characters(password) < PASSWORD_MIN)
		return err_set(e, -EINVAL, "the new password is too short: want at least %d characters", PASSWORD_MIN);
	if (is_name_repeated(password, bytes_of_str(user_name)))
		return err_set(e, -EINVAL, "the new password is the user's name: want another one");
	return 0;
}
