#include "gatewrightd/manager/api/once.h"

#include "base/log.h"
#include "codec/hex.h"
#include "sys/store/idempotency.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ETAG_TEXT_MAX (256u * 1024)

/* ---- If-Match ---- */

void etag_make(char out[ETAG_SIZE], const char *format, ...)
{
	uint8_t hash[crypto_hash_sha256_BYTES] = { 0 };
	char hex[2 * 16 + 1];
	struct buf text;
	va_list args;

	buf_init(&text, ETAG_TEXT_MAX);
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	(void)crypto_hash_sha256(hash, text.p ? text.p : (const uint8_t *)"", text.n);
	buf_fini(&text);
	(void)snprintf(out, ETAG_SIZE, "\"%s\"", hex_encode(bytes_of(hash, 16), hex));
}

int call_answer_etag(struct call *c, const char *etag, struct err *e)
{
	return http_answer_header(c->r, "ETag", etag, e);
}

int call_if_match(struct call *c, const char *etag, struct err *e)
{
	const char *wanted = http_header(c->r, "If-Match");

	if (!wanted || strcmp(wanted, "*") == 0 || strstr(wanted, etag))
		return 0;
	return err_set(e, -ESTALE, "it was changed since: want the ETag %s in If-Match, got another one", etag);
}

/* ---- Idempotency-Key ---- */

/* The answers of those with a secret are not kept in the store. */
static const struct {
	api_handler *handler;
	bool secret;
} creating[] = {
	{ certificates_create, false }, { certificates_create_batch, false },
	{ certificates_import, false }, { gateways_create, false },
	{ updates_create, false },	{ updates_rollback, false },
	{ users_create, true },		{ tokens_create, true },
};

static bool is_creating(api_handler *handler, bool *ret_secret)
{
	for (size_t i = 0; i < ARRAY_N(creating); i++) {
		if (creating[i].handler == handler) {
			*ret_secret = creating[i].secret;
			return true;
		}
	}
	return false;
}

static int check_key(const char *key, struct err *e)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < n; i++)
		if (key[i] < '!' || key[i] > '~')
			n = 0;
	return n >= 1 && n <= ONCE_KEY_MAX
		       ? 0
		       : err_set(e, -EINVAL, "Idempotency-Key: want 1 to %d visible characters of ASCII", ONCE_KEY_MAX);
}

/* A copy of a body without what must leave no trace, not even a hash that could be guessed from. */
static json_t *without_secrets(json_t *body)
{
	static const char *const top[] = { "passphrase" };
	static const char *const login[] = { "password", "key", "key_passphrase", "sudo_password" };
	json_t *copy = json_deep_copy(body);

	for (size_t i = 0; i < ARRAY_N(top); i++)
		(void)json_object_del(copy, top[i]);
	for (size_t i = 0; i < ARRAY_N(login); i++)
		(void)json_object_del(json_object_get(copy, "ssh"), login[i]);
	return copy;
}

static const char *text_of(const json_t *value, size_t flags, struct arena *a)
{
	size_t n = json_dumpb(value, NULL, 0, flags);
	char *text = n > 0 ? arena_alloc(a, n + 1) : NULL;

	if (text)
		(void)json_dumpb(value, text, n, flags);
	return text;
}

static int digest(struct call *c, uint8_t ret[IDEMPOTENCY_DIGEST_SIZE], struct err *e)
{
	crypto_hash_sha256_state state;
	json_t *body = NULL, *copy;
	const char *text;
	int r = http_body(c->r, &body, e);

	if (r < 0)
		return r;
	copy = without_secrets(body);
	text = copy ? text_of(copy, JSON_COMPACT | JSON_SORT_KEYS, c->a) : NULL;
	json_decref(copy);
	if (!text)
		return err_nomem(e);
	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, (const uint8_t *)http_path(c->r), strlen(http_path(c->r)) + 1);
	(void)crypto_hash_sha256_update(&state, (const uint8_t *)text, strlen(text));
	(void)crypto_hash_sha256_final(&state, ret);
	return 0;
}

/* What the first call was answered. */
static int answer_again(struct call *c, const struct store_idempotency *asked, const struct store_idempotency *known,
			struct err *e)
{
	if (memcmp(asked->digest, known->digest, sizeof(known->digest)) != 0)
		return err_set(e, -EPROTO, "Idempotency-Key '%s' belongs to another call: want a new one for this",
			       asked->key);
	if (known->status == 0)
		return err_set(e, -EBUSY,
			       "the call with Idempotency-Key '%s' is under way, or was cut off: look at what is there",
			       asked->key);
	if (c->once_secret)
		return err_set(e, -EEXIST,
			       "the call with Idempotency-Key '%s' was done, and its secret is shown once only: "
			       "want another key to make another one",
			       asked->key);
	c->audit.action = AUDIT_NONE; /* it is told already */
	http_answer_text(c->r, (unsigned int)known->status, "application/json", bytes_of_str(known->answer));
	return 0;
}

static int run_once(struct call *c, api_handler *handler, const char *key, struct err *e)
{
	struct store_idempotency row = { .caller = c->who.actor, .key = key }, known; /* keys of others are others */
	struct err unused = { 0 };
	int r = check_key(key, e);

	if (r == 0)
		r = digest(c, row.digest, e);
	call_audit_pause(c);
	if (r == 0)
		r = store_idempotency_begin(c->s, &row, c->now, wall_add(c->now, -ONCE_FOR_S), c->a, &known, e);
	if (r != 0)
		return r < 0 ? r : answer_again(c, &row, &known, e);
	c->once_key = key;
	call_audit_resume(c);
	r = handler(c, e);
	call_audit_pause(c);
	if (c->once_key && store_idempotency_forget(c->s, row.caller, key, &unused) < 0)
		log_warning("%s", err_text(&unused));
	return r;
}

int once_run(struct call *c, api_handler *handler, struct err *e)
{
	const char *key = is_creating(handler, &c->once_secret) ? http_header(c->r, "Idempotency-Key") : NULL;

	return key ? run_once(c, handler, key, e) : handler(c, e);
}

/* What cannot be kept leaves the key as one whose call was cut off: nothing is made twice. */
void once_keep(struct call *c, unsigned int status, const json_t *body)
{
	const char *key = c->once_key, *text;
	struct err e = { 0 };
	int r;

	if (!key || (status != 201 && status != 202))
		return;
	c->once_key = NULL;
	text = c->once_secret ? "" : text_of(body, JSON_COMPACT, c->a);
	call_audit_pause(c);
	r = text ? store_idempotency_finish(c->s, c->who.actor, key, (int)status, text, &e) : err_nomem(&e);
	if (r < 0)
		log_warning("the answer to a call with an Idempotency-Key was not kept: %s", err_text(&e));
}
