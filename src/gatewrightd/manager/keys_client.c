#include "gatewrightd/manager/keys_client.h"

#include "gatewrightd/manager/manager.h"
#include "gatewrightd/messages.h"

#include <errno.h>

/* "word\tsentence" */
static void take_findings(const struct wire_message *m, struct findings *ret)
{
	struct bytes text = BYTES_NONE;
	size_t cursor = 0;

	while (wire_next(m, FIELD_FINDING, &cursor, &text)) {
		struct rd r = rd_of(text);
		bool found = false;
		struct bytes word = rd_until(&r, '\t', &found);
		enum finding_id id;

		if (found && finding_from_word(word, &id))
			findings_add(ret, id, "%.*s", (int)r.rest.n, (const char *)r.rest.p);
	}
}

/* A refusal of what was asked, against a failure of the process: the caller's input is to blame for the first. */
static bool is_refusal(int r)
{
	return r == -EINVAL || r == -EACCES || r == -ENOENT || r == -ERANGE || r == -EPROTO;
}

static int call(struct channel *keys, struct buf *request, struct reply *reply, struct findings *findings,
		struct err *e)
{
	int r = channel_call(keys, request, reply, KEYS_TIMEOUT_MS, e);

	if (findings)
		take_findings(&reply->m, findings);
	return is_refusal(r) ? 1 : r;
}

static void add_request(struct buf *b, const struct cert_request *q)
{
	wire_add_str(b, FIELD_KIND, cert_kind_word(q->kind));
	wire_add_str(b, FIELD_DISPLAY_NAME, q->display_name);
	wire_add_str(b, FIELD_HOLDER, q->holder);
	wire_add_str(b, FIELD_ORGANIZATION, q->organization);
	wire_add_str(b, FIELD_LOCALITY, q->locality);
	wire_add_str(b, FIELD_COUNTRY, q->country);
	wire_add_str(b, FIELD_NAMES, q->names);
	wire_add_u64(b, FIELD_NOT_AFTER, (uint64_t)q->not_after.s);
	if (q->key.alg != KEY_ALG_OTHER)
		wire_add_str(b, FIELD_KEY_SPEC, key_spec_word(q->key));
	if (q->kind != CERT_END_ENTITY)
		wire_add_u64(b, FIELD_PATH_LEN, (uint64_t)(int64_t)q->path_len);
}

static int copy(const struct wire_message *m, uint16_t tag, struct arena *a, struct bytes *ret, struct err *e)
{
	*ret = BYTES_NONE;
	return arena_bytes(a, wire_get(m, tag), ret) ? 0 : err_nomem(e);
}

int keys_ask_issue(struct channel *keys, const struct keys_issue_order *order, struct arena *a, struct keys_issued *ret,
		   struct findings *findings, struct err *e)
{
	struct reply reply;
	struct buf request;
	int r;

	request_begin(&request, MSG_KEYS_ISSUE);
	add_request(&request, order->request);
	for (size_t i = 0; i < order->issuer_chain_n; i++)
		wire_add(&request, FIELD_CERTIFICATE, order->issuer_chain[i]);
	if (order->issuer_key.n > 0)
		wire_add(&request, FIELD_SEALED_KEY, order->issuer_key);
	if (order->dry_run)
		wire_add(&request, FIELD_DRY_RUN, BYTES_NONE);
	r = call(keys, &request, &reply, findings, e);
	if (r == 0)
		r = copy(&reply.m, FIELD_CERTIFICATE, a, &ret->der, e);
	if (r == 0)
		r = copy(&reply.m, FIELD_SEALED_KEY, a, &ret->sealed_key, e);
	if (r == 0 && !order->dry_run && (ret->der.n == 0 || ret->sealed_key.n == 0))
		r = err_set(e, -EIO, "the keys process answered without a certificate or its key");
	reply_fini(&reply);
	return r;
}

int keys_ask_import(struct channel *keys, struct bytes bundle, const struct secret *passphrase, struct arena *a,
		    struct keys_imported *ret, struct findings *findings, struct err *e)
{
	struct reply *reply = arena_alloc(a, sizeof(*reply));
	size_t der_cursor = 0, key_cursor = 0;
	struct bytes der, key;
	struct buf request;
	int r;

