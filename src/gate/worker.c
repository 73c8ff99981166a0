#include "gate/worker.h"

#include "base/log.h"
#include "gate/worker_row.h"
#include "sys/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Accepting
 */

static struct source_key key_of_peer(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

		return source_key_of(bytes_of(&v6->sin6_addr, 16));
	}
	return source_key_of(bytes_of(&((const struct sockaddr_in *)(const void *)address)->sin_addr, 4));
}

/* Once in ten seconds is enough to know. */
static void say_refusal(struct worker *w, const char *why)
{
	int64_t now_ms = loop_now(w->loop).ms;

	atomic_fetch_add_explicit(&w->shared->refused, 1, memory_order_relaxed);
	if (w->refusal_said_ms && now_ms - w->refusal_said_ms < 10000)
		return;
	w->refusal_said_ms = now_ms;
	log_warning("thread %u: connections are refused: %s", w->number, why);
}

/* Counts the connection, or says why not. */
static const char *admit(struct worker *w, struct source_key key)
{
	struct worker_shared *shared = w->shared;
	bool entered;

	if (!w->context)
		return "no keystore is served";
	if (atomic_fetch_add_explicit(&shared->connections, 1, memory_order_relaxed) >= shared->connections_max) {
		atomic_fetch_sub_explicit(&shared->connections, 1, memory_order_relaxed);
		return "max_connections is reached";
	}
	(void)pthread_mutex_lock(&shared->lock);
	entered = sources_enter(shared->sources, key);
	(void)pthread_mutex_unlock(&shared->lock);
	if (entered)
		return NULL;
	atomic_fetch_sub_explicit(&shared->connections, 1, memory_order_relaxed);
	return "max_connections_per_source is reached";
}

