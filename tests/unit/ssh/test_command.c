/* A server that refuses a channel or a command, in words that a terminal would obey. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sys/clock.h"
#include "sys/ssh/remote_private.h"

#include <errno.h>
#include <libssh/callbacks.h>

ssh_channel __wrap_ssh_channel_new(ssh_session session);
void __wrap_ssh_channel_free(ssh_channel c);
int __wrap_ssh_set_channel_callbacks(ssh_channel c, ssh_channel_callbacks cb);
int __wrap_ssh_remove_channel_callbacks(ssh_channel c, ssh_channel_callbacks cb);
int __wrap_ssh_channel_open_session(ssh_channel c);
int __wrap_ssh_channel_request_exec(ssh_channel c, const char *command);
const char *__wrap_ssh_get_error(void *session);
int __wrap_ssh_is_connected(ssh_session session);

static struct {
	int open;
	bool is_up;
} server;

int __wrap_ssh_channel_open_session(ssh_channel c)
{
	(void)c;
	return server.open;
}

int __wrap_ssh_channel_request_exec(ssh_channel c, const char *command)
{
	(void)c;
	(void)command;
	return SSH_ERROR;
}

const char *__wrap_ssh_get_error(void *session)
{
	(void)session;
	return "error (1) \033[2Jno\xc2\x9b" "1m\n";
}

int __wrap_ssh_is_connected(ssh_session session)
{
	(void)session;
	return server.is_up;
}

/* libssh makes a channel only after a login. */
static long channel;

ssh_channel __wrap_ssh_channel_new(ssh_session session)
{
	(void)session;
	return (ssh_channel)(void *)&channel;
}

int __wrap_ssh_set_channel_callbacks(ssh_channel c, ssh_channel_callbacks cb)
{
	(void)c;
	(void)cb;
	return SSH_OK;
}

int __wrap_ssh_remove_channel_callbacks(ssh_channel c, ssh_channel_callbacks cb)
{
	(void)c;
	(void)cb;
	return SSH_OK;
}

void __wrap_ssh_channel_free(ssh_channel c)
{
	(void)c;
}

static void test_refused(void **state)
{
	static const struct {
		int open;
		bool is_up;
		int want;
		const char *error;
	} rows[] = {
		{ SSH_ERROR, true, -EACCES, "'h' refuses to open a session: error (1) \\x1b[2Jno\\xc2\\x9b1m" },
		{ SSH_OK, true, -EACCES, "'h' refuses to start a command: error (1) \\x1b[2Jno\\xc2\\x9b1m" },
		{ SSH_ERROR, false, -EPIPE, "open a session: connection to 'h' lost: error (1) \\x1b[2Jno\\xc2\\x9b1m" },
		{ SSH_OK, false, -EPIPE, "start a command: connection to 'h' lost: error (1) \\x1b[2Jno\\xc2\\x9b1m" },
	};
	char name[] = "'h'";
	struct remote r = { .fd = -1, .given_fd = -1, .name = name };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct remote_command *c = NULL;
		struct err e = { 0 };

		server.open = rows[i].open;
		server.is_up = rows[i].is_up;
		assert_int_equal(remote_exec(&r, "true", clock_mono(), &c, &e), rows[i].want);
		assert_null(c);
		assert_string_equal(err_text(&e), rows[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