	if (!reply)
		return err_nomem(e);
	request_begin(&request, MSG_KEYS_IMPORT);
	wire_add(&request, FIELD_BUNDLE, bundle);
	if (passphrase)
		wire_add(&request, FIELD_PASSPHRASE, secret_bytes(passphrase));
	r = call(keys, &request, reply, findings, e);
	ret->n = 0;
	while (r == 0 && wire_next(&reply->m, FIELD_CERTIFICATE, &der_cursor, &der)) {
		if (ret->n == KEYS_IMPORT_MAX || !wire_next(&reply->m, FIELD_SEALED_KEY, &key_cursor, &key))
			r = err_set(e, -EIO,
				    "the keys process answered an import with certificates and keys that do not pair");
		else if (!arena_bytes(a, der, &ret->ders[ret->n]) || !arena_bytes(a, key, &ret->sealed_keys[ret->n]))
			r = err_nomem(e);
		else
			ret->n++;
	}
	reply_fini(reply);
	return r;
}

int keys_ask_export(struct channel *keys, const struct bytes *chain, size_t n, struct bytes sealed_key,
		    const struct secret *passphrase, const char *friendly_name, struct buf *out, struct err *e)
{
	struct reply reply;
	struct buf request;
	int r;

	request_begin(&request, MSG_KEYS_EXPORT);
	for (size_t i = 0; i < n; i++)
		wire_add(&request, FIELD_CERTIFICATE, chain[i]);
	wire_add(&request, FIELD_SEALED_KEY, sealed_key);
	wire_add(&request, FIELD_PASSPHRASE, secret_bytes(passphrase));
	wire_add_str(&request, FIELD_DISPLAY_NAME, friendly_name);
	r = call(keys, &request, &reply, NULL, e);
	if (r == 0) {
		buf_add(out, wire_get(&reply.m, FIELD_PKCS12));
		if (buf_bad(out))
			r = err_nomem(e);
	}
	reply_fini(&reply);
	return r;
}

int keys_ask_totp_new(struct channel *keys, int64_t account, struct arena *a, struct secret **ret_secret,
		      struct bytes *ret_sealed, struct err *e)
{
	struct bytes secret;
	struct reply reply;
	struct buf request;
	int r;

	request_begin(&request, MSG_KEYS_TOTP_NEW);
	wire_add_u64(&request, FIELD_ACCOUNT, (uint64_t)account);
	r = channel_call(keys, &request, &reply, KEYS_TIMEOUT_MS, e);
	if (r == 0)
		r = copy(&reply.m, FIELD_SEALED_TOTP, a, ret_sealed, e);
	secret = wire_get(&reply.m, FIELD_TOTP_SECRET);
	if (r == 0 && (secret.n == 0 || ret_sealed->n == 0))
		r = err_set(e, -EIO, "the keys process answered without a second factor");
	if (r == 0) {
		*ret_secret = secret_of(secret);
		r = *ret_secret ? 0 : err_nomem(e);
	}
	reply_fini(&reply);
	return r;
}

int keys_ask_totp_check(struct channel *keys, int64_t account, struct bytes sealed, const char *code, int64_t *step,
			struct err *e)
{
	struct reply reply;
	struct buf request;
	uint64_t got = 0;
	int r;

	request_begin(&request, MSG_KEYS_TOTP_CHECK);
	wire_add_u64(&request, FIELD_ACCOUNT, (uint64_t)account);
	wire_add(&request, FIELD_SEALED_TOTP, sealed);
	wire_add_str(&request, FIELD_CODE, code);
	wire_add_u64(&request, FIELD_TIME_STEP, (uint64_t)*step);
	r = channel_call(keys, &request, &reply, KEYS_TIMEOUT_MS, e);
	if (r == 0)
		r = wire_get_u64(&reply.m, FIELD_TIME_STEP, &got) ? 0 : 1;
	if (r == 0)
		*step = (int64_t)got;
	reply_fini(&reply);
	return r;
}

/* Of an answer that has both. */
static int take_signature(const struct wire_message *m, struct keys_signature *ret, struct err *e)
{
	struct bytes public_key = wire_get(m, FIELD_PUBLIC_KEY), signature = wire_get(m, FIELD_SIGNATURE);

	if (public_key.n != sizeof(ret->public_key) || signature.n != sizeof(ret->signature))
		return err_set(e, -EIO, "the keys process answered without its proof key or a signature");
	memcpy(ret->public_key, public_key.p, sizeof(ret->public_key));
	memcpy(ret->signature, signature.p, sizeof(ret->signature));
	return 0;
}