static void on_accepted(struct worker *w, int fd, const struct sockaddr_storage *address)
{
	struct source_key key = key_of_peer(address);
	const char *why = admit(w, key);
	int on = 1;

	if (why) {
		close(fd);
		say_refusal(w, why);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	row_open(w, fd, key);
}

static void on_listener(struct loop_source *s, uint32_t events)
{
	struct listener *l = (struct listener *)(void *)((char *)s - offsetof(struct listener, source));

	(void)events;
	for (int i = 0; i < LIMIT_GATE_ACCEPT_BATCH; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t n = sizeof(address);
		int fd = accept4(s->fd, (struct sockaddr *)&address, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
			say_refusal(l->w, "no descriptors or memory are left");
		if (fd < 0)
			return;
		on_accepted(l->w, fd, &address);
	}
}

/*
 * The mailbox
 */

static void listen_now(struct worker *w)
{
	struct err e = { 0 };

	for (size_t i = 0; !w->listening && i < w->listeners_n; i++)
		if (loop_add(w->loop, &w->listeners[i].source, EPOLLIN, &e) < 0)
			log_error("thread %u: %s", w->number, err_text(&e));
	w->listening = true;
}

static void close_listeners(struct worker *w)
{
	for (size_t i = 0; i < w->listeners_n; i++) {
		loop_remove(w->loop, &w->listeners[i].source);
		close(w->listeners[i].source.fd);
	}
	w->listeners_n = 0;
}

static void take_context(struct worker *w)
{
	tls_context_free(w->context);
	w->context = TAKE(w->posted);
	w->has_posted = false;
	w->taken_n = w->posted_n;
	(void)pthread_cond_broadcast(&w->taken_changed);
}

static void stop_rows(struct worker *w)
{
	struct row *next;

	w->stopping = true;
	close_listeners(w);
	for (struct row *row = w->rows; row; row = next) {
		next = row->next;
		row_stop(row);
	}
}

static void on_wake(struct loop_source *s, uint32_t events)
{
	struct worker *w = (struct worker *)(void *)((char *)s - offsetof(struct worker, wake));
	bool took = false, stop;
	uint64_t count;

	(void)events;
	if (read(s->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("thread %u: can't read its eventfd", w->number);
	(void)pthread_mutex_lock(&w->lock);
	if (w->has_posted) {
		take_context(w);
		took = true;
	}
	stop = w->stop_posted && !w->stopping;
	(void)pthread_mutex_unlock(&w->lock);
	if (took && !w->stopping)
		listen_now(w);
	if (stop)
		stop_rows(w);
}

static void wake(struct worker *w)
{
	uint64_t one = 1;

	if (write(w->wake.fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_error("thread %u: can't wake it", w->number);
}

void worker_post_context(struct worker *w, struct tls_context *c)
{
	struct tls_context *replaced;

	(void)pthread_mutex_lock(&w->lock);
	replaced = w->posted;
	w->posted = c;
	w->has_posted = true;
	w->posted_n++;
	(void)pthread_mutex_unlock(&w->lock);
	tls_context_free(replaced);
	wake(w);
}

bool worker_wait(struct worker *w, int limit_ms)
{
	struct timespec until;
	bool taken;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += limit_ms / 1000;
	(void)pthread_mutex_lock(&w->lock);
	while (w->taken_n < w->posted_n && pthread_cond_timedwait(&w->taken_changed, &w->lock, &until) == 0)
		;
	taken = w->taken_n == w->posted_n;
	(void)pthread_mutex_unlock(&w->lock);
	return taken;
}

void worker_post_stop(struct worker *w, bool now)
{
	(void)pthread_mutex_lock(&w->lock);
	w->stop_posted = true;
	w->stop_now = w->stop_now || now;
	(void)pthread_mutex_unlock(&w->lock);
	wake(w);
}

bool worker_ended(struct worker *w)
{
	bool ended;

	(void)pthread_mutex_lock(&w->lock);
	ended = w->ended;
	(void)pthread_mutex_unlock(&w->lock);
	return ended;
}

/*
 * The thread
 */

static void run_again(struct worker *w)
{
	struct row *row = TAKE(w->again);

	while (row) {
		struct row *next = row->next_again;

		row->is_again = false;
		row_run(row);
		row = next;
	}
}

static bool is_done(struct worker *w)
{
	bool now;

	(void)pthread_mutex_lock(&w->lock);
	now = w->stop_now;
	(void)pthread_mutex_unlock(&w->lock);
	return w->stopping && (now || !w->rows);
}

static void *run(void *argument)
{
	struct worker *w = (struct worker *)argument;
	struct err e = { 0 };

	while (!is_done(w)) {
		if (loop_run_once(w->loop, w->again ? 0 : -1, &e) < 0) {
			log_error("thread %u: %s", w->number, err_text(&e));
			break;
		}
		run_again(w);
	}
	w->again = NULL;
	while (w->rows)
		row_free(w->rows);
	(void)pthread_mutex_lock(&w->lock);
	w->ended = true;
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

static int make_parts(struct worker *w, struct err *e)
{
	int r = loop_new(&w->loop, e);

	if (r == 0)
		r = tls_library_new(&w->library, e);
	if (r < 0)
		return r;
	w->wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->wake.fd < 0)
		return err_errno(e, "make an eventfd");
	return loop_add(w->loop, &w->wake, EPOLLIN, e);
}

int worker_new(struct worker_shared *shared, unsigned number, struct worker **ret, struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w));
	pthread_condattr_t attr;
	int r;

	if (!w)
		return err_nomem(e);
	w->shared = shared;
	w->number = number;
	w->wake = (struct loop_source) { .fd = -1, .on_event = on_wake };
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->taken_changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	r = make_parts(w, e);
	if (r < 0) {
		worker_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	if (w->loop)
		close_listeners(w);
	tls_context_free(w->context);
	tls_context_free(w->posted);
	if (w->wake.fd >= 0)
		close(w->wake.fd);
	loop_free(w->loop);
	tls_library_free(w->library);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->taken_changed);
	free(w);
}

int worker_add_listener(struct worker *w, int fd, struct err *e)
{
	struct listener *l = &w->listeners[w->listeners_n];

	if (w->listeners_n == LIMIT_GATE_LISTENERS_MAX) {
		close(fd);
		return err_set(e, -EINVAL, "want at most %d addresses to listen on", LIMIT_GATE_LISTENERS_MAX);
	}
	*l = (struct listener) { .source = { .fd = fd, .on_event = on_listener }, .w = w };
	w->listeners_n++;
	return 0;
}

int worker_start(struct worker *w, struct err *e)
{
	int r = pthread_create(&w->thread, NULL, run, w);

	if (r != 0) {
		errno = r;
		return err_errno(e, "start thread %u", w->number);
	}
	w->running = true;
	return 0;
}

void worker_join(struct worker *w)
{
	if (!w->running)
		return;
	(void)pthread_join(w->thread, NULL);
	w->running = false;
}

struct tls_library *worker_library(struct worker *w)
{
	return w->library;
}
