/* Certificates: list, show, delete, compare. */
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IDS_MAX 100

static int parse_kind(struct call *c, int *ret, struct err *e)
{
	const char *word = http_query(c->r, "kind");
	enum cert_kind kind;

	*ret = -1;
	if (!word)
		return 0;
	if (!cert_kind_from_word(bytes_of_str(word), &kind))
		return err_set(e, -EINVAL, "kind: want 'root', 'intermediate' or 'end-entity', got '%.40s'", word);
	*ret = (int)kind;
	return 0;
}

/* The number of a certificate; `word`, unless NULL, stands for STORE_CERT_TOP. */
static int parse_number(struct call *c, const char *name, const char *word, int64_t *ret, struct err *e)
{
	const char *text = http_query(c->r, name);
	char *end = NULL;

	if (!text)
		return 0;
	if (word && strcmp(text, word) == 0) {
		*ret = STORE_CERT_TOP;
		return 0;
	}
	*ret = strtoll(text, &end, 10);
	if (!end || *end || *ret <= 0)
		return err_set(e, -EINVAL, "%s: want the number of a certificate%s%s, got '%.40s'", name,
			       word ? " or " : "", word ? word : "", text);
	return 0;
}

static int parse_filters(struct call *c, struct store_cert_query *q, struct err *e)
{
	const char *before = http_query(c->r, "expires_before"), *used = http_query(c->r, "used"),
		   *order = http_query(c->r, "order");
	int r = parse_kind(c, &q->kind, e);

	if (r == 0)
		r = parse_number(c, "root", NULL, &q->root_id, e);
	if (r == 0)
		r = parse_number(c, "issuer", "none", &q->issuer_id, e);
	if (r < 0)
		return r;
	if (before && !time_parse(bytes_of_str(before), &q->expires_before))
		return err_set(e, -EINVAL, "expires_before: want a time like 2027-01-31T23:59:59Z, got '%.40s'",
			       before);
	if (used && strcmp(used, "true") != 0)
		return err_set(e, -EINVAL, "used: want 'true', got '%.40s'", used);
	if (order && strcmp(order, "tree") != 0)
		return err_set(e, -EINVAL, "order: want 'tree', got '%.40s'", order);
	q->used = used != NULL;
	q->tree = order != NULL;
	q->q = http_query(c->r, "q");
	if (q->tree && q->q)
		return err_set(e, -EINVAL, "q: a search has its own order, not the tree's");
	return 0;
}

/* Those of `ids` that there are, in its order. */
static int read_some(struct call *c, const char *ids, struct store_cert **ret, size_t *ret_n, struct err *e)
{
	struct store_cert *rows = arena_alloc_array(c->a, IDS_MAX, sizeof(*rows));
	char *end = NULL;
	size_t n = 0;
	int r = rows ? 0 : err_nomem(e);

	for (size_t asked = 0; r == 0 && ids; ids = *end ? end + 1 : NULL, asked++) {
		int64_t id = strtoll(ids, &end, 10);

		if (end == ids || (*end && *end != ',') || asked == IDS_MAX)
			return err_set(e, -EINVAL, "ids: want up to %d numbers with commas between them, got '%.40s'",
				       IDS_MAX, ids);
		r = store_cert_get(c->s, id, c->a, &rows[n], e);
		n += r == 0;
		r = r > 0 ? 0 : r;
	}
	*ret = rows;
	*ret_n = n;
	return r;
}

static int read_list(struct call *c, struct store_cert **ret, size_t *ret_n, const char **ret_next, struct err *e)
{
	static const char *const known[] = { "kind", "root", "issuer", "q", "expires_before", "used", "order", NULL };
	static const char *const alone[] = { "ids", NULL };
	struct store_cert_query q = { .kind = -1 };
	const char *ids = http_query(c->r, "ids");
	int r = ids ? http_query_check(c->r, alone, e) : call_page(c, known, &q.page, e);

	if (r == 0 && ids)
		return read_some(c, ids, ret, ret_n, e);
	if (r == 0)
		r = parse_filters(c, &q, e);
	return r < 0 ? r : store_cert_list(c->s, &q, c->a, ret, ret_n, ret_next, e);
}

