#include "sys/ipc/ipc.h"
#include "sys/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#define ID_AT 4 /* wire.h: type, reserved, id */
#define ERRNO_LARGEST 4095

static uint32_t fresh_id(void)
{
	static _Atomic uint32_t last;
	uint32_t id = atomic_fetch_add(&last, 1) + 1;

	return id == IPC_ID_LOST ? atomic_fetch_add(&last, 1) + 1 : id;
}

static void set_id(struct buf *request, uint32_t id)
{
	assert(request->n >= ID_AT + 4);
	for (size_t i = 0; i < 4; i++)
		request->p[ID_AT + i] = (uint8_t)(id >> (24 - 8 * i));
}

/* Answers to calls that timed out, and word of a death while nobody asked. At most as many as a socket holds. */
static int drop_stale(int fd, struct buf *b, struct wire_message *m, struct err *e)
{
	for (int i = 0; i < 1024; i++) {
		int along, r = ipc_receive(fd, 0, b, m, &along, e);

		if (along >= 0)
			(void)close(along);
		if (r == 2)
			return 0;
		if (r == 1)
			return err_set(e, -EPIPE, "the other process is gone");
		if (r < 0 && r != -EPROTO)
			return r;
	}
	return err_set(e, -EPROTO, "the other process sends without being asked");
}

static int refusal(const struct wire_message *m, struct err *e)
{
	struct rd r = rd_of(wire_get(m, IPC_ERROR_KIND));
	struct bytes text = wire_get(m, IPC_ERROR_TEXT);
	int32_t kind = (int32_t)rd_be32(&r);

	if (!rd_done(&r) || kind >= 0 || kind < -ERRNO_LARGEST)
		kind = -EIO;
	if (text.n == 0 || bytes_has_control(text) || !bytes_is_utf8(text))
		text = bytes_of_str("refused");
	return err_set(e, kind, "%.*s", text.n > ERR_TEXT_MAX ? ERR_TEXT_MAX : (int)text.n, (const char *)text.p);
}

static int receive_answer(int fd, uint32_t id, int timeout_ms, struct buf *b, struct wire_message *ret, int *ret_fd,
			  struct err *e)
{
	int64_t deadline = clock_mono().ms + timeout_ms;

	for (;;) {
		int64_t left = timeout_ms < 0 ? -1 : deadline - clock_mono().ms;
		int r = ipc_receive(fd, timeout_ms >= 0 && left < 0 ? 0 : (int)left, b, ret, ret_fd, e);

		if (r == 1)
			return err_set(e, -EPIPE, "the other process is gone");
		if (r == 2)
			return err_set(e, -ETIMEDOUT, "no answer: want one within %d ms, got none", timeout_ms);
		if (r < 0)
			return r;
		if (ret->id == id)
			return 0;
		if (ret_fd && *ret_fd >= 0)
			(void)close(*ret_fd);
		if (ret_fd)
			*ret_fd = -1;
		if (ret->id == IPC_ID_LOST && ret->type == IPC_REFUSED)
			return refusal(ret, e);
	}
}

int ipc_call(int fd, struct buf *request, struct buf *answer, struct wire_message *ret, int *ret_fd, int timeout_ms,
	     struct err *e)
{
	uint32_t id = fresh_id();
	int r;

	if (ret_fd)
		*ret_fd = -1;
	if (buf_bad(request))
		return err_set(e, -EMSGSIZE, "message too large: want at most %d bytes, got more", WIRE_MESSAGE_MAX);
	set_id(request, id);
	ret->n = 0;
	r = drop_stale(fd, answer, ret, e);
	if (r < 0)
		return r;
	r = ipc_send(fd, request, -1, e);
	if (r < 0)
		return r;
	r = receive_answer(fd, id, timeout_ms, answer, ret, ret_fd, e);
	if (r < 0) {
		/* What lies in *ret then is not the answer. */
		ret->n = 0;
		return r;
	}
	if (ret->type == IPC_REFUSED)
		return refusal(ret, e);
	if (ret->type != IPC_OK)
		return err_set(e, -EPROTO, "want an answer, got a message of type %u", ret->type);
	return 0;
}

void ipc_refuse(struct buf *b, uint32_t id, int code, const char *text)
{
	assert(code < 0);
	buf_reset(b);
	wire_begin(b, IPC_REFUSED, id);
	buf_add_be16(b, IPC_ERROR_KIND);
	buf_add_be32(b, 4);
	buf_add_be32(b, (uint32_t)code);
	wire_add_str(b, IPC_ERROR_TEXT, text);
}
