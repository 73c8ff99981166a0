#include "gatewrightd/manager/jobs/order.h"

#include "codec/hex.h"
#include "gatewrightd/manager/channel.h"
#include "gatewrightd/messages.h"

#include <errno.h>
#include <sodium.h>

#define TLS_NAMES_MAX 64 /* that a deploy process takes */
#define TOKEN_BYTES 16

static void add_secret(struct buf *b, uint16_t tag, const struct secret *s)
{
	if (s)
		wire_add(b, tag, secret_bytes(s));
}

static void add_chain(struct buf *b, uint16_t tag, const struct stored_chain *c)
{
	for (size_t i = 0; c && i < c->facts.n; i++)
		wire_add(b, tag, c->ders[i]);
}

/* The names of a certificate, when the gateway's record has none to ask for. */
static void add_names_of(struct buf *b, const struct stored_chain *c)
{
	struct rd rest = rd_of(bytes_of_str(c->cert.names));

	for (size_t i = 0; i < TLS_NAMES_MAX && rest.rest.n > 0; i++) {
		bool found;

		wire_add(b, FIELD_TLS_NAME, rd_until(&rest, ';', &found));
	}
}

static void add_probe(struct buf *b, const struct gateway_record *g, const struct stored_chain *current,
		      const struct stored_chain *fresh)
{
	const struct stored_chain *named = current ? current : fresh;

	for (size_t i = 0; i < g->tls_n; i++)
		wire_add_str(b, FIELD_TLS_ADDRESS, g->tls[i]);
	for (size_t i = 0; i < g->server_names_n; i++)
		wire_add_str(b, FIELD_TLS_NAME, g->server_names[i]);
	if (g->server_names_n == 0 && named)
		add_names_of(b, named);
}

static void begin(struct buf *b, const char *kind, int64_t job_id, const char *gateway)
{
	request_begin(b, MSG_DEPLOY_JOB);
	wire_add_u64(b, FIELD_JOB, (uint64_t)job_id);
	wire_add_str(b, FIELD_JOB_KIND, kind);
	wire_add_str(b, FIELD_GATEWAY, gateway);
}

static void add_ssh(struct buf *b, const struct gateway_record *g, const struct ssh_login *ssh)
{
	wire_add_str(b, FIELD_SSH_HOST, ssh && ssh->host ? ssh->host : g->row.ssh_host);
	wire_add_u64(b, FIELD_SSH_PORT, ssh && ssh->port ? (uint64_t)ssh->port : (uint64_t)g->row.ssh_port);
	wire_add_str(b, FIELD_SSH_USER, ssh && ssh->user ? ssh->user : g->row.ssh_user);
	wire_add_str(b, FIELD_SSH_PIN, g->row.host_key);
	if (!ssh)
		return;
	wire_add_str(b, FIELD_SSH_AUTH, ssh->auth);
	wire_add_str(b, FIELD_SSH_AGENT, ssh->agent);
	add_secret(b, FIELD_SSH_PASSWORD, ssh->password);
	add_secret(b, FIELD_SSH_KEY, ssh->key);
	add_secret(b, FIELD_SSH_KEY_PASSPHRASE, ssh->key_passphrase);
	add_secret(b, FIELD_SUDO_PASSWORD, ssh->sudo_password);
}

static void add_token(struct buf *b)
{
	uint8_t random[TOKEN_BYTES];
	char hex[2 * TOKEN_BYTES + 1];

	randombytes_buf(random, sizeof(random));
	wire_add_str(b, FIELD_TOKEN, hex_encode(bytes_of(random, sizeof(random)), hex));
}

static int checked(struct buf *b, struct err *e)
{
	if (!buf_bad(b))
		return 0;
	buf_wipe(b);
	return err_set(e, -E2BIG, "the job is larger than the %d KiB of one message", WIRE_MESSAGE_MAX / 1024);
}

int order_update(const struct order *o, struct buf *ret, struct err *e)
{
	begin(ret, o->kind, o->job_id, o->gateway->row.name);
	wire_add(ret, FIELD_TARGET, o->gateway->target_text);
	for (size_t i = 0; i < o->gateway->pairs_n; i++)
		wire_add_str(ret, FIELD_PARAM, o->gateway->pairs[i]);
	add_probe(ret, o->gateway, o->current, o->fresh);
	add_ssh(ret, o->gateway, o->ssh);
	wire_add_str(ret, FIELD_GENERATION, o->generation);
	add_token(ret);
	wire_add_u64(ret, FIELD_CONFIRM_WITHIN, (uint64_t)o->confirm_within);
	add_chain(ret, FIELD_CERTIFICATE, o->fresh);
	add_chain(ret, FIELD_CURRENT, o->current);
	if (o->fresh && o->fresh->sealed_key.n > 0)
		wire_add(ret, FIELD_SEALED_KEY, o->fresh->sealed_key);
	return checked(ret, e);
}

int order_probe(const struct gateway_record *g, const struct stored_chain *current, struct buf *ret, struct err *e)
{
	begin(ret, "probe", 0, g->row.name);
	add_probe(ret, g, current, NULL);
	add_chain(ret, FIELD_CURRENT, current);
	return checked(ret, e);
}

int order_probe_of(const char *name, const char *const *addresses, size_t n, const struct stored_chain *wanted,
		   struct buf *ret, struct err *e)
{
	begin(ret, "probe", 0, name);
	for (size_t i = 0; i < n; i++)
		wire_add_str(ret, FIELD_TLS_ADDRESS, addresses[i]);
	add_chain(ret, FIELD_CERTIFICATE, wanted);
	return checked(ret, e);
}

int order_scan(const struct gateway_record *g, struct buf *ret, struct err *e)
{
	begin(ret, "scan-host-key", 0, g->row.name);
	add_ssh(ret, g, NULL);
	return checked(ret, e);
}

static int load(struct store *s, int64_t id, struct arena *a, struct stored_chain **ret, struct err *e)
{
	*ret = NULL;
	return id != 0 ? inventory_need(s, id, a, ret, e) : 0;
}

int order_look(struct store *s, const struct store_job *job, struct arena *a, struct buf *ret, struct err *e)
{
	struct stored_chain *fresh = NULL, *current = NULL;
	struct gateway_record *g = NULL;
	int r = gateway_record_need(s, NULL, job->gateway, a, &g, e);

	if (r == 0)
		r = load(s, job->cert_id, a, &fresh, e);
	if (r == 0)
		r = load(s, job->previous_id, a, &current, e);
	if (r < 0)
		return r;
	begin(ret, "recover", job->id, g->row.name);
	add_probe(ret, g, current, fresh);
	add_chain(ret, FIELD_CERTIFICATE, fresh);
	add_chain(ret, FIELD_CURRENT, current);
	return checked(ret, e);
}
