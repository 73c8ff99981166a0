/* Certificates: create one or many, and the prefilled request for a successor. */
#include "base/limits.h"
#include "gatewrightd/manager/api/approval.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/issue.h"

#include <errno.h>
#include <limits.h>

#define TEXT_MAX 1024
#define NAMES_MAX 65536

/* The body of the call. */
struct create {
	const char *kind, *display_name, *holder, *organization, *locality, *country, *names, *key;
	struct wall_time not_after;
	int64_t issuer, renews, path_len, approval;
	bool dry_run;
};

#define PATH_LEN_ABSENT INT64_MIN

/* Those of a batch lack the last two: a batch is approved and rehearsed as a whole. */
#define BATCH_ITEM_ROWS_N (ARRAY_N(create_rows) - 2)

static const struct json_in_row create_rows[] = {
	{ .name = "kind", .type = JSON_IN_STRING, .offset = offsetof(struct create, kind), .nullable = true },
	{ .name = "issuer",
	  .type = JSON_IN_INT,
	  .offset = offsetof(struct create, issuer),
	  .min = 1,
	  .max = INT64_MAX,
	  .nullable = true },
	{ .name = "display_name",
	  .type = JSON_IN_TEXT,
	  .offset = offsetof(struct create, display_name),
	  .max = TEXT_MAX,
	  .nullable = true },
	{ .name = "holder",
	  .type = JSON_IN_TEXT,
	  .offset = offsetof(struct create, holder),
	  .max = TEXT_MAX,
	  .nullable = true },
	{ .name = "organization",
	  .type = JSON_IN_TEXT,
	  .offset = offsetof(struct create, organization),
	  .max = TEXT_MAX,
	  .nullable = true },
	{ .name = "locality",
	  .type = JSON_IN_TEXT,
	  .offset = offsetof(struct create, locality),
	  .max = TEXT_MAX,
	  .nullable = true },
	{ .name = "country",
	  .type = JSON_IN_TEXT,
	  .offset = offsetof(struct create, country),
	  .max = TEXT_MAX,
	  .nullable = true },
	{ .name = "names",
	  .type = JSON_IN_TEXT,
	  .offset = offsetof(struct create, names),
	  .max = NAMES_MAX,
	  .nullable = true },
	{ .name = "not_after", .type = JSON_IN_TIME, .offset = offsetof(struct create, not_after), .nullable = true },
	{ .name = "key", .type = JSON_IN_STRING, .offset = offsetof(struct create, key), .nullable = true },
	{ .name = "path_len",
	  .type = JSON_IN_INT,
	  .offset = offsetof(struct create, path_len),
	  .min = INT_MIN,
	  .max = INT_MAX,
	  .nullable = true },
	{ .name = "renews",
	  .type = JSON_IN_INT,
	  .offset = offsetof(struct create, renews),
	  .min = 1,
	  .max = INT64_MAX,
	  .nullable = true },
	APPROVAL_ROW(struct create),
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct create, dry_run) },
};

/* 1: a word is not known. `findings` is for use here. */
static int take_words(struct call *c, const struct create *in, struct findings *findings, struct issue_item *item,
		      struct err *e)
{
	struct issue_order *o = &item->order;

	findings->n = 0;
	o->has_kind = in->kind != NULL;
	if (!in->kind)
		o->request.kind = CERT_END_ENTITY;
	else if (!cert_kind_from_word(bytes_of_str(in->kind), &o->request.kind))
		findings_add(findings, FINDING_KIND_UNKNOWN,
			     "kind '%.40s': want 'root', 'intermediate' or 'end-entity'", in->kind);
	if (in->key && !key_spec_parse(bytes_of_str(in->key), &o->request.key))
		findings_add(findings, FINDING_KEY_SPEC_UNKNOWN, "key '%.40s': want one like 'ec-p256' or 'rsa-2048'",
			     in->key);
	if (findings->n == 0)
		return 0;
	(void)err_set(e, -EPROTO, "%s", findings->items[0].text);
	return issue_keep_findings(item, findings, c->a) ? 1 : err_nomem(e);
}

/* The kind may come from the certificate that is renewed. */
static int need_ca(struct call *c, struct issue_order *order, struct err *e)
{
	int r = issue_complete(c->s, order, c->a, e);

	return r == 0 && order->request.kind != CERT_END_ENTITY ? call_need(c, PERMISSION_ISSUE_CA, e) : r;
}

static int take_order(struct call *c, const struct create *in, struct findings *findings, struct issue_item *item,
		      struct err *e)
{
	int r;

