/*
 * Event streams. A stream without news suspends its connection, so that no thread waits for it; http_wake() resumes
 * all. A wake between looking and suspending is not lost: the count of wakes is compared under the lock.
 */
#include "sys/http/server_internal.h"

#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX (1024u * 1024) /* bytes that one pull may give */
#define BLOCK_SIZE 16384

struct http_stream {
	struct http_server *server;
	struct MHD_Connection *connection;
	http_pull *pull;
	void *source;
	void (*free_source)(void *);
	struct buf out; /* not sent yet */
	bool ended, suspended;
	struct mono_time spoke_at; /* the last byte before this is what keeps the connection alive */
	struct http_stream *next, **prev_next;
};

void stream_wake_all(struct http_server *s)
{
	s->wakes++;
	for (struct http_stream *st = s->streams; st; st = st->next) {
		if (!st->suspended)
			continue;
		st->suspended = false;
		MHD_resume_connection(st->connection);
	}
}

void http_wake(struct http_server *s)
{
	(void)pthread_mutex_lock(&s->lock);
	stream_wake_all(s);
	(void)pthread_mutex_unlock(&s->lock);
}

static void free_stream(void *context)
{
	struct http_stream *st = context;
	struct http_server *s = st->server;

	(void)pthread_mutex_lock(&s->lock);
	*st->prev_next = st->next;
	if (st->next)
		st->next->prev_next = st->prev_next;
	s->streams_n--;
	(void)pthread_mutex_unlock(&s->lock);
	st->free_source(st->source);
	buf_fini(&st->out);
	free(st);
}

static ssize_t give(struct http_stream *st, char *block, size_t max)
{
	size_t n = st->out.n < max ? st->out.n : max;

	memcpy(block, st->out.p, n);
	buf_consume(&st->out, n);
	st->spoke_at = clock_mono();
	return (ssize_t)n;
}

/* Nothing was there at wake number `seen`: sleep unless another came since. True: the connection sleeps now. */
static bool sleep_since(struct http_stream *st, uint64_t seen)
{
	bool sleeps;

	(void)pthread_mutex_lock(&st->server->lock);
	sleeps = st->server->wakes == seen && !st->server->stopping;
	if (sleeps) {
		st->suspended = true;
		MHD_suspend_connection(st->connection);
	}
	(void)pthread_mutex_unlock(&st->server->lock);
	return sleeps;
}

static uint64_t wakes_now(struct http_server *s, bool *ret_stopping)
{
	uint64_t n;

	(void)pthread_mutex_lock(&s->lock);
	n = s->wakes;
	*ret_stopping = s->stopping;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

/* One look at the source; one that was silent for long gives a comment. */
static bool look(struct http_stream *st)
{
	struct err e = { 0 };
	int r = st->pull(st->source, &st->out, &e);

	if (r != 0 || buf_bad(&st->out))
		st->ended = true;
	if (r == 0 && st->out.n == 0 && clock_mono().ms - st->spoke_at.ms >= HTTP_KEEPALIVE_S * 1000)
		buf_add_str(&st->out, ": alive\n\n");
	return st->out.n > 0 || st->ended;
}

static ssize_t read_stream(void *context, uint64_t position, char *block, size_t max)
{
	struct http_stream *st = context;

	(void)position;
	for (;;) {
		bool stopping;
		uint64_t seen = wakes_now(st->server, &stopping);

		if (st->out.n > 0)
			return give(st, block, max);
		if (st->ended || stopping)
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (!look(st) && sleep_since(st, seen))
			return 0;
	}
}

/* False: there are too many. */
static bool enlist(struct http_server *s, struct http_stream *st)
{
	bool ok;

	(void)pthread_mutex_lock(&s->lock);
	ok = s->streams_n < HTTP_STREAMS_MAX && !s->stopping;
	if (ok) {
		st->next = s->streams;
		st->prev_next = &s->streams;
		if (st->next)
			st->next->prev_next = &st->next;
		s->streams = st;
		s->streams_n++;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return ok;
}

static void queue_stream(struct http_request *r, struct http_stream *st)
{
	struct MHD_Response *response =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, read_stream, st, free_stream);

	r->answered = true;
	r->queued = MHD_NO;
	if (!response) {
		free_stream(st);
		return;
	}
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	r->queued = MHD_queue_response(r->connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
}

int http_answer_stream(struct http_request *r, http_pull *pull, void *source, void (*free_source)(void *),
		       struct err *e)
{
	struct http_stream *st = calloc(1, sizeof(*st));

	if (!st) {
		free_source(source);
		return err_nomem(e);
	}
	*st = (struct http_stream) { .server = r->server,
				     .connection = r->connection,
				     .pull = pull,
				     .source = source,
				     .free_source = free_source,
				     .spoke_at = clock_mono() };
	buf_init(&st->out, EVENTS_MAX);
	if (!enlist(r->server, st)) {
		free_source(source);
		free(st);
		return err_set(e, -EAGAIN, "want at most %d event streams at once; close one", HTTP_STREAMS_MAX);
	}
	queue_stream(r, st);
	return 0;
}
