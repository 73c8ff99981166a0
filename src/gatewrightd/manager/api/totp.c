/* The second factor: begun, confirmed, removed. keys holds the secret. */
#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/api/session_call.h"
#include "gatewrightd/manager/keys_client.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#define SECRET_MAX 1024
#define CODE_MAX 64
#define RECOVERY_CODES 10
#define TOTP_SECRET_MAX 64
#define URI_MAX 256

struct totp_body {
	struct secret *password;
	const char *code;
};

static const struct json_in_row begin_rows[] = {
	{ .name = "password",
	  .type = JSON_IN_SECRET,
	  .offset = offsetof(struct totp_body, password),
	  .max = SECRET_MAX,
	  .required = true },
};

static const struct json_in_row confirm_rows[] = {
	{ .name = "code",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct totp_body, code),
	  .max = CODE_MAX,
	  .required = true },
};

static const struct json_in_row remove_rows[] = {
	{ .name = "password",
	  .type = JSON_IN_SECRET,
	  .offset = offsetof(struct totp_body, password),
	  .max = SECRET_MAX,
	  .required = true },
	{ .name = "code",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct totp_body, code),
	  .max = CODE_MAX,
	  .required = true },
};

static int need_account(struct call *c, struct store_account *ret, struct err *e)
{
	int r = session_need(c, e);

	call_about(c, "user:%s", c->who.name);
	if (r == 0)
		r = store_account_get(c->s, c->who.account_id, c->a, ret, e);
	return r > 0 ? err_set(e, -ENOENT, "the user is gone") : r;
}

/* What an authenticator reads: the key URI format, with issuer, as common applications take it. */
static int answer_secret(struct call *c, const struct secret *secret, struct err *e)
{
	char base32[BASE32_TEXT_SIZE(TOTP_SECRET_MAX)], uri[URI_MAX];
	struct bytes s = secret_bytes(secret);
	int r;

	if (s.n > TOTP_SECRET_MAX)
		return err_set(e, -EIO, "the secret of the second factor is too long");
	(void)base32_encode(s, base32);
	(void)snprintf(uri, sizeof(uri), "otpauth://totp/Gatewright:%s?secret=%s&issuer=Gatewright", c->who.name,
		       base32);
	r = call_answer(c, 200, json_pack("{ss,ss}", "secret", base32, "uri", uri), e);
	sodium_memzero(base32, sizeof(base32));
	sodium_memzero(uri, sizeof(uri));
	return r;
}

static int begin(struct call *c, const struct totp_body *in, struct err *e)
{
	CLEANUP(secret_freep) struct secret *secret = NULL;
	enum login_outcome outcome = LOGIN_WAIT;
	struct bytes sealed = BYTES_NONE;
	int64_t wait_s = 0;
	int r = session_check_password(c, in->password, &outcome, &wait_s, e);

	if (r != 0 || outcome != LOGIN_FINE)
		return r != 0 ? r : session_refuse(c, outcome, wait_s, e);
	r = keys_ask_totp_new(c->m->keys, c->who.account_id, c->a, &secret, &sealed, e);
	if (r == 0)
		r = store_account_set_totp(c->s, c->who.account_id, sealed, false, 0, e);
	return r == 0 ? answer_secret(c, secret, e) : r;
}

int totp_begin(struct call *c, struct err *e)
{
	struct store_account account;
	struct totp_body in = { 0 };
	int r = need_account(c, &account, e);

	if (r == 0)
		r = call_body(c, begin_rows, ARRAY_N(begin_rows), &in, e);
	if (r == 0 && account.totp_confirmed)
		r = err_set(e, -EBUSY, "a second factor is set up already: remove it first");
	if (r == 0)
		r = begin(c, &in, e);
	secret_free(in.password);
	return r;
}

/* ---- confirming ---- */

static json_t *make_codes(uint8_t hashes[RECOVERY_CODES][STORE_HASH_SIZE])
{
	json_t *list = json_array();

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		uint8_t random[CODE_RANDOM_SIZE];
		char text[CODE_TEXT_SIZE], digits[CODE_DIGITS + 1];

		secret_random(random, sizeof(random));
		(void)code_format(random, text);
		(void)code_normalize(bytes_of_str(text), digits);
		secret_hash(bytes_of_str(digits), hashes[i]);
		(void)json_array_append_new(list, json_string(text));
		sodium_memzero(text, sizeof(text));
		sodium_memzero(digits, sizeof(digits));
		sodium_memzero(random, sizeof(random));
	}
	return list;
}

static int confirm(struct call *c, const struct store_account *account, int64_t step, struct err *e)
{
	uint8_t hashes[RECOVERY_CODES][STORE_HASH_SIZE];
	json_t *codes = make_codes(hashes);
	int r = store_begin(c->s, e);

	if (r == 0) {
		r = store_account_set_totp(c->s, account->id, account->totp_sealed, true, step, e);
		if (r == 0)
			r = store_recovery_set(c->s, account->id, (const uint8_t(*)[STORE_HASH_SIZE])hashes,
					       RECOVERY_CODES, e);
		r = store_end(c->s, r, e);
	}
	if (r < 0) {
		json_decref(codes);
		return r;
	}
	return call_answer(c, 200, json_pack("{so}", "recovery_codes", codes), e);
}

int totp_confirm(struct call *c, struct err *e)
{
	struct store_account account;
	struct totp_body in = { 0 };
	int64_t step = 0;
	int r = need_account(c, &account, e);

	if (r == 0)
		r = call_body(c, confirm_rows, ARRAY_N(confirm_rows), &in, e);
	if (r == 0 && (account.totp_confirmed || account.totp_sealed.n == 0))
		r = err_set(e, -EBUSY,
			    account.totp_confirmed ? "the second factor is confirmed already"
						   : "no second factor was begun: ask for its secret first");
	if (r == 0)
		r = keys_ask_totp_check(c->m->keys, account.id, account.totp_sealed, in.code, &step, e);
	if (r > 0)
		return call_problem(c, 422, "code-wrong", "the code is wrong: is the device's clock right", NULL);
	return r < 0 ? r : confirm(c, &account, step, e);
}

/* ---- removing ---- */

static int remove_factor(struct call *c, const struct totp_body *in, struct err *e)
{
	struct login l = session_login(c, c->who.name, in->password, in->code);
	enum login_outcome outcome = LOGIN_WAIT;
	int64_t wait_s = 0;
	int r = session_try(c, &l, &outcome, &wait_s, e);

	if (r != 0 || outcome != LOGIN_FINE)
		return r != 0 ? r : session_refuse(c, outcome, wait_s, e);
	r = store_begin(c->s, e);
	if (r < 0)
		return r;
	r = store_account_set_totp(c->s, c->who.account_id, BYTES_NONE, false, 0, e);
	if (r == 0)
		r = store_recovery_set(c->s, c->who.account_id, NULL, 0, e);
	r = store_end(c->s, r, e);
	if (r == 0)
		http_answer(c->r, 204, NULL);
	return r;
}

int totp_remove(struct call *c, struct err *e)
{
	struct store_account account;
	struct totp_body in = { 0 };
	int r = need_account(c, &account, e);

	if (r == 0)
		r = call_body(c, remove_rows, ARRAY_N(remove_rows), &in, e);
	if (r == 0 && !account.totp_confirmed)
		r = err_set(e, -EBUSY, "no second factor is set up");
	if (r == 0)
		r = remove_factor(c, &in, e);
	secret_free(in.password);
	return r;
}