	item->order = (struct issue_order) {
		.request = { .display_name = in->display_name,
			     .holder = in->holder,
			     .organization = in->organization,
			     .locality = in->locality,
			     .country = in->country,
			     .names = in->names,
			     .not_after = in->not_after },
		.issuer_id = in->issuer,
		.renews_id = in->renews,
	};
	if (in->path_len != PATH_LEN_ABSENT) {
		item->order.has_path_len = true;
		item->order.request.path_len = (int)in->path_len;
	}
	r = take_words(c, in, findings, item, e);
	return r == 0 ? need_ca(c, &item->order, e) : r;
}

/* What the audit log is told: the certificates as they were stored. */
struct made {
	const struct issue_item *items;
	size_t n;
};

#define ANSWERED 2

/* ANSWERED: a root or an intermediate is among them, and a second person must say yes first. */
static int approve(struct call *c, const struct issue_item *items, size_t n, int64_t approval, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct cert_request *q = &items[i].order.request;
		int r;

		if (q->kind == CERT_END_ENTITY)
			continue;
		r = approval_need(c, SETTING_APPROVE_CA, approval,
				  arena_printf(c->a, "create the %s '%.200s'%s", cert_kind_word(q->kind),
					       q->display_name ? q->display_name : "", n > 1 ? " and others" : ""),
				  e);
		return r > 0 ? ANSWERED : r;
	}
	return 0;
}

#define AUDIT_ITEMS_MAX 32 /* of one event; more are only counted */

static void describe_made(struct call *c, void *context)
{
	const struct made *made = context;
	json_t *list = json_array();

	for (size_t i = 0; i < made->n && i < AUDIT_ITEMS_MAX; i++) {
		const struct store_cert *row = &made->items[i].row;

		(void)json_array_append_new(list,
					    json_pack("{sI,ss,ss,so}", "id", (json_int_t)made->items[i].id, "kind",
						      cert_kind_word(row->kind), "display_name", row->display_name,
						      "fingerprint", json_hex(row->fingerprint, FINGERPRINT_SIZE)));
	}
	call_about(c, "certificate:%lld", (long long)made->items[0].id);
	call_after(c, json_pack("{sI,so}", "count", (json_int_t)made->n, "certificates", list));
}

static void tell_audit(struct call *c, const struct made *made)
{
	struct made *kept = arena_alloc(c->a, sizeof(*kept));

	if (!kept)
		return;
	*kept = *made;
	c->audit.describe = describe_made;
	c->audit.describe_context = kept;
}

/* `found` is taken. */
static int refuse(struct call *c, json_t *found, const struct err *e)
{
	return call_problem(c, 422, NULL, err_text(e), json_pack("{so}", "findings", found));
}

static int answer_created(struct call *c, int64_t id, json_t *notes, struct err *e)
{
	json_t *body = json_certificate_whole(c, id, e);

	if (!body) {
		json_decref(notes);
		return e->code;
	}
	(void)json_object_set_new(body, "notes", notes);
	return call_answer(c, 201, body, e);
}

int certificates_create(struct call *c, struct err *e)
{
	struct create in = { .path_len = PATH_LEN_ABSENT };
	struct issue_item *item = arena_alloc(c->a, sizeof(*item));
	struct findings *findings = arena_alloc(c->a, sizeof(*findings));
	json_t *found;
	size_t at;
	int r = item && findings ? call_body(c, create_rows, ARRAY_N(create_rows), &in, e) : err_nomem(e);

	if (r == 0)
		r = take_order(c, &in, findings, item, e);
	if (r == 0 && !in.dry_run)
		r = approve(c, item, 1, in.approval, e);
	if (r == ANSWERED)
		return 0;
	tell_audit(c, &(struct made) { item, 1 });
	if (r == 0)
		r = issue_certificates(c->m, c->s, item, 1, in.dry_run, c->now, c->a, &at, e);
	if (r < 0)
		return r;
	found = json_findings(item->findings, item->findings_n);
	if (r > 0)
		return refuse(c, found, e);
	if (in.dry_run)
		return call_answer(c, 200, json_pack("{so}", "notes", found), e);
	return answer_created(c, item->id, found, e);
}

/* ---- many ---- */

struct create_batch {
	json_t *certificates;
	int64_t approval;
	bool dry_run;
};

static const struct json_in_row batch_rows[] = {
	{ .name = "certificates",
	  .type = JSON_IN_OBJECTS,
	  .offset = offsetof(struct create_batch, certificates),
	  .max = LIMIT_ISSUE_BATCH_MAX,
	  .required = true },
	APPROVAL_ROW(struct create_batch),
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct create_batch, dry_run) },
};

