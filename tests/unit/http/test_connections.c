/* Connections of each address, and requests that are late. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sys/http/connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define RECEIVE_MS 60000

struct address {
	struct sockaddr_storage storage;
};

static const struct sockaddr *of(const struct address *a)
{
	return (const struct sockaddr *)(const void *)&a->storage;
}

/* "192.0.2.1", "2001:db8::1", or "" for a Unix socket. */
static struct address address(const char *text)
{
	struct address a = { .storage.ss_family = AF_UNIX };
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&a.storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&a.storage;

	if (strchr(text, ':')) {
		v6->sin6_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	} else if (*text) {
		v4->sin_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
	}
	return a;
}

static void test_of_one_address(void **state)
{
	static const struct {
		const char *there, *comes;
		bool enters;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", false },
		{ "192.0.2.1", "192.0.2.2", true },
		{ "192.0.2.1", "::ffff:192.0.2.1", false },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", true },
		{ "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", false },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", true },
		{ "::1", "127.0.0.1", true },
		{ "", "", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct address there = address(rows[i].there), comes = address(rows[i].comes);
		struct http_connection a = { .fd = -1 }, b = { .fd = -1 };
		struct http_connections cs;

		connections_init(&cs, 2, RECEIVE_MS);
		assert_true(connections_may_enter(&cs, of(&comes)));
		connections_add(&cs, &a, of(&there), (struct mono_time) { 0 });
		assert_true(connections_may_enter(&cs, of(&comes)));
		connections_add(&cs, &b, of(&there), (struct mono_time) { 0 });
		if (connections_may_enter(&cs, of(&comes)) != rows[i].enters)
			fail_msg("'%s' beside two of '%s'", rows[i].comes, rows[i].there);
		connections_remove(&cs, &a);
		assert_true(connections_may_enter(&cs, of(&comes)));
		connections_remove(&cs, &b);
		connections_fini(&cs);
	}
}

static void test_without_a_number(void **state)
{
	struct address there = address("192.0.2.1");
	struct http_connection many[500];
	struct http_connections cs;

	(void)state;
	connections_init(&cs, 0, RECEIVE_MS);
	for (size_t i = 0; i < ARRAY_N(many); i++) {
		many[i] = (struct http_connection) { .fd = -1 };
		assert_true(connections_may_enter(&cs, of(&there)));
		connections_add(&cs, &many[i], of(&there), (struct mono_time) { 0 });
	}
	for (size_t i = 0; i < ARRAY_N(many); i++)
		connections_remove(&cs, &many[i]);
	connections_fini(&cs);
}

/* Did the other end see the end? */
static bool has_ended(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

static void test_late(void **state)
{
	struct http_connection c = { 0 };
	struct http_connections cs;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	c.fd = ends[0];
	connections_init(&cs, 1, RECEIVE_MS);
	connections_add(&cs, &c, NULL, (struct mono_time) { 1000 });
	assert_int_equal(connections_cut_late(&cs, (struct mono_time) { 1000 + RECEIVE_MS - 1 }), 0);
	connection_received(&cs, &c); /* an answer may take any time */
	assert_int_equal(connections_cut_late(&cs, (struct mono_time) { 1000000000 }), 0);
	connection_awaits(&cs, &c, (struct mono_time) { 500000 });
	assert_int_equal(connections_cut_late(&cs, (struct mono_time) { 500000 + RECEIVE_MS - 1 }), 0);
	assert_false(has_ended(ends[1]));
	assert_int_equal(connections_cut_late(&cs, (struct mono_time) { 500000 + RECEIVE_MS }), 1);
	assert_true(has_ended(ends[1]));
	assert_int_equal(connections_cut_late(&cs, (struct mono_time) { 1000000 }), 0); /* once */
	connections_remove(&cs, &c);
	connections_fini(&cs);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_one_address),
		cmocka_unit_test(test_without_a_number),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests_name("http/connections", tests, NULL, NULL);
}
