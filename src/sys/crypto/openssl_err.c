#include "sys/crypto/openssl_err.h"

#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/evp.h>

int openssl_err(struct err *e, int code, const char *format, ...)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	code = reason ? err_set(e, code, "%s: %s", text, reason) : err_set(e, code, "%s", text);
	ERR_clear_error();
	return code;
}

static bool is_unsupported(unsigned long error)
{
	if (ERR_GET_REASON(error) == ERR_R_UNSUPPORTED)
		return true;
	if (ERR_GET_LIB(error) != ERR_LIB_EVP)
		return false;
	switch (ERR_GET_REASON(error)) {
	case EVP_R_UNSUPPORTED_ALGORITHM:
	case EVP_R_UNSUPPORTED_CIPHER:
	case EVP_R_UNKNOWN_PBE_ALGORITHM:
	case EVP_R_UNKNOWN_CIPHER:
	case EVP_R_UNSUPPORTED_PRF:
	case EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION:
		return true;
	default:
		return false;
	}
}

/* The queue can only be read by taking entries off: they are put back in their order as far as the answer needs them.
 */
bool openssl_err_is_unsupported(void)
{
	bool found = false;
	unsigned long errors[16];
	size_t n = 0;

	while (n < ARRAY_N(errors) && (errors[n] = ERR_get_error()) != 0)
		found = is_unsupported(errors[n++]) || found;
	ERR_clear_error();
	for (size_t i = 0; i < n; i++)
		ERR_raise(ERR_GET_LIB(errors[i]), ERR_GET_REASON(errors[i]));
	return found;
}
