#include "cli/proof_read.h"
#include "codec/base64.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define KEY_FILE_MAX 65536

/* The texts of a JWS, borrowed from its JSON. */
struct jws {
	struct bytes payload, protected, signature;
};

static int strict_object(struct bytes text, const char *what, size_t members, json_t **ret, struct err *e)
{
	json_error_t where;
	json_t *j = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &where);

	if (!j)
		return err_set(e, -EINVAL, "%s: want JSON, got something else: %s", what, where.text);
	if (!json_is_object(j) || (members > 0 && json_object_size(j) != members)) {
		json_decref(j);
		return err_set(e, -EINVAL, "%s: want an object of %zu members, got another value", what, members);
	}
	*ret = j;
	return 0;
}

static struct bytes member_bytes(const json_t *object, const char *name)
{
	const json_t *s = json_object_get(object, name);

	return bytes_of(json_string_value(s), json_string_length(s));
}

static int take_jws(const json_t *j, struct jws *ret, struct err *e)
{
	ret->payload = member_bytes(j, "payload");
	ret->protected = member_bytes(j, "protected");
	ret->signature = member_bytes(j, "signature");
	if (ret->payload.n == 0 || ret->protected.n == 0 || ret->signature.n == 0)
		return err_set(e, -EINVAL,
			       "proof: want a flattened JWS of payload, protected and signature, got something else");
	return 0;
}

static void add_file(const struct jws *w, struct buf *out)
{
	const struct {
		const char *before;
		struct bytes value;
	} parts[] = { { "{\"payload\":\"", w->payload },
		      { "\",\"protected\":\"", w->protected },
		      { "\",\"signature\":\"", w->signature } };

	for (size_t i = 0; i < ARRAY_N(parts); i++) {
		buf_add_str(out, parts[i].before);
		buf_add(out, parts[i].value);
	}
	buf_add_str(out, "\"}\n");
}

int proof_to_file(const json_t *jws, struct buf *out, struct err *e)
{
	struct jws w;
	int r = take_jws(jws, &w, e);

	if (r < 0)
		return r;
	add_file(&w, out);
	return buf_bad(out) ? err_set(e, -EINVAL, "proof: want at most %zu bytes, got more", out->max) : 0;
}

static int check_form(struct bytes file, const struct jws *w, struct err *e)
{
	struct buf expected;
	bool same;

	buf_init(&expected, PROOF_FILE_MAX);
	add_file(w, &expected);
	same = !buf_bad(&expected) && bytes_equal(buf_bytes(&expected), file);
	buf_fini(&expected);
	return same ? 0 : err_set(e, -EINVAL, "proof: the file is not byte for byte as 'job proof' writes it");
}

/* An Ed25519 key as a JWK (RFC 8037 section 2). */
static int take_jwk(const json_t *jwk, uint8_t ret[32], struct err *e)
{
	struct buf x;
	int r = 0;

	buf_init(&x, 64);
	if (!bytes_equal_str(member_bytes(jwk, "kty"), "OKP") ||
	    !bytes_equal_str(member_bytes(jwk, "crv"), "Ed25519") || !base64url_decode(member_bytes(jwk, "x"), &x) ||
	    x.n != 32)
		r = err_set(e, -EINVAL,
			    "proof key: want a JWK of kty OKP, crv Ed25519 and 32 bytes x, got something else");
	else
		memcpy(ret, x.p, 32);
	buf_fini(&x);
	return r;
}

void proof_key_thumbprint(const uint8_t key[32], uint8_t ret[32])
{
	struct buf text;

	buf_init(&text, 256);
	proof_thumbprint_input(key, &text);
	(void)crypto_hash_sha256(ret, text.p, text.n);
	buf_fini(&text);
}

static int check_header_fields(const json_t *header, struct proof_doc *d, struct err *e)
{
	struct buf kid;
	bool same;
	int r;

	if (!bytes_equal_str(member_bytes(header, "alg"), "EdDSA"))
		return err_set(e, -EINVAL, "proof header: want alg 'EdDSA', got another one");
	if (!bytes_equal_str(member_bytes(header, "typ"), PROOF_TYPE))
		return err_set(e, -EINVAL, "proof header: want typ '%s', got another one", PROOF_TYPE);
	r = take_jwk(json_object_get(header, "jwk"), d->key, e);
	if (r < 0)
		return r;
	proof_key_thumbprint(d->key, d->thumbprint);
	buf_init(&kid, 64);
	base64url_encode(bytes_of(d->thumbprint, 32), &kid);
	same = bytes_equal(member_bytes(header, "kid"), buf_bytes(&kid));
	buf_fini(&kid);
	return same ? 0 : err_set(e, -EINVAL, "proof header: kid is not the thumbprint of the key beside it");
}

static int read_header(struct bytes protected, struct proof_doc *d, struct err *e)
{
	CLEANUP(json_freep) json_t *header = NULL;
	struct buf text;
	int r = 0;

	buf_init(&text, 4096);
	if (!base64url_decode(protected, &text))
		r = err_set(e, -EINVAL, "proof header: want base64url, got something else");
	if (r == 0)
		r = strict_object(buf_bytes(&text), "proof header", 4, &header, e);
	buf_fini(&text);
	return r < 0 ? r : check_header_fields(header, d, e);
}

static int check_signature(const struct jws *w, const struct proof_doc *d, struct err *e)
{
	struct buf signature, input;
	bool good;

	buf_init(&signature, 64);
	buf_init(&input, PROOF_FILE_MAX);
	buf_add(&input, w->protected);
	buf_add_u8(&input, '.');
	buf_add(&input, w->payload);
	good = base64url_decode(w->signature, &signature) && signature.n == crypto_sign_BYTES && !buf_bad(&input) &&
	       crypto_sign_verify_detached(signature.p, input.p, input.n, d->key) == 0;
	buf_fini(&signature);
	buf_fini(&input);
	return good ? 0
		    : err_set(e, -EINVAL,
			      "proof: the signature does not verify: the file was changed, or is not a proof");
}

static int read_payload(struct bytes payload, struct proof_doc *d, struct err *e)
{
	struct buf text;
	int r = 0;

	buf_init(&text, PROOF_MAX);
	if (!base64url_decode(payload, &text))
		r = err_set(e, -EINVAL, "proof payload: want base64url of at most %d bytes, got something else",
			    PROOF_MAX);
	if (r == 0)
		r = strict_object(buf_bytes(&text), "proof payload", 0, &d->payload, e);
	buf_fini(&text);
	return r;
}

void proof_doc_fini(struct proof_doc *d)
{
	json_decref(TAKE(d->payload));
}

int proof_read(struct bytes file, struct proof_doc *ret, struct err *e)
{
	CLEANUP(json_freep) json_t *j = NULL;
	struct proof_doc d = { .payload = NULL };
	struct jws w;
	int r = strict_object(file, "proof", 3, &j, e);

	if (r == 0)
		r = take_jws(j, &w, e);
	if (r == 0)
		r = check_form(file, &w, e);
	if (r == 0)
		r = read_header(w.protected, &d, e);
	if (r == 0)
		r = check_signature(&w, &d, e);
	if (r == 0)
		r = read_payload(w.payload, &d, e);
	if (r == 0)
		*ret = d;
	return r;
}

int proof_key_read(struct bytes file, uint8_t ret[32], struct err *e)
{
	CLEANUP(json_freep) json_t *j = NULL;
	int r = strict_object(file, "proof key", 0, &j, e);

	if (r < 0)
		return r;
	return take_jwk(json_has(j, "jwk") ? json_object_get(j, "jwk") : j, ret, e);
}
