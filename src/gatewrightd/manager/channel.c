#include "gatewrightd/manager/channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct channel {
	pthread_mutex_t turn;
	int fd;
	const char *name;
	atomic_bool up;
};

int channel_new(int fd, const char *name, struct channel **ret, struct err *e)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (!c) {
		(void)close(fd);
		return err_nomem(e);
	}
	*c = (struct channel) { .fd = fd, .name = name, .up = true };
	(void)pthread_mutex_init(&c->turn, NULL);
	*ret = c;
	return 0;
}

void channel_free(struct channel *c)
{
	if (!c)
		return;
	(void)close(c->fd);
	(void)pthread_mutex_destroy(&c->turn);
	free(c);
}

void reply_fini(struct reply *r)
{
	buf_wipe(&r->buf);
	if (r->fd >= 0)
		(void)close(r->fd);
	r->fd = -1;
}

void request_begin(struct buf *request, uint16_t type)
{
	buf_init(request, WIRE_MESSAGE_MAX);
	wire_begin(request, type, 1);
}

int channel_call(struct channel *c, struct buf *request, struct reply *ret, int timeout_ms, struct err *e)
{
	int r;

	buf_init(&ret->buf, WIRE_MESSAGE_MAX);
	ret->m.n = 0;
	ret->fd = -1;
	if (buf_bad(request)) {
		buf_wipe(request);
		return err_set(e, -E2BIG, "the request to the %s process is larger than %d KiB", c->name,
			       WIRE_MESSAGE_MAX / 1024);
	}
	(void)pthread_mutex_lock(&c->turn);
	r = ipc_call(c->fd, request, &ret->buf, &ret->m, &ret->fd, timeout_ms, e);
	c->up = r != -EPIPE && r != -ETIMEDOUT;
	(void)pthread_mutex_unlock(&c->turn);
	buf_wipe(request);
	if (r == -EPIPE)
		return err_set(e, -EPIPE,
			       "the %s process is not there at the moment; it is being started again, try again",
			       c->name);
	if (r == -ETIMEDOUT)
		return err_set(e, -EPIPE, "the %s process did not answer within %d s", c->name, timeout_ms / 1000);
	return r < 0 ? r : 0;
}

bool channel_is_up(struct channel *c)
{
	return c->up;
}
