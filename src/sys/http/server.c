/* libmicrohttpd: starting, one request from its first header to its answer, ending. */
#include "sys/http/server_internal.h"

#include "base/log.h"
#include "sys/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void free_request(struct http_request *r)
{
	if (!r)
		return;
	if (r->free_state)
		r->free_state(r->state);
	while (r->params_n > 0)
		free(r->params[--r->params_n]);
	while (r->headers_n > 0) {
		r->headers_n--;
		explicit_bzero(r->headers[r->headers_n].value, strlen(r->headers[r->headers_n].value));
		free(r->headers[r->headers_n].value);
		free(r->headers[r->headers_n].name);
	}
	json_decref(r->json);
	buf_wipe(&r->body);
	free(r->path);
	free(r);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
			 enum MHD_RequestTerminationCode why)
{
	struct http_request *r = *request;

	(void)context;
	(void)connection;
	(void)why;
	if (*request)
		connection_awaits(&r->server->connections, r->from, clock_mono());
	free_request(r);
	*request = NULL;
}

/* The path as it came, before anything decodes it: it becomes the request. */
static void *on_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
	const struct http_door *door = context;
	struct http_connection *from = connection_of(connection);
	struct http_request *r = from ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return NULL;
	r->server = door->server;
	r->connection = connection;
	r->from = from;
	r->channel = door->channel;
	buf_init(&r->body, HTTP_BODY_MAX);
	r->path = strndup(uri, strcspn(uri, "?"));
	if (!r->path) {
		free_request(r);
		return NULL;
	}
	return r;
}

/* A body somewhat too large is read to its end, so that its sender reads the answer; one far too large is not. */
#define DISCARD_MAX (4 * (size_t)HTTP_BODY_MAX)

/* Does the request say itself that its body is far too large? */
static bool says_too_large(const struct http_request *r)
{
	const char *text = http_header(r, "Content-Length");

	return text && strtoull(text, NULL, 10) > DISCARD_MAX;
}

/*
 * libmicrohttpd would keep the bytes until the connection ends; they may hold a password. False: the client goes on
 * long after its body was too large.
 */
static bool collect(struct http_request *r, const char *data, size_t *n)
{
	r->body_n += *n;
	if (!r->too_large && !r->refusal)
		buf_add(&r->body, bytes_of(data, *n));
	if (buf_bad(&r->body)) {
		r->too_large = true;
		buf_wipe(&r->body);
	}
	explicit_bzero((void *)(uintptr_t)data, *n);
	*n = 0;
	return r->body_n <= DISCARD_MAX;
}

static const char *refusal(unsigned int status)
{
	switch (status) {
	case MHD_HTTP_CONTENT_TOO_LARGE:
		return "want a body of at most 256 KiB";
	case MHD_HTTP_FORBIDDEN:
		return "want root, the daemon's own user or a member of the configured group, got another user";
	case MHD_HTTP_NOT_FOUND:
		return "there is nothing at this path";
	default:
		return "this path does not take this method";
	}
}

static void refuse(struct http_request *r, unsigned int status)
{
	http_answer_problem(r, status, r->fault[0] ? r->fault : refusal(status), NULL);
}

/* Where the request ends is not known, so nothing behind its headers is read. False: answered. */
static bool end_here(struct http_request *r)
{
	(void)!http_answer_header(r, MHD_HTTP_HEADER_CONNECTION, "close", NULL);
	refuse(r, MHD_HTTP_BAD_REQUEST);
	return false;
}

/*
 * Before the body: who calls, and what. What is refused here is answered when the body was read, because a client that
 * is still sending when the connection ends may never read why; unless it says that it is far too large. False:
 * answered.
 */
