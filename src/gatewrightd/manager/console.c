#include "gatewrightd/manager/console.h"

#include "base/log.h"
#include "gatewrightd/manager/console_certificate.h"
#include "gatewrightd/manager/jobs/order.h"
#include "gatewrightd/manager/jobs/probes.h"
#include "gatewrightd/manager/jobs/supervisor.h"
#include "gatewrightd/roles.h"
#include "sys/clock.h"
#include "sys/http/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ARENA_MAX (8u * 1024 * 1024)
#define RETRY_MIN_S 1
#define RETRY_MAX_S 600
#define LOOK_S 3600 /* when nothing is wrong */

struct console {
	struct manager *m;
	struct http_files *files; /* NULL: not installed */
	pthread_mutex_t lock;	  /* of what follows */
	pthread_cond_t wake, probed;
	pthread_t thread;
	bool started, stopping, woken;
	struct console_change *changes; /* that wait, in order */
	struct console_state state;
};

/* ---- Files ---- */

static const char not_installed[] =
	"<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Gatewright</title>\n"
	"<p>The console's files are not installed on this server; the API and the command line work without "
	"them.</p>\n";

/* What is never a page of the console. */
static bool is_of_the_api(const char *path)
{
	static const char *const prefixes[] = { "/api", "/healthz", "/metrics" };

	for (size_t i = 0; i < ARRAY_N(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (strncmp(path, prefixes[i], n) == 0 && (path[n] == '\0' || path[n] == '/'))
			return true;
	}
	return false;
}

int console_answer_file(struct http_request *r, void *context, struct err *e)
{
	const struct manager *m = context;
	const char *path = http_path(r);

	if (m->console && m->console->files && !is_of_the_api(path))
		return http_files_answer(m->console->files, r, e);
	if (strcmp(path, "/") != 0)
		return err_set(e, -ENOENT, "there is nothing at this path");
	http_answer_static(r, 404, "text/html; charset=utf-8", bytes_of_str(not_installed));
	return 0;
}

static void load_files(struct console *c)
{
	struct err e = { 0 };
	int r = http_files_load(c->m->cfg->console_dir, &c->files, &e);

	if (r == -ENOENT)
		log_info("console: %s; the API is served without it", err_text(&e));
	else if (r < 0)
		log_warning("console: %s; the API is served without it", err_text(&e));
}

/* ---- The certificate ---- */

void console_state(struct console *c, struct console_state *ret)
{
	(void)pthread_mutex_lock(&c->lock);
	*ret = c->state;
	(void)pthread_mutex_unlock(&c->lock);
}

static void set_error(struct console *c, const char *text)
{
	(void)pthread_mutex_lock(&c->lock);
	if (strncmp(c->state.error, text, sizeof(c->state.error) - 1) != 0 && text[0])
		log_error("console: %s", text);
	(void)snprintf(c->state.error, sizeof(c->state.error), "%s", text);
	(void)pthread_mutex_unlock(&c->lock);
}

static void set_served(struct console *c, int64_t id, struct wall_time since)
{
	(void)pthread_mutex_lock(&c->lock);
	c->state.certificate = id;
	c->state.served_since = since;
	(void)pthread_mutex_unlock(&c->lock);
	log_info("console: serves with certificate %lld", (long long)id);
}

/* The one that is set, at the start. */
static int load(struct console *c, struct store *s, int64_t id, struct arena *a, struct err *e)
{
	struct http_certificate *served = NULL;
	struct stored_chain *chain = NULL;
	int r = console_certificate_read(c->m, s, id, a, &chain, &served, e);

	if (r < 0)
		return r;
	http_certificate_free(http_server_swap_certificate(c->m->http, served));
	set_served(c, id, clock_wall());
	return 0;
}

/* ---- Another one ---- */

struct probing {
	struct console *c;
	bool over;
};

static void on_probed(void *context)
{
	struct probing *p = context;

	(void)pthread_mutex_lock(&p->c->lock);
	p->over = true;
	(void)pthread_cond_broadcast(&p->c->probed);
	(void)pthread_mutex_unlock(&p->c->lock);
}

/* An address to connect to, for one to listen on. */
static const char *place_of(const struct conf_address *a, struct arena *arena)
{
	return strcmp(a->host, "*") == 0 ? arena_printf(arena, "127.0.0.1:%u", a->port) : a->text;
}

static int ask(struct console *c, const struct stored_chain *wanted, struct arena *a, struct ask *ret, struct err *e)
{
	const struct conf_addresses *doors = &c->m->cfg->https_listen;
	const char *places[ROLE_HTTPS_MAX];
	struct probing p = { .c = c };
	struct buf message;
	int r;

	for (size_t i = 0; i < doors->n; i++) {
		places[i] = place_of(&doors->items[i], a);
		if (!places[i])
			return err_nomem(e);
	}
	*ret = (struct ask) { .is_probe = true, .done = on_probed, .context = &p };
	r = order_probe_of("console", places, doors->n, wanted, &message, e);
	if (r == 0)
		r = supervisor_ask(c->m->jobs, ret, &message, e);
	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&c->lock);
	while (!p.over)
		(void)pthread_cond_wait(&c->probed, &c->lock);
	(void)pthread_mutex_unlock(&c->lock);
	return ret->failed < 0 ? err_set(e, ret->failed, "%s", err_text(&ret->e)) : 0;
}

