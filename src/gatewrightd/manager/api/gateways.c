/* Gateways: list, create, show, change, delete. */
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/gateway_record.h"

#include <errno.h>

#define PORT_ABSENT 0
#define WORD_MAX 256

/* The body of create and change. */
struct body {
	const char *name, *target;
	json_t *params, *tls, *server_names, *ssh;
	bool dry_run;
};

struct ssh_body {
	const char *host, *user, *host_key;
	int64_t port;
};

static const struct json_in_row body_rows[] = {
	{ .name = "name", .type = JSON_IN_STRING, .offset = offsetof(struct body, name), .max = WORD_MAX },
	{ .name = "target", .type = JSON_IN_STRING, .offset = offsetof(struct body, target), .max = WORD_MAX },
	{ .name = "params", .type = JSON_IN_OBJECT, .offset = offsetof(struct body, params), .nullable = true },
	{ .name = "tls",
	  .type = JSON_IN_STRINGS,
	  .offset = offsetof(struct body, tls),
	  .max = GATEWAY_ADDRESSES_MAX,
	  .nullable = true },
	{ .name = "server_names",
	  .type = JSON_IN_STRINGS,
	  .offset = offsetof(struct body, server_names),
	  .max = GATEWAY_SERVER_NAMES_MAX,
	  .nullable = true },
	{ .name = "ssh", .type = JSON_IN_OBJECT, .offset = offsetof(struct body, ssh), .nullable = true },
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct body, dry_run) },
};

static const struct json_in_row ssh_rows[] = {
	{ .name = "host",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct ssh_body, host),
	  .max = WORD_MAX,
	  .nullable = true },
	{ .name = "port",
	  .type = JSON_IN_INT,
	  .offset = offsetof(struct ssh_body, port),
	  .min = 1,
	  .max = 65535,
	  .nullable = true },
	{ .name = "user",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct ssh_body, user),
	  .max = WORD_MAX,
	  .nullable = true },
	{ .name = "host_key",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct ssh_body, host_key),
	  .max = WORD_MAX,
	  .nullable = true },
};

/* JSON back to text in the arena. */
static int dump(const json_t *v, struct arena *a, const char **ret, struct err *e)
{
	size_t n = json_dumpb(v, NULL, 0, JSON_COMPACT);
	char *text = arena_alloc(a, n + 1);

	if (!text || json_dumpb(v, text, n, JSON_COMPACT) != n)
		return err_nomem(e);
	*ret = text;
	return 0;
}

static int take_ssh(const json_t *object, struct store_gateway *row, struct err *e)
{
	struct ssh_body in = {
		.host = row->ssh_host, .user = row->ssh_user, .host_key = row->host_key, .port = row->ssh_port
	};
	int r = json_in(object, "ssh.", ssh_rows, ARRAY_N(ssh_rows), &in, e);

	if (r < 0)
		return r;
	row->ssh_host = in.host;
	row->ssh_user = in.user;
	row->ssh_port = (int)in.port;
	row->host_key = in.host_key;
	return 0;
}

/* What the body says over what the row has. */
static int take_body(struct call *c, const struct body *in, struct store_gateway *row, struct err *e)
{
	int r = 0;

	if (in->target)
		row->target = in->target;
	if (in->params)
		r = dump(in->params, c->a, &row->params, e);
	if (r == 0 && in->tls)
		r = dump(in->tls, c->a, &row->tls, e);
	if (r == 0 && in->server_names)
		r = dump(in->server_names, c->a, &row->server_names, e);
	if (r == 0 && in->ssh)
		r = take_ssh(in->ssh, row, e);
	return r;
}

/* The record as the audit log has it. */
static json_t *json_record(const struct store_gateway *g)
{
	return json_pack("{ss,so,so,so,ss,si,ss,ss?}", "target", g->target, "params", json_stored(g->params), "tls",
			 json_stored(g->tls), "server_names", json_stored(g->server_names), "ssh_host", g->ssh_host,
			 "ssh_port", g->ssh_port, "ssh_user", g->ssh_user, "host_key", g->host_key);
}

/* The SSH host is the host of the first TLS address, unless something else is said. */
static int default_ssh_host(struct call *c, const struct body *in, struct store_gateway *row, struct err *e)
{
	const char *first = json_string_value(json_array_get(in->tls, 0));
	struct gateway_address address;
	int r;

	if (row->ssh_host)
		return 0;
	if (!first)
		return err_set(e, -EINVAL,
			       "tls: want at least one address \"host:port\", so that what is served can be proven");
	r = gateway_parse_address(bytes_of_str(first), &address, e);
	if (r < 0)
		return err_wrap(e, r, "tls");
	row->ssh_host = arena_str(c->a, address.host);
	return row->ssh_host ? 0 : err_nomem(e);
}

static int answer_gateway(struct call *c, unsigned int status, const char *name, struct err *e)
{
	struct store_gateway row;
	char etag[ETAG_SIZE];
	int r = store_gateway_by_name(c->s, name, c->a, &row, e);
	json_t *body = r == 0 ? json_gateway(c, &row, e) : NULL;

	if (r > 0)
		return err_set(e, -ENOENT, "there is no gateway '%s'", name);
	if (r < 0)
		return r;
	if (body) {
		json_gateway_etag(&row, etag);
		r = call_answer_etag(c, etag, e);
	}
	if (r < 0) {
		json_decref(body);
		return r;
	}
	return body ? call_answer(c, status, body, e) : (e->code < 0 ? e->code : err_nomem(e));
}