static bool admit(struct http_request *r, const char *method, const char *version)
{
	if (!peer_allowed(r))
		r->refusal = MHD_HTTP_FORBIDDEN;
	else if (request_is_ambiguous(r, version))
		return end_here(r);
	else
		r->refusal = request_is_text(r) ? router_find(r, method) : (unsigned int)MHD_HTTP_BAD_REQUEST;
	if (!says_too_large(r))
		return true;
	refuse(r, r->refusal ? r->refusal : (unsigned int)MHD_HTTP_CONTENT_TOO_LARGE);
	return false;
}

static void log_failure(const struct http_request *r, unsigned int status, const struct err *e)
{
	if (status >= 500)
		log_error("%s %s: %s", r->route->method, r->route->pattern, err_text(e));
	else
		log_debug("%s %s: %u %s", r->route->method, r->route->pattern, status, err_text(e));
}

/* True: the handler is done. False: it finishes later and the connection sleeps. */
static bool call_handler(struct http_request *r)
{
	for (;;) {
		struct err e = { 0 };
		int done = r->route->handler(r, r->server->config.context, &e);
		bool again;

		if (done < 0 && !r->answered) {
			log_failure(r, http_status_of(done), &e);
			http_answer_problem(r, http_status_of(done), err_text(&e), NULL);
		}
		if (done != HTTP_LATER)
			return true;
		(void)pthread_mutex_lock(&r->server->lock);
		again = r->wait == WAIT_FINISHED;
		if (!again) {
			r->wait = WAIT_SUSPENDED;
			MHD_suspend_connection(r->connection);
		} else {
			r->wait = WAIT_NONE;
		}
		(void)pthread_mutex_unlock(&r->server->lock);
		if (!again)
			return false;
	}
}

