#include "sys/ssh/remote_private.h"
#include "base/limits.h"
#include "sys/ssh/visible.h"

#include "sys/net/net.h"

#include <errno.h>
#include <libssh/callbacks.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_CHUNK 16384

struct remote_command {
	struct remote *r;
	ssh_channel channel;
	struct ssh_channel_callbacks_struct callbacks;
	struct buf err_text;
	struct remote_exit end;
	bool ended; /* an exit status or signal came */
	bool eof;
};

static void on_exit_status(ssh_session session, ssh_channel channel, int status, void *context)
{
	struct remote_command *c = context;

	(void)session;
	(void)channel;
	c->end.status = status;
	c->ended = true;
}

static void on_exit_signal(ssh_session session, ssh_channel channel, const char *signal, int core, const char *message,
			   const char *lang, void *context)
{
	struct remote_command *c = context;

	(void)session;
	(void)channel;
	(void)core;
	(void)message;
	(void)lang;
	(void)snprintf(c->end.signal, sizeof(c->end.signal), "%s", signal ? signal : "?");
	c->ended = true;
}

static struct remote_command *command_new(struct remote *r)
{
	struct remote_command *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->r = r;
	c->end.status = -1;
	buf_init(&c->err_text, LIMIT_SSH_STDERR_MAX);
	c->channel = ssh_channel_new(r->session);
	if (!c->channel) {
		free(c);
		return NULL;
	}
	c->callbacks.userdata = c;
	c->callbacks.channel_exit_status_function = on_exit_status;
	c->callbacks.channel_exit_signal_function = on_exit_signal;
	ssh_callbacks_init(&c->callbacks);
	(void)ssh_set_channel_callbacks(c->channel, &c->callbacks);
	return c;
}

void remote_command_free(struct remote_command *c)
{
	if (!c)
		return;
	(void)ssh_remove_channel_callbacks(c->channel, &c->callbacks);
	ssh_channel_free(c->channel);
	buf_fini(&c->err_text);
	free(c);
}

static int wait_for(struct remote_command *c, struct mono_time deadline, const char *what, struct err *e)
{
	int r = remote_wait_io(c->r, deadline, e);

	if (r == -ETIMEDOUT)
		return err_set(e, r, "%s: %s did not answer in time", what, c->r->name);
	return r;
}

/* The server said no, perhaps in words of its own; or it is gone. */
static int refused(struct remote_command *c, const char *doing, struct err *e)
{
	char text[300];

	if (!remote_is_up(c->r))
		return remote_lost(c->r, doing, e);
	(void)visible_text(bytes_of_str(ssh_get_error(c->r->session)), text, sizeof(text));
	return err_set(e, -EACCES, "%s refuses to %s: %s", c->r->name, doing, text);
}

static int open_channel(struct remote_command *c, struct mono_time deadline, struct err *e)
{
	int r;

	while ((r = ssh_channel_open_session(c->channel)) == SSH_AGAIN) {
		r = wait_for(c, deadline, "open a session", e);
		if (r < 0)
			return r;
	}
	return r == SSH_OK ? 0 : refused(c, "open a session", e);
}

static int request_exec(struct remote_command *c, const char *command, struct mono_time deadline, struct err *e)
{
	int r;

	while ((r = ssh_channel_request_exec(c->channel, command)) == SSH_AGAIN) {
		r = wait_for(c, deadline, "start a command", e);
		if (r < 0)
			return r;
	}
	return r == SSH_OK ? 0 : refused(c, "start a command", e);
}

int remote_exec(struct remote *r, const char *command, struct mono_time deadline, struct remote_command **ret,
		struct err *e)
{
	CLEANUP(remote_command_freep) struct remote_command *c = NULL;
	int done;

	if (strlen(command) > LIMIT_SSH_COMMAND_MAX)
		return err_set(e, -EINVAL, "want a command of at most %d bytes, got %zu", LIMIT_SSH_COMMAND_MAX,
			       strlen(command));
	c = command_new(r);
	if (!c)
		return err_nomem(e);
	done = open_channel(c, deadline, e);
	if (done == 0)
		done = request_exec(c, command, deadline, e);
	if (done == 0)
		*ret = TAKE(c);
	return done;
}

/* Keep the first LIMIT_SSH_STDERR_MAX bytes of standard error; the rest is read and dropped, or the window would fill.
 */
static void drain_stderr(struct remote_command *c)
{
	char chunk[1024];

	for (;;) {
		int n = ssh_channel_read_nonblocking(c->channel, chunk, sizeof(chunk), 1);
		size_t room = c->err_text.max - c->err_text.n;

		if (n <= 0)
			return;
		buf_add(&c->err_text, bytes_of(chunk, (size_t)n < room ? (size_t)n : room));
	}
}

/* The other end reads no more: it closed the channel, or the connection is gone. */
static int write_failed(struct remote_command *c, struct err *e)
{
	if (!remote_is_up(c->r))
		return remote_lost(c->r, "send", e);
	return err_set(e, -EPIPE, "send: the command on %s has ended", c->r->name);
}

/*
 * Until libssh has nothing buffered. Its poll flags don't tell: SSH_WRITE_PENDING stays set after the last byte went
 * out, until libssh polls once more. The flush itself does.
 */
static int flush(struct remote_command *c, struct mono_time deadline, struct err *e)
{
	int r;

	while ((r = ssh_blocking_flush(c->r->session, 0)) == SSH_AGAIN) {
		r = wait_for(c, deadline, "send", e);
		if (r < 0)
			return r;
	}
	return r == SSH_OK && remote_is_up(c->r) ? 0 : write_failed(c, e);
}

