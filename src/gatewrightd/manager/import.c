#include "gatewrightd/manager/import.h"

#include "core/pki/import.h"
#include "gatewrightd/manager/inventory.h"
#include "sys/crypto/x509.h"

#include <errno.h>

#define POOL_MAX 256	   /* issuers of the store that may belong to a bundle */
#define SAME_SUBJECT_MAX 8 /* CA certificates of one subject that are tried as issuer */

struct import {
	struct manager *m;
	struct store *s;
	struct wall_time now;
	struct arena *a;
	struct keys_imported got;
	struct cert_facts *facts; /* of got.ders, by index */
	struct bytes *pool;	  /* got.ders, then issuers of the store */
	size_t pool_n;
	struct chain_facts *chains; /* of got.ders, by index */
	struct import_result *ret;
	struct findings *findings;
	bool may_ca;
};

/* Sentences of one certificate, under its name. */
static void keep_findings(struct import *i, const struct cert_facts *c, const struct findings *found)
{
	const char *name = c->subject.common_name ? c->subject.common_name : c->subject_text;

	for (size_t k = 0; k < found->n; k++)
		findings_add(i->findings, found->items[k].id, "'%s': %s", name, found->items[k].text);
}

static int parse_all(struct import *i, struct err *e)
{
	int r = 0;

	i->facts = arena_alloc_array(i->a, i->got.n + 1, sizeof(*i->facts));
	i->pool = arena_alloc_array(i->a, POOL_MAX, sizeof(*i->pool));
	if (!i->facts || !i->pool)
		return err_nomem(e);
	for (size_t k = 0; r == 0 && k < i->got.n; k++) {
		r = x509_parse(i->got.ders[k], i->a, &i->facts[k], e);
		i->pool[i->pool_n++] = i->got.ders[k];
	}
	return r;
}

/* Issuers that are in the store: those of the bundle's certificates, then of those, up to their roots. */
static int add_issuers(struct import *i, struct bytes issuer_der, int depth, struct err *e)
{
	struct store_cert *found = arena_alloc_array(i->a, SAME_SUBJECT_MAX, sizeof(*found));
	size_t n = 0;
	int r = found ? store_cert_by_subject(i->s, issuer_der, i->a, found, SAME_SUBJECT_MAX, &n, e) : err_nomem(e);

	for (size_t k = 0; r == 0 && k < n && i->pool_n < POOL_MAX; k++) {
		struct cert_facts *facts = arena_alloc(i->a, sizeof(*facts));
		struct bytes der = BYTES_NONE;

		r = facts ? store_cert_blobs(i->s, found[k].id, i->a, &der, NULL, e) : err_nomem(e);
		if (r != 0)
			return r < 0 ? r : 0;
		i->pool[i->pool_n++] = der;
		r = x509_parse(der, i->a, facts, e);
		if (r == 0 && !facts->self_issued && depth < FACTS_CHAIN_MAX)
			r = add_issuers(i, facts->issuer_der, depth + 1, e);
	}
	return r;
}

static int check_one(struct import *i, size_t k, struct chain_facts *ret, struct err *e)
{
	struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	struct findings *found = arena_alloc(i->a, sizeof(*found));
	int r = found ? x509_chain_build(i->got.ders[k], i->pool, i->pool_n, i->a, ret, e) : err_nomem(e);

	if (r < 0)
		return r;
	ret->has_key = i->got.sealed_keys[k].n > 0;
	ret->key_matches = inventory_key_matches(i->got.sealed_keys[k], &ret->certs[0]);
	import_check(ret, &policy, i->now, found);
	keep_findings(i, &ret->certs[0], found);
	if (!findings_blocked(found))
		return 0;
	err_set(e, -EPROTO, "'%s' cannot be imported: %s", ret->certs[0].subject_text, found->items[0].text);
	return 1;
}

static void skip(struct import *i, size_t k, const char *reason)
{
	struct import_skip *sk = &i->ret->skipped[i->ret->skipped_n++];

	memcpy(sk->fingerprint, i->facts[k].fingerprint, FINGERPRINT_SIZE);
	sk->reason = reason;
}

/* It is there already. Its key may be new. */
static int meet_again(struct import *i, size_t k, const struct store_cert *row, bool dry_run, struct err *e)
{
	struct bytes key = i->got.sealed_keys[k];
	int r;

	if (key.n == 0 || row->has_key) {
		skip(i, k, "a certificate with this fingerprint is there already");
		return 0;
	}
	r = dry_run ? 0 : store_cert_set_key(i->s, row->id, key, e);
	if (r < 0)
		return r;
	i->ret->ids[i->ret->n++] = row->id;
	return 0;
}

