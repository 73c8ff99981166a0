/*
 * The proof key: Ed25519, signs the records of renewals and nothing else. At rest it is sealed under a key derived from
 * the key-encryption key, so that its file can never be passed off as a certificate's sealed key.
 */
#include "gatewrightd/keys/inner.h"
#include "base/limits.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#define PURPOSE "gatewright 1 proof key"

static_assert(PROOF_SEED_SIZE == crypto_sign_ed25519_SEEDBYTES, "the seed of an Ed25519 key");
static_assert(PROOF_PUBLIC_SIZE == crypto_sign_ed25519_PUBLICKEYBYTES, "an Ed25519 public key");
static_assert(PROOF_SIGNATURE_SIZE == crypto_sign_ed25519_BYTES, "an Ed25519 signature");

int proof_seed_new(struct secret **ret, struct err *e)
{
	struct secret *seed = secret_new(PROOF_SEED_SIZE);

	if (!seed)
		return err_nomem(e);
	randombytes_buf(secret_data(seed), PROOF_SEED_SIZE);
	*ret = seed;
	return 0;
}

static int expand(const struct secret *seed, uint8_t public[PROOF_PUBLIC_SIZE], struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *key = secret_new(crypto_sign_ed25519_SECRETKEYBYTES);

	if (!key)
		return err_nomem(e);
	if (crypto_sign_ed25519_seed_keypair(public, secret_data(key), secret_bytes(seed).p) != 0)
		return err_set(e, -EIO, "make the proof key of its seed");
	*ret = TAKE(key);
	return 0;
}

/* The blob's clear part wants a kind and a hash: the hash of the public key, and a kind that is never released. */
int proof_seal(const struct secret *kek, const struct secret *seed, struct buf *out, struct err *e)
{
	CLEANUP(secret_freep) struct secret *wrapping = NULL;
	CLEANUP(secret_freep) struct secret *key = NULL;
	uint8_t public[PROOF_PUBLIC_SIZE], hash[FINGERPRINT_SIZE];
	int r = keys_derive(kek, PURPOSE, &wrapping, e);

	if (r == 0)
		r = expand(seed, public, &key, e);
	if (r < 0)
		return r;
	(void)crypto_hash_sha256(hash, public, sizeof(public));
	return seal(wrapping, CERT_ROOT, hash, secret_bytes(seed), out, e);
}

int proof_unseal(const struct secret *kek, struct bytes sealed, struct secret **ret_seed, struct err *e)
{
	CLEANUP(secret_freep) struct secret *wrapping = NULL;
	CLEANUP(secret_freep) struct secret *seed = NULL;
	int r = keys_derive(kek, PURPOSE, &wrapping, e);

	if (r == 0)
		r = unseal(wrapping, sealed, NULL, NULL, &seed, e);
	if (r < 0)
		return r;
	if (secret_bytes(seed).n != PROOF_SEED_SIZE)
		return err_set(e, -EINVAL, "proof key: want %d bytes, got %zu", PROOF_SEED_SIZE, secret_bytes(seed).n);
	*ret_seed = TAKE(seed);
	return 0;
}

/* The next part behind those that are there. One that does not follow them ends them: another process got them. */
static int take_part(struct keys_call *c, struct err *e)
{
	struct bytes part = wire_get(c->m, FIELD_PAYLOAD);
	struct buf *all = &c->keys->proof;
	uint64_t offset = 0;

	(void)wire_get_u64(c->m, FIELD_OFFSET, &offset);
	if (offset == 0)
		buf_reset(all);
	if (offset != all->n)
		return err_set(e, -EPROTO, "field 'offset': want the part from byte %zu, got the one from byte %llu",
			       all->n, (unsigned long long)offset);
	if (part.n == 0)
		return err_set(e, -EINVAL, "field 'payload': want bytes to sign, got none");
	buf_add(all, part);
	if (buf_bad(all))
		return err_set(e, -E2BIG, "the proof: want at most %d bytes to sign, got more", LIMIT_KEYS_PROOF_MAX);
	return 0;
}

static int sign(struct keys_call *c, const struct secret *key, struct err *e)
{
	const struct buf *all = &c->keys->proof;
	uint8_t signature[PROOF_SIGNATURE_SIZE];

	/* A head is signed where it is kept, and nowhere else. */
	if (all->n >= strlen(HEAD_CONTEXT) && memcmp(all->p, HEAD_CONTEXT, strlen(HEAD_CONTEXT)) == 0)
		return err_set(e, -EACCES, "sign the proof: want one, got a head of the audit log");
	if (crypto_sign_ed25519_detached(signature, NULL, all->p, all->n, secret_bytes(key).p) != 0)
		return err_set(e, -EIO, "sign the proof");
	wire_add(c->out, FIELD_SIGNATURE, bytes_of(signature, sizeof(signature)));
	return 0;
}

int proof_sign(const struct keys *k, struct bytes payload, struct buf *out, struct err *e)
{
	CLEANUP(secret_freep) struct secret *key = NULL;
	uint8_t public[PROOF_PUBLIC_SIZE], signature[PROOF_SIGNATURE_SIZE];
	int r = expand(k->proof_seed, public, &key, e);

	if (r < 0)
		return r;
	if (crypto_sign_ed25519_detached(signature, NULL, payload.p, payload.n, secret_bytes(key).p) != 0)
		return err_set(e, -EIO, "sign with the proof key");
	wire_add(out, FIELD_PUBLIC_KEY, bytes_of(public, sizeof(public)));
	wire_add(out, FIELD_SIGNATURE, bytes_of(signature, sizeof(signature)));
	return 0;
}

/* Without a payload the question is only for the public key. */
int keys_sign_proof(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_PAYLOAD, "payload", FORM_BYTES, 0, 1, WIRE_MESSAGE_MAX },
		{ FIELD_OFFSET, "offset", FORM_U64, 0, 1, 8 },
		{ FIELD_MORE, "more", FORM_FLAG, 0, 1, 0 },
	};
	CLEANUP(secret_freep) struct secret *key = NULL;
	uint8_t public[PROOF_PUBLIC_SIZE];
	bool has_part = wire_has(c->m, FIELD_PAYLOAD), is_last = has_part && !wire_has(c->m, FIELD_MORE);
	int r = fields_check(c->m, rules, ARRAY_N(rules), e);

	if (r == 0)
		r = expand(c->keys->proof_seed, public, &key, e);
	if (r < 0)
		return r;
	wire_add(c->out, FIELD_PUBLIC_KEY, bytes_of(public, sizeof(public)));
	if (!has_part)
		return 0;
	r = take_part(c, e);
	if (r == 0 && is_last)
		r = sign(c, key, e);
	if (r < 0 || is_last)
		buf_fini(&c->keys->proof);
	return r;
}
