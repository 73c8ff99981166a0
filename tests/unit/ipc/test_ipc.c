#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sys/ipc/ipc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct pair {
	int fds[2];
	struct buf out, in;
	struct wire_message m;
	struct err e;
};

static int set_up(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	assert_int_equal(ipc_pair(p->fds, &p->e), 0);
	buf_init(&p->out, WIRE_MESSAGE_MAX + 16);
	buf_init(&p->in, WIRE_MESSAGE_MAX);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct pair *p = *state;

	for (int i = 0; i < 2; i++)
		if (p->fds[i] >= 0)
			(void)close(p->fds[i]);
	buf_fini(&p->out);
	buf_fini(&p->in);
	free(p);
	return 0;
}

static int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

/* A message of exactly `n` bytes: 8 of head, 6 of a field's head, the rest its value. */
static void make_message(struct pair *p, size_t n)
{
	struct buf value;
	uint8_t *to;

	buf_init(&value, n);
	to = buf_reserve(&value, n - 14);
	assert_non_null(to);
	memset(to, 'x', n - 14);
	buf_added(&value, n - 14);
	buf_reset(&p->out);
	wire_begin(&p->out, 20, 5);
	wire_add(&p->out, 7, buf_bytes(&value));
	buf_fini(&value);
}

static void test_pair_is_close_on_exec(void **state)
{
	struct pair *p = *state;

	for (int i = 0; i < 2; i++)
		assert_true(fcntl(p->fds[i], F_GETFD) & FD_CLOEXEC);
}

static void test_sizes(void **state)
{
	static const struct {
		size_t n;
		int r;
	} rows[] = {
		{ 15, 0 }, { 4096, 0 }, { WIRE_MESSAGE_MAX - 1, 0 }, { WIRE_MESSAGE_MAX, 0 }, { WIRE_MESSAGE_MAX + 1, -EMSGSIZE },
	};
	struct pair *p = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		make_message(p, rows[i].n);
		assert_int_equal(p->out.n, rows[i].n);
		assert_int_equal(ipc_send(p->fds[0], &p->out, -1, &p->e), rows[i].r);
		if (rows[i].r < 0)
			continue;
		assert_int_equal(ipc_receive(p->fds[1], 0, &p->in, &p->m, NULL, &p->e), 0);
		assert_int_equal(p->in.n, rows[i].n);
		assert_int_equal(p->m.type, 20);
		assert_int_equal(wire_get(&p->m, 7).n, rows[i].n - 14);
	}
}

/* A datagram larger than any message of ours, from somebody who does not use ipc_send(). */
static void test_too_large_is_refused(void **state)
{
	struct pair *p = *state;
	uint8_t *big = calloc(1, WIRE_MESSAGE_MAX + 1);

	assert_int_equal(send(p->fds[0], big, WIRE_MESSAGE_MAX + 1, 0), WIRE_MESSAGE_MAX + 1);
	assert_int_equal(ipc_receive(p->fds[1], 0, &p->in, &p->m, NULL, &p->e), -EPROTO);
	/* it is gone as a whole; the next one is read as usual */
	make_message(p, 100);
	assert_int_equal(ipc_send(p->fds[0], &p->out, -1, &p->e), 0);
	assert_int_equal(ipc_receive(p->fds[1], 0, &p->in, &p->m, NULL, &p->e), 0);
	free(big);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *what, *bytes;
		size_t n;
		int r;
	} rows[] = {
		{ "head alone", "\0\x14\0\0\0\0\0\x05", 8, 0 },
		{ "short head", "\0\x14\0\0\0\0\0", 7, -EPROTO },
		{ "reserved not zero", "\0\x14\0\x01\0\0\0\x05", 8, -EPROTO },
		{ "field without value", "\0\x14\0\0\0\0\0\x05\0\x07\0\0\0\0", 14, 0 },
		{ "field's head cut", "\0\x14\0\0\0\0\0\x05\0\x07\0\0\0", 13, -EPROTO },
		{ "value cut", "\0\x14\0\0\0\0\0\x05\0\x07\0\0\0\x02z", 15, -EPROTO },
		{ "value whole", "\0\x14\0\0\0\0\0\x05\0\x07\0\0\0\x02zz", 16, 0 },
		{ "length of 4 GiB", "\0\x14\0\0\0\0\0\x05\0\x07\xff\xff\xff\xffz", 15, -EPROTO },
		{ "byte behind", "\0\x14\0\0\0\0\0\x05\0\x07\0\0\0\x01zz", 16, -EPROTO },
	};
	struct pair *p = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r;

		assert_int_equal(write(p->fds[0], rows[i].bytes, rows[i].n), (ssize_t)rows[i].n);
		r = ipc_receive(p->fds[1], 0, &p->in, &p->m, NULL, &p->e);
		if (r != rows[i].r)
			fail_msg("%s: want %d, got %d", rows[i].what, rows[i].r, r);
	}
}

