#include "gatewrightd/manager/access/passwords.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_argon2id_STRBYTES, "libsodium's text of a hash");
static_assert(STORE_HASH_SIZE == crypto_hash_sha256_BYTES, "SHA-256");

#define OPERATIONS crypto_pwhash_argon2id_OPSLIMIT_MODERATE
#define MEMORY crypto_pwhash_argon2id_MEMLIMIT_MODERATE

/* Of random bytes that nobody knows. */
static const char nobodys_hash[] =
	"$argon2id$v=19$m=262144,t=3,p=1$K6IBItMf/mheo3b0TjC6jw$7Qob2TcIlIv7wy2wwp/SelDKYkLPaJ2Huu9KX70G7Vw";

int password_hash(struct bytes password, char out[PASSWORD_HASH_SIZE], struct err *e)
{
	int r = crypto_pwhash_argon2id_str(out, (const char *)password.p, password.n, OPERATIONS, MEMORY);

	return r == 0 ? 0 : err_nomem(e);
}

static bool is_hash_of(const char *hash, struct bytes password)
{
	char text[PASSWORD_HASH_SIZE] = ""; /* libsodium may read all of it */

	if (strlen(hash) >= sizeof(text))
		return false;
	memcpy(text, hash, strlen(hash));
	return crypto_pwhash_argon2id_str_verify(text, (const char *)password.p, password.n) == 0;
}

/* A hash that is cheap to check is checked beside an expensive one. */
bool password_matches(const char *hash, struct bytes password)
{
	if (!hash || crypto_pwhash_argon2id_str_needs_rehash(hash, OPERATIONS, MEMORY) != 0)
		(void)is_hash_of(nobodys_hash, password);
	return hash && is_hash_of(hash, password);
}

int password_one_time(char out[CODE_TEXT_SIZE], char hash[PASSWORD_HASH_SIZE], struct err *e)
{
	uint8_t random[CODE_RANDOM_SIZE];

	secret_random(random, sizeof(random));
	(void)code_format(random, out);
	sodium_memzero(random, sizeof(random));
	if (crypto_pwhash_argon2id_str(hash, out, strlen(out), crypto_pwhash_argon2id_OPSLIMIT_MIN,
				       crypto_pwhash_argon2id_MEMLIMIT_MIN) != 0)
		return err_nomem(e);
	return 0;
}

void secret_random(uint8_t *out, size_t n)
{
	randombytes_buf(out, n);
}

void secret_hash(struct bytes secret, uint8_t out[STORE_HASH_SIZE])
{
	(void)crypto_hash_sha256(out, secret.p, secret.n);
}

void session_csrf(const uint8_t secret[ACCESS_SECRET_SIZE], char out[ACCESS_SECRET_TEXT])
{
	static const char label[] = "gatewright 1 csrf";
	uint8_t text[sizeof(label) + ACCESS_SECRET_SIZE], hash[STORE_HASH_SIZE];

	memcpy(text, label, sizeof(label));
	memcpy(text + sizeof(label), secret, ACCESS_SECRET_SIZE);
	secret_hash(bytes_of(text, sizeof(text)), hash);
	(void)access_secret_format(hash, out);
	sodium_memzero(text, sizeof(text));
}