int gateways_list(struct call *c, struct err *e)
{
	static const char *const known[] = { "q", NULL };
	struct store_gateway *rows = NULL;
	struct store_page page;
	const char *next = NULL;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, known, &page, e);

	if (r == 0)
		r = store_gateway_list(c->s, http_query(c->r, "q"), page, c->a, &rows, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *one = json_gateway_listed(c, &rows[i], e);

		if (!one) {
			json_decref(items);
			return e->code < 0 ? e->code : err_nomem(e);
		}
		(void)json_array_append_new(items, one);
	}
	return call_answer_list(c, items, next, e);
}

int gateways_create(struct call *c, struct err *e)
{
	struct store_gateway row = { .params = "{}",
				     .tls = "[]",
				     .server_names = "[]",
				     .ssh_port = 22,
				     .ssh_user = "root",
				     .created_at = c->now };
	struct gateway_record *record = arena_alloc(c->a, sizeof(*record));
	struct body in = { 0 };
	int64_t id = 0;
	int r = record ? call_body(c, body_rows, ARRAY_N(body_rows), &in, e) : err_nomem(e);

	if (r == 0 && (!in.name || !in.target))
		r = err_set(e, -EINVAL, "member '%s' is missing: want a string", in.name ? "target" : "name");
	if (r == 0)
		r = take_body(c, &in, &row, e);
	if (r == 0)
		r = default_ssh_host(c, &in, &row, e);
	row.name = in.name;
	if (r == 0)
		r = gateway_record_of(&row, c->m->targets, c->a, record, e);
	if (r == 0 && in.dry_run)
		return call_answer(c, 200, json_pack("{ss}", "would_create", in.name), e);
	if (r == 0) {
		call_about(c, "gateway:%s", row.name);
		call_after(c, json_record(&row));
	}
	if (r == 0)
		r = store_gateway_add(c->s, &row, &id, e);
	return r < 0 ? r : answer_gateway(c, 201, in.name, e);
}

int gateways_show(struct call *c, struct err *e)
{
	int r = call_no_query(c, e);

	return r < 0 ? r : answer_gateway(c, 200, http_param(c->r, 0), e);
}

static int check_seen(struct call *c, const struct store_gateway *row, struct err *e)
{
	char etag[ETAG_SIZE];

	json_gateway_etag(row, etag);
	return call_if_match(c, etag, e);
}

/* What a job proves is about the addresses and names that it began with. */
static int check_idle(struct call *c, const struct body *in, int64_t id, struct err *e)
{
	int64_t job = 0;
	int r = in->tls || in->server_names ? store_gateway_active_job(c->s, id, &job, e) : 0;

	if (r == 0 && job != 0)
		return err_set(e, -EBUSY, "job %lld works on this gateway: 'tls' and 'server_names' stay until its end",
			       (long long)job);
	return r;
}

static int change_one(struct call *c, const struct body *in, struct err *e)
{
	struct gateway_record *record = arena_alloc(c->a, sizeof(*record));
	struct store_gateway row;
	int r = record ? store_gateway_by_name(c->s, http_param(c->r, 0), c->a, &row, e) : err_nomem(e);

	if (r > 0)
		return err_set(e, -ENOENT, "there is no gateway '%s'", http_param(c->r, 0));
	if (r == 0)
		r = check_seen(c, &row, e);
	if (r == 0)
		r = check_idle(c, in, row.id, e);
	if (r == 0)
		call_before(c, json_record(&row));
	if (r == 0)
		r = take_body(c, in, &row, e);
	if (r == 0)
		r = gateway_record_of(&row, c->m->targets, c->a, record, e);
	if (r == 0)
		call_after(c, json_record(&row));
	return r == 0 && !in->dry_run ? store_gateway_change(c->s, &row, e) : r;
}

int gateways_change(struct call *c, struct err *e)
{
	struct body in = { 0 };
	int r = call_body(c, body_rows, ARRAY_N(body_rows), &in, e);

	if (r == 0 && in.name && !bytes_equal_str(bytes_of_str(in.name), http_param(c->r, 0)))
		r = err_set(e, -EINVAL, "member 'name': a gateway keeps its name");
	if (r == 0)
		r = store_begin(c->s, e);
	if (r < 0)
		return r;
	r = store_end(c->s, change_one(c, &in, e), e);
	return r < 0 ? r : answer_gateway(c, 200, http_param(c->r, 0), e);
}

static int delete_one(struct call *c, bool *dry_run, struct err *e)
{
	static const struct json_in_row rows[] = { { .name = "dry_run", .type = JSON_IN_BOOL } };
	struct store_gateway row;
	int r = call_body(c, rows, ARRAY_N(rows), dry_run, e);

	if (r == 0)
		r = store_gateway_by_name(c->s, http_param(c->r, 0), c->a, &row, e);
	if (r > 0)
		r = err_set(e, -ENOENT, "there is no gateway '%s'", http_param(c->r, 0));
	if (r == 0)
		r = check_seen(c, &row, e);
	if (r < 0)
		return r;
	call_before(c, json_record(&row));
	return store_gateway_delete(c->s, row.id, e);
}

int gateways_delete(struct call *c, struct err *e)
{
	bool dry_run = false;
	int r = store_begin(c->s, e);

	if (r < 0)
		return r;
	r = delete_one(c, &dry_run, e);
	if (r == 0 && dry_run)
		store_rollback(c->s);
	else
		r = store_end(c->s, r, e);
	if (r == 0)
		http_answer(c->r, 204, NULL);
	return r;
}
