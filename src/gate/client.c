#include "gate/client.h"

#include "base/limits.h"
#include "base/rd.h"
#include "gate/failure.h"
#include "gate/words.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *path, int *ret, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval limit = { LIMIT_CONTROL_CALL_MS / 1000, 0 };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(e, -EINVAL, "control socket '%s': want at most %zu bytes", path,
			       sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, "make a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		bool absent = errno == ENOENT || errno == ECONNREFUSED;
		int r = err_errno(e, "connect to the gate at '%s'", path);

		close(fd);
		return absent ? err_set(e, FAILURE_NOT_RUNNING, "no gate runs: nobody listens on '%s'", path) : r;
	}
	*ret = fd;
	return 0;
}

static int send_line(int fd, struct bytes line, struct err *e)
{
	while (line.n > 0) {
		ssize_t n = send(fd, line.p, line.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "send to the gate");
		line = bytes_of(line.p + n, line.n - (size_t)n);
	}
	return shutdown(fd, SHUT_WR) < 0 ? err_errno(e, "send to the gate") : 0;
}

static int receive_all(int fd, struct buf *text, struct err *e)
{
	for (;;) {
		uint8_t *p = buf_reserve(text, 4096);
		ssize_t n;

		if (!p)
			return err_set(e, -EPROTO, "the gate's answer: want at most %zu bytes, got more", text->max);
		n = read(fd, p, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "receive from the gate");
		if (n == 0)
			return 0;
		buf_added(text, (size_t)n);
	}
}

/* The last line is the final one. */
static int judge(const struct client_answer *a, struct err *e)
{
	struct rd r = rd_of(buf_bytes(&a->text));
	struct bytes line = BYTES_NONE, word;
	bool newline = false;

	while (r.rest.n > 0)
		line = rd_until(&r, '\n', &newline);
	if (newline && bytes_equal_str(line, "ok"))
		return 0;
	r = rd_of(line);
	if (!newline || !bytes_equal_str(rd_until(&r, ' ', &newline), "fail"))
		return err_set(e, -EPROTO, "the gate's answer has no end; it may have ended in the middle");
	word = rd_until(&r, ' ', &newline);
	return err_set(e, failure_kind(word), "%.*s", (int)r.rest.n, (const char *)r.rest.p);
}

static int exchange(int fd, struct bytes line, struct client_answer *ret, struct err *e)
{
	int r = send_line(fd, line, e);

	if (r == 0)
		r = receive_all(fd, &ret->text, e);
	return r < 0 ? r : judge(ret, e);
}

int client_call(const char *socket_path, struct client_answer *ret, struct err *e, const char *format, ...)
{
	struct buf line;
	va_list args;
	int fd = -1, r;

	buf_init(&ret->text, LIMIT_CONTROL_ANSWER_MAX + 8192);
	buf_init(&line, LIMIT_CONTROL_LINE_MAX);
	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	buf_add_u8(&line, '\n');
	r = buf_bad(&line) ? err_set(e, -EINVAL, "request to the gate: want at most %d bytes, got more",
				     LIMIT_CONTROL_LINE_MAX)
			   : 0;
	if (r == 0)
		r = connect_to(socket_path, &fd, e);
	if (r == 0) {
		r = exchange(fd, buf_bytes(&line), ret, e);
		close(fd);
	}
	buf_fini(&line);
	return r;
}

void client_answer_fini(struct client_answer *a)
{
	buf_fini(&a->text);
}

bool client_next(const struct client_answer *a, const char *key, size_t *cursor, struct bytes *ret)
{
	struct rd r = rd_of(buf_bytes(&a->text));

	(void)rd_bytes(&r, *cursor);
	while (r.rest.n > 0) {
		bool newline, space;
		struct rd line = rd_of(rd_until(&r, '\n', &newline));

		if (!bytes_equal_str(rd_until(&line, ' ', &space), "="))
			continue;
		if (!bytes_equal_str(rd_until(&line, ' ', &space), key) || !space)
			continue;
		*cursor = a->text.n - r.rest.n;
		*ret = line.rest;
		return true;
	}
	return false;
}

bool client_get(const struct client_answer *a, const char *key, char *out, size_t size)
{
	struct bytes value;
	size_t cursor = 0;

	out[0] = '\0';
	return client_next(a, key, &cursor, &value) && words_copy(value, out, size);
}