int keys_ask_sign_head(struct channel *keys, const char *text, int64_t n, struct keys_signature *ret, struct err *e)
{
	struct reply reply;
	struct buf request;
	int r;

	request_begin(&request, MSG_KEYS_SIGN_HEAD);
	wire_add_str(&request, FIELD_PAYLOAD, text);
	wire_add_u64(&request, FIELD_NUMBER, (uint64_t)n);
	r = channel_call(keys, &request, &reply, KEYS_TIMEOUT_MS, e);
	if (r == 0)
		r = take_signature(&reply.m, ret, e);
	reply_fini(&reply);
	return r;
}

int keys_ask_last_head(struct channel *keys, struct arena *a, int64_t *ret_n, const char **ret_text, struct err *e)
{
	struct reply reply;
	struct buf request;
	uint64_t n = 0;
	int r;

	request_begin(&request, MSG_KEYS_LAST_HEAD);
	r = channel_call(keys, &request, &reply, KEYS_TIMEOUT_MS, e);
	if (r == 0 && !wire_get_u64(&reply.m, FIELD_NUMBER, &n))
		r = 1;
	if (r == 0) {
		*ret_n = (int64_t)n;
		*ret_text = arena_str(a, wire_get(&reply.m, FIELD_PAYLOAD));
		r = *ret_text ? 0 : err_nomem(e);
	}
	reply_fini(&reply);
	return r;
}

#define PART_MAX (128 * 1024) /* of a payload, in one request */

/* The part of `payload` from `at` on; n 0: only the key is asked for. */
static int ask_part(struct channel *keys, struct bytes payload, size_t at, size_t n, struct keys_signature *ret,
		    struct err *e)
{
	bool is_last = at + n == payload.n;
	struct bytes public_key, signature;
	struct reply reply;
	struct buf request;
	int r;

	request_begin(&request, MSG_KEYS_SIGN_PROOF);
	if (n > 0) {
		wire_add(&request, FIELD_PAYLOAD, bytes_of(payload.p + at, n));
		wire_add_u64(&request, FIELD_OFFSET, at);
	}
	if (!is_last)
		wire_add(&request, FIELD_MORE, BYTES_NONE);
	r = channel_call(keys, &request, &reply, KEYS_TIMEOUT_MS, e);
	public_key = wire_get(&reply.m, FIELD_PUBLIC_KEY);
	signature = wire_get(&reply.m, FIELD_SIGNATURE);
	if (r == 0 &&
	    (public_key.n != sizeof(ret->public_key) || signature.n != (n > 0 && is_last ? sizeof(ret->signature) : 0)))
		r = err_set(e, -EIO, "the keys process answered without its proof key or a signature");
	if (r == 0) {
		memcpy(ret->public_key, public_key.p, sizeof(ret->public_key));
		if (signature.n > 0)
			memcpy(ret->signature, signature.p, sizeof(ret->signature));
	}
	reply_fini(&reply);
	return r;
}

int keys_ask_sign(struct channel *keys, struct bytes payload, struct keys_signature *ret, struct err *e)
{
	size_t at = 0;
	int r;

	do {
		size_t n = payload.n - at < PART_MAX ? payload.n - at : PART_MAX;

		r = ask_part(keys, payload, at, n, ret, e);
		at += n;
	} while (r == 0 && at < payload.n);
	return r;
}

int keys_ask_console_key(struct channel *keys, struct bytes certificate, struct bytes sealed_key, struct secret **ret,
			 struct err *e)
{
	struct reply reply;
	struct buf request;
	int r;

	request_begin(&request, MSG_KEYS_RELEASE_CONSOLE);
	wire_add(&request, FIELD_CERTIFICATE, certificate);
	wire_add(&request, FIELD_SEALED_KEY, sealed_key);
	r = channel_call(keys, &request, &reply, KEYS_TIMEOUT_MS, e);
	if (r == 0) {
		*ret = secret_of(wire_get(&reply.m, FIELD_KEY_PEM));
		if (!*ret)
			r = err_nomem(e);
	}
	reply_fini(&reply);
	return r;
}
