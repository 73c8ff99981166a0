#include "gate/control_server.h"

#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	struct loop_source source; /* fd -1: the place is free */
	struct timer timer;
	struct control_server *server;
	struct buf in, out;
	bool ended; /* the answer is complete: close when it is out */
};

struct control_server {
	struct loop *loop;
	struct loop_source source;
	control_handler *handler;
	void *context;
	struct client clients[LIMIT_CONTROL_CLIENTS_MAX];
};

static int address_of(const char *path, struct sockaddr_un *ret, struct err *e)
{
	*ret = (struct sockaddr_un) { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret->sun_path))
		return err_set(e, -EINVAL, "control socket '%s': want at most %zu bytes", path,
			       sizeof(ret->sun_path) - 1);
	memcpy(ret->sun_path, path, strlen(path) + 1);
	return 0;
}

static bool somebody_answers(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	if (fd >= 0)
		close(fd);
	return answers;
}

static int bind_private(int fd, const struct sockaddr_un *address, uid_t uid, gid_t gid, struct err *e)
{
	mode_t before = umask(0177);
	int r = bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;

	(void)umask(before);
	if (r < 0) {
		errno = -r;
		return err_errno(e, "bind control socket '%s'", address->sun_path);
	}
	if (geteuid() == 0 && lchown(address->sun_path, uid, gid) < 0)
		return err_errno(e, "give control socket '%s' to its user", address->sun_path);
	if (listen(fd, LIMIT_CONTROL_CLIENTS_MAX) < 0)
		return err_errno(e, "listen on control socket '%s'", address->sun_path);
	return 0;
}

int control_server_bind(const char *path, uid_t uid, gid_t gid, struct err *e)
{
	struct sockaddr_un address;
	struct stat st;
	int fd, r = address_of(path, &address, e);

	if (r < 0)
		return r;
	if (somebody_answers(&address))
		return err_set(e, -EBUSY, "control socket '%s': another gate runs", path);
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return err_set(e, -EEXIST, "control socket '%s': something that is not a socket lies there",
				       path);
		if (unlink(path) < 0)
			return err_errno(e, "remove the old control socket '%s'", path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, "make the control socket");
	r = bind_private(fd, &address, uid, gid, e);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static void drop(struct client *c)
{
	timers_clear(loop_timers(c->server->loop), &c->timer);
	loop_remove(c->server->loop, &c->source);
	close(c->source.fd);
	c->source.fd = -1;
	buf_fini(&c->in);
	buf_fini(&c->out);
}

static void send_more(struct client *c)
{
	ssize_t n = send(c->source.fd, c->out.p, c->out.n, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		n = 0;
	if (n < 0) {
		drop(c);
		return;
	}
	buf_consume(&c->out, (size_t)n);
	if (c->out.n == 0 || loop_want(c->server->loop, &c->source, EPOLLOUT, NULL) < 0)
		drop(c);
}

/* What came behind the line: unread at the close, it would make the kernel throw the answer away. */
static void read_away(int fd)
{
	uint8_t rest[4096];

	for (int i = 0; i < 4; i++)
		if (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) <= 0)
			return;
}

/* One line, one answer, the end. */
static void answer(struct client *c, struct bytes line)
{
	struct control_server *s = c->server;

	c->ended = true;
	read_away(c->source.fd);
	s->handler(s->context, line, &c->out);
	if (buf_bad(&c->out) || c->out.n == 0)
		drop(c);
	else
		send_more(c);
}

static void receive(struct client *c)
{
	uint8_t *to = buf_reserve(&c->in, LIMIT_CONTROL_LINE_MAX);
	ssize_t n = to ? recv(c->source.fd, to, LIMIT_CONTROL_LINE_MAX, 0) : -1;
	const uint8_t *newline;

	if (n < 0 && to && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	buf_added(&c->in, (size_t)n);
	newline = memchr(c->in.p, '\n', c->in.n);
	if (newline)
		answer(c, bytes_of(c->in.p, (size_t)(newline - c->in.p)));
	else if (c->in.n >= LIMIT_CONTROL_LINE_MAX)
		answer(c, BYTES_NONE); /* "no such request" */
}

static void on_client(struct loop_source *source, uint32_t events)
{
	struct client *c = (struct client *)(void *)((char *)source - offsetof(struct client, source));

	(void)events;
	if (c->ended)
		send_more(c);
	else
		receive(c);
}

static void on_idle(struct timer *t, struct mono_time now)
{
	struct client *c = (struct client *)(void *)((char *)t - offsetof(struct client, timer));

	(void)now;
	log_warning("a client of the control socket is closed: it was silent for %d ms", LIMIT_CONTROL_IDLE_MS);
	drop(c);
}

static bool may_speak(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	log_warning("control socket: user %ld is not heard", (long)peer.uid);
	return false;
}

static struct client *free_place(struct control_server *s)
{
	for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS_MAX; i++)
		if (s->clients[i].source.fd < 0)
			return &s->clients[i];
	return NULL;
}

static void on_connection(struct loop_source *source, uint32_t events)
{
	struct control_server *s =
		(struct control_server *)(void *)((char *)source - offsetof(struct control_server, source));
	int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *c = free_place(s);
	struct mono_time due = { loop_now(s->loop).ms + LIMIT_CONTROL_IDLE_MS };

	(void)events;
	if (fd < 0)
		return;
	if (!c || !may_speak(fd)) {
		close(fd);
		return;
	}
	*c = (struct client) { .source = { .fd = fd, .on_event = on_client }, .timer.fire = on_idle, .server = s };
	buf_init(&c->in, 2 * LIMIT_CONTROL_LINE_MAX);
	buf_init(&c->out, LIMIT_CONTROL_ANSWER_MAX);
	if (loop_add(s->loop, &c->source, EPOLLIN, NULL) < 0 || !timers_set(loop_timers(s->loop), &c->timer, due))
		drop(c);
}

int control_server_new(struct loop *loop, int fd, control_handler *handler, void *context, struct control_server **ret,
		       struct err *e)
{
	CLEANUP(control_server_freep) struct control_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		close(fd);
		return err_nomem(e);
	}
	s->loop = loop;
	s->handler = handler;
	s->context = context;
	s->source = (struct loop_source) { .fd = fd, .on_event = on_connection };
	for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS_MAX; i++)
		s->clients[i].source.fd = -1;
	r = loop_add(loop, &s->source, EPOLLIN, e);
	if (r < 0)
		return r;
	*ret = TAKE(s);
	return 0;
}

void control_server_free(struct control_server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS_MAX; i++)
		if (s->clients[i].source.fd >= 0)
			drop(&s->clients[i]);
	loop_remove(s->loop, &s->source);
	close(s->source.fd);
	free(s);
}
