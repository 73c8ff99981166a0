/* The secrets of second factors: made and checked here, sealed under a key of their own, bound to their user. */
#include "gatewrightd/keys/inner.h"
#include "base/limits.h"
#include "sys/crypto/totp.h"

#include <errno.h>
#include <sodium.h>

#define PURPOSE "gatewright 1 totp"
#define CODE_MAX 32

/* What the blob's clear part is bound to. */
static void account_hash(uint64_t account, uint8_t out[FINGERPRINT_SIZE])
{
	uint8_t text[8];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(account >> (56 - 8 * i));
	(void)crypto_hash_sha256(out, text, sizeof(text));
}

static int seal_secret(struct keys_call *c, const struct secret *secret, uint64_t account, struct err *e)
{
	CLEANUP(secret_freep) struct secret *wrapping = NULL;
	uint8_t hash[FINGERPRINT_SIZE];
	struct buf sealed;
	int r = keys_derive(c->keys->kek, PURPOSE, &wrapping, e);

	if (r < 0)
		return r;
	account_hash(account, hash);
	buf_init(&sealed, LIMIT_KEYS_SEALED_MAX);
	r = seal(wrapping, CERT_ROOT, hash, secret_bytes(secret), &sealed, e);
	if (r == 0)
		wire_add(c->out, FIELD_SEALED_TOTP, buf_bytes(&sealed));
	buf_fini(&sealed);
	return r;
}

int keys_totp_new(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = { { FIELD_ACCOUNT, "account", FORM_U64, 1, 1, 8 } };
	CLEANUP(secret_freep) struct secret *secret = secret_new(TOTP_SECRET_SIZE);
	uint64_t account = 0;
	int r = secret ? fields_check(c->m, rules, ARRAY_N(rules), e) : err_nomem(e);

	if (r < 0)
		return r;
	(void)wire_get_u64(c->m, FIELD_ACCOUNT, &account);
	r = c->keys->world.random(c->keys->world.context, secret_data(secret), TOTP_SECRET_SIZE, e);
	if (r == 0)
		r = seal_secret(c, secret, account, e);
	if (r == 0)
		wire_add(c->out, FIELD_TOTP_SECRET, secret_bytes(secret));
	return r;
}

static int open_secret(struct keys_call *c, uint64_t account, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *wrapping = NULL;
	uint8_t want[FINGERPRINT_SIZE], got[FINGERPRINT_SIZE];
	int r = keys_derive(c->keys->kek, PURPOSE, &wrapping, e);

	if (r == 0)
		r = unseal(wrapping, wire_get(c->m, FIELD_SEALED_TOTP), NULL, got, ret, e);
	if (r < 0)
		return err_wrap(e, r, "second factor");
	account_hash(account, want);
	return memcmp(want, got, sizeof(want)) == 0
		       ? 0
		       : err_set(e, -EACCES, "second factor: the secret was sealed for another user");
}

int keys_totp_check(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_ACCOUNT, "account", FORM_U64, 1, 1, 8 },
		{ FIELD_SEALED_TOTP, "sealed-totp", FORM_BYTES, 1, 1, LIMIT_KEYS_SEALED_MAX },
		{ FIELD_CODE, "code", FORM_TEXT, 1, 1, CODE_MAX },
		{ FIELD_TIME_STEP, "time-step", FORM_U64, 1, 1, 8 },
	};
	CLEANUP(secret_freep) struct secret *secret = NULL;
	uint64_t account = 0, after = 0, step = 0;
	int r = fields_check(c->m, rules, ARRAY_N(rules), e);

	if (r < 0)
		return r;
	(void)wire_get_u64(c->m, FIELD_ACCOUNT, &account);
	(void)wire_get_u64(c->m, FIELD_TIME_STEP, &after);
	r = open_secret(c, account, &secret, e);
	if (r == 0)
		r = totp_check(secret_bytes(secret), wire_get(c->m, FIELD_CODE),
			       c->keys->world.now(c->keys->world.context), after, &step, e);
	if (r == 0)
		wire_add_u64(c->out, FIELD_TIME_STEP, step);
	return r < 0 ? r : 0;
}
