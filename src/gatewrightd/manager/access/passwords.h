/* Passwords and random secrets: hashing, checking, making. */
#ifndef GW_GATEWRIGHTD_MANAGER_ACCESS_PASSWORDS_H
#define GW_GATEWRIGHTD_MANAGER_ACCESS_PASSWORDS_H

#include "core/access/secrets.h"
#include "gatewrightd/manager/manager.h"
#include "sys/secret.h"
#include "sys/store/accounts.h"

#define PASSWORD_HASH_SIZE 128 /* libsodium's text with its NUL */

/* Argon2id, the moderate limits: 256 MiB and most of a second. Only hasher.c calls these two. */
MUST_USE int password_hash(struct bytes password, char out[PASSWORD_HASH_SIZE], struct err *e);

/* Is it the one? `hash` NULL (there is no such user): it takes as long, and is not. */
bool password_matches(const char *hash, struct bytes password);

/* A password for one use, and its hash: a cheap one, because 80 random bits need no expensive one. */
MUST_USE int password_one_time(char out[CODE_TEXT_SIZE], char hash[PASSWORD_HASH_SIZE], struct err *e);

/* Random bytes and what the store has of them. */
void secret_random(uint8_t *out, size_t n);
void secret_hash(struct bytes secret, uint8_t out[STORE_HASH_SIZE]);

/* What a changing call of a session must bring: a hash of its secret under another label. */
void session_csrf(const uint8_t secret[ACCESS_SECRET_SIZE], char out[ACCESS_SECRET_TEXT]);

#endif
