/* Questions to a gateway that take a while: what does it serve, what is its host key. A deploy process asks; no thread
 * waits. */
#include "gatewrightd/manager/api/current.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/jobs/order.h"
#include "gatewrightd/manager/jobs/probes.h"
#include "gatewrightd/manager/jobs/supervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_ask(void *context)
{
	struct ask *a = context;

	ask_fini(a);
	free(a);
}

static void on_done(void *context)
{
	http_finish_later(context);
}

/* Hang a question on the request and send it off: nobody is asked before the audit log has it. `message` is wiped. */
static int send_off(struct call *c, struct ask ask, struct buf *message, struct err *e)
{
	struct ask *a = calloc(1, sizeof(*a));
	int r = a ? call_begin_deed(c, e) : err_nomem(e);

	if (r < 0) {
		buf_wipe(message);
		free(a);
		return r;
	}
	*a = ask;
	a->done = on_done;
	a->context = c->r;
	http_set_state(c->r, a, free_ask);
	r = supervisor_ask(c->m->jobs, a, message, e);
	return r < 0 ? r : HTTP_LATER;
}

static int start_probe(struct call *c, struct err *e)
{
	struct stored_chain *current = NULL;
	struct ask ask = { .is_probe = true };
	struct gateway_record *g = NULL;
	struct buf message;
	int r = call_body(c, NULL, 0, NULL, e);

	if (r == 0)
		r = gateway_record_need(c->s, NULL, http_param(c->r, 0), c->a, &g, e);
	if (r == 0)
		r = gateway_mark(c->s, &g->row, &ask.mark, e);
	if (r == 0)
		r = current_chain(c, g->row.id, &current, e);
	if (r == 0)
		r = order_probe(g, current, &message, e);
	if (r < 0)
		return r;
	ask.gateway_id = g->row.id;
	return send_off(c, ask, &message, e);
}

int gateways_probe(struct call *c, struct err *e)
{
	struct ask *a = http_state(c->r);
	uint8_t fingerprint[FINGERPRINT_SIZE];
	struct store_cert served = { 0 };
	bool agree;
	int r;

	if (!a)
		return start_probe(c, e);
	call_was_begun(c);
	if (a->failed < 0)
		return err_set(e, a->failed, "%s", err_text(&a->e));
	agree = probes_served(a->probes, fingerprint);
	r = agree ? store_cert_by_fingerprint(c->s, fingerprint, c->a, &served, e) : 0;
	if (r < 0)
		return r;
	return call_answer(c, 200,
			   json_pack("{so,so,sb}", "probes", json_stored(a->probes), "certificate", json_id(served.id),
				     "agree", (int)agree),
			   e);
}

struct host_key_body {
	const char *accept;
	json_t *ssh;
};

struct host_key_ssh {
	const char *host, *user;
	int64_t port;
};

static const struct json_in_row host_key_rows[] = {
	{ .name = "accept",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct host_key_body, accept),
	  .max = 100,
	  .nullable = true },
	{ .name = "ssh", .type = JSON_IN_OBJECT, .offset = offsetof(struct host_key_body, ssh), .nullable = true },
};

static const struct json_in_row host_key_ssh_rows[] = {
	{ .name = "host",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct host_key_ssh, host),
	  .max = 256,
	  .nullable = true },
	{ .name = "port",
	  .type = JSON_IN_INT,
	  .offset = offsetof(struct host_key_ssh, port),
	  .min = 1,
	  .max = 65535,
	  .nullable = true },
	{ .name = "user",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct host_key_ssh, user),
	  .max = 256,
	  .nullable = true },
};

/* Another way to the host than the record has, for this once. */
static int take_way(const json_t *object, struct gateway_record *g, struct err *e)
{
	struct host_key_ssh in = { .host = g->row.ssh_host, .user = g->row.ssh_user, .port = g->row.ssh_port };
	int r = object ? json_in(object, "ssh.", host_key_ssh_rows, ARRAY_N(host_key_ssh_rows), &in, e) : 0;

	if (r == 0)
		r = gateway_check_host(bytes_of_str(in.host), e);
	if (r < 0)
		return r;
	g->row.ssh_host = in.host;
	g->row.ssh_port = (int)in.port;
	return 0;
}

static int accept_key(struct call *c, const struct gateway_record *g, const char *key, struct err *e)
{
	int r = gateway_check_host_key(bytes_of_str(key), e);

	call_before(c, json_pack("{ss?}", "host_key", g->row.host_key));
	call_after(c, json_pack("{ss}", "host_key", key));
	if (r == 0)
		r = store_gateway_set_host_key(c->s, g->row.id, key, e);
	if (r < 0)
		return r;
	return call_answer(c, 200, json_pack("{ss,sn,ss,sb}", "host_key", key, "type", "pinned", key, "matches", 1), e);
}

static int start_scan(struct call *c, struct gateway_record *g, struct err *e)
{
	struct host_key_body in = { 0 };
	struct buf message;
	int r = call_body(c, host_key_rows, ARRAY_N(host_key_rows), &in, e);

	if (r == 0 && in.accept)
		return accept_key(c, g, in.accept, e);
	if (r == 0)
		r = take_way(in.ssh, g, e);
	if (r == 0)
		r = order_scan(g, &message, e);
	return r < 0 ? r : send_off(c, (struct ask) { .gateway_id = g->row.id }, &message, e);
}

int gateways_host_key(struct call *c, struct err *e)
{
	struct ask *a = http_state(c->r);
	struct gateway_record *g = NULL;
	bool matches;
	int r = gateway_record_need(c->s, c->m->targets, http_param(c->r, 0), c->a, &g, e);

	if (r < 0)
		return r;
	if (!a)
		return start_scan(c, g, e);
	call_was_begun(c);
	if (a->failed < 0)
		return err_set(e, a->failed, "%s", err_text(&a->e));
	matches = g->row.host_key && strcmp(g->row.host_key, a->host_key) == 0;
	return call_answer(c, 200,
			   json_pack("{ss,ss,ss?,sb}", "host_key", a->host_key, "type", a->host_key_type, "pinned",
				     g->row.host_key, "matches", (int)matches),
			   e);
}