/* What was found about each, with its place in the list. */
static json_t *batch_findings(const struct issue_item *items, size_t n)
{
	json_t *all = json_array(), *one;
	size_t k;

	for (size_t i = 0; i < n; i++) {
		json_t *of_item = json_findings(items[i].findings, items[i].findings_n);

		json_array_foreach(of_item, k, one)
		{
			(void)json_object_set_new(one, "item", json_integer((json_int_t)i));
			(void)json_array_append(all, one);
		}
		json_decref(of_item);
	}
	return all;
}

static json_t *batch_items(const struct issue_item *items, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct store_cert *row = &items[i].row;

		(void)json_array_append_new(list,
					    json_pack("{sI,ss,so,so,so}", "id", (json_int_t)items[i].id, "display_name",
						      row->display_name, "names", json_words(row->names), "not_after",
						      json_time(row->not_after), "fingerprint",
						      json_hex(row->fingerprint, FINGERPRINT_SIZE)));
	}
	return list;
}

/* 1: a word of one is not known; the others are looked at too. *ret_at: the first that was refused or failed. */
static int take_orders(struct call *c, const json_t *list, struct issue_item *items, size_t *ret_at, struct err *e)
{
	struct findings *findings = arena_alloc(c->a, sizeof(*findings));
	bool refused = false;

	if (!findings)
		return err_nomem(e);
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct create in = { .path_len = PATH_LEN_ABSENT };
		struct err own = { 0 };
		int r = json_in(json_array_get(list, i), "", create_rows, BATCH_ITEM_ROWS_N, &in, &own);

		if (r == 0)
			r = take_order(c, &in, findings, &items[i], &own);
		if (r == 0 || (r > 0 && refused))
			continue;
		*ret_at = i;
		*e = own;
		if (r < 0)
			return r;
		refused = true;
	}
	return refused ? 1 : 0;
}

int certificates_create_batch(struct call *c, struct err *e)
{
	struct create_batch in = { .certificates = NULL };
	struct issue_item *items = NULL;
	size_t n, at = 0;
	int r = call_body(c, batch_rows, ARRAY_N(batch_rows), &in, e);

	if (r < 0)
		return r;
	n = json_array_size(in.certificates);
	if (n == 0)
		return err_set(e, -EINVAL, "member 'certificates': want 1 to %d items, got none",
			       LIMIT_ISSUE_BATCH_MAX);
	items = arena_alloc_array(c->a, n, sizeof(*items));
	r = items ? take_orders(c, in.certificates, items, &at, e) : err_nomem(e);
	if (r == 0 && !in.dry_run)
		r = approve(c, items, n, in.approval, e);
	if (r == ANSWERED)
		return 0;
	tell_audit(c, &(struct made) { items, n });
	if (r == 0)
		r = issue_certificates(c->m, c->s, items, n, in.dry_run, c->now, c->a, &at, e);
	if (r != 0)
		(void)err_wrap(e, e->code, "certificates[%zu]", at);
	if (r < 0)
		return r;
	if (r > 0)
		return refuse(c, batch_findings(items, n), e);
	return call_answer(c, in.dry_run ? 200 : 201,
			   json_pack("{so,so}", "items", in.dry_run ? json_array() : batch_items(items, n), "notes",
				     batch_findings(items, n)),
			   e);
}

/* What POST would be sent: docs/api.md, the body of create. */
int certificates_renewal(struct call *c, struct err *e)
{
	struct issue_order o = { .request = { .kind = CERT_END_ENTITY } };
	const struct cert_request *q = &o.request;
	int r = call_no_query(c, e);
	json_t *body;

	if (r == 0)
		r = call_id(c, 0, &o.renews_id, e);
	if (r == 0)
		r = issue_complete(c->s, &o, c->a, e);
	if (r < 0)
		return r;
	body = json_pack("{ss,so,ss?,ss?,ss?,ss?,ss?,ss?,sI}", "kind", cert_kind_word(q->kind), "issuer",
			 json_id(o.issuer_id), "display_name", q->display_name, "holder", q->holder, "organization",
			 q->organization, "locality", q->locality, "country", q->country, "names", q->names, "renews",
			 (json_int_t)o.renews_id);
	if (body && q->key.alg != KEY_ALG_OTHER)
		(void)json_object_set_new(body, "key", json_string(key_spec_word(q->key)));
	if (body && q->kind != CERT_END_ENTITY)
		(void)json_object_set_new(body, "path_len", json_integer(q->path_len));
	return call_answer(c, 200, body, e);
}
