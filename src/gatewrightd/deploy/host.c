#include "gatewrightd/deploy/host.h"
#include "base/limits.h"
#include "gatewrightd/deploy/host_open.h"

#include "sys/clock.h"
#include "sys/ssh/visible.h"

#include <errno.h>
#include <stdlib.h>

int host_take_line(struct host *h, struct mono_time deadline, struct buf *line, struct err *e)
{
	for (;;) {
		struct bytes have = buf_bytes(&h->in);
		const uint8_t *lf = have.n > 0 ? memchr(have.p, '\n', have.n) : NULL;
		int r;

		if (lf) {
			size_t n = (size_t)(lf - have.p);

			buf_reset(line);
			buf_add(line, bytes_of(have.p, n));
			buf_consume(&h->in, n + 1);
			return buf_bad(line) ? err_nomem(e) : 0;
		}
		if (have.n >= HOSTPROTO_LINE_MAX)
			return err_set(e, -EPROTO, "the host sent a line of more than %d bytes", HOSTPROTO_LINE_MAX);
		r = remote_read(h->command, &h->in, deadline, e);
		if (r == 1)
			return err_set(e, -EPIPE, "the host ended the conversation");
		if (r < 0)
			return r;
	}
}

void host_reply_init(struct host_reply *r)
{
	*r = (struct host_reply) { .report = HOST_REPORT_NONE };
	buf_init(&r->chain, LIMIT_HOST_CHAIN_MAX);
	buf_init(&r->output, LIMIT_HOST_OUTPUT_MAX);
}

void host_reply_fini(struct host_reply *r)
{
	buf_fini(&r->chain);
	buf_fini(&r->output);
}

/* Output for people: cut where it is full, never an error. */
static void add_output(struct host_reply *r, struct bytes text)
{
	visible_add(&r->output, text, false);
	visible_add(&r->output, bytes_of("\n", 1), true);
}

/* 1: it was the final line. */
static int take_reply_line(struct host_reply *r, const struct host_line *line, struct err *e)
{
	switch (line->kind) {
	case HOST_LINE_FACT:
		return hostproto_report_fact(&r->report, line, e);
	case HOST_LINE_CHAIN:
		buf_add(&r->chain, line->text);
		buf_add_u8(&r->chain, '\n');
		return buf_bad(&r->chain) ? err_set(e, -EPROTO, "the host's live chain has more than %d bytes",
						    LIMIT_HOST_CHAIN_MAX)
					  : 0;
	case HOST_LINE_OUTPUT:
		add_output(r, line->text);
		return 0;
	case HOST_LINE_OK:
		r->ok = true;
		return 1;
	case HOST_LINE_FAIL:
		r->failure = line->failure;
		(void)visible_text(line->text, r->text, sizeof(r->text));
		return 1;
	case HOST_LINE_N:
		break;
	}
	return err_set(e, -EPROTO, "a line of no known kind");
}

static int read_reply(struct host *h, struct host_reply *ret, struct mono_time deadline, struct err *e)
{
	struct host_line line;
	struct buf text;
	int r = 0;

	buf_init(&text, HOSTPROTO_LINE_MAX);
	for (int n = 0; r == 0; n++) {
		if (n == LIMIT_HOST_REPLY_LINES_MAX) {
			r = err_set(e, -EPROTO, "the host's reply has more than %d lines", LIMIT_HOST_REPLY_LINES_MAX);
			break;
		}
		r = host_take_line(h, deadline, &text, e);
		if (r == 0)
			r = hostproto_parse_line(buf_bytes(&text), &line, e);
		if (r == 0)
			r = take_reply_line(ret, &line, e);
	}
	buf_fini(&text);
	return r == 1 ? 0 : r;
}

int host_request(struct host *h, struct bytes request, struct host_reply *ret, struct mono_time deadline, struct err *e)
{
	int r = remote_write(h->command, request, deadline, e);

	/* a host that stopped reading may have said why before */
	if (r == 0 || r == -EPIPE) {
		struct err second = { 0 };
		int read = read_reply(h, ret, deadline, r == 0 ? e : &second);

		r = r == 0 || read == 0 ? read : r;
	}
	return r;
}

int host_idle(struct host *h, int other_fd, struct mono_time deadline, struct err *e)
{
	return remote_idle(h->command, other_fd, deadline, e);
}

static void say_bye(struct host *h)
{
	struct mono_time deadline = { clock_mono().ms + LIMIT_HOST_BYE_MS };
	struct host_reply reply;
	struct buf request;

	buf_init(&request, HOSTPROTO_LINE_MAX);
	hostproto_put_bye(&request);
	host_reply_init(&reply);
	(void)!host_request(h, buf_bytes(&request), &reply, deadline, NULL);
	host_reply_fini(&reply);
	buf_fini(&request);
}

void host_close(struct host *h, bool orderly)
{
	if (!h)
		return;
	if (orderly && h->command && h->greeted && remote_is_up(h->remote))
		say_bye(h);
	remote_command_free(h->command);
	remote_free(h->remote);
	buf_fini(&h->in);
	free(h);
}
