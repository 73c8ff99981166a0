#include "gate/worker_row.h"

#include "base/log.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Turns that one row may take before the others have theirs. */
#define TURNS_MAX 32

static struct mono_time now_of(const struct row *row)
{
	return loop_now(row->w->loop);
}

void row_free(struct row *row)
{
	struct worker *w = row->w;

	timers_clear(loop_timers(w->loop), &row->timer);
	loop_remove(w->loop, &row->source);
	if (row->previous)
		row->previous->next = row->next;
	else
		w->rows = row->next;
	if (row->next)
		row->next->previous = row->previous;
	tls_free(row->tls);
	close(row->source.fd);
	(void)pthread_mutex_lock(&w->shared->lock);
	sources_leave(w->shared->sources, row->key);
	(void)pthread_mutex_unlock(&w->shared->lock);
	atomic_fetch_sub_explicit(&w->shared->connections, 1, memory_order_relaxed);
	conn_fini(&row->conn);
	buf_fini(&row->out);
	free(row);
}

/*
 * Actions
 */

static void send_health(struct row *row, const struct conn_action *action)
{
	struct worker_shared *shared = row->w->shared;
	struct health_moment m = {
		.now = clock_wall(),
		.mono = now_of(row),
		.uptime_s = (now_of(row).ms - shared->started_ms) / 1000,
		.connections = atomic_load_explicit(&shared->connections, memory_order_relaxed),
	};

	(void)pthread_mutex_lock(&shared->lock);
	if (shared->health.generation[0])
		health_answer(&shared->health, m, action->head_only, action->last, &row->out);
	else
		health_problem(503, "no keystore is served any more", action->head_only, action->last, &row->out);
	(void)pthread_mutex_unlock(&shared->lock);
}

static void start_tls(struct row *row, struct conn_actions *more)
{
	row->tls = row->w->context ? tls_new(row->w->context, row->source.fd) : NULL;
	if (!row->tls)
		conn_on_tls_failed(&row->conn, row->w->context ? "no memory for TLS" : "no keystore is served", more);
}

static void do_action(struct row *row, const struct conn_action *action, struct conn_actions *more)
{
	switch (action->kind) {
	case CONN_START_TLS:
		start_tls(row, more);
		break;
	case CONN_SEND_HEALTH:
		send_health(row, action);
		break;
	case CONN_SEND_PROBLEM:
		health_problem(action->status, action->why, action->head_only, action->last, &row->out);
		break;
	case CONN_SHUTDOWN:
		row->shutdown_wanted = true;
		break;
	case CONN_CLOSE:
		row->closed = true;
		if (action->why)
			log_debug("thread %u: a connection is closed: %s", row->w->number, action->why);
		break;
	case CONN_ACTION_N:
		break;
	}
}

static void do_actions(struct row *row, const struct conn_actions *actions)
{
	struct conn_actions more = { 0 };

	for (size_t i = 0; i < actions->n; i++)
		do_action(row, &actions->items[i], &more);
	if (buf_bad(&row->out) && !row->closed)
		conn_on_broken(&row->conn, "no memory for an answer", &more);
	for (size_t i = 0; i < more.n; i++)
		do_action(row, &more.items[i], &(struct conn_actions) { 0 });
}

/*
 * Turns: each does one thing and says whether there may be more to do at once.
 */

/* What a TLS call said when it was not done. */
static bool on_not_done(struct row *row, enum tls_result result, const char *why, struct conn_actions *out)
{
	switch (result) {
	case TLS_WANT_READ:
		row->wants = EPOLLIN;
		return false;
	case TLS_WANT_WRITE:
		row->wants = EPOLLOUT;
		return false;
	case TLS_END:
		conn_on_end(&row->conn, now_of(row), out);
		return true;
	case TLS_BROKEN:
	case TLS_DONE:
		break;
	}
	if (row->conn.state == CONN_TLS)
		conn_on_tls_failed(&row->conn, why, out);
	else
		conn_on_broken(&row->conn, why, out);
	return true;
}

static bool turn_handshake(struct row *row, struct conn_actions *out)
{
	const char *why = "the handshake failed";
	enum tls_result result = tls_handshake(row->tls, &why);

	if (result != TLS_DONE)
		return on_not_done(row, result, why, out);
	conn_on_tls_established(&row->conn, now_of(row), out);
	return true;
}

static bool turn_send(struct row *row, struct conn_actions *out)
{
	const char *why = "the connection broke";
	size_t n = 0;
	enum tls_result result =
		tls_write(row->tls, bytes_of(row->out.p + row->out_at, row->out.n - row->out_at), &n, &why);

	if (result != TLS_DONE)
		return on_not_done(row, result, why, out);
	row->out_at += n;
	if (row->out_at < row->out.n)
		return true;
	buf_fini(&row->out);
	row->out_at = 0;
	conn_on_sent(&row->conn, now_of(row), out);
	return true;
}

