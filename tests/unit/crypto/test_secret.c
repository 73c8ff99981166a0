#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void test_init(void **state)
{
	struct rlimit core;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	assert_true(core.rlim_cur == 0 && core.rlim_max == 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

static void test_basics(void **state)
{
	struct secret *s CLEANUP(secret_freep) = secret_of(bytes_of_str("hunter2")),
			 *z CLEANUP(secret_freep) = secret_new(100);
	struct secret *none CLEANUP(secret_freep) = secret_new(0);

	(void)state;
	assert_true(secret_equal(s, bytes_of_str("hunter2")));
	assert_false(secret_equal(s, bytes_of_str("hunter")));
	assert_false(secret_equal(s, bytes_of_str("hunter3")));
	assert_int_equal(secret_bytes(s).p[7], 0);
	secret_truncate(s, 6);
	assert_true(secret_equal(s, bytes_of_str("hunter")));
	assert_int_equal(secret_data(s)[6], 0);
	secret_truncate(s, 60);
	assert_int_equal(secret_bytes(s).n, 6);
	for (size_t i = 0; i <= 100; i++)
		assert_int_equal(secret_data(z)[i], 0);
	assert_true(secret_bytes(none).n == 0 && secret_equal(none, BYTES_NONE));
	assert_null(secret_new(SIZE_MAX));
	secret_free(NULL);
}

/* A block that is used again is wiped, whatever it held; and a child after fork() begins with none. */
static void test_reuse_is_wiped(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		struct secret *s = secret_new(40 + i % 3);

		for (size_t k = 0; k <= 40 + i % 3; k++)
			assert_int_equal(secret_data(s)[k], 0);
		memset(secret_data(s), 0xaa, 40 + i % 3);
		if (i % 2)
			secret_truncate(s, 5);
		secret_free(s);
	}
	pid = fork();
	if (pid == 0) {
		struct secret *s = secret_new(40);
		int r = s && secret_bytes(s).n == 40 && secret_bytes(s).p[0] == 0 ? 0 : 1;

		secret_free(s);
		_exit(r);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Reading what was written into a pipe. */
static int pipe_with(const void *data, size_t n)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], data, n), (ssize_t)n);
	close(fds[1]);
	return fds[0];
}

static const struct {
	const char *name;
	const char *data;
	size_t n, max;
	int want;
	const char *got;  /* or the words of the refusal */
	const char *rest; /* what is left in the pipe */
} line_rows[] = {
	{ "a line", "secret\nrest", 11, 10, 0, "secret", "rest" },
	{ "no newline", "secret", 6, 10, 0, "secret", "" },
	{ "an empty line", "\nx", 2, 10, 0, "", "x" },
	{ "nothing", "", 0, 10, -ENODATA, "want a line, got end of file", "" },
	{ "exactly the most", "0123456789\n", 11, 10, 0, "0123456789", "" },
	{ "one more", "0123456789a\n", 12, 10, -EINVAL, "want at most 10 bytes, got more", "\n" },
	{ "a NUL", "ab\0cd\n", 6, 10, -EINVAL, "got a NUL byte at 2", "cd\n" },
	{ "spaces stay", " a b \n", 6, 10, 0, " a b ", "" },
};

static void test_read_line(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(line_rows); i++) {
		struct secret *s CLEANUP(secret_freep) = NULL;
		int fd = pipe_with(line_rows[i].data, line_rows[i].n),
		    r = secret_read_line(fd, line_rows[i].max, &s, &f->e);
		char rest[32] = "";

		want_result(f, line_rows[i].name, r, line_rows[i].want, line_rows[i].got);
		if (r == 0 && !secret_equal(s, bytes_of_str(line_rows[i].got)))
			fail_msg("%s: got another secret", line_rows[i].name);
		assert_true(read(fd, rest, sizeof(rest) - 1) >= 0);
		assert_string_equal(rest, line_rows[i].rest);
		close(fd);
	}
}