/* -EPROTO: a handshake on one of the own addresses does not show it. */
static int probe(struct console *c, const struct stored_chain *wanted, struct arena *a, struct err *e)
{
	struct ask answer = { 0 };
	char trouble[CONSOLE_ERROR_MAX];
	int r = ask(c, wanted, a, &answer, e);

	if (r == 0 && probes_judge(answer.probes, wanted->cert.fingerprint, NULL) != SEEN_NEW) {
		probes_trouble(answer.probes, trouble, sizeof(trouble));
		r = err_set(e, -EPROTO, "%s", trouble[0] ? trouble : "another certificate was served");
	}
	ask_fini(&answer);
	return r < 0 ? err_wrap(e, r, "look at the own door with certificate %lld", (long long)wanted->cert.id) : 0;
}

/* Shown, seen, stored; or shown no more. */
static int change_to(struct console *c, struct store *s, int64_t id, struct arena *a, struct err *e)
{
	struct http_certificate *fresh = NULL, *old;
	struct stored_chain *chain = NULL;
	struct wall_time now = clock_wall();
	int r = console_certificate_read(c->m, s, id, a, &chain, &fresh, e);

	if (r < 0)
		return r;
	old = http_server_swap_certificate(c->m->http, fresh);
	r = probe(c, chain, a, e);
	if (r == 0)
		r = store_console_set(s, id, now, e);
	if (r < 0) {
		http_certificate_free(http_server_swap_certificate(c->m->http, old));
		return old ? err_wrap(e, r, "the certificate before is served again") : r;
	}
	http_certificate_free(old);
	set_served(c, id, now);
	return 0;
}

static struct console_change *next_change(struct console *c)
{
	struct console_change *ret;

	(void)pthread_mutex_lock(&c->lock);
	ret = c->changes;
	if (ret)
		c->changes = ret->next;
	(void)pthread_mutex_unlock(&c->lock);
	return ret;
}

static int ending(struct err *e)
{
	return err_set(e, -EAGAIN, "the manager is ending");
}

int console_change(struct console *c, struct console_change *change, struct err *e)
{
	struct console_change **end = &c->changes;
	int r = 0;

	if (c->m->cfg->https_listen.n == 0)
		return err_set(e, -EBUSY, "there is no HTTPS door: option 'https_listen' is 'none'");
	change->next = NULL;
	(void)pthread_mutex_lock(&c->lock);
	if (c->stopping)
		r = ending(e);
	while (*end)
		end = &(*end)->next;
	if (r == 0)
		*end = change;
	(void)pthread_cond_signal(&c->wake);
	(void)pthread_mutex_unlock(&c->lock);
	return r;
}

