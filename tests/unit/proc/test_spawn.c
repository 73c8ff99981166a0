/* Starting processes: the descriptors at their numbers, nothing else; and giving up a user. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sys/proc/privileges.h"
#include "sys/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- This program as the child: looks around and exits with the number of what is wrong ---- */

static bool is_dev_null(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat("/dev/null", &b) == 0 && a.st_rdev == b.st_rdev && S_ISCHR(a.st_mode);
}

static int child_main(int fds_n)
{
	extern char **environ;
	sigset_t blocked;
	struct sigaction a;
	char c;

	if (!is_dev_null(0) || !is_dev_null(1))
		return 10;
	/* each pipe holds its own letter */
	for (int i = 0; i < fds_n; i++)
		if (read(SPAWN_FD_FIRST + i, &c, 1) != 1 || c != 'a' + i)
			return 20 + i;
	for (int fd = SPAWN_FD_FIRST + fds_n; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 30;
	if (sigprocmask(SIG_SETMASK, NULL, &blocked) < 0 || sigismember(&blocked, SIGTERM) || sigismember(&blocked, SIGUSR1))
		return 40;
	if (sigaction(SIGPIPE, NULL, &a) < 0 || a.sa_handler != SIG_DFL)
		return 41;
	if (getsid(0) != getpid())
		return 50;
	if (umask(0) != 077)
		return 51;
	if (!environ[0] || strcmp(environ[0], "ONLY=this") != 0 || environ[1])
		return 60;
	return 7;
}

/* ---- Tests ---- */

static int run(const int *fds, size_t n)
{
	char count[8];
	const char *argv[] = { "test_spawn", "--child", count, NULL };
	const char *envp[] = { "ONLY=this", NULL };
	struct spawn s = { -1, argv, envp, fds, n };
	struct err e = { 0 };
	int pidfd, status;
	struct pollfd p;
	pid_t pid;

	(void)snprintf(count, sizeof(count), "%zu", n);
	assert_int_equal(spawn_open_self(&s.exe_fd, &e), 0);
	assert_int_equal(spawn(&s, &pid, &pidfd, &e), 0);
	p = (struct pollfd){ .fd = pidfd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(pidfd);
	(void)close(s.exe_fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int pipe_with(char letter)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], &letter, 1), 1);
	(void)close(fds[1]);
	return fds[0];
}

static void test_descriptors(void **state)
{
	int fds[SPAWN_FDS_MAX], leak = open("/dev/zero", O_RDONLY); /* without close-on-exec, on purpose */

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t n = 0; n <= SPAWN_FDS_MAX; n++) {
		for (size_t i = 0; i < n; i++)
			fds[i] = pipe_with((char)('a' + (int)i));
		assert_int_equal(run(fds, n), 7);
		for (size_t i = 0; i < n; i++)
			(void)close(fds[i]);
	}
	(void)close(leak);
}

/* Numbers that are in each other's way: the first goes where the second is, and so on round. */
static void test_descriptors_in_a_ring(void **state)
{
	int a, b, c, fds[3];

	(void)state;
	a = fcntl(pipe_with('a'), F_DUPFD_CLOEXEC, 100);
	b = fcntl(pipe_with('b'), F_DUPFD_CLOEXEC, 101);
	c = fcntl(pipe_with('c'), F_DUPFD_CLOEXEC, 102);
	for (int fd = 3; fd < 6; fd++)
		(void)close(fd);
	fds[0] = dup3(a, 4, O_CLOEXEC);
	fds[1] = dup3(b, 5, O_CLOEXEC);
	fds[2] = dup3(c, 3, O_CLOEXEC);
	assert_int_equal(run(fds, 3), 7);
	for (int fd = 3; fd < 6; fd++)
		(void)close(fd);
	(void)close(a);
	(void)close(b);
	(void)close(c);
}

static void test_blocked_signals_are_not_inherited(void **state)
{
	sigset_t set, before;

	(void)state;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, &before), 0);
	assert_int_equal(run(NULL, 0), 7);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

static void test_status_text(void **state)
{
	char text[SPAWN_STATUS_MAX];

	(void)state;
	assert_string_equal(spawn_status_text(3 << 8, text), "exit status 3");
	assert_string_equal(spawn_status_text(SIGKILL, text), "killed by signal 9 (Killed)");
	assert_string_equal(spawn_status_text(SIGSYS, text), "killed by signal 31 (Bad system call)");
}

/* ---- Users ---- */

static int in_child(int (*act)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(act());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int drop_to_nobody(void)
{
	struct identity id;
	struct err e;

	if (identity_of_user("nobody", &id, &e) < 0 || privileges_drop(id, &e) < 0)
		return 1;
	if (getuid() != id.uid || geteuid() != id.uid || getgid() != id.gid || getgroups(0, NULL) != 0)
		return 2;
	if (open("/etc/shadow", O_RDONLY) >= 0 || setuid(0) == 0)
		return 3;
	return 0;
}

static int hide(void)
{
	struct err e;

	if (prctl(PR_GET_DUMPABLE) != 1)
		return 1;
	if (privileges_hide_memory(&e) < 0)
		return 2;
	return prctl(PR_GET_DUMPABLE) == 0 ? 0 : 3;
}

static void test_drop(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(drop_to_nobody), 0);
}

static void test_hide_memory(void **state)
{
	(void)state;
	assert_int_equal(in_child(hide), 0);
}

static void test_no_such_user(void **state)
{
	struct identity id;
	struct err e = { 0 };
	gid_t gid;

	(void)state;
	assert_int_equal(identity_of_user("no-such-user-here", &id, &e), -ENOENT);
	assert_int_equal(gid_of_group("no-such-group-here", &gid, &e), -ENOENT);
	assert_int_equal(identity_of_user("root", &id, &e), 0);
	assert_int_equal(id.uid, 0);
	assert_int_equal(gid_of_group("root", &gid, &e), 0);
	assert_int_equal(gid, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_descriptors_in_a_ring),
		cmocka_unit_test(test_blocked_signals_are_not_inherited),
		cmocka_unit_test(test_status_text),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_hide_memory),
		cmocka_unit_test(test_no_such_user),
	};

	if (argc == 3 && strcmp(argv[1], "--child") == 0)
		_exit(child_main((int)strtol(argv[2], NULL, 10)));
	return cmocka_run_group_tests_name("proc/spawn", tests, NULL, NULL);
}
