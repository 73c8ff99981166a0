/* Certificates: create, and the prefilled request for a successor. */
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
	int64_t issuer, renews, path_len;
	bool dry_run;
};

#define PATH_LEN_ABSENT INT64_MIN

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
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct create, dry_run) },
};

static void take_words(const struct create *in, struct issue_order *o, struct findings *findings)
{
	struct cert_request *q = &o->request;

	o->has_kind = in->kind != NULL;
	if (in->kind && !cert_kind_from_word(bytes_of_str(in->kind), &q->kind))
		findings_add(findings, FINDING_KIND_UNKNOWN,
			     "kind '%.40s': want 'root', 'intermediate' or 'end-entity'", in->kind);
	if (in->key && !key_spec_parse(bytes_of_str(in->key), &q->key))
		findings_add(findings, FINDING_KEY_SPEC_UNKNOWN, "key '%.40s': want one like 'ec-p256' or 'rsa-2048'",
			     in->key);
	if (!in->kind)
		q->kind = CERT_END_ENTITY;
}

/* 1: a word is not known. */
static int take_order(const struct create *in, struct issue_order *o, struct findings *findings, struct err *e)
{
	*o = (struct issue_order) {
		.request = { .display_name = in->display_name,
			     .holder = in->holder,
			     .organization = in->organization,
			     .locality = in->locality,
			     .country = in->country,
			     .names = in->names,
			     .not_after = in->not_after },
		.issuer_id = in->issuer,
		.renews_id = in->renews,
		.dry_run = in->dry_run,
	};
	if (in->path_len != PATH_LEN_ABSENT) {
		o->has_path_len = true;
		o->request.path_len = (int)in->path_len;
	}
	take_words(in, o, findings);
	if (!findings_blocked(findings))
		return 0;
	err_set(e, -EPROTO, "%s", findings->items[0].text);
	return 1;
}

static int answer_created(struct call *c, int64_t id, const struct findings *notes, struct err *e)
{
	json_t *body = json_certificate_whole(c, id, e);

	if (!body)
		return e->code;
	(void)json_object_set_new(body, "notes", json_findings(notes->items, notes->n));
	return call_answer(c, 201, body, e);
}

int certificates_create(struct call *c, struct err *e)
{
	struct findings *findings = arena_alloc(c->a, sizeof(*findings));
	struct create in = { .path_len = PATH_LEN_ABSENT };
	struct issue_order order;
	int64_t id = 0;
	int r = findings ? call_body(c, create_rows, ARRAY_N(create_rows), &in, e) : err_nomem(e);

	if (r == 0)
		r = take_order(&in, &order, findings, e);
	if (r == 0)
		r = issue_certificate(c->m, c->s, &order, c->now, c->a, &id, findings, e);
	findings_sort(findings);
	if (r > 0)
		return call_refuse(c, findings, e);
	if (r < 0)
		return r;
	if (in.dry_run)
		return call_answer(c, 200, json_pack("{so}", "notes", json_findings(findings->items, findings->n)), e);
	return answer_created(c, id, findings, e);
}

/* What POST would be sent: docs/api.md, the body of create. */
int certificates_renewal(struct call *c, struct err *e)
{
	struct issue_order o = { .request = { .kind = CERT_END_ENTITY } };
	const struct cert_request *q = &o.request;
	int r = call_id(c, 0, &o.renews_id, e);
	json_t *body;

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