static bool turn_shutdown(struct row *row, struct conn_actions *out)
{
	const char *why = "the connection broke";
	enum tls_result result = tls_shutdown(row->tls, &why);

	if (result == TLS_WANT_READ || result == TLS_WANT_WRITE)
		return on_not_done(row, result, why, out);
	row->shutdown_wanted = false;
	if (result == TLS_BROKEN)
		return on_not_done(row, result, why, out);
	(void)shutdown(row->source.fd, SHUT_WR);
	return true;
}

static bool turn_read(struct row *row, struct conn_actions *out)
{
	const char *why = "the connection broke";
	size_t room = conn_room(&row->conn), n = 0;
	enum tls_result result;

	if (room > sizeof(row->w->scratch))
		room = sizeof(row->w->scratch);
	if (room == 0)
		return false;
	result = tls_read(row->tls, row->w->scratch, room, &n, &why);
	if (result != TLS_DONE)
		return on_not_done(row, result, why, out);
	conn_on_bytes(&row->conn, bytes_of(row->w->scratch, n), now_of(row), out);
	return true;
}

static bool turn(struct row *row, struct conn_actions *out)
{
	if (row->out.n > 0)
		return turn_send(row, out);
	if (row->shutdown_wanted)
		return turn_shutdown(row, out);
	switch (row->conn.state) {
	case CONN_ACCEPTED:
		conn_on_first_byte(&row->conn, now_of(row), out);
		return true;
	case CONN_TLS:
		return turn_handshake(row, out);
	case CONN_OPEN:
	case CONN_DRAINING:
		return turn_read(row, out);
	case CONN_CLOSED:
	case CONN_STATE_N:
		break;
	}
	return false;
}

/*
 * After the turns
 */

static void run_again_later(struct row *row)
{
	if (row->is_again)
		return;
	row->is_again = true;
	row->next_again = row->w->again;
	row->w->again = row;
}

/* The deadline and the interest of the row as they are now; or its end. */
static void settle(struct row *row)
{
	if (!row->closed && !timers_set(loop_timers(row->w->loop), &row->timer, row->conn.deadline))
		row->closed = true;
	if (!row->closed && loop_want(row->w->loop, &row->source, row->wants, NULL) < 0)
		row->closed = true;
	if (row->closed && row->is_again)
		return; /* worker_run_again() frees it */
	if (row->closed)
		row_free(row);
}

void row_run(struct row *row)
{
	bool more = true;

	for (int i = 0; more && !row->closed && i < TURNS_MAX; i++) {
		struct conn_actions actions = { 0 };

		row->wants = EPOLLIN;
		more = turn(row, &actions);
		do_actions(row, &actions);
	}
	if (more && !row->closed)
		run_again_later(row);
	settle(row);
}

static void on_event(struct loop_source *s, uint32_t events)
{
	struct row *row = (struct row *)(void *)((char *)s - offsetof(struct row, source));

	(void)events; /* the next TLS call finds out what it means */
	row_run(row);
}

static void on_timer(struct timer *t, struct mono_time now)
{
	struct row *row = (struct row *)(void *)((char *)t - offsetof(struct row, timer));
	struct conn_actions actions = { 0 };

	conn_on_timer(&row->conn, now, &actions);
	do_actions(row, &actions);
	if (row->closed)
		settle(row);
	else
		row_run(row);
}

void row_stop(struct row *row)
{
	struct conn_actions actions = { 0 };

	conn_on_stop(&row->conn, now_of(row), &actions);
	do_actions(row, &actions);
	if (row->shutdown_wanted && !row->closed)
		row_run(row);
	else
		settle(row);
}

void row_open(struct worker *w, int fd, struct source_key key)
{
	struct row *row = calloc(1, sizeof(*row));

	if (!row) {
		close(fd);
		(void)pthread_mutex_lock(&w->shared->lock);
		sources_leave(w->shared->sources, key);
		(void)pthread_mutex_unlock(&w->shared->lock);
		atomic_fetch_sub_explicit(&w->shared->connections, 1, memory_order_relaxed);
		return;
	}
	row->w = w;
	row->key = key;
	row->source = (struct loop_source) { .fd = fd, .on_event = on_event };
	row->timer.fire = on_timer;
	row->wants = EPOLLIN;
	buf_init(&row->out, 2 * LIMIT_GATE_ANSWER_MAX);
	row->next = w->rows;
	if (w->rows)
		w->rows->previous = row;
	w->rows = row;
	conn_init(&row->conn, &w->shared->limits, loop_now(w->loop));
	if (loop_add(w->loop, &row->source, EPOLLIN, NULL) < 0)
		row->closed = true;
	settle(row);
}