/* The certificate with these facts; its number is 0 when none is stored. */
static int find_stored(struct import *i, const struct cert_facts *facts, struct store_cert *ret, struct err *e)
{
	int r = store_cert_by_fingerprint(i->s, facts->fingerprint, i->a, ret, e);

	if (r > 0)
		ret->id = 0;
	return r < 0 ? r : 0;
}

/* It, or its key, would be new in the store. */
static bool is_new_ca(const struct import *i, size_t k, const struct store_cert *row)
{
	return cert_kind_of(&i->facts[k]) != CERT_END_ENTITY &&
	       (row->id == 0 || (i->got.sealed_keys[k].n > 0 && !row->has_key));
}

static int add_new(struct import *i, size_t k, const struct chain_facts *chain, struct err *e)
{
	struct store_cert row, issuer = { .id = 0 };
	int64_t id = 0;
	int r = inventory_row(&i->facts[k], i->a, &row, e);

	if (r == 0 && chain->n > 1)
		r = find_stored(i, &chain->certs[1], &issuer, e);
	if (r < 0)
		return r;
	row.issuer_id = issuer.id;
	row.sealed_key = i->got.sealed_keys[k];
	row.created_at = i->now;
	r = store_cert_add(i->s, &row, &id, e);
	if (r == 0)
		i->ret->ids[i->ret->n++] = id;
	return r < 0 ? r : 0;
}

static int store_one(struct import *i, size_t k, bool dry_run, struct err *e)
{
	struct store_cert row = { .id = 0 };
	int r = find_stored(i, &i->facts[k], &row, e);

	if (r < 0)
		return r;
	if (!i->may_ca && is_new_ca(i, k, &row))
		return err_set(e, -EBUSY, "the inventory was changed meanwhile: import '%s' again",
			       i->facts[k].subject_text);
	if (row.id != 0)
		return meet_again(i, k, &row, dry_run, e);
	if (dry_run) {
		i->ret->n++;
		return 0;
	}
	return add_new(i, k, &i->chains[k], e);
}

/* Roots first, then what they issued, and so on: the length of the chain is the order. */
static int store_all(struct import *i, bool dry_run, struct err *e)
{
	for (size_t length = 1; length <= FACTS_CHAIN_MAX; length++) {
		for (size_t k = 0; k < i->got.n; k++) {
			int r = i->chains[k].n == length ? store_one(i, k, dry_run, e) : 0;

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int check_all(struct import *i, struct err *e)
{
	bool refused = false;

	for (size_t k = 0; k < i->got.n; k++) {
		struct err own = { 0 };
		int r = check_one(i, k, &i->chains[k], &own);

		if (r < 0)
			return err_set(e, r, "%s", err_text(&own));
		if (r > 0 && !refused)
			err_set(e, -EPROTO, "%s", err_text(&own));
		refused = refused || r > 0;
	}
	return refused;
}

int import_open(struct manager *m, struct store *s, struct bytes bundle, const struct secret *passphrase,
		struct wall_time now, struct arena *a, struct findings *findings, struct import **ret, struct err *e)
{
	struct import *i = arena_alloc(a, sizeof(*i));
	int r;

	if (!i)
		return err_nomem(e);
	*i = (struct import) { .m = m, .s = s, .now = now, .a = a, .findings = findings };
	*ret = i;
	r = keys_ask_import(m->keys, bundle, passphrase, a, &i->got, findings, e);
	if (r == 0)
		r = parse_all(i, e);
	for (size_t k = 0; r == 0 && k < i->got.n; k++)
		r = add_issuers(i, i->facts[k].issuer_der, 1, e);
	if (r != 0)
		return r;
	i->chains = arena_alloc_array(a, i->got.n + 1, sizeof(*i->chains));
	return i->chains ? check_all(i, e) : err_nomem(e);
}

int import_find_ca(struct import *i, const struct cert_facts **ret, struct err *e)
{
	*ret = NULL;
	for (size_t k = 0; k < i->got.n; k++) {
		struct store_cert row = { .id = 0 };
		int r = find_stored(i, &i->facts[k], &row, e);

		if (r < 0)
			return r;
		if (is_new_ca(i, k, &row)) {
			*ret = &i->facts[k];
			return 0;
		}
	}
	return 0;
}

int import_store(struct import *i, bool dry_run, bool may_ca, struct import_result *ret, struct err *e)
{
	int r = store_begin(i->s, e);

	if (r < 0)
		return r;
	i->may_ca = may_ca;
	i->ret = ret;
	return store_end(i->s, store_all(i, dry_run, e), e);
}
