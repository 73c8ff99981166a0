#include "gatewrightd/manager/jobs/proof_make.h"

#include "codec/hex.h"
#include "base/limits.h"
#include "core/deploy/proof.h"
#include "gatewright-config.h"
#include "gatewrightd/manager/candidates.h"
#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/jobs/probes.h"
#include "gatewrightd/manager/keys_client.h"
#include "sys/crypto/x509.h"
#include "sys/store/gateways.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define JWS_MAX (4u * 1024 * 1024)

static_assert(PROOF_MAX == LIMIT_PROOF_MAX && LIMIT_KEYS_PROOF_MAX >= (PROOF_MAX + 2) / 3 * 4 + 1024,
	      "every proof that can be written can be signed");

struct making {
	struct supervisor *s;
	const struct job_end *end;
	const struct store_job *job;
	struct arena *a;
	struct proof_input in;
	struct proof_certificate old_side, new_side;
};

void proof_thumbprint(const uint8_t public_key[32], uint8_t ret[32])
{
	struct buf b;

	buf_init(&b, 1024);
	proof_thumbprint_input(public_key, &b);
	(void)crypto_hash_sha256(ret, b.p, b.n);
	buf_fini(&b);
}

/* Each certificate as a PEM text in the arena. */
static int chain_pem(struct making *m, const struct stored_chain *c, const struct bytes **ret, struct err *e)
{
	struct bytes *out = arena_alloc_array(m->a, c->facts.n + 1, sizeof(*out));
	int r = out ? 0 : err_nomem(e);

	for (size_t i = 0; r == 0 && i < c->facts.n; i++) {
		struct buf pem;

		buf_init(&pem, X509_DER_MAX * 2);
		r = x509_der_to_pem(c->ders[i], &pem, e);
		if (r == 0 && !arena_bytes(m->a, buf_bytes(&pem), &out[i]))
			r = err_nomem(e);
		buf_fini(&pem);
	}
	*ret = out;
	return r;
}

/* "a;b" as an array. */
static const char *const *split_names(const char *names, struct arena *a, size_t *ret_n)
{
	const char **out = arena_alloc_array(a, FACTS_NAMES_MAX + 1, sizeof(*out));
	struct rd rest = rd_of(bytes_of_str(names));

	*ret_n = 0;
	while (out && rest.rest.n > 0 && *ret_n < FACTS_NAMES_MAX) {
		bool found;

		out[*ret_n] = arena_str(a, rd_until(&rest, ';', &found));
		if (!out[(*ret_n)++])
			return NULL;
	}
	return out;
}

static int side(struct making *m, const struct stored_chain *c, struct proof_certificate *ret, struct err *e)
{
	char hex[2 * FINGERPRINT_SIZE + 1];
	int r = chain_pem(m, c, &ret->chain_pem, e);

	if (r < 0)
		return r;
	ret->chain_n = c->facts.n;
	ret->fingerprint =
		arena_str(m->a, bytes_of_str(hex_encode(bytes_of(c->cert.fingerprint, FINGERPRINT_SIZE), hex)));
	ret->display_name = c->cert.display_name;
	ret->subject = c->cert.subject;
	ret->serial = c->cert.serial;
	ret->names = split_names(c->cert.names, m->a, &ret->names_n);
	ret->not_before = c->cert.not_before;
	ret->not_after = c->cert.not_after;
	return ret->fingerprint && ret->names ? 0 : err_nomem(e);
}

static int take_sides(struct making *m, struct err *e)
{
	struct stored_chain *fresh = NULL, *old = NULL;
	struct findings *found = arena_alloc(m->a, sizeof(*found));
	int r = found ? inventory_need(m->s->store, m->job->cert_id, m->a, &fresh, e) : err_nomem(e);

	if (r == 0 && m->job->previous_id != 0)
		r = inventory_need(m->s->store, m->job->previous_id, m->a, &old, e);
	if (r == 0)
		r = side(m, fresh, &m->new_side, e);
	if (r == 0 && old)
		r = side(m, old, &m->old_side, e);
	if (r < 0)
		return r;
	candidate_check(old, fresh, m->job->created_at, found);
	m->in.new = &m->new_side;
	m->in.old = old ? &m->old_side : NULL;
	m->in.findings = found;
	m->in.compared_at = m->job->created_at;
	m->in.old_revocation_known = true;
	return 0;
}

