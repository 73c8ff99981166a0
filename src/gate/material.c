#include "gate/material.h"

#include "gate/failure.h"
#include "sys/crypto/pkey.h"
#include "sys/crypto/x509.h"

#include <errno.h>

#define MATERIAL_ARENA_MAX (16u * 1024 * 1024)

/* The one certificate that has a key. A CA certificate may come with its key, too, but then it is not the one to serve.
 */
static int find_leaf(const struct bundle *b, struct arena *a, size_t *ret, struct err *e)
{
	size_t found = 0, cas = 0, leaf = 0, ca = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct cert_facts facts;

		if (!b->keys[i] || x509_parse(b->certs[i], a, &facts, NULL) < 0)
			continue;
		if (facts.is_ca) {
			cas++;
			ca = i;
		} else {
			found++;
			leaf = i;
		}
	}
	if (found > 1 || (found == 0 && cas > 1))
		return err_set(e, -EINVAL, "want one certificate with its private key, got %zu", found ? found : cas);
	if (found + cas == 0 && b->orphan_keys > 0)
		return err_set(e, FAILURE_MISMATCH, "the private key belongs to none of the %zu certificates", b->n);
	if (found + cas == 0)
		return err_set(e, -EINVAL, "want a certificate with its private key, got no key");
	*ret = found ? leaf : ca; /* a CA certificate alone: the check says what is wrong with that */
	return 0;
}

static int write_pem(struct material *m, struct err *e)
{
	struct chain_facts *c = &m->chain;

	buf_init(&m->chain_pem, 1024 * 1024);
	buf_init(&m->root_pem, 256 * 1024);
	for (size_t i = 0; i < c->n; i++) {
		bool root = c->complete && i == c->n - 1 && i > 0;
		int r = x509_der_to_pem(c->certs[i].der, root ? &m->root_pem : &m->chain_pem, e);

		if (r < 0)
			return r;
	}
	return buf_bad(&m->chain_pem) || buf_bad(&m->root_pem) ? err_nomem(e) : 0;
}

static int build(struct material *m, const struct bundle *b, struct bytes known_root, struct err *e)
{
	struct bytes pool[ARRAY_N(b->certs) + 1];
	size_t leaf = 0, n = 0;
	int r = find_leaf(b, m->arena, &leaf, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < b->n; i++)
		if (i != leaf)
			pool[n++] = b->certs[i];
	if (known_root.n > 0)
		pool[n++] = known_root;
	r = x509_chain_build(b->certs[leaf], pool, n, m->arena, &m->chain, e);
	if (r < 0)
		return r;
	m->chain.has_key = true;
	m->chain.key_matches = pkey_matches(b->keys[leaf], chain_leaf(&m->chain));
	r = pkey_to_pem(b->keys[leaf], &m->key_pem, e);
	return r < 0 ? r : write_pem(m, e);
}

int material_read(struct bytes file, const struct secret *passphrase, struct bytes known_root, struct material *ret,
		  struct err *e)
{
	struct bundle bundle = { 0 };
	int r;

	*ret = (struct material) { .arena = arena_new(MATERIAL_ARENA_MAX) };
	if (!ret->arena)
		return err_nomem(e);
	r = bundle_read(file, passphrase, ret->arena, &bundle, e);
	if (r != 0)
		return r;
	r = build(ret, &bundle, known_root, e);
	bundle_fini(&bundle);
	return r;
}

void material_fini(struct material *m)
{
	secret_free(m->key_pem);
	buf_fini(&m->chain_pem);
	buf_fini(&m->root_pem);
	arena_free(m->arena);
	*m = (struct material) { 0 };
}
