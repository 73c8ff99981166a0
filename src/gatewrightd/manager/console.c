#include "gatewrightd/manager/console.h"

#include "base/log.h"
#include "gatewrightd/manager/console_certificate.h"
#include "sys/clock.h"
#include "sys/http/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ARENA_MAX (8u * 1024 * 1024)
#define CHAIN_PEM_MAX (1024 * 1024)
#define RETRY_MIN_S 1
#define RETRY_MAX_S 60
#define LOOK_S 3600 /* when nothing is wrong */

struct console {
	struct manager *m;
	struct http_files *files; /* NULL: not installed */
	pthread_mutex_t lock;	  /* of what follows */
	pthread_cond_t wake;
	pthread_t thread;
	bool started, stopping;
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

static int load(struct console *c, struct store *s, int64_t id, struct arena *a, struct err *e)
{
	CLEANUP(secret_freep) struct secret *key = NULL;
	struct buf chain;
	int r;

	buf_init(&chain, CHAIN_PEM_MAX);
	r = console_certificate_read(c->m, s, id, a, &chain, &key, e);
	if (r == 0)
		r = http_server_set_certificate(c->m->http, buf_bytes(&chain), key, e);
	buf_fini(&chain);
	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&c->lock);
	c->state.certificate = id;
	c->state.served_since = clock_wall();
	(void)pthread_mutex_unlock(&c->lock);
	log_info("console: serves with certificate %lld", (long long)id);
	return 0;
}

static int look(struct console *c, struct store *s, struct arena *a, struct err *e)
{
	struct console_state state;
	int64_t id = 0;
	int r = store_console_get(s, &id, e);

	console_state(c, &state);
	if (r == 0 && id == 0)
		r = console_certificate_make(c->m, s, clock_wall(), a, &id, e);
	return r < 0 || id == state.certificate ? r : load(c, s, id, a, e);
}

/* True: all is as it should be. */
static bool look_once(struct console *c)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(ARENA_MAX);
	struct store *s = NULL;
	struct err e = { 0 };
	int r = a ? store_pool_take(c->m->stores, &s, &e) : err_nomem(&e);

	if (r == 0)
		r = look(c, s, a, &e);
	store_pool_give(c->m->stores, s);
	set_error(c, r < 0 ? err_text(&e) : "");
	return r == 0;
}

static void wait_s(struct console *c, int64_t seconds)
{
	struct timespec until;

	(void)pthread_mutex_lock(&c->lock);
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	if (!c->stopping)
		(void)pthread_cond_timedwait(&c->wake, &c->lock, &until);
	(void)pthread_mutex_unlock(&c->lock);
}

static bool is_stopping(struct console *c)
{
	bool ret;

	(void)pthread_mutex_lock(&c->lock);
	ret = c->stopping;
	(void)pthread_mutex_unlock(&c->lock);
	return ret;
}

static void *run(void *context)
{
	struct console *c = context;
	int64_t retry = RETRY_MIN_S;

	while (!is_stopping(c)) {
		bool fine = look_once(c);

		wait_s(c, fine ? LOOK_S : retry);
		retry = fine ? RETRY_MIN_S : retry < RETRY_MAX_S ? 2 * retry : RETRY_MAX_S;
	}
	return NULL;
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
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}
