#include "gate/local.h"

#include "codec/hex.h"
#include "gate/activation.h"
#include "gate/client.h"
#include "gate/failure.h"
#include "gate/offline.h"
#include "gate/stage.h"
#include "sys/clock.h"
#include "sys/net/net.h"
#include "sys/tls/probe.h"

#include <sodium.h>
#include <stdio.h>

#define PROBE_LIMIT_MS 5000
#define PROBE_ARENA_MAX (1024u * 1024)

/*
 * Proving
 */

/* "0.0.0.0" and "::" are reached by the loopback addresses. */
static const char *reachable(const char *host)
{
	return strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1" : strcmp(host, "::") == 0 ? "::1" : host;
}

/* SHA-256 of the certificate that is served. Trust is not judged: the question is only what it is. */
static int look(struct tls_prober *prober, const char *host, uint16_t port, const char *server_name,
		uint8_t ret[STAGE_HASH_SIZE], struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(PROBE_ARENA_MAX);
	struct mono_time deadline = { clock_mono().ms + PROBE_LIMIT_MS };
	struct net_address list[LIMIT_NET_ADDRESSES_MAX];
	struct tls_seen seen;
	size_t n;
	int r = a ? net_resolve(host, port, list, &n, e) : err_nomem(e);

	if (r == 0)
		r = tls_probe(prober, &list[0], server_name, deadline, a, &seen, e);
	if (r == 0)
		stage_hash(seen.certs[0], ret);
	return r;
}

static int prove_address(struct tls_prober *prober, struct bytes address, const char *fingerprint,
			 const char *server_name, struct err *e)
{
	char host[NET_HOST_SIZE], hex[GENERATION_HEX_SIZE];
	uint8_t served[STAGE_HASH_SIZE];
	uint16_t port;
	int r = net_split(address, 0, host, &port, e);

	if (r == 0)
		r = look(prober, reachable(host), port, server_name, served, e);
	if (r < 0)
		return err_wrap(e, FAILURE_RELOAD, "probe of %.*s", (int)address.n, (const char *)address.p);
	if (strcmp(hex_encode(bytes_of(served, sizeof(served)), hex), fingerprint) != 0)
		return err_set(e, FAILURE_RELOAD, "probe of %.*s: want certificate %s, got %s", (int)address.n,
			       (const char *)address.p, fingerprint, hex);
	return 0;
}

int local_prove(const char *socket_path, const char *fingerprint, const char *server_name, struct err *e)
{
	CLEANUP(tls_prober_freep) struct tls_prober *prober = NULL;
	struct client_answer a;
	struct bytes address;
	size_t cursor = 0, proven = 0;
	int r = client_call(socket_path, &a, e, "status");

	if (r == 0)
		r = tls_prober_new(&prober, e);
	while (r == 0 && client_next(&a, "listen", &cursor, &address)) {
		r = prove_address(prober, address, fingerprint, server_name, e);
		proven++;
	}
	client_answer_fini(&a);
	return r == 0 && proven == 0 ? err_set(e, FAILURE_RELOAD, "the gate listens nowhere") : r;
}

const char *local_server_name(const struct chain_facts *chain, char *out, size_t size)
{
	const struct cert_facts *leaf = &chain->certs[0];

	for (size_t i = 0; i < leaf->names_n; i++) {
		const struct general_name *n = &leaf->names[i];

		if (n->kind != GN_DNS || n->value.n == 0 || n->value.n >= size || n->value.p[0] == '*')
			continue;
		memcpy(out, n->value.p, n->value.n);
		out[n->value.n] = '\0';
		return out;
	}
	return NULL;
}

/*
 * Switching
 */

static void make_token(char out[KEYSTORE_TOKEN_SIZE])
{
	uint8_t random[16];

	randombytes_buf(random, sizeof(random));
	(void)hex_encode(bytes_of(random, sizeof(random)), out);
}

/* What was staged for this switch alone does not stay when the switch failed. */
static enum exit_code give_up(const struct local_switch *l, int kind)
{
	if (l->remove_on_failure)
		util_ignore(stage_discard(l->keystore, l->report->generation, NULL));
	return exit_code_of(kind);
}

static enum exit_code switch_offline(const struct local_switch *l, struct err *e)
{
	struct activation_switched done;
	int r;

	if (l->confirm_within_s > 0)
		return give_up(l, err_set(e, FAILURE_NOT_RUNNING,
					  "no gate runs: nothing could go back by itself; leave out --confirm-within"));
	r = offline_switch(l->keystore, l->report->generation, &done, e);
	if (r < 0)
		return give_up(l, r);
	l->report->outcome = "not-proven";
	(void)err_set(e, FAILURE_NOT_RUNNING,
		      "no gate runs: the keystore is in place for its next start, nothing is proven");
	return EXIT_NOT_PROVEN;
}

static enum exit_code roll_back(const struct local_switch *l, struct err *e)
{
	struct err why = { 0 };
	struct client_answer a;
	int r = client_call(l->config->control, &a, &why, "rollback %s", l->report->token);

	client_answer_fini(&a);
	l->report->token[0] = '\0';
	l->report->outcome = r == 0 ? "rolled-back" : "failed";
	if (r < 0)
		(void)err_wrap(e, r, "roll back: %s; the dead-man switch does it; before that", err_text(&why));
	return r == 0 ? EXIT_ROLLED_BACK : EXIT_FAILED;
}

static enum exit_code confirm(const struct local_switch *l, struct err *e)
{
	struct client_answer a;
	int r = client_call(l->config->control, &a, e, "confirm %s %llu", l->report->token,
			    (unsigned long long)l->config->keep);

	client_answer_fini(&a);
	if (r < 0)
		return exit_code_of(r);
	l->report->token[0] = '\0';
	l->report->outcome = "installed";
	return EXIT_DONE;
}

/* Under a dead-man switch in any case: a tool that dies here leaves nothing half done. */
enum exit_code local_switch(const struct local_switch *l, struct err *e)
{
	struct report *report = l->report;
	struct client_answer a;
	int r;

	make_token(report->token);
	report->seconds = l->confirm_within_s > 0 ? l->confirm_within_s : LIMIT_INSTALL_WINDOW_S;
	r = client_call(l->config->control, &a, e, "activate %s %s %lld", report->generation, report->token,
			(long long)report->seconds);
	client_answer_fini(&a);
	if (r < 0)
		report->token[0] = '\0';
	if (r == FAILURE_NOT_RUNNING)
		return switch_offline(l, e);
	if (r == FAILURE_INCOMPATIBLE || r == FAILURE_MISMATCH)
		report->outcome = "refused";
	if (r < 0)
		return give_up(l, r);
	r = local_prove(l->config->control, report->fingerprint, l->server_name, e);
	if (r < 0)
		return roll_back(l, e);
	report->proven = true;
	report->outcome = "awaiting-confirmation";
	return l->confirm_within_s > 0 ? EXIT_DONE : confirm(l, e);
}
