/* Who signed whom: chains out of a pool in any order, and chains as they were sent. */
#include "sys/crypto/x509_internal.h"

#include "base/limits.h"
#include <errno.h>
#include <stdlib.h>

#include <openssl/err.h>

/* A certificate of the pool; its facts are read when its name is asked for. */
struct member {
	X509 *x;
	struct bytes der;
	struct cert_facts *facts; /* NULL: not read yet */
	bool broken;		  /* does not parse: passed over */
	bool in_path;
};

struct search {
	struct member *pool;
	size_t pool_n;
	struct arena *arena;
	struct member *path[FACTS_CHAIN_MAX], *best[FACTS_CHAIN_MAX];
	size_t best_n;
	bool complete;
	int verify_left;
	bool no_memory;
};

static void members_free(struct member *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		X509_free(m[i].x);
	free(m);
}

static bool read_facts(struct search *s, struct member *m)
{
	struct err e = { 0 };
	struct cert_facts *facts;
	int r;

	if (m->facts || m->broken)
		return !m->broken;
	facts = arena_alloc(s->arena, sizeof(*facts));
	r = facts ? x509_facts(m->x, m->der, s->arena, facts, &e) : -ENOMEM;
	if (r == -ENOMEM)
		s->no_memory = true;
	m->broken = r < 0;
	if (!m->broken)
		m->facts = facts;
	return !m->broken;
}

/* By name and key identifier (RFC 5280 sections 7.1 and 4.2.1.1): cheap, before any signature. */
static bool may_have_issued(struct search *s, const struct member *child, struct member *m)
{
	const struct cert_facts *c = child->facts;

	if (m->in_path || m->broken ||
	    X509_NAME_cmp(X509_get_issuer_name(child->x), X509_get_subject_name(m->x)) != 0 || !read_facts(s, m))
		return false;
	return c->authority_key_id.n == 0 || m->facts->subject_key_id.n == 0 ||
	       bytes_equal(c->authority_key_id, m->facts->subject_key_id);
}

static bool is_anchor(const struct cert_facts *c)
{
	return c->is_ca && c->self_issued && c->self_signature_valid;
}

/* Self-signed ones first: the shortest way to a root; then the one that lasts longest. */
static bool is_better(const struct member *a, const struct member *b)
{
	if (is_anchor(a->facts) != is_anchor(b->facts))
		return is_anchor(a->facts);
	return a->facts->not_after.s > b->facts->not_after.s;
}

/* The best issuer of `child` that was not `tried`, or NULL. */
static struct member *next_issuer(struct search *s, const struct member *child, const bool *tried)
{
	struct member *best = NULL;

	for (size_t i = 0; i < s->pool_n; i++) {
		struct member *m = &s->pool[i];

		if (!tried[i] && may_have_issued(s, child, m) && (!best || is_better(m, best)))
			best = m;
	}
	return best;
}

static void keep_if_better(struct search *s, size_t n, bool complete)
{
	if (n <= s->best_n && !complete)
		return;
	for (size_t i = 0; i < n; i++)
		s->best[i] = s->path[i];
	s->best_n = n;
	s->complete = complete;
}

/*
 * Depth first from path[n - 1] upwards, until a root is reached; else the longest way is kept. The depth is at most
 * FACTS_CHAIN_MAX, the work is bounded by verify_left.
 */
static void climb(struct search *s, size_t n)
{
	struct member *child = s->path[n - 1], *issuer;
	bool *tried CLEANUP(util_freep) = NULL;

	keep_if_better(s, n, is_anchor(child->facts));
	if (s->complete || n == FACTS_CHAIN_MAX || (child->facts->self_issued && child->facts->self_signature_valid))
		return;
	tried = calloc(s->pool_n + 1, sizeof(*tried));
	if (!tried) {
		s->no_memory = true;
		return;
	}
	while (!s->complete && !s->no_memory && (issuer = next_issuer(s, child, tried)) != NULL) {
		tried[issuer - s->pool] = true;
		if (s->verify_left-- <= 0)
			return;
		if (!x509_signed_by(child->x, child->facts, issuer->x, issuer->facts))
			continue;
		s->path[n] = issuer;
		issuer->in_path = true;
		climb(s, n + 1);
		issuer->in_path = false;
	}
}