void http_finish_later(struct http_request *r)
{
	struct http_server *s = r->server;

	(void)pthread_mutex_lock(&s->lock);
	if (r->wait == WAIT_SUSPENDED) {
		r->wait = WAIT_NONE;
		MHD_resume_connection(r->connection);
	} else {
		r->wait = WAIT_FINISHED;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result on_access(void *context, struct MHD_Connection *connection, const char *url, const char *method,
				 const char *version, const char *data, size_t *data_n, void **request)
{
	struct http_request *r = *request;

	(void)context;
	(void)connection;
	(void)url;
	if (!r)
		return MHD_NO;
	if (!r->called) { /* only the headers are there */
		r->called = true;
		return admit(r, method, version) ? MHD_YES : r->queued;
	}
	if (*data_n > 0)
		return collect(r, data, data_n) ? MHD_YES : MHD_NO;
	connection_received(&r->server->connections, r->from);
	if (r->answered)
		return r->queued;
	if (r->refusal || r->too_large) {
		refuse(r, r->refusal ? r->refusal : (unsigned int)MHD_HTTP_CONTENT_TOO_LARGE);
		return r->queued;
	}
	if (!call_handler(r))
		return MHD_YES;
	if (!r->answered)
		http_answer_problem(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "the handler gave no answer", NULL);
	return r->queued;
}

static void on_complaint(void *context, const char *format, va_list args) PRINTF_LIKE(2, 0);

static void on_complaint(void *context, const char *format, va_list args)
{
	char text[256];

	(void)context;
	if (vsnprintf(text, sizeof(text), format, args) > 0) {
		text[strcspn(text, "\n")] = '\0';
		log_debug("http: %s", text);
	}
}

static void cut_late(struct http_server *s)
{
	unsigned int n = connections_cut_late(&s->connections, clock_mono());

	if (n > 0)
		log_info("http: cut off %u connections whose request did not come in time", n);
}

/* The clock of the streams, and of requests that do not come. */
static void *tick(void *context)
{
	struct http_server *s = context;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->stopping) {
		struct timespec until;

		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += HTTP_TICK_S;
		(void)pthread_cond_timedwait(&s->stop_ticker, &s->lock, &until);
		stream_wake_all(s);
		cut_late(s);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int start_ticker(struct http_server *s, struct err *e)
{
	pthread_condattr_t attributes;
	int r;

	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_mutex_init(&s->certificate_lock, NULL);
	(void)pthread_cond_init(&s->stop_ticker, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	r = pthread_create(&s->ticker, NULL, tick, s);
	if (r != 0)
		return err_set(e, -r, "http: start a thread: %s", strerror(r));
	s->has_ticker = true;
	return 0;
}

/* Before anything is read or kept of it. */
static enum MHD_Result on_accept(void *context, const struct sockaddr *address, socklen_t address_n)
{
	const struct http_door *door = context;

	(void)address_n;
	if (connections_may_enter(&door->server->connections, address))
		return MHD_YES;
	log_debug("http: a client address has %u connections already", door->server->config.source_max);
	return MHD_NO;
}

struct http_connection *connection_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void enter(struct http_door *door, struct MHD_Connection *connection, void **ret_context)
{
	const union MHD_ConnectionInfo *address =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	struct http_connection *c = calloc(1, sizeof(*c));

	*ret_context = c;
	if (!c) {
		(void)shutdown(fd, SHUT_RDWR);
		return;
	}
	c->owner = door;
	c->fd = fd;
	connections_add(&door->server->connections, c, address ? address->client_addr : NULL, clock_mono());
}

static void on_connection(void *context, struct MHD_Connection *connection, void **ret_context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct http_door *door = context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		enter(door, connection, ret_context);
	} else if (*ret_context) {
		connections_remove(&door->server->connections, *ret_context);
		free(*ret_context);
		*ret_context = NULL;
	}
}

static int open_door(struct http_server *s, const struct http_listener *listener, struct err *e)
{
	bool tls = listener->channel == HTTP_TLS;
	struct http_door *door = &s->doors[s->doors_n];

	assert(s->doors_n < HTTP_LISTENERS_MAX);
	*door = (struct http_door) { .server = s, .channel = listener->channel };
	door->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			(tls ? (unsigned int)MHD_USE_TLS : 0u),
		0, on_accept, door, on_access, door, MHD_OPTION_EXTERNAL_LOGGER, on_complaint, NULL,
		MHD_OPTION_LISTEN_SOCKET, listener->fd, MHD_OPTION_THREAD_POOL_SIZE,
		s->config.threads ? s->config.threads : (unsigned int)HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)HTTP_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, door,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, door, tls ? MHD_OPTION_HTTPS_CERT_CALLBACK2 : MHD_OPTION_END,
		tls_on_handshake, /* the end, without TLS */
		MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES, MHD_OPTION_END);
	if (!door->daemon) {
		(void)close(listener->fd);
		return err_set(e, -EIO, "http: the server did not start on its socket");
	}
	s->doors_n++;
	return 0;
}

int http_server_start(const struct http_config *config, struct http_server **ret, struct err *e)
{
	struct http_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_nomem(e);
	s->config = *config;
	s->config.listeners = NULL; /* borrowed for this call */
	connections_init(&s->connections, config->source_max,
			 1000 * (int64_t)(config->receive_s ? config->receive_s : HTTP_RECEIVE_S));
	s->files_route = (struct http_route) { MHD_HTTP_METHOD_GET, "a file", config->files };
	r = start_ticker(s, e);
	for (size_t i = 0; i < config->listeners_n; i++) {
		if (r == 0)
			r = open_door(s, &config->listeners[i], e);
		else
			(void)close(config->listeners[i].fd);
	}
	if (r < 0) {
		http_server_stop(s);
		return r;
	}
	*ret = s;
	return 0;
}

void http_server_stop(struct http_server *s)
{
	if (!s)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stopping = true;
	stream_wake_all(s);
	(void)pthread_cond_signal(&s->stop_ticker);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->has_ticker)
		(void)pthread_join(s->ticker, NULL);
	while (s->doors_n > 0)
		MHD_stop_daemon(s->doors[--s->doors_n].daemon);
	connections_fini(&s->connections);
	http_certificate_free(s->certificate);
	(void)pthread_mutex_destroy(&s->certificate_lock);
	(void)pthread_cond_destroy(&s->stop_ticker);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}
