#include "base/err.h"

#include "base/bytes.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* vsnprintf() that marks a text that did not fit. What "%.60s" has cut, or somebody else sent, is UTF-8 afterwards. */
static void format_text(char *out, size_t size, const char *format, va_list args) PRINTF_LIKE(3, 0);

static void format_text(char *out, size_t size, const char *format, va_list args)
{
	int n = vsnprintf(out, size, format, args);

	if (n < 0)
		out[0] = '\0';
	else if ((size_t)n >= size)
		memcpy(out + size - 4, "...", 4);
	(void)text_keep_utf8(out);
}

int err_set(struct err *e, int code, const char *format, ...)
{
	va_list args;

	assert(code != 0);
	if (!e)
		return code;
	e->code = code;
	va_start(args, format);
	format_text(e->text, sizeof(e->text), format, args);
	va_end(args);
	return code;
}

int err_errno(struct err *e, const char *format, ...)
{
	int number = errno ? errno : EIO;
	char text[ERR_TEXT_MAX], reason[128];
	va_list args;

	va_start(args, format);
	format_text(text, sizeof(text), format, args);
	va_end(args);
	return err_set(e, -number, "%s: %s", text, strerror_r(number, reason, sizeof(reason)));
}

int err_wrap(struct err *e, int code, const char *format, ...)
{
	char context[ERR_TEXT_MAX], cause[ERR_TEXT_MAX];
	va_list args;

	if (!e)
		return code;
	va_start(args, format);
	format_text(context, sizeof(context), format, args);
	va_end(args);
	memcpy(cause, err_text(e), strlen(err_text(e)) + 1);
	return err_set(e, code, "%s: %s", context, cause);
}

int err_nomem(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

const char *err_text(const struct err *e)
{
	return e && e->text[0] ? e->text : "unknown error";
}
