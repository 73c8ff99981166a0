/* The HTTP client against sockets that say nothing: it gives up in time, and says what is known. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sys/http/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[] = "/tmp/gatewright-client-XXXXXX";
static char path[64];

/* Connections are taken by the kernel; nobody reads or writes. */
static int listen_silently(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int no_event(const struct sse_event *event, void *context)
{
	(void)event;
	(void)context;
	return 1;
}

static int count_ticks(void *context)
{
	return ++*(int *)context == 1000 ? 77 : 0;
}

static int stop_at_third(void *context)
{
	return ++*(int *)context == 3 ? -EINTR : 0;
}

static void test_silent_call(void **state)
{
	struct http_client *c = NULL;
	struct http_answer answer;
	struct err e = { 0 };
	int fd = listen_silently();

	(void)state;
	http_answer_init(&answer);
	assert_int_equal(http_client_new(path, &c, &e), 0);
	http_client_set_limits(c, 200, 0);
	assert_int_equal(http_client_call(c, "GET", "/api/v1/health", BYTES_NONE, &answer, &e), -ETIMEDOUT);
	assert_string_equal(e.text, "GET /api/v1/health: no complete answer from gatewrightd in time");
	assert_false(http_client_unreachable(-ETIMEDOUT));
	assert_int_equal(answer.status, 0);
	http_client_free(c);
	http_answer_fini(&answer);
	(void)close(fd);
	(void)unlink(path);
}

static void test_silent_stream(void **state)
{
	int ticks = 0;
	struct http_stream stream = { no_event, count_ticks, &ticks };
	struct http_client *c = NULL;
	struct http_answer answer;
	struct err e = { 0 };
	struct sse parser;
	int fd = listen_silently();

	(void)state;
	sse_init(&parser);
	http_answer_init(&answer);
	assert_int_equal(http_client_new(path, &c, &e), 0);
	http_client_set_limits(c, 0, 1);
	assert_int_equal(http_client_stream(c, "/api/v1/jobs/1/events", &parser, &stream, &answer, &e), -ETIMEDOUT);
	assert_true(ticks >= 3);
	ticks = 0;
	stream.on_tick = stop_at_third;
	assert_int_equal(http_client_stream(c, "/api/v1/jobs/1/events", &parser, &stream, &answer, &e), -EINTR);
	assert_int_equal(ticks, 3);
	http_client_free(c);
	http_answer_fini(&answer);
	sse_fini(&parser);
	(void)close(fd);
	(void)unlink(path);
}

static void test_unreachable(void **state)
{
	struct http_client *c = NULL;
	struct http_answer answer;
	struct err e = { 0 };
	int fd;

	(void)state;
	http_answer_init(&answer);
	assert_int_equal(http_client_new(path, &c, &e), 0);
	assert_int_equal(http_client_call(c, "GET", "/", BYTES_NONE, &answer, &e), -ENOENT);
	assert_true(http_client_unreachable(-ENOENT));
	fd = listen_silently();
	(void)close(fd);
	assert_int_equal(http_client_call(c, "GET", "/", BYTES_NONE, &answer, &e), -ECONNREFUSED);
	assert_non_null(strstr(e.text, "nobody serves the socket"));
	http_client_free(c);
	http_answer_fini(&answer);
	(void)unlink(path);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/s", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent_call),
		cmocka_unit_test(test_silent_stream),
		cmocka_unit_test(test_unreachable),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
