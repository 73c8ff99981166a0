#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "fake_server.h"
#include "base/limits.h"
#include "sys/clock.h"
#include "sys/net/net.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct mono_time in_ms(int64_t ms)
{
	return (struct mono_time){ clock_mono().ms + ms };
}

static void test_split(void **state)
{
	static const struct {
		const char *text;
		uint16_t fallback;
		const char *host; /* NULL: refused */
		uint16_t port;
		const char *error;
	} rows[] = {
		{ "gw.example.com:8443", 0, "gw.example.com", 8443, NULL },
		{ "gw.example.com", 443, "gw.example.com", 443, NULL },
		{ "gw.example.com", 0, NULL, 0, "without a port" },
		{ "192.0.2.1:1", 0, "192.0.2.1", 1, NULL },
		{ "h:65535", 0, "h", 65535, NULL },
		{ "h:65536", 0, NULL, 0, "1 to 65535" },
		{ "h:0", 0, NULL, 0, "1 to 65535" },
		{ "h:", 443, NULL, 0, "1 to 65535" },
		{ "h:-1", 0, NULL, 0, "1 to 65535" },
		{ "h:22x", 0, NULL, 0, "1 to 65535" },
		{ "h:000022", 0, NULL, 0, "1 to 65535" },
		{ "h:00022", 0, "h", 22, NULL },
		{ "[2001:db8::1]:22", 0, "2001:db8::1", 22, NULL },
		{ "[2001:db8::1]", 22, "2001:db8::1", 22, NULL },
		{ "[fe80::1%eth0]:22", 0, "fe80::1%eth0", 22, NULL },
		{ "[2001:db8::1]22", 0, NULL, 0, "behind the host" },
		{ "[2001:db8::1", 22, NULL, 0, "']'" },
		{ "[]:22", 0, NULL, 0, "host name" },
		{ "2001:db8::1", 22, NULL, 0, "brackets" },
		{ "a:1:2", 0, NULL, 0, "brackets" },
		{ ":22", 0, NULL, 0, "host name" },
		{ "", 22, NULL, 0, "empty" },
		{ "a b:22", 0, NULL, 0, "spaces" },
		{ "a\nb:22", 0, NULL, 0, "empty" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		char host[NET_HOST_SIZE] = "untouched";
		struct err e = { 0 };
		uint16_t port = 7;
		int r = net_split(bytes_of_str(rows[i].text), rows[i].fallback, host, &port, &e);

		if (r != (rows[i].host ? 0 : -EINVAL))
			fail_msg("'%s': got %d, %s", rows[i].text, r, err_text(&e));
		if (rows[i].host && (strcmp(host, rows[i].host) != 0 || port != rows[i].port))
			fail_msg("'%s': got '%s' %u", rows[i].text, host, port);
		if (!rows[i].host && (!strstr(err_text(&e), rows[i].error) || strcmp(host, "untouched") != 0 || port != 7))
			fail_msg("'%s': got '%s'", rows[i].text, err_text(&e));
	}
}

static void test_split_long(void **state)
{
	char text[NET_HOST_SIZE + 10], host[NET_HOST_SIZE];
	uint16_t port;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(net_split(bytes_of(text, NET_HOST_SIZE - 1), 22, host, &port, NULL), 0);
	assert_int_equal(strlen(host), NET_HOST_SIZE - 1);
	assert_int_equal(net_split(bytes_of(text, NET_HOST_SIZE), 22, host, &port, NULL), -EINVAL);
}

static void test_resolve(void **state)
{
	static const struct {
		const char *host, *text;
	} rows[] = { { "127.0.0.1", "127.0.0.1:22" }, { "::1", "[::1]:22" }, { "2001:DB8:0::1", "[2001:db8::1]:22" } };
	struct net_address list[LIMIT_NET_ADDRESSES_MAX];
	char text[NET_TEXT_SIZE];
	struct err e = { 0 };
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		assert_int_equal(net_resolve(rows[i].host, 22, list, &n, &e), 0);
		assert_int_equal(n, 1);
		assert_string_equal(net_text(&list[0], text), rows[i].text);
	}
	assert_int_equal(net_resolve("localhost", 22, list, &n, &e), 0);
	assert_true(n >= 1 && n <= 2);
	/* RFC 6761: never exists; without any name server that is "not now" */
	assert_true(net_resolve("name.invalid", 22, list, &n, &e) < 0);
	assert_non_null(strstr(err_text(&e), "name.invalid"));
}

static void test_connect(void **state)
{
	struct fake_server *s = fake_start(FAKE_SILENT, BYTES_NONE, NULL, 0);
	uint16_t port = fake_port(s);
	struct err e = { 0 };
	int fd = -1;

	(void)state;
	assert_int_equal(net_dial("127.0.0.1", port, in_ms(5000), &fd, &e), 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(net_wait(fd, POLLIN, in_ms(10), NULL, &e), 1);
	assert_int_equal(net_wait(fd, POLLOUT, in_ms(10), NULL, &e), 0);
	(void)close(fd);
	fake_stop(s);
	fd = -1;
	assert_int_equal(net_dial("127.0.0.1", port, in_ms(5000), &fd, &e), -ECONNREFUSED);
	assert_non_null(strstr(err_text(&e), "connection refused"));
	assert_int_equal(fd, -1);
}

/* A listener whose queue is full answers no more: the deadline ends it, not the kernel two minutes later. */
static void test_connect_times_out(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), fds[8], n = 0, r = 0;
	socklen_t size = sizeof(a);
	struct err e = { 0 };
	int64_t began = clock_mono().ms;

	(void)state;
	assert_int_equal(bind(listener, (struct sockaddr *)&a, size), 0);
	assert_int_equal(listen(listener, 0), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &size), 0);
	while (n < 8 && r == 0) {
		r = net_dial("127.0.0.1", ntohs(a.sin_port), in_ms(300), &fds[n], &e);
		n += r == 0 ? 1 : 0;
	}
	assert_int_equal(r, -ETIMEDOUT);
	assert_non_null(strstr(err_text(&e), "timed out"));
	assert_true(clock_mono().ms - began < 10000);
	while (n > 0)
		(void)close(fds[--n]);
	(void)close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),	cmocka_unit_test(test_split_long), cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_connect), cmocka_unit_test(test_connect_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
