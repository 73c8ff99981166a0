#include "gate/conn.h"

#include "base/limits.h"
#include "base/util.h"
#include "codec/http1.h"

#include <assert.h>

/* A further state (an upgrade to WebSocket) is a row here and an edge from `open`. */
static const struct {
	const char *name;
	unsigned may_move_to;
	int64_t limit_ms; /* 0: the wait's, see waits */
	const char *late; /* why it is closed at the deadline */
} states[CONN_STATE_N] = {
	[CONN_ACCEPTED] = { "accepted", BIT(CONN_TLS) | BIT(CONN_CLOSED), LIMIT_CONN_SILENT_MS,
			    "the peer sent nothing" },
	[CONN_TLS] = { "tls", BIT(CONN_OPEN) | BIT(CONN_CLOSED), LIMIT_CONN_TLS_MS,
		       "the peer did not finish its handshake in time" },
	[CONN_OPEN] = { "open", BIT(CONN_DRAINING) | BIT(CONN_CLOSED), 0, NULL },
	[CONN_DRAINING] = { "draining", BIT(CONN_CLOSED), LIMIT_CONN_DRAIN_MS, "the peer did not answer close_notify" },
	[CONN_CLOSED] = { "closed", 0, 0, NULL },
};

/* What an open connection waits for. Idle ones are told goodbye; the others are late and are cut. */
static const struct {
	int64_t limit_ms; /* 0: conn_limits.idle_ms */
	const char *late;
} waits[CONN_WAIT_N] = {
	[CONN_WAIT_REQUEST] = { 0, NULL },
	[CONN_WAIT_HEAD] = { LIMIT_CONN_HEAD_MS, "the peer did not finish its request head in time" },
	[CONN_WAIT_ANSWER] = { LIMIT_CONN_ANSWER_MS, "the peer did not read its answer in time" },
};

const char *conn_state_name(enum conn_state s)
{
	return s < CONN_STATE_N ? states[s].name : "?";
}

static void act(struct conn_actions *out, struct conn_action action)
{
	assert(out->n < CONN_ACTIONS_MAX);
	out->items[out->n++] = action;
}

static void move(struct conn *c, enum conn_state to, struct mono_time now)
{
	assert(states[c->state].may_move_to & BIT(to));
	c->state = to;
	c->deadline = (struct mono_time) { now.ms + states[to].limit_ms };
}

static void wait_for(struct conn *c, enum conn_wait wait, struct mono_time now)
{
	assert(c->state == CONN_OPEN);
	c->wait = wait;
	c->deadline =
		(struct mono_time) { now.ms + (waits[wait].limit_ms ? waits[wait].limit_ms : c->limits->idle_ms) };
}

static void close_now(struct conn *c, const char *why, struct conn_actions *out)
{
	move(c, CONN_CLOSED, c->deadline);
	buf_fini(&c->in);
	act(out, (struct conn_action) { .kind = CONN_CLOSE, .why = why });
}

static void drain(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	move(c, CONN_DRAINING, now);
	buf_fini(&c->in);
	act(out, (struct conn_action) { .kind = CONN_SHUTDOWN });
}

void conn_init(struct conn *c, const struct conn_limits *limits, struct mono_time now)
{
	*c = (struct conn) { .state = CONN_ACCEPTED, .limits = limits };
	buf_init(&c->in, LIMIT_HTTP_HEAD_MAX);
	c->deadline = (struct mono_time) { now.ms + states[CONN_ACCEPTED].limit_ms };
}

void conn_fini(struct conn *c)
{
	buf_fini(&c->in);
}

void conn_on_first_byte(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	if (c->state != CONN_ACCEPTED)
		return;
	move(c, CONN_TLS, now);
	act(out, (struct conn_action) { .kind = CONN_START_TLS });
}

void conn_on_tls_established(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	if (c->state != CONN_TLS)
		return;
	move(c, CONN_OPEN, now);
	wait_for(c, CONN_WAIT_REQUEST, now);
	if (c->stopping)
		drain(c, now, out);
}

void conn_on_tls_failed(struct conn *c, const char *why, struct conn_actions *out)
{
	if (c->state == CONN_TLS)
		close_now(c, why, out);
}

/* The answer is the caller's to send; until conn_on_sent() nothing more is read. */
static void answer(struct conn *c, struct conn_action action, struct mono_time now, struct conn_actions *out)
{
	c->last_answer = action.last;
	wait_for(c, CONN_WAIT_ANSWER, now);
	act(out, action);
}

