#include "gatewrightd/keys/inner.h"

#include <errno.h>
#include <sodium.h>

int sealed_open(struct keys_call *c, struct bytes sealed, const struct cert_facts *cert, enum cert_kind *ret_kind,
		struct pkey **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *plain = NULL;
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	uint8_t spki[FINGERPRINT_SIZE];
	enum cert_kind kind;
	int r = unseal(c->keys->kek, sealed, &kind, spki, &plain, e);

	if (r < 0)
		return err_wrap(e, r, "open the sealed key");
	if (cert && memcmp(spki, cert->spki_sha256, sizeof(spki)) != 0) {
		findings_add(c->findings, FINDING_KEY_MISMATCH, "the sealed key is not the one of certificate '%s'",
			     cert->subject_text);
		return err_set(e, -EINVAL, "the sealed key does not belong to certificate '%s'", cert->subject_text);
	}
	if (cert && kind != cert_kind_of(cert))
		return err_set(e, -EACCES, "the key was sealed for a certificate of kind '%s', want '%s'",
			       cert_kind_word(kind), cert_kind_word(cert_kind_of(cert)));
	r = pkey_from_der(secret_bytes(plain), &key, e);
	if (r < 0)
		return err_wrap(e, r, "read the sealed key");
	/* The hash in the blob's head is authenticated, but the key behind it is what counts. */
	if (cert && !pkey_matches(key, cert))
		return err_set(e, -EINVAL, "the sealed key does not belong to certificate '%s'", cert->subject_text);
	if (ret_kind)
		*ret_kind = kind;
	*ret = TAKE(key);
	return 0;
}

int sealed_add(struct keys_call *c, const struct pkey *key, const struct cert_facts *cert, struct err *e)
{
	CLEANUP(secret_freep) struct secret *plain = NULL;
	struct buf sealed;
	int r = pkey_to_der(key, &plain, e);

	if (r < 0)
		return r;
	buf_init(&sealed, WIRE_MESSAGE_MAX);
	r = seal(c->keys->kek, cert_kind_of(cert), cert->spki_sha256, secret_bytes(plain), &sealed, e);
	if (r == 0)
		wire_add(c->out, FIELD_SEALED_KEY, buf_bytes(&sealed));
	buf_fini(&sealed);
	return r < 0 ? err_wrap(e, r, "seal the key") : 0;
}

int sealed_chain(struct keys_call *c, bool complete, struct chain_facts **ret, struct err *e)
{
	struct chain_facts *chain = arena_alloc(c->arena, sizeof(*chain));
	struct bytes ders[FACTS_CHAIN_MAX];
	size_t n = fields_all(c->m, FIELD_CERTIFICATE, ders, FACTS_CHAIN_MAX);
	int r;

	if (!chain)
		return err_nomem(e);
	r = x509_chain_of(ders, n, c->arena, chain, e);
	if (r < 0)
		return err_wrap(e, r, "read the chain");
	for (size_t i = 0; i + 1 < chain->n; i++)
		if (!chain->signature_valid[i])
			return err_set(e, -EINVAL, "chain: certificate '%s' is not signed by the next one, '%s'",
				       chain->certs[i].subject_text, chain->certs[i + 1].subject_text);
	if (complete && !chain->complete)
		return err_set(e, -EINVAL, "chain: want a root at its end, got '%s'",
			       chain->n > 0 ? chain->certs[chain->n - 1].subject_text : "nothing");
	*ret = chain;
	return 0;
}

int keys_derive(const struct secret *kek, const char *purpose, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *key = secret_new(SEAL_KEK_SIZE);
	struct bytes master = secret_bytes(kek);

	if (!key)
		return err_nomem(e);
	if (crypto_generichash(secret_data(key), SEAL_KEK_SIZE, (const uint8_t *)purpose, strlen(purpose) + 1, master.p,
			       master.n) != 0)
		return err_set(e, -EIO, "derive the sealing key '%s'", purpose);
	*ret = TAKE(key);
	return 0;
}
