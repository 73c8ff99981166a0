/*
 * The texts of what one shows to be let in: tokens, session cookies, one-time passwords, recovery codes. Random bytes
 * come in. Nothing here is kept; the store has hashes.
 */
#ifndef GW_CORE_ACCESS_SECRETS_H
#define GW_CORE_ACCESS_SECRETS_H

#include "base/bytes.h"

#define ACCESS_SECRET_SIZE 32 /* random bytes of a token or a session */
#define ACCESS_SECRET_TEXT 44 /* base64url of them and a NUL */
#define TOKEN_PREFIX "gwt_"   /* so that a scanner of public text knows one */
#define TOKEN_TEXT_SIZE (ACCESS_SECRET_TEXT + 4)
#define CODE_RANDOM_SIZE 10 /* 80 bits: too many to be tried against a hash */
#define CODE_TEXT_SIZE 20   /* "xxxx-xxxx-xxxx-xxxx" */
#define CODE_DIGITS 16
#define BASE32_TEXT_SIZE(n) (((n)*8 + 4) / 5 + 1)

/* base64url of 32 bytes; false: not exactly that. */
const char *access_secret_format(const uint8_t secret[ACCESS_SECRET_SIZE], char out[ACCESS_SECRET_TEXT]);
bool access_secret_parse(struct bytes text, uint8_t out[ACCESS_SECRET_SIZE]);

/* "gwt_" and the same. */
const char *token_format(const uint8_t secret[ACCESS_SECRET_SIZE], char out[TOKEN_TEXT_SIZE]);
bool token_parse(struct bytes text, uint8_t out[ACCESS_SECRET_SIZE]);

/* A code that people type: four groups of four, without letters that are taken for digits. */
const char *code_format(const uint8_t random[CODE_RANDOM_SIZE], char out[CODE_TEXT_SIZE]);

/* As typed to its 16 digits: case, hyphens and blanks don't matter. False: no such code. */
bool code_normalize(struct bytes text, char out[CODE_DIGITS + 1]);

/* RFC 4648 section 6 without padding, as key URIs have it. Returns `out`, BASE32_TEXT_SIZE(n) bytes. */
const char *base32_encode(struct bytes b, char *out);

#endif
