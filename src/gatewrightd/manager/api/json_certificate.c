/* A certificate as JSON. */
#include "gatewrightd/manager/api/json_out.h"

#include "codec/hex.h"
#include "gatewrightd/manager/inventory.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define USES_MAX 100	   /* gateways that are named with one certificate */
#define SUCCESSORS_MAX 100 /* successors that are named */
#define PEM_MAX (2 * X509_DER_MAX)

static const char *status_of(const struct store_cert *c, struct wall_time now)
{
	if (c->revoked)
		return "revoked";
	if (now.s < c->not_before.s)
		return "not-yet-valid";
	return now.s > c->not_after.s ? "expired" : "valid";
}

/* The issuers from the root down, which are the tree path's numbers but for the last. */
static json_t *path_of(const struct store_cert *c)
{
	json_t *ret = json_array();
	const char *at = c->tree_path;

	for (const char *slash; (slash = strchr(at, '/')); at = slash + 1)
		(void)json_array_append_new(ret, json_integer(strtoll(at, NULL, 16)));
	return ret;
}

static json_t *base_of(const struct store_cert *c, struct wall_time now)
{
	char groups[HEX_GROUPS_SIZE];

	return json_pack("{sI,ss,ss,ss,ss?,ss?,ss?,ss?,so,ss,so,so,sI,ss,ss,sb,so,ss,so,so,so,so,sI,so}", "id",
			 (json_int_t)c->id, "kind", cert_kind_word(c->kind), "display_name", c->display_name, "subject",
			 c->subject, "holder", c->holder, "organization", c->organization, "locality", c->locality,
			 "country", c->country, "names", json_words(c->names), "serial", c->serial, "not_before",
			 json_time(c->not_before), "not_after", json_time(c->not_after), "days_left",
			 (json_int_t)time_days_left(now, c->not_after), "status", status_of(c, now), "key", c->key_spec,
			 "has_key", (int)c->has_key, "fingerprint", json_hex(c->fingerprint, FINGERPRINT_SIZE),
			 "fingerprint_groups", hex_groups(c->fingerprint, groups), "issuer", json_id(c->issuer_id),
			 "root", json_id(c->root_id), "predecessor", json_id(c->predecessor_id), "created_at",
			 json_time(c->created_at), "children", (json_int_t)c->children, "path", path_of(c));
}

static int add_successors(struct call *c, const struct store_cert *row, json_t *ret, struct err *e)
{
	int64_t ids[SUCCESSORS_MAX];
	json_t *list = json_array();
	size_t n = 0;
	int r = store_cert_successors(c->s, row->id, ids, SUCCESSORS_MAX, &n, e);

	for (size_t i = 0; r >= 0 && i < n; i++)
		(void)json_array_append_new(list, json_integer(ids[i]));
	(void)json_object_set_new(ret, "successors", list);
	return r;
}

static int add_uses(struct call *c, const struct store_cert *row, json_t *ret, struct err *e)
{
	struct store_use uses[USES_MAX];
	json_t *list = json_array();
	size_t n = 0;
	int64_t console = 0;
	struct wall_time since = { 0 };
	int r = row->used > 0 ? store_use_of_cert(c->s, row->id, c->a, uses, USES_MAX, &n, e) : 0;

	if (r >= 0 && row->used > 0)
		r = store_console_get(c->s, &console, e);
	if (r >= 0 && console == row->id)
		r = store_console_since(c->s, &since, e);
	if (r >= 0 && console == row->id)
		(void)json_array_append_new(list, json_pack("{sn,sb,so,ss}", "gateway", "console", 1, "proven_at",
							    json_time(since), "by", "console"));
	for (size_t i = 0; r >= 0 && i < n; i++)
		(void)json_array_append_new(list,
					    json_pack("{ss,sb,so,ss}", "gateway", uses[i].gateway, "console", 0,
						      "proven_at", json_time(uses[i].proven_at), "by", uses[i].by));
	(void)json_object_set_new(ret, "used_by", list);
	return r;
}

json_t *json_certificate(struct call *c, const struct store_cert *row, struct err *e)
{
	json_t *ret = base_of(row, c->now);

	if (!ret) {
		(void)err_nomem(e);
		return NULL;
	}
	if (add_successors(c, row, ret, e) < 0 || add_uses(c, row, ret, e) < 0) {
		json_decref(ret);
		return NULL;
	}
	return ret;
}

static int add_fields(const struct cert_facts *facts, struct arena *a, json_t *ret, struct err *e)
{
	struct x509_field *fields = NULL;
	json_t *list = json_array();
	size_t n = 0;
	int r = x509_describe(facts, a, &fields, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		(void)json_array_append_new(list,
					    json_pack("{ss,ss}", "name", fields[i].name, "value", fields[i].value));
	(void)json_object_set_new(ret, "fields", list);
	return r;
}

static int add_pem(struct bytes der, json_t *ret, struct err *e)
{
	struct buf pem;
	int r;

	buf_init(&pem, PEM_MAX);
	r = x509_der_to_pem(der, &pem, e);
	if (r == 0)
		(void)json_object_set_new(ret, "pem", json_stringn((const char *)pem.p, pem.n));
	buf_fini(&pem);
	return r;
}

json_t *json_certificate_whole(struct call *c, int64_t id, struct err *e)
{
	struct stored_chain *chain = NULL;
	json_t *ret, *ids = json_array();
	char etag[ETAG_SIZE];
	int r = inventory_need(c->s, id, c->a, &chain, e);

	if (r < 0) {
		json_decref(ids);
		return NULL;
	}
	json_certificate_etag(&chain->cert, etag);
	if (call_answer_etag(c, etag, e) < 0) {
		json_decref(ids);
		return NULL;
	}
	ret = json_certificate(c, &chain->cert, e);
	for (size_t i = 0; i < chain->facts.n; i++)
		(void)json_array_append_new(ids, json_integer(chain->ids[i]));
	if (!ret || json_object_set_new(ret, "chain", ids) < 0 || add_pem(chain->ders[0], ret, e) < 0 ||
	    add_fields(&chain->facts.certs[0], c->a, ret, e) < 0) {
		json_decref(ret);
		return NULL;
	}
	return ret;
}

void json_certificate_etag(const struct store_cert *row, char out[ETAG_SIZE])
{
	char print[2 * FINGERPRINT_SIZE + 1];

	etag_make(out, "certificate %lld %s %d %d", (long long)row->id,
		  hex_encode(bytes_of(row->fingerprint, FINGERPRINT_SIZE), print), row->revoked, row->has_key);
}