/* ---- The thread ---- */

static int look(struct console *c, struct store *s, struct arena *a, struct err *e)
{
	struct console_state state;
	int64_t id = 0, next = 0;
	int r = store_console_get(s, &id, e);

	console_state(c, &state);
	if (r == 0 && id == 0)
		r = console_certificate_make(c->m, s, clock_wall(), a, &id, e);
	if (r == 0 && id != state.certificate)
		r = load(c, s, id, a, e);
	if (r == 0)
		r = console_certificate_renew(c->m, s, id, clock_wall(), a, &next, e);
	if (r == 0)
		r = change_to(c, s, next, a, e);
	return r < 0 ? r : 0;
}

/* A change, when one is asked for; else what is due. */
static int work(struct console *c, struct console_change *change, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(ARENA_MAX);
	struct store *s = NULL;
	int r = a ? store_pool_take(c->m->stores, &s, e) : err_nomem(e);

	if (r == 0)
		r = change ? change_to(c, s, change->certificate, a, e) : look(c, s, a, e);
	store_pool_give(c->m->stores, s);
	return r;
}

static void serve_changes(struct console *c, bool refuse)
{
	struct console_change *change;

	while ((change = next_change(c))) {
		change->failed = refuse ? ending(&change->e) : work(c, change, &change->e);
		change->done(change->context);
	}
}

/* Until `seconds` have passed, or somebody wants something. True: it goes on. */
static bool wait_s(struct console *c, int64_t seconds)
{
	struct timespec until;
	bool goes_on;

	(void)pthread_mutex_lock(&c->lock);
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	if (!c->stopping && !c->changes && !c->woken)
		(void)pthread_cond_timedwait(&c->wake, &c->lock, &until);
	c->woken = false;
	goes_on = !c->stopping;
	(void)pthread_mutex_unlock(&c->lock);
	return goes_on;
}

static void *run(void *context)
{
	struct console *c = context;
	int64_t retry = RETRY_MIN_S, wait = 0;

	while (wait_s(c, wait)) {
		struct err e = { 0 };

		serve_changes(c, false);
		if (work(c, NULL, &e) == 0) {
			set_error(c, "");
			retry = RETRY_MIN_S;
			wait = LOOK_S;
		} else {
			set_error(c, err_text(&e));
			wait = retry;
			retry = 2 * retry < RETRY_MAX_S ? 2 * retry : RETRY_MAX_S;
		}
	}
	serve_changes(c, true);
	return NULL;
}

void console_wake(struct console *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->woken = true;
	(void)pthread_cond_signal(&c->wake);
	(void)pthread_mutex_unlock(&c->lock);
}

/* ---- Start and end ---- */

int console_new(struct manager *m, struct console **ret, struct err *e)
{
	struct console *c = calloc(1, sizeof(*c));
	pthread_condattr_t attributes;

	if (!c)
		return err_nomem(e);
	c->m = m;
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->wake, &attributes);
	(void)pthread_cond_init(&c->probed, NULL);
	(void)pthread_condattr_destroy(&attributes);
	if (m->cfg->https_listen.n > 0)
		load_files(c);
	*ret = c;
	return 0;
}

int console_start(struct console *c, struct err *e)
{
	int r;

	if (c->m->cfg->https_listen.n == 0)
		return 0;
	r = pthread_create(&c->thread, NULL, run, c);
	if (r != 0)
		return err_set(e, -r, "console: start a thread: %s", strerror(r));
	c->started = true;
	return 0;
}

void console_stop(struct console *c)
{
	if (!c || !c->started)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->stopping = true;
	(void)pthread_cond_signal(&c->wake);
	(void)pthread_mutex_unlock(&c->lock);
	(void)pthread_join(c->thread, NULL);
	c->started = false;
}

void console_free(struct console *c)
{
	if (!c)
		return;
	http_files_free(c->files);
	(void)pthread_cond_destroy(&c->wake);
	(void)pthread_cond_destroy(&c->probed);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}
