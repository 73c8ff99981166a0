#include "gate/server.h"

#include "base/log.h"
#include "codec/hex.h"
#include "gate/listen.h"
#include "gate/worker.h"
#include "sys/clock.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct server {
	const struct gate_config *config;
	struct worker_shared shared;
	struct worker **workers;
	size_t workers_n;
	struct listen_address addresses[LIMIT_GATE_LISTENERS_MAX];
	const char *texts[LIMIT_GATE_LISTENERS_MAX];
	size_t addresses_n;
	const struct generation *served; /* kept by the activation as long as it is served */
};

static int init_shared(struct server *s, uint64_t connections_max, struct err *e)
{
	uint8_t seed[16];

	randombytes_buf(seed, sizeof(seed));
	s->shared.limits.idle_ms = (int64_t)s->config->idle * 1000;
	s->shared.connections_max = connections_max;
	s->shared.started_ms = clock_mono().ms;
	s->shared.sources =
		sources_new((size_t)s->config->max_connections, s->config->max_connections_per_source, seed);
	return s->shared.sources ? 0 : err_nomem(e);
}

static int make_workers(struct server *s, struct err *e)
{
	size_t n = gate_config_threads(s->config);

	s->workers = calloc(n, sizeof(struct worker *));
	if (!s->workers)
		return err_nomem(e);
	for (; s->workers_n < n; s->workers_n++) {
		int r = worker_new(&s->shared, (unsigned)s->workers_n, &s->workers[s->workers_n], e);

		if (r < 0)
			return r;
	}
	return 0;
}

static int open_address(struct server *s, const struct conf_address *address, struct err *e)
{
	struct listen_address *a = &s->addresses[s->addresses_n];
	CLEANUP(util_freep) int *fds = calloc(s->workers_n, sizeof(int));
	int r = fds ? listen_open(address->host, address->port, fds, s->workers_n, a, e) : err_nomem(e);

	if (r < 0)
		return r;
	s->texts[s->addresses_n] = a->text;
	s->addresses_n++;
	for (size_t i = 0; i < s->workers_n; i++) {
		int added = worker_add_listener(s->workers[i], fds[i], e);

		if (added < 0)
			r = added;
	}
	return r;
}

int server_new(const struct gate_config *config, uint64_t connections_max, struct server **ret, struct err *e)
{
	CLEANUP(server_freep) struct server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_nomem(e);
	s->config = config;
	(void)pthread_mutex_init(&s->shared.lock, NULL);
	r = init_shared(s, connections_max, e);
	if (r == 0)
		r = make_workers(s, e);
	for (size_t i = 0; r == 0 && i < config->listen.n; i++)
		r = open_address(s, &config->listen.items[i], e);
	if (r < 0)
		return r;
	*ret = TAKE(s);
	return 0;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	server_stop(s, true);
	for (size_t i = 0; i < s->workers_n; i++) {
		worker_join(s->workers[i]);
		worker_free(s->workers[i]);
	}
	free(s->workers);
	sources_free(s->shared.sources);
	health_facts_fini(&s->shared.health);
	(void)pthread_mutex_destroy(&s->shared.lock);
	free(s);
}

int server_start(struct server *s, struct err *e)
{
	for (size_t i = 0; i < s->workers_n; i++) {
		int r = worker_start(s->workers[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Serving
 */

/* One context per worker, each in the worker's own library; all or none. NULL generation: NULL contexts. */
static int make_contexts(struct server *s, const struct generation *g, struct tls_context **contexts, struct err *e)
{
	uint8_t ticket_keys[TLS_TICKET_KEYS_SIZE];
	int r = 0;

	randombytes_buf(ticket_keys, sizeof(ticket_keys));
	for (size_t i = 0; g && r == 0 && i < s->workers_n; i++) {
		struct tls_setup setup = {
			.key_pem = secret_bytes(g->key_pem),
			.chain_pem = buf_bytes(&g->chain_pem),
			.ticket_keys = bytes_of(ticket_keys, sizeof(ticket_keys)),
			.session_id_context = bytes_of(generation_leaf(g)->fingerprint, FINGERPRINT_SIZE),
			.tls13_only = strcmp(s->config->tls_min, "1.3") == 0,
		};

		r = tls_context_new(worker_library(s->workers[i]), &setup, &contexts[i], e);
	}
	sodium_memzero(ticket_keys, sizeof(ticket_keys));
	for (size_t i = 0; r < 0 && i < s->workers_n; i++)
		tls_context_free(TAKE(contexts[i]));
	return r;
}

static void post_all(struct server *s, struct tls_context **contexts)
{
	for (size_t i = 0; i < s->workers_n; i++)
		worker_post_context(s->workers[i], TAKE(contexts[i]));
}

static int wait_all(struct server *s, struct err *e)
{
	for (size_t i = 0; i < s->workers_n; i++)
		if (!worker_wait(s->workers[i], LIMIT_SWAP_WAIT_MS))
			return err_set(e, -ETIMEDOUT, "thread %zu did not take the new keystore within %d ms", i,
				       LIMIT_SWAP_WAIT_MS);
	return 0;
}

/* A thread hangs: the others go back to what they served. */
static void undo(struct server *s, struct tls_context **contexts)
{
	struct err why = { 0 };

	if (make_contexts(s, s->served, contexts, &why) < 0)
		log_error("undo: %s", err_text(&why));
	else
		post_all(s, contexts);
}

static int show_served(struct server *s, const struct generation *g, struct err *e)
{
	int r;

	(void)pthread_mutex_lock(&s->shared.lock);
	r = health_facts_set(&s->shared.health, g, e);
	(void)pthread_mutex_unlock(&s->shared.lock);
	return r;
}

int server_serve(struct server *s, const struct generation *g, struct err *e)
{
	CLEANUP(util_freep) struct tls_context **contexts = calloc(s->workers_n, sizeof(struct tls_context *));
	int r = contexts ? make_contexts(s, g, contexts, e) : err_nomem(e);

	if (r < 0)
		return r;
	post_all(s, contexts);
	r = wait_all(s, e);
	if (r < 0) {
		undo(s, contexts);
		return r;
	}
	s->served = g;
	if (show_served(s, g, e) < 0)
		log_error("health report: %s", err_text(e));
	return 0;
}

void server_show_pending(struct server *s, const struct pending *p, struct mono_time due)
{
	struct health_facts *f = &s->shared.health;

	(void)pthread_mutex_lock(&s->shared.lock);
	f->pending = p != NULL;
	if (p) {
		memcpy(f->old_id, p->old_id, sizeof(f->old_id));
		f->due = due;
	}
	(void)pthread_mutex_unlock(&s->shared.lock);
}

/*
 * The end, and facts
 */

void server_stop(struct server *s, bool now)
{
	for (size_t i = 0; i < s->workers_n; i++)
		worker_post_stop(s->workers[i], now);
}

bool server_ended(struct server *s)
{
	for (size_t i = 0; i < s->workers_n; i++)
		if (!worker_ended(s->workers[i]))
			return false;
	return true;
}

uint64_t server_connections(struct server *s)
{
	return atomic_load_explicit(&s->shared.connections, memory_order_relaxed);
}

size_t server_threads(const struct server *s)
{
	return s->workers_n;
}

const char *const *server_addresses(const struct server *s, size_t *ret_n)
{
	*ret_n = s->addresses_n;
	return s->texts;
}
