/* Names of users and tokens, and what a password must be. Pure checks. */
#ifndef GW_CORE_ACCESS_NAMES_H
#define GW_CORE_ACCESS_NAMES_H

#include "base/bytes.h"
#include "base/err.h"

#define USER_NAME_MAX 32
#define TOKEN_NAME_MAX 64
#define PASSWORD_MIN 12
#define PASSWORD_MAX 1024 /* bytes; a longer one only costs time */

/* [a-z0-9][a-z0-9._-]{0,31} */
MUST_USE int user_check_name(struct bytes name, struct err *e);

/* 1 to 64 bytes of text without control characters. */
MUST_USE int token_check_name(struct bytes name, struct err *e);

/* Characters are counted, not bytes; the user's own name (in any case, alone or repeated) is none. NIST SP
 * 800-63B 5.1.1.2 */
MUST_USE int password_check(struct bytes password, const char *user_name, struct err *e);

#endif
