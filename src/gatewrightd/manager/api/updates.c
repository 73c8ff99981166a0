/* Keystore updates and rollbacks: checked, made a job, given to a deploy process. */
#include "codec/hex.h"
#include "core/deploy/generation.h"
#include "core/deploy/plan.h"
#include "core/deploy/update.h"
#include "gatewrightd/manager/api/current.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/api/update_call.h"
#include "gatewrightd/manager/candidates.h"
#include "gatewrightd/manager/jobs/finish.h"
#include "gatewrightd/manager/jobs/order.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define KEEP_DEFAULT 3 /* generations on the host; what the deploy process takes when it is told nothing */

/* The host key of the record, or the one that was accepted just now. Without one nothing is sent to the host. */
static int settle_host_key(struct update_call *u, struct err *e)
{
	const char *accept = u->body.accept_host_key;
	int r = accept ? gateway_check_host_key(bytes_of_str(accept), e) : 0;

	if (r < 0)
		return err_wrap(e, r, "accept_host_key");
	if (accept)
		u->gateway->row.host_key = accept;
	if (!u->gateway->row.host_key && !u->body.dry_run)
		return err_set(
			e, -EPROTO,
			"the host key of gateway '%s' is not known yet: look at it with a host-key call and accept it",
			u->gateway->row.name);
	return 0;
}

static int check_auth(const struct update_call *u, struct err *e)
{
	const struct ssh_login *ssh = &u->body.login;

	if (u->body.dry_run && !ssh->auth)
		return 0;
	if (!ssh->auth)
		return err_set(e, -EINVAL, "member 'ssh.auth' is missing: want 'password', 'key' or 'agent'");
	if (strcmp(ssh->auth, "password") == 0)
		return ssh->password || u->body.dry_run ? 0 : err_set(e, -EINVAL, "member 'ssh.password' is missing");
	if (strcmp(ssh->auth, "key") == 0)
		return ssh->key || u->body.dry_run
			       ? 0
			       : err_set(e, -EINVAL, "member 'ssh.key' is missing: want the content of a key file");
	if (strcmp(ssh->auth, "agent") == 0)
		return ssh->agent || u->body.dry_run
			       ? 0
			       : err_set(e, -EINVAL, "member 'ssh.agent' is missing: want the path of its socket");
	return err_set(e, -EINVAL, "member 'ssh.auth': want 'password', 'key' or 'agent', got '%.40s'", ssh->auth);
}

/* The way of this once over the record's. */
static int check_way(const struct update_call *u, struct err *e)
{
	const struct ssh_login *ssh = &u->body.login;
	int r = ssh->host ? gateway_check_host(bytes_of_str(ssh->host), e) : 0;

	if (r < 0)
		return err_wrap(e, r, "ssh.host");
	if (ssh->user)
		r = gateway_check_ssh_user(bytes_of_str(ssh->user), e);
	if (r == 0 && ssh->agent && ssh->agent[0] != '/')
		r = err_set(e, -EINVAL, "member 'ssh.agent': want an absolute path");
	return r < 0 ? r : check_auth(u, e);
}

static int load(struct update_call *u, struct err *e)
{
	struct call *c = u->c;
	int r = gateway_record_need(c->s, c->m->targets, http_param(c->r, 0), c->a, &u->gateway, e);

	if (r == 0)
		r = check_way(u, e);
	if (r == 0)
		r = settle_host_key(u, e);
	if (r == 0)
		r = current_chain(c, u->gateway->row.id, &u->current, e);
	if (r == 0 && u->fresh_id != 0)
		r = inventory_need(c->s, u->fresh_id, c->a, &u->fresh, e);
	return r;
}

/* 1: no. A rollback of what served before is judged the same, but only told. */
static int judge(struct update_call *u, struct err *e)
{
	if (!u->fresh)
		return 0;
	candidate_check(u->current, u->fresh, u->c->now, &u->findings);
	if (u->is_rollback || u->body.dry_run)
		return 0;
	if (findings_blocked(&u->findings)) {
		err_set(e, -EPROTO, "certificate %lld '%s' cannot be used on gateway '%s': %s",
			(long long)u->fresh->cert.id, u->fresh->cert.display_name, u->gateway->row.name,
			u->findings.items[0].text);
		return 1;
	}
	for (size_t i = 0; i < u->findings.n && !u->body.force_warnings; i++) {
		if (finding_severity(u->findings.items[i].id) != FINDING_WARNING)
			continue;
		err_set(e, -EPROTO, "there is a warning: %s; 'force_warnings' goes on all the same",
			u->findings.items[i].text);
		return 1;
	}
	return 0;
}