/* A JSON list of probes as texts. */
static int split_probes(const char *list, struct arena *a, const struct bytes **ret, size_t *ret_n, struct err *e)
{
	json_t *v = list ? json_loads(list, 0, NULL) : NULL;
	size_t n = json_array_size(v);
	struct bytes *out = arena_alloc_array(a, n + 1, sizeof(*out));
	int r = out ? 0 : err_nomem(e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		json_t *probe = json_array_get(v, i);
		size_t size = json_dumpb(probe, NULL, 0, JSON_COMPACT);
		char *text = arena_alloc(a, size + 1);

		if (!text || json_dumpb(probe, text, size, JSON_COMPACT) != size)
			r = err_nomem(e);
		else
			out[i] = bytes_of(text, size);
	}
	json_decref(v);
	*ret = out;
	*ret_n = n;
	return r;
}

static int take_probes(struct making *m, struct err *e)
{
	struct store_probe kept[8];
	size_t n = 0;
	int r = store_probes_of_job(m->s->store, m->job->id, m->a, kept, ARRAY_N(kept), &n, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		if (strcmp(kept[i].phase, "before") == 0)
			r = split_probes(kept[i].body, m->a, &m->in.probes_before, &m->in.probes_before_n, e);
	return r < 0 ? r : split_probes(m->end->probes, m->a, &m->in.probes_after, &m->in.probes_after_n, e);
}

static int take_steps(struct making *m, struct err *e)
{
	struct store_step *rows = NULL;
	struct proof_step *out;
	size_t n = 0;
	int r = store_step_list(m->s->store, m->job->id, m->a, &rows, &n, e);

	if (r < 0)
		return r;
	out = arena_alloc_array(m->a, n + 1, sizeof(*out));
	if (!out)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].outcome, "started") == 0)
			continue;
		out[m->in.steps_n++] = (struct proof_step) { rows[i].state, rows[i].text, rows[i].outcome,
							     rows[i].started_at, rows[i].time_ms };
	}
	m->in.steps = out;
	return 0;
}

static int take_gateway(struct making *m, struct err *e)
{
	struct store_gateway row;
	int r = store_gateway_get(m->s->store, m->job->gateway_id, m->a, &row, e);

	if (r != 0)
		return r < 0 ? r : err_set(e, -ENOENT, "gateway '%s' is gone", m->job->gateway);
	m->in.target = row.target;
	m->in.ssh_host = row.ssh_host;
	m->in.ssh_user = row.ssh_user;
	m->in.ssh_port = row.ssh_port;
	m->in.host_key = row.host_key ? row.host_key : "";
	return 0;
}

static int sign(struct making *m, struct bytes payload, struct buf *out, struct err *e)
{
	struct keys_signature key = { 0 };
	uint8_t thumbprint[32];
	struct buf input;
	int r = keys_ask_sign(m->s->m->keys, BYTES_NONE, &key, e);

	if (r < 0)
		return r;
	proof_thumbprint(key.public_key, thumbprint);
	buf_init(&input, JWS_MAX);
	r = proof_signing_input(payload, key.public_key, thumbprint, &input, e);
	if (r == 0)
		r = keys_ask_sign(m->s->m->keys, buf_bytes(&input), &key, e);
	if (r == 0)
		r = proof_assemble(buf_bytes(&input), key.signature, out, e);
	buf_fini(&input);
	return r;
}

static int write_proof(struct making *m, const char **ret, struct err *e)
{
	struct buf payload, jws;
	int r;

	buf_init(&payload, PROOF_MAX);
	buf_init(&jws, JWS_MAX);
	r = proof_payload(&m->in, &payload, e);
	if (r == 0)
		r = sign(m, buf_bytes(&payload), &jws, e);
	if (r == 0) {
		*ret = buf_bad(&jws) ? NULL : arena_str(m->a, buf_bytes(&jws));
		r = *ret ? 0 : err_nomem(e);
	}
	buf_fini(&payload);
	buf_fini(&jws);
	return r;
}

int proof_make(struct supervisor *s, const struct job_end *end, const struct store_job *job, struct arena *a,
	       const char **ret, struct err *e)
{
	struct making *m = arena_alloc(a, sizeof(*m));
	int r;

	*ret = NULL;
	if (job->cert_id == 0)
		return 0;
	if (!m)
		return err_nomem(e);
	*m = (struct making) { .s = s, .end = end, .job = job, .a = a };
	m->in = (struct proof_input) { .version = GATEWRIGHT_VERSION,
				       .job = job->id,
				       .gateway = job->gateway,
				       .result = update_result_word(end->result),
				       .made_at = job->finished_at,
				       .generation = job->generation,
				       .old_generation = job->old_generation,
				       .handshakes_tried = end->handshakes_tried,
				       .handshakes_lost = end->handshakes_lost };
	r = take_sides(m, e);
	if (r == 0)
		r = take_probes(m, e);
	if (r == 0)
		r = take_steps(m, e);
	if (r == 0)
		r = take_gateway(m, e);
	return r < 0 ? r : write_proof(m, ret, e);
}