/* Decoded, without duplicates and without what is no certificate. */
static int load_pool(const struct bytes *ders, size_t n, struct member **ret, size_t *ret_n)
{
	struct member *pool = calloc(n + 1, sizeof(*pool));
	size_t used = 0;

	if (!pool)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		bool seen = false;

		for (size_t k = 0; k < used && !seen; k++)
			seen = bytes_equal(pool[k].der, ders[i]);
		if (seen || x509_decode(ders[i], &pool[used].x, NULL) < 0)
			continue;
		pool[used++].der = ders[i];
	}
	*ret = pool;
	*ret_n = used;
	return 0;
}

/* Of consecutive certificates of one chain; the last one is looked at by itself. */
static void write_chain(struct member *const *path, size_t n, struct chain_facts *ret)
{
	ret->n = n;
	for (size_t i = 0; i < n; i++) {
		ret->certs[i] = *path[i]->facts;
		ret->signature_valid[i] =
			i + 1 < n ? x509_signed_by(path[i]->x, path[i]->facts, path[i + 1]->x, path[i + 1]->facts)
				  : path[i]->facts->self_issued && path[i]->facts->self_signature_valid;
	}
	ret->complete = n > 0 && is_anchor(path[n - 1]->facts);
}

static int search_chain(struct search *s, struct member *leaf, struct chain_facts *ret, struct err *e)
{
	s->path[0] = leaf;
	for (size_t i = 0; i < s->pool_n; i++)
		s->pool[i].in_path = bytes_equal(s->pool[i].der, leaf->der);
	climb(s, 1);
	if (s->no_memory)
		return err_nomem(e);
	write_chain(s->best, s->best_n, ret);
	return 0;
}

int x509_chain_build(struct bytes leaf, const struct bytes *pool, size_t pool_n, struct arena *a,
		     struct chain_facts *ret, struct err *e)
{
	struct search s = { .arena = a, .verify_left = LIMIT_CHAIN_VERIFY_MAX };
	struct member first = { .der = leaf };
	struct cert_facts facts;
	int r = x509_decode(leaf, &first.x, e);

	if (r == 0)
		r = x509_facts(first.x, leaf, a, &facts, e);
	if (r == 0) {
		first.facts = &facts;
		r = load_pool(pool, pool_n, &s.pool, &s.pool_n);
		if (r < 0)
			r = err_nomem(e);
	}
	if (r == 0) {
		memset(ret, 0, sizeof(*ret));
		r = search_chain(&s, &first, ret, e);
	}
	members_free(s.pool, s.pool_n);
	X509_free(first.x);
	return r;
}

int x509_chain_of(const struct bytes *ders, size_t n, struct arena *a, struct chain_facts *ret, struct err *e)
{
	struct member certs[FACTS_CHAIN_MAX] = { { 0 } }, *path[FACTS_CHAIN_MAX];
	struct cert_facts facts[FACTS_CHAIN_MAX];
	int r = 0;

	if (n == 0 || n > FACTS_CHAIN_MAX)
		return err_set(e, -EINVAL, "chain: want 1 to %d certificates, got %zu", FACTS_CHAIN_MAX, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		path[i] = &certs[i];
		certs[i].facts = &facts[i];
		r = x509_decode(ders[i], &certs[i].x, e);
		if (r == 0)
			r = x509_facts(certs[i].x, ders[i], a, &facts[i], e);
		if (r < 0)
			r = err_wrap(e, r, "chain: certificate %zu of %zu", i + 1, n);
	}
	if (r == 0) {
		memset(ret, 0, sizeof(*ret));
		write_chain(path, n, ret);
	}
	for (size_t i = 0; i < n; i++)
		X509_free(certs[i].x);
	return r;
}