static void test_end_of_file(void **state)
{
	struct pair *p = *state;

	make_message(p, 50);
	assert_int_equal(ipc_send(p->fds[0], &p->out, -1, &p->e), 0);
	(void)close(p->fds[0]);
	p->fds[0] = -1;
	/* what was sent before the end still comes */
	assert_int_equal(ipc_receive(p->fds[1], -1, &p->in, &p->m, NULL, &p->e), 0);
	assert_int_equal(ipc_receive(p->fds[1], -1, &p->in, &p->m, NULL, &p->e), 1);
	assert_int_equal(ipc_send(p->fds[1], &p->out, -1, &p->e), -EPIPE);
}

static void test_time_out(void **state)
{
	struct pair *p = *state;

	assert_int_equal(ipc_receive(p->fds[1], 0, &p->in, &p->m, NULL, &p->e), 2);
	assert_int_equal(ipc_receive(p->fds[1], 20, &p->in, &p->m, NULL, &p->e), 2);
}

static void test_nobody_reads(void **state)
{
	struct pair *p = *state;
	int r = 0, n = 0;

	make_message(p, 60000);
	while (r == 0 && n++ < 1000)
		r = ipc_send_within(p->fds[0], &p->out, -1, 0, &p->e);
	assert_int_equal(r, -ETIMEDOUT);
	assert_int_equal(ipc_send_within(p->fds[0], &p->out, -1, 20, &p->e), -ETIMEDOUT);
	assert_int_equal(ipc_receive(p->fds[1], 0, &p->in, &p->m, NULL, &p->e), 0);
}

static void test_descriptor_along(void **state)
{
	struct pair *p = *state;
	int pipe_fds[2], got;
	char c;

	assert_int_equal(pipe(pipe_fds), 0);
	make_message(p, 50);
	assert_int_equal(ipc_send(p->fds[0], &p->out, pipe_fds[0], &p->e), 0);
	assert_int_equal(ipc_receive(p->fds[1], 0, &p->in, &p->m, &got, &p->e), 0);
	assert_true(got >= 0 && got != pipe_fds[0]);
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(pipe_fds[1], "!", 1), 1);
	assert_int_equal(read(got, &c, 1), 1);
	assert_int_equal(c, '!');
	(void)close(got);
	/* without one */
	assert_int_equal(ipc_send(p->fds[0], &p->out, -1, &p->e), 0);
	assert_int_equal(ipc_receive(p->fds[1], 0, &p->in, &p->m, &got, &p->e), 0);
	assert_int_equal(got, -1);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
}

static void send_descriptors(int fd, const char *bytes, size_t n, size_t count)
{
	union {
		char bytes[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr align;
	} c = { { 0 } };
	char copy[64];
	struct iovec iov = { .iov_base = copy, .iov_len = n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.bytes, .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	if (!h)
		return;
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(count * sizeof(int));
	memset(CMSG_DATA(h), 0, count * sizeof(int)); /* standard input, again and again */
	memcpy(copy, bytes, n);
	assert_int_equal(sendmsg(fd, &m, 0), (ssize_t)n);
}

/* None leaks, however many come, wanted or not, with a good message or a bad one. */
static void test_unwanted_descriptors(void **state)
{
	static const char good[8] = "\0\x14\0\0\0\0\0\x05", bad[8] = "\0\x14\0\x01\0\0\0\x05";
	static const struct {
		const char *what, *bytes;
		size_t count;
		bool wanted;
		int r;
	} rows[] = {
		{ "one, not wanted", good, 1, false, -EPROTO }, { "two, one wanted", good, 2, true, -EPROTO },
		{ "eight", good, 8, true, -EPROTO },		 { "sixteen, more than we have room for", good, 16, true, -EPROTO },
		{ "one with a malformed message", bad, 1, true, -EPROTO },
	};
	struct pair *p = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int got = -1, before = descriptors(), r;

		send_descriptors(p->fds[0], rows[i].bytes, 8, rows[i].count);
		r = ipc_receive(p->fds[1], 0, &p->in, &p->m, rows[i].wanted ? &got : NULL, &p->e);
		if (r != rows[i].r || got != -1 || descriptors() != before)
			fail_msg("%s: %d, descriptor %d", rows[i].what, r, got);
	}
}

/* ---- Calls ---- */

struct server {
	int fd;
	uint16_t type;		     /* of the answer */
	int32_t kind;		     /* in a refusal */
	bool stale, lost, end, echo_type; /* an answer to another id first; word of a death; close instead */
	int along;
};

static void send_answer(const struct server *s, struct buf *b, uint32_t id)
{
	struct err e = { 0 };

	buf_reset(b);
	wire_begin(b, s->type, id);
	if (s->type == IPC_REFUSED)
		ipc_refuse(b, id, s->kind, "no such thing");
	wire_add_str(b, 3, "word\tsentence");
	assert_int_equal(ipc_send(s->fd, b, s->along, &e), 0);
}

static void *serve(void *context)
{
	const struct server *s = context;
	struct wire_message m;
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, WIRE_MESSAGE_MAX);
	assert_int_equal(ipc_receive(s->fd, 5000, &b, &m, NULL, &e), 0);
	assert_int_not_equal(m.id, IPC_ID_LOST);
	if (s->end) {
		(void)shutdown(s->fd, SHUT_RDWR);
	} else if (s->lost) {
		ipc_refuse(&b, IPC_ID_LOST, -EPIPE, "died");
		assert_int_equal(ipc_send(s->fd, &b, -1, &e), 0);
	} else {
		uint32_t id = m.id;

		if (s->stale)
			send_answer(s, &b, id - 1);
		send_answer(s, &b, id);
	}
	buf_fini(&b);
	return NULL;
}