static void refuse(struct conn *c, int status, const char *why, bool head_only, bool last, struct mono_time now,
		   struct conn_actions *out)
{
	answer(c,
	       (struct conn_action) {
		       .kind = CONN_SEND_PROBLEM, .status = status, .why = why, .last = last, .head_only = head_only },
	       now, out);
}

/* One resource, two methods. A body is not read, so after one the connection can't go on. */
static void on_request(struct conn *c, const struct http1_request *r, struct mono_time now, struct conn_actions *out)
{
	bool head = bytes_equal_str(r->method, "HEAD"), last = !r->keep_alive || c->stopping;

	if (r->chunked || r->content_length > 0)
		refuse(c, 413, "want a request without a body", head, true, now, out);
	else if (!bytes_equal_str(r->path, "/healthz"))
		refuse(c, 404, "there is nothing but /healthz", head, last, now, out);
	else if (!head && !bytes_equal_str(r->method, "GET"))
		refuse(c, 405, "want GET or HEAD", false, last, now, out);
	else
		answer(c, (struct conn_action) { .kind = CONN_SEND_HEALTH, .head_only = head, .last = last }, now, out);
}

static void take_request(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	struct http1_request request;
	const char *why = NULL;
	size_t used = 0;
	int status = 0;

	if (http1_head_end(buf_bytes(&c->in), c->searched_n) == 0 && c->in.n < LIMIT_HTTP_HEAD_MAX) {
		c->searched_n = c->in.n;
		if (c->wait != CONN_WAIT_HEAD)
			wait_for(c, CONN_WAIT_HEAD, now);
		return;
	}
	switch (http1_parse_request(buf_bytes(&c->in), &request, &used, &status, &why)) {
	case HTTP1_DONE:
		on_request(c, &request, now, out);
		buf_consume(&c->in, used);
		c->searched_n = 0;
		break;
	case HTTP1_MORE:
	case HTTP1_BAD:
		refuse(c, status ? status : 400, why ? why : "the request head does not end", false, true, now, out);
		break;
	}
}

void conn_on_bytes(struct conn *c, struct bytes b, struct mono_time now, struct conn_actions *out)
{
	if (c->state != CONN_OPEN || b.n == 0)
		return;
	buf_add(&c->in, b);
	if (buf_bad(&c->in)) {
		close_now(c, "no memory for a request head", out);
		return;
	}
	if (c->wait != CONN_WAIT_ANSWER)
		take_request(c, now, out);
}

void conn_on_sent(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	if (c->state != CONN_OPEN || c->wait != CONN_WAIT_ANSWER)
		return;
	if (c->last_answer || c->stopping) {
		drain(c, now, out);
		return;
	}
	wait_for(c, CONN_WAIT_REQUEST, now);
	if (c->in.n > 0)
		take_request(c, now, out);
	else
		buf_fini(&c->in); /* an idle connection holds no buffer */
}

void conn_on_end(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	switch (c->state) {
	case CONN_ACCEPTED:
	case CONN_DRAINING:
		close_now(c, NULL, out);
		break;
	case CONN_TLS:
		close_now(c, "the peer ended in its handshake", out);
		break;
	case CONN_OPEN:
		if (c->wait == CONN_WAIT_ANSWER)
			c->last_answer = true; /* it may still read */
		else
			drain(c, now, out);
		break;
	case CONN_CLOSED:
	case CONN_STATE_N:
		break;
	}
}

void conn_on_broken(struct conn *c, const char *why, struct conn_actions *out)
{
	if (c->state != CONN_CLOSED)
		close_now(c, why, out);
}

void conn_on_timer(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	if (c->state == CONN_CLOSED || now.ms < c->deadline.ms)
		return;
	if (c->state == CONN_OPEN && c->wait == CONN_WAIT_REQUEST)
		drain(c, now, out);
	else
		close_now(c, c->state == CONN_OPEN ? waits[c->wait].late : states[c->state].late, out);
}

void conn_on_stop(struct conn *c, struct mono_time now, struct conn_actions *out)
{
	c->stopping = true;
	if (c->state == CONN_ACCEPTED)
		close_now(c, NULL, out);
	else if (c->state == CONN_OPEN && c->wait == CONN_WAIT_REQUEST)
		drain(c, now, out);
}

size_t conn_room(const struct conn *c)
{
	if (c->state == CONN_DRAINING)
		return LIMIT_GATE_READ_MAX; /* read away, so that the peer's end is seen */
	if (c->state != CONN_OPEN || c->wait == CONN_WAIT_ANSWER)
		return 0;
	return LIMIT_HTTP_HEAD_MAX - c->in.n;
}