int certificates_list(struct call *c, struct err *e)
{
	struct store_cert *rows = NULL;
	const char *next = NULL;
	json_t *items;
	size_t n = 0;
	int r = read_list(c, &rows, &n, &next, e);

	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *one = json_certificate(c, &rows[i], e);

		if (!one) {
			json_decref(items);
			return e->code;
		}
		(void)json_array_append_new(items, one);
	}
	return call_answer_list(c, items, next, e);
}

int certificates_show(struct call *c, struct err *e)
{
	int64_t id = 0;
	int r = call_no_query(c, e);
	json_t *body;

	if (r == 0)
		r = call_id(c, 0, &id, e);
	body = r == 0 ? json_certificate_whole(c, id, e) : NULL;
	return body ? call_answer(c, 200, body, e) : e->code;
}

static int dry_run_of(struct call *c, bool *ret, struct err *e)
{
	static const struct json_in_row rows[] = { { .name = "dry_run", .type = JSON_IN_BOOL } };

	return call_body(c, rows, ARRAY_N(rows), ret, e);
}

/* In the transaction that changes it. 1: there is none. */
static int check_seen(struct call *c, int64_t id, struct err *e)
{
	struct store_cert row = { 0 };
	char etag[ETAG_SIZE];
	int r = store_cert_get(c->s, id, c->a, &row, e);

	if (r != 0)
		return r;
	json_certificate_etag(&row, etag);
	return call_if_match(c, etag, e);
}

typedef int cert_change(struct store *s, int64_t id, struct err *e); /* 1: there is none */

/* Change the certificate of the path, as the caller saw it. A rehearsal does it all and undoes it. */
static int change_seen(struct call *c, cert_change *change, int64_t *ret_id, struct err *e)
{
	bool dry_run = false;
	int r = call_id(c, 0, ret_id, e);

	if (r == 0)
		r = dry_run_of(c, &dry_run, e);
	if (r == 0)
		r = store_begin(c->s, e);
	if (r < 0)
		return r;
	r = check_seen(c, *ret_id, e);
	if (r == 0)
		r = change(c->s, *ret_id, e);
	if (r > 0)
		r = err_set(e, -ENOENT, "there is no certificate %lld", (long long)*ret_id);
	if (r < 0 || !dry_run)
		return store_end(c->s, r, e);
	store_rollback(c->s);
	return 0;
}

int certificates_delete(struct call *c, struct err *e)
{
	int64_t id = 0;
	int r = change_seen(c, store_cert_delete, &id, e);

	if (r == 0)
		http_answer(c->r, 204, NULL);
	return r;
}

int certificates_revoke(struct call *c, struct err *e)
{
	int64_t id = 0;
	int r = change_seen(c, store_cert_revoke, &id, e);
	json_t *body = r == 0 ? json_certificate_whole(c, id, e) : NULL;

	return body ? call_answer(c, 200, body, e) : e->code;
}

static json_t *rows_of(const struct compat_row *rows, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, json_pack("{ss,ss?,ss?,sb}", "field", rows[i].field, "current",
							    rows[i].current, "candidate", rows[i].candidate, "same",
							    (int)rows[i].same));
	return list;
}

int certificates_compare(struct call *c, struct err *e)
{
	struct findings *found = arena_alloc(c->a, sizeof(*found));
	struct stored_chain *current = NULL, *candidate = NULL;
	struct compat_row *rows;
	int64_t id = 0, other = 0;
	size_t n = 0;
	int r = found ? call_no_query(c, e) : err_nomem(e);

	if (r == 0)
		r = call_id(c, 0, &id, e);
	if (r == 0)
		r = call_id(c, 1, &other, e);
	if (r == 0)
		r = inventory_need(c->s, id, c->a, &current, e);
	if (r == 0)
		r = inventory_need(c->s, other, c->a, &candidate, e);
	if (r < 0)
		return r;
	candidate_check(current, candidate, c->now, found);
	rows = compat_diff(&current->facts, &candidate->facts, c->a, &n);
	if (!rows)
		return err_nomem(e);
	return call_answer(c, 200,
			   json_pack("{so,so,sb}", "rows", rows_of(rows, n), "findings",
				     json_findings(found->items, found->n), "compatible",
				     (int)!findings_blocked(found)),
			   e);
}
