#include "gatewrightd/manager/issue.h"

#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/keys_client.h"
#include "base/limits.h"
#include "sys/clock.h"
#include "sys/crypto/x509.h"
#include "sys/idn.h"

#include <errno.h>

static void take_text(const char **to, const char *from)
{
	if (!*to)
		*to = from;
}

/* Everything that the order leaves open, from the certificate it renews. */
static int prefill(struct store *s, struct issue_order *order, struct arena *a, struct err *e)
{
	struct cert_request old = { 0 };
	struct cert_request *q = &order->request;
	struct stored_chain *c = NULL;
	int r = inventory_need(s, order->renews_id, a, &c, e);

	if (r == 0)
		r = profile_prefill(&c->facts.certs[0], a, &old, e);
	if (r < 0)
		return r;
	if (!order->has_kind)
		q->kind = old.kind;
	order->has_kind = true;
	take_text(&q->display_name, old.display_name);
	take_text(&q->holder, old.holder);
	take_text(&q->organization, old.organization);
	take_text(&q->locality, old.locality);
	take_text(&q->country, old.country);
	take_text(&q->names, old.names);
	if (q->key.alg == KEY_ALG_OTHER)
		q->key = old.key;
	if (!order->has_path_len)
		q->path_len = old.path_len;
	order->has_path_len = true;
	if (order->issuer_id == 0 && q->kind != CERT_ROOT)
		order->issuer_id = c->cert.issuer_id;
	return 0;
}

/* Internationalized names to A-labels (RFC 5891). 1: one can't be; a finding says which. */
static int names_to_ascii(struct cert_request *q, struct arena *a, struct findings *findings, struct err *e)
{
	int r = q->names ? idn_list_to_ascii(bytes_of_str(q->names), a, &q->names, e) : 0;

	if (r != -EINVAL)
		return r;
	findings_add(findings, FINDING_NAMES_MALFORMED, "names: %s", err_text(e));
	return 1;
}

int issue_complete(struct store *s, struct issue_order *order, struct arena *a, struct err *e)
{
	int r = order->renews_id != 0 ? prefill(s, order, a, e) : 0;

	if (r < 0)
		return r;
	if (!order->has_path_len)
		order->request.path_len = -1;
	return 0;
}

/* One run of issue_certificates(). */
struct batch {
	struct manager *m;
	struct store *s;
	struct arena *a;
	struct wall_time now;
	bool rehearse;		     /* nothing is to be stored: keys need not be made */
	struct findings *findings;   /* of the item under way */
	struct stored_chain *issuer; /* the last one's; most batches have one issuer */
	int64_t issuer_id;
};

/* The issuer's chain and sealed key; NULL: none was named. 1: it can't issue; a finding says so. */
static int load_issuer(struct batch *b, const struct issue_order *order, struct stored_chain **ret, struct err *e)
{
	int r = 0;

	*ret = NULL;
	if (order->request.kind == CERT_ROOT && order->issuer_id != 0) {
		findings_add(b->findings, FINDING_ISSUER_OF_ROOT, "issuer: want none for a root, got certificate %lld",
			     (long long)order->issuer_id);
		return 1;
	}
	if (order->issuer_id == 0)
		return 0;
	if (order->issuer_id != b->issuer_id)
		r = inventory_need(b->s, order->issuer_id, b->a, &b->issuer, e);
	if (r < 0)
		return r;
	b->issuer_id = order->issuer_id;
	*ret = b->issuer;
	if (b->issuer->sealed_key.n > 0)
		return 0;
	findings_add(b->findings, FINDING_KEY_MISSING,
		     "issuer: want one whose private key is kept here, got '%s' without a key",
		     b->issuer->cert.display_name);
	return 1;
}

