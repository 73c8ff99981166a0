#include "gatewrightd/manager/issue.h"

#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/keys_client.h"
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

static int add_row(struct store *s, const struct issue_order *order, const struct keys_issued *made,
		   struct wall_time now, struct arena *a, int64_t *ret_id, struct err *e)
{
	struct cert_facts *facts = arena_alloc(a, sizeof(*facts));
	struct store_cert row;
	int r = facts ? x509_parse(made->der, a, facts, e) : err_nomem(e);

	if (r == 0)
		r = inventory_row(facts, a, &row, e);
	if (r < 0)
		return r;
	row.sealed_key = made->sealed_key;
	row.issuer_id = order->request.kind == CERT_ROOT ? 0 : order->issuer_id;
	row.predecessor_id = order->renews_id;
	row.created_at = now;
	r = store_cert_add(s, &row, ret_id, e);
	return r > 0 ? err_set(e, -EEXIST, "the new certificate is there already") : r;
}

/* The issuer's chain and sealed key. 1: it can't issue; a finding says so. */
static int load_issuer(struct store *s, const struct issue_order *order, struct arena *a, struct stored_chain **ret,
		       struct findings *findings, struct err *e)
{
	int r;

	*ret = NULL;
	if (order->request.kind == CERT_ROOT && order->issuer_id != 0) {
		findings_add(findings, FINDING_ISSUER_OF_ROOT, "issuer: want none for a root, got certificate %lld",
			     (long long)order->issuer_id);
		return 1;
	}
	if (order->issuer_id == 0)
		return 0;
	r = inventory_need(s, order->issuer_id, a, ret, e);
	if (r == 0 && (*ret)->sealed_key.n == 0) {
		findings_add(findings, FINDING_KEY_MISSING,
			     "issuer: want one whose private key is kept here, got '%s' without a key",
			     (*ret)->cert.display_name);
		return 1;
	}
	return r;
}

int issue_certificate(struct manager *m, struct store *s, struct issue_order *order, struct wall_time now,
		      struct arena *a, int64_t *ret_id, struct findings *findings, struct err *e)
{
	struct keys_issue_order to_keys = { .request = &order->request, .dry_run = order->dry_run };
	struct keys_issued made = { 0 };
	struct stored_chain *issuer = NULL;
	int r = issue_complete(s, order, a, e);

	if (r == 0)
		r = names_to_ascii(&order->request, a, findings, e);
	if (r == 0)
		r = load_issuer(s, order, a, &issuer, findings, e);
	if (r != 0)
		return r > 0 ? (err_set(e, -EPROTO, "the certificate cannot be issued: %s", findings->items[0].text), 1)
			     : r;
	if (issuer) {
		to_keys.issuer_chain = issuer->ders;
		to_keys.issuer_chain_n = issuer->facts.n;
		to_keys.issuer_key = issuer->sealed_key;
	}
	*ret_id = 0;
	r = keys_ask_issue(m->keys, &to_keys, a, &made, findings, e);
	if (r != 0 || order->dry_run)
		return r;
	return add_row(s, order, &made, now, a, ret_id, e);
}