int remote_write(struct remote_command *c, struct bytes data, struct mono_time deadline, struct err *e)
{
	while (data.n > 0) {
		uint32_t want = data.n < READ_CHUNK ? (uint32_t)data.n : READ_CHUNK;
		int n, r;

		if (!ssh_channel_is_open(c->channel) || ssh_channel_is_closed(c->channel))
			return write_failed(c, e);
		n = ssh_channel_write(c->channel, data.p, want);
		if (n < 0 && n != SSH_AGAIN)
			return write_failed(c, e);
		if (n > 0)
			data = bytes_of(data.p + n, data.n - (size_t)n);
		drain_stderr(c);
		r = n > 0 ? flush(c, deadline, e) : wait_for(c, deadline, "send", e);
		if (r < 0)
			return r;
	}
	return 0;
}

int remote_write_eof(struct remote_command *c, struct mono_time deadline, struct err *e)
{
	if (ssh_channel_send_eof(c->channel) == SSH_ERROR)
		return write_failed(c, e);
	return flush(c, deadline, e);
}

/* What is there now: the number of bytes, 0 for none, SSH_EOF, SSH_ERROR. */
static int read_now(struct remote_command *c, struct buf *out, size_t want)
{
	uint8_t *to = buf_reserve(out, want);
	int n;

	if (!to)
		return SSH_ERROR;
	n = ssh_channel_read_nonblocking(c->channel, to, (uint32_t)want, 0);
	if (n > 0)
		buf_added(out, (size_t)n);
	drain_stderr(c);
	return n;
}

int remote_read(struct remote_command *c, struct buf *out, struct mono_time deadline, struct err *e)
{
	for (;;) {
		size_t room = out->max - out->n;
		int n;

		if (c->eof)
			return 1;
		if (room == 0)
			return err_set(e, -ENOSPC, "%s sent more than %zu bytes", c->r->name, out->max);
		n = read_now(c, out, room < READ_CHUNK ? room : READ_CHUNK);
		if (n > 0)
			return 0;
		if (n == SSH_EOF) {
			c->eof = true;
			return 1;
		}
		if (n == SSH_ERROR)
			return buf_bad(out) ? err_nomem(e) : remote_lost(c->r, "receive", e);
		n = wait_for(c, deadline, "receive", e);
		if (n < 0)
			return n;
	}
}

int remote_idle(struct remote_command *c, int other_fd, struct mono_time deadline, struct err *e)
{
	for (;;) {
		struct pollfd fds[2] = { { .fd = c->r->fd, .events = POLLIN }, { .fd = other_fd, .events = POLLIN } };
		int n = poll(fds, 2, net_left_ms(deadline));

		if (n < 0 && errno != EINTR)
			return err_errno(e, "poll");
		if (n > 0 && fds[1].revents)
			return 2;
		/* standard error is always empty here, so that this handles packets */
		drain_stderr(c);
		if (n > 0 && (ssh_channel_poll(c->channel, 1) == SSH_ERROR || !remote_is_up(c->r)))
			return remote_lost(c->r, "wait", e);
		if (ssh_channel_is_eof(c->channel) || ssh_channel_is_closed(c->channel))
			return err_set(e, -EPIPE, "the conversation with %s was ended there", c->r->name);
		if (net_left_ms(deadline) == 0)
			return 1;
	}
}

struct bytes remote_stderr(const struct remote_command *c)
{
	return buf_bytes(&c->err_text);
}

/* Read to the end; `out` keeps what fits. */
static int read_all(struct remote_command *c, struct buf *out, struct mono_time deadline, struct err *e)
{
	struct buf chunk;
	int r;

	buf_init(&chunk, READ_CHUNK);
	do {
		size_t room = out ? out->max - out->n : 0;

		buf_reset(&chunk);
		r = remote_read(c, &chunk, deadline, e);
		if (r == 0 && room > 0)
			buf_add(out, bytes_of(chunk.p, chunk.n < room ? chunk.n : room));
	} while (r == 0);
	buf_wipe(&chunk);
	return r == 1 ? 0 : r;
}

int remote_wait(struct remote_command *c, struct mono_time deadline, struct remote_exit *ret, struct err *e)
{
	int r = read_all(c, NULL, deadline, e);

	while (r == 0 && !c->ended && !ssh_channel_is_closed(c->channel)) {
		r = wait_for(c, deadline, "end a command", e);
		if (r == 0 && ssh_channel_poll(c->channel, 1) == SSH_ERROR)
			r = remote_lost(c->r, "end a command", e);
		/* after the end of file a poll handles no packets any more; asking for the status does */
		if (r == 0)
			(void)ssh_channel_get_exit_status(c->channel);
	}
	if (r == 0)
		*ret = c->end;
	return r;
}

static int run(struct remote_command *c, const struct secret *input, struct buf *out, struct mono_time deadline,
	       struct remote_exit *ret, struct err *e)
{
	int r = input ? remote_write(c, secret_bytes(input), deadline, e) : 0;

	/* a command that ended without reading its input has still something to say */
	if (r == 0 || (r == -EPIPE && remote_is_up(c->r)))
		r = remote_write_eof(c, deadline, e);
	if (r == 0 || (r == -EPIPE && remote_is_up(c->r)))
		r = read_all(c, out, deadline, e);
	return r < 0 ? r : remote_wait(c, deadline, ret, e);
}

int remote_run(struct remote *r, const char *command, const struct secret *input, struct buf *out, struct buf *err_out,
	       struct mono_time deadline, struct remote_exit *ret, struct err *e)
{
	CLEANUP(remote_command_freep) struct remote_command *c = NULL;
	int done = remote_exec(r, command, deadline, &c, e);

	if (done < 0)
		return done;
	done = run(c, input, out, deadline, ret, e);
	if (err_out)
		buf_add(err_out, remote_stderr(c));
	return done;
}