static int call(struct pair *p, struct server s, int *ret_fd)
{
	pthread_t thread;
	int r;

	s.fd = p->fds[1];
	assert_int_equal(pthread_create(&thread, NULL, serve, &s), 0);
	buf_reset(&p->out);
	wire_begin(&p->out, 20, 0);
	r = ipc_call(p->fds[0], &p->out, &p->in, &p->m, ret_fd, 5000, &p->e);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return r;
}

static void test_call(void **state)
{
	static const struct {
		const char *what;
		struct server s;
		int r;
	} rows[] = {
		{ "answered", { .type = IPC_OK, .along = -1 }, 0 },
		{ "late answer of an earlier call first", { .type = IPC_OK, .stale = true, .along = -1 }, 0 },
		{ "refused", { .type = IPC_REFUSED, .kind = -ENOENT, .along = -1 }, -ENOENT },
		{ "refused, another kind", { .type = IPC_REFUSED, .kind = -EACCES, .along = -1 }, -EACCES },
		{ "a kind that is no errno", { .type = IPC_REFUSED, .kind = -5000, .along = -1 }, -EIO },
		{ "not an answer", { .type = 20, .along = -1 }, -EPROTO },
		{ "died with the request", { .lost = true, .along = -1 }, -EPIPE },
		{ "a descriptor that nobody wants", { .type = IPC_OK, .along = 0 }, -EPROTO },
		{ "gone", { .end = true, .along = -1 }, -EPIPE },
	};
	struct pair *p = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r = call(p, rows[i].s, NULL);

		if (r != rows[i].r)
			fail_msg("%s: want %d, got %d (%s)", rows[i].what, rows[i].r, r, err_text(&p->e));
		if (rows[i].s.type == IPC_REFUSED)
			assert_string_equal(err_text(&p->e), "no such thing");
		if (rows[i].s.type == IPC_REFUSED || (rows[i].s.type == IPC_OK && rows[i].r == 0))
			assert_true(bytes_equal_str(wire_get(&p->m, 3), "word\tsentence"));
	}
}

static void test_call_brings_a_descriptor(void **state)
{
	struct pair *p = *state;
	int got = -1;

	assert_int_equal(call(p, (struct server){ .type = IPC_OK, .along = 0 }, &got), 0);
	assert_true(got > 0);
	(void)close(got);
}

static void test_call_times_out(void **state)
{
	struct pair *p = *state;

	buf_reset(&p->out);
	wire_begin(&p->out, 20, 0);
	assert_int_equal(ipc_call(p->fds[0], &p->out, &p->in, &p->m, NULL, 20, &p->e), -ETIMEDOUT);
	assert_int_equal(ipc_call(p->fds[0], &p->out, &p->in, &p->m, NULL, 0, &p->e), -ETIMEDOUT);
}

/* Word of a death that came while nobody asked says nothing about the next call. */
static void test_call_forgets_old_deaths(void **state)
{
	struct pair *p = *state;

	for (int i = 0; i < 3; i++) {
		ipc_refuse(&p->out, IPC_ID_LOST, -EPIPE, "died");
		assert_int_equal(ipc_send(p->fds[1], &p->out, -1, &p->e), 0);
	}
	assert_int_equal(call(p, (struct server){ .type = IPC_OK, .along = -1 }, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pair_is_close_on_exec, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sizes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_large_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_malformed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end_of_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_time_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_reads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_descriptor_along, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unwanted_descriptors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_call_brings_a_descriptor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_call_times_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_call_forgets_old_deaths, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
