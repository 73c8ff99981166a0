#include "sys/proc/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Above every fixed number: where descriptors wait while the fixed numbers are filled. */
#define PARKING 64

/* What the child exits with when it could not become the program; the parent reads the reason from the log. */
#define EXIT_NOT_STARTED 127

int spawn_open_self(int *ret_fd, struct err *e)
{
	int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "open this program (/proc/self/exe)");
	*ret_fd = fd;
	return 0;
}

static NORETURN void child_fails(const char *what)
{
	char text[160];
	int n = snprintf(text, sizeof(text), "gatewrightd: start a process: %s: %s\n", what, strerror(errno));

	if (n > 0)
		(void)!write(STDERR_FILENO, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
	_exit(EXIT_NOT_STARTED);
}

static void child_reset_signals(void)
{
	struct sigaction a = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int n = 1; n < NSIG; n++)
		(void)sigaction(n, &a, NULL);
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		child_fails("set the signal mask");
}

static void child_place_descriptors(const struct spawn *s)
{
	int parked[SPAWN_FDS_MAX], exe, null;

	for (size_t i = 0; i < s->fds_n; i++) {
		parked[i] = fcntl(s->fds[i], F_DUPFD_CLOEXEC, PARKING);
		if (parked[i] < 0)
			child_fails("duplicate a descriptor");
	}
	exe = fcntl(s->exe_fd, F_DUPFD_CLOEXEC, PARKING);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (exe < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		child_fails("open /dev/null");
	for (size_t i = 0; i < s->fds_n; i++)
		if (dup2(parked[i], SPAWN_FD_FIRST + (int)i) < 0)
			child_fails("place a descriptor");
	/* The program's own descriptor must live until execveat(), so the rest is marked, not closed. */
	if (syscall(SYS_close_range, (unsigned)(SPAWN_FD_FIRST + (int)s->fds_n), ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		child_fails("mark the other descriptors");
	(void)syscall(SYS_execveat, exe, "", s->argv, s->envp, AT_EMPTY_PATH);
	child_fails("execute");
}

static NORETURN void child(const struct spawn *s)
{
	child_reset_signals();
	(void)setsid();
	(void)umask(077);
	child_place_descriptors(s);
	_exit(EXIT_NOT_STARTED);
}

int spawn(const struct spawn *s, pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
	pid_t pid;
	int pidfd;

	assert(s->fds_n <= SPAWN_FDS_MAX && s->argv[0]);
	pid = fork();
	if (pid < 0)
		return err_errno(e, "start '%s'", s->argv[0]);
	if (pid == 0)
		child(s);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		int r = err_errno(e, "watch process %d", (int)pid);

		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return r;
	}
	(void)fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}

const char *spawn_status_text(int wait_status, char out[SPAWN_STATUS_MAX])
{
	if (WIFSIGNALED(wait_status))
		(void)snprintf(out, SPAWN_STATUS_MAX, "killed by signal %d (%s)", WTERMSIG(wait_status),
			       strsignal(WTERMSIG(wait_status)));
	else
		(void)snprintf(out, SPAWN_STATUS_MAX, "exit status %d", WEXITSTATUS(wait_status));
	return out;
}