static int make_row(struct batch *b, struct issue_item *item, const struct keys_issued *made, struct err *e)
{
	struct cert_facts facts;
	int r = x509_parse(made->der, b->a, &facts, e);

	if (r == 0)
		r = inventory_row(&facts, b->a, &item->row, e);
	if (r < 0)
		return r;
	item->row.sealed_key = made->sealed_key;
	item->row.issuer_id = item->order.request.kind == CERT_ROOT ? 0 : item->order.issuer_id;
	item->row.predecessor_id = item->order.renews_id;
	item->row.created_at = b->now;
	return 0;
}

/* 1: refused, as a finding says. */
static int ask_keys(struct batch *b, struct issue_item *item, const struct stored_chain *issuer, struct err *e)
{
	struct keys_issue_order order = { .request = &item->order.request, .dry_run = b->rehearse };
	struct keys_issued made = { 0 };
	int r;

	if (issuer) {
		order.issuer_chain = issuer->ders;
		order.issuer_chain_n = issuer->facts.n;
		order.issuer_key = issuer->sealed_key;
	}
	r = keys_ask_issue(b->m->keys, &order, b->a, &made, b->findings, e);
	return r != 0 || b->rehearse ? r : make_row(b, item, &made, e);
}

bool issue_keep_findings(struct issue_item *item, const struct findings *findings, struct arena *a)
{
	item->findings = arena_alloc_array(a, findings->n, sizeof(*item->findings));
	if (!item->findings)
		return false;
	item->findings_n = findings->n;
	memcpy(item->findings, findings->items, findings->n * sizeof(*item->findings));
	return true;
}

static int make_one(struct batch *b, struct issue_item *item, struct err *e)
{
	struct stored_chain *issuer = NULL;
	int r = issue_complete(b->s, &item->order, b->a, e);

	b->findings->n = 0;
	if (r == 0)
		r = names_to_ascii(&item->order.request, b->a, b->findings, e);
	if (r == 0)
		r = load_issuer(b, &item->order, &issuer, e);
	if (r > 0)
		(void)err_set(e, -EPROTO, "the certificate cannot be issued: %s", b->findings->items[0].text);
	if (r == 0)
		r = ask_keys(b, item, issuer, e);
	findings_sort(b->findings);
	return issue_keep_findings(item, b->findings, b->a) ? r : err_nomem(e);
}

/* After a refusal the others are only rehearsed: their reasons are wanted, their keys are not. */
static int make_all(struct batch *b, struct issue_item *items, size_t n, size_t *ret_at, struct err *e)
{
	int64_t end = clock_mono().ms + LIMIT_ISSUE_BATCH_MS;
	bool refused = false;

	for (size_t i = 0; i < n; i++) {
		struct err own = { 0 };
		int r = clock_mono().ms < end
				? make_one(b, &items[i], &own)
				: err_set(&own, -E2BIG,
					  "want %zu certificates made within %d s, got %zu; ask for fewer", n,
					  LIMIT_ISSUE_BATCH_MS / 1000, i);

		if (r == 0 || (r > 0 && refused))
			continue;
		*ret_at = i;
		*e = own;
		if (r < 0)
			return r;
		refused = b->rehearse = true;
	}
	return refused ? 1 : 0;
}

static int store_all(struct store *s, struct issue_item *items, size_t n, size_t *ret_at, struct err *e)
{
	int r = store_begin(s, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n && r == 0; i++) {
		*ret_at = i;
		r = store_cert_add(s, &items[i].row, &items[i].id, e);
		if (r > 0)
			r = err_set(e, -EEXIST, "the new certificate is there already");
	}
	return store_end(s, r, e);
}

int issue_certificates(struct manager *m, struct store *s, struct issue_item *items, size_t n, bool dry_run,
		       struct wall_time now, struct arena *a, size_t *ret_at, struct err *e)
{
	struct batch b = { .m = m, .s = s, .a = a, .now = now, .rehearse = dry_run };
	int r;

	*ret_at = 0;
	b.findings = arena_alloc(a, sizeof(*b.findings));
	r = b.findings ? make_all(&b, items, n, ret_at, e) : err_nomem(e);
	return r != 0 || dry_run ? r : store_all(s, items, n, ret_at, e);
}