/* Sentences of what would happen. */
static int answer_plan(struct update_call *u, struct err *e)
{
	struct call *c = u->c;
	char old_hex[2 * FINGERPRINT_SIZE + 1], new_hex[2 * FINGERPRINT_SIZE + 1];
	const char *sentences[PLAN_SENTENCES_MAX];
	const struct ssh_login *ssh = &u->body.login;
	const struct store_gateway *row = &u->gateway->row;
	struct plan_input in = { .target = u->gateway->target,
				 .values = &u->gateway->values,
				 .ssh_host = ssh->host ? ssh->host : row->ssh_host,
				 .ssh_user = ssh->user ? ssh->user : row->ssh_user,
				 .ssh_port = ssh->port ? (int)ssh->port : row->ssh_port,
				 .host_key = row->host_key,
				 .tls_addresses = u->gateway->tls,
				 .tls_addresses_n = u->gateway->tls_n,
				 .tls_names = u->gateway->server_names,
				 .tls_names_n = u->gateway->server_names_n,
				 .confirm_within_s = u->body.confirm_within,
				 .keep = KEEP_DEFAULT,
				 .skew_max_s = UPDATE_SKEW_DEFAULT_S };
	json_t *plan = json_array();
	size_t n = 0;
	int r = 0;

	if (u->current) {
		in.old_display = u->current->cert.display_name;
		in.old_fingerprint = hex_encode(bytes_of(u->current->cert.fingerprint, FINGERPRINT_SIZE), old_hex);
	}
	in.new_display = u->fresh ? u->fresh->cert.display_name : u->generation;
	in.new_fingerprint = u->fresh ? hex_encode(bytes_of(u->fresh->cert.fingerprint, FINGERPRINT_SIZE), new_hex)
				      : "";
	r = plan_make(&in, c->a, sentences, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		(void)json_array_append_new(plan, json_string(sentences[i]));
	if (r < 0) {
		json_decref(plan);
		return r;
	}
	return call_answer(c, 200,
			   json_pack("{so,so,sb}", "findings", json_findings(u->findings.items, u->findings.n), "plan",
				     plan, "compatible", (int)!findings_blocked(&u->findings)),
			   e);
}

static const char *findings_text(struct update_call *u)
{
	json_t *list = json_findings(u->findings.items, u->findings.n);
	size_t n = list ? json_dumpb(list, NULL, 0, JSON_COMPACT) : 0;
	char *text = n > 0 ? arena_alloc(u->c->a, n + 1) : NULL;

	if (text)
		(void)json_dumpb(list, text, n, JSON_COMPACT);
	json_decref(list);
	return text;
}

/* The row, and the accepted host key with it. 1: answered already, another job works on the gateway. */
static int add_job(struct update_call *u, int64_t *ret_id, struct err *e)
{
	struct call *c = u->c;
	struct store_job row = { .kind = u->is_rollback ? "rollback" : "update",
				 .gateway_id = u->gateway->row.id,
				 .gateway = u->gateway->row.name,
				 .cert_id = u->fresh ? u->fresh->cert.id : 0,
				 .previous_id = u->current ? u->current->cert.id : 0,
				 .detail = "waits for its process",
				 .created_at = c->now,
				 .generation = u->generation,
				 .confirm_within = u->body.confirm_within,
				 .findings = findings_text(u) };
	int r = store_begin(c->s, e);

	if (r < 0)
		return r;
	r = store_job_add(c->s, &row, ret_id, e);
	if (r == 0)
		call_after(c, json_pack("{sI,so,so,ss?,ss?}", "job", (json_int_t)*ret_id, "certificate",
					json_id(row.cert_id), "previous", json_id(row.previous_id), "generation",
					row.generation, "accept_host_key", u->body.accept_host_key));
	if (r == 0 && u->body.accept_host_key)
		r = store_gateway_set_host_key(c->s, u->gateway->row.id, u->body.accept_host_key, e);
	r = store_end(c->s, r, e);
	if (r > 0)
		return err_set(e, -EBUSY, "job %lld works on gateway '%s' already", (long long)*ret_id,
			       u->gateway->row.name);
	return r;
}

static int start(struct update_call *u, int64_t id, struct err *e)
{
	struct order order = { .kind = u->is_rollback ? "rollback" : "update",
			       .job_id = id,
			       .gateway = u->gateway,
			       .ssh = &u->body.login,
			       .fresh = u->fresh,
			       .current = u->current,
			       .generation = u->generation,
			       .confirm_within = u->body.confirm_within };
	struct call *c = u->c;
	struct err own = { 0 };
	struct buf message;
	int r = order_update(&order, &message, e);

	if (r == 0)
		r = supervisor_run_job(c->m->jobs, id, u->body.confirm_within, &message, e);
	if (r < 0 && finish_not_started(c->s, id, err_text(e), c->now, &own) < 0) {
		supervisor_find_out(c->m->jobs, id, err_text(e));
		return err_wrap(e, r, "job %lld stays open until that can be stored (%s)", (long long)id,
				err_text(&own));
	}
	return r;
}

static int answer_job(struct call *c, int64_t id, struct err *e)
{
	struct store_job row = { 0 };
	int r = store_job_get(c->s, id, c->a, &row, e);

	return r != 0 ? (r < 0 ? r : -EIO) : call_answer(c, 202, json_job(&row, false, NULL, 0), e);
}

/* What the job is made of is what it is judged by. 1: it is not compatible. */
static int prepare(struct update_call *u, int64_t *ret_id, struct err *e)
{
	uint8_t random[4];
	int r = load(u, e);

	if (r == 0)
		r = judge(u, e);
	if (r != 0)
		return r;
	if (!u->generation) {
		randombytes_buf(random, sizeof(random));
		u->generation = generation_id(u->c->now, random, u->new_generation);
	}
	return u->body.dry_run ? 0 : add_job(u, ret_id, e);
}

int update_run(struct update_call *u, struct err *e)
{
	int64_t id = 0;
	int r = store_begin(u->c->s, e);

	if (r < 0)
		return r;
	r = store_end(u->c->s, prepare(u, &id, e), e);
	if (r > 0)
		return call_refuse(u->c, &u->findings, e);
	if (r == 0 && u->body.dry_run)
		return answer_plan(u, e);
	if (r == 0)
		r = start(u, id, e);
	return r < 0 ? r : answer_job(u->c, id, e);
}