static void test_read_all(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *data;
		size_t n, max;
		int want;
	} rows[] = {
		{ "two\nlines\n", 10, 10, 0 },
		{ "two\nlines\n", 10, 9, -EINVAL },
		{ "", 0, 5, 0 },
		{ "a\0b", 3, 5, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct secret *s CLEANUP(secret_freep) = NULL;
		int fd = pipe_with(rows[i].data, rows[i].n), r = secret_read_all(fd, rows[i].max, &s, &f->e);

		want_result(f, rows[i].data, r, rows[i].want, NULL);
		assert_true(r != 0 || secret_equal(s, bytes_of(rows[i].data, rows[i].n)));
		close(fd);
	}
	struct secret *s = NULL;
	want_result(f, "closed", secret_read_all(-1, 5, &s, &f->e), -EBADF, "read a secret");
	want_result(f, "closed", secret_read_line(-1, 5, &s, &f->e), -EBADF, "read a secret");
}

/* ---- the terminal: a child whose controlling terminal is a pseudo terminal of ours ---- */

static pid_t ask_in_child(int *ret_master, int report[2])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];
	pid_t pid;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct secret *s = NULL;
		int r, slave;

		(void)setsid();
		slave = open(name, O_RDWR | O_CLOEXEC); /* becomes the controlling terminal */
		r = slave < 0 ? -EIO : secret_ask("Password: ", 64, &s, NULL);
		(void)!write(report[1], &r, sizeof(r));
		if (s)
			(void)!write(report[1], secret_bytes(s).p, secret_bytes(s).n);
		secret_free(s);
		_exit(0);
	}
	close(report[1]);
	*ret_master = master;
	return pid;
}

/* Everything that came on the terminal up to `text`; fails when it never comes. */
static void read_until_text(int fd, const char *text, char *all, size_t size)
{
	size_t n = strlen(all);

	while (!strstr(all, text)) {
		ssize_t got = read(fd, all + n, size - 1 - n);

		if (got <= 0)
			fail_msg("the terminal never showed '%s', only '%s'", text, all);
		n += (size_t)got;
		all[n] = 0;
	}
}

static void test_ask(void **state)
{
	int master, report[2], r = 1;
	char screen[256] = "", got[64] = "";
	pid_t pid = ask_in_child(&master, report);
	struct termios t;

	(void)state;
	read_until_text(master, "Password: ", screen, sizeof(screen));
	assert_int_equal(tcgetattr(master, &t), 0);
	assert_false(t.c_lflag & ECHO);
	assert_int_equal(write(master, "hunter2\n", 8), 8);
	assert_int_equal(read(report[0], &r, sizeof(r)), sizeof(r));
	assert_int_equal(r, 0);
	assert_true(read(report[0], got, sizeof(got) - 1) > 0);
	assert_string_equal(got, "hunter2");
	assert_int_equal(tcgetattr(master, &t), 0);
	assert_true(t.c_lflag & ECHO);
	read_until_text(master, "\n", screen, sizeof(screen));
	assert_null(strstr(screen, "hunter2"));
	close(master);
	close(report[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* A signal while it waits: the echo comes back, and then the signal acts. */
static void test_ask_interrupted(void **state)
{
	int master, report[2], status;
	char screen[256] = "";
	pid_t pid = ask_in_child(&master, report);
	struct termios t;

	(void)state;
	read_until_text(master, "Password: ", screen, sizeof(screen));
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_int_equal(tcgetattr(master, &t), 0);
	assert_true(t.c_lflag & ECHO);
	close(master);
	close(report[0]);
}

static void test_ask_without_terminal(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct secret *s = NULL;

		(void)setsid();
		_exit(secret_ask("? ", 64, &s, NULL) == -ENOTTY ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_init, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_basics, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_reuse_is_wiped, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_read_line, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_read_all, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_ask, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_ask_interrupted, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_ask_without_terminal, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
