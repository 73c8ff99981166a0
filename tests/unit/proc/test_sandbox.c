/* The sandbox: what is allowed works, what is forbidden is refused or kills, files outside are not there. Each case in a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sys/proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/gatewright-test-sandbox-XXXXXX";
static char inside[64], file_inside[80], file_outside[80];
static int held; /* a descriptor that the process brings along */

/* What a case did: worked (0), was refused with an errno, or died (KILLED). */
#define KILLED 1000

static int do_execve(void)
{
	static char *const none[] = { NULL };

	return execve("/bin/true", none, none);
}

static int do_fork(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static int do_ptrace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, 0, 0);
}

static int do_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static int do_kill(void)
{
	return kill(getppid(), 0);
}

static int do_setuid(void)
{
	return (int)syscall(SYS_setuid, getuid());
}

static int do_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int do_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static int do_socket_pair_io(void)
{
	return send(held, "x", 1, 0) == 1 ? 0 : -1;
}

static int do_poll(void)
{
	struct pollfd p = { .fd = held, .events = POLLIN };

	return poll(&p, 1, 0);
}

static int do_read_inside(void)
{
	return open(file_inside, O_RDONLY);
}

static int do_read_outside(void)
{
	return open(file_outside, O_RDONLY);
}

static int do_read_shadow(void)
{
	return open("/etc/shadow", O_RDONLY);
}

static int do_read_own_memory_file(void)
{
	return open("/proc/self/mem", O_RDONLY);
}

static int do_write_inside(void)
{
	return open(file_inside, O_RDWR);
}

static int do_create_inside(void)
{
	char path[100];

	(void)snprintf(path, sizeof(path), "%s/new", inside);
	return open(path, O_WRONLY | O_CREAT, 0600);
}

static int do_remove_outside(void)
{
	return unlink(file_outside);
}

static int do_stat(void)
{
	struct stat st;

	return stat(file_inside, &st);
}

static int do_fstat(void)
{
	struct stat st;

	return fstat(held, &st);
}

static int do_map(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int do_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int do_map_writable_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int do_turn_data_to_code(void)
{
	static char page[8192];

	return mprotect((void *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096, PROT_READ | PROT_EXEC);
}

static void *thread_body(void *context)
{
	return context;
}

static int do_thread(void)
{
	pthread_t t;

	errno = pthread_create(&t, NULL, thread_body, NULL);
	return errno == 0 && pthread_join(t, NULL) == 0 ? 0 : -1;
}

/* A call that this kernel may know and no list of ours does. */
static int do_unheard_of(void)
{
	return (int)syscall(SYS_getpriority, 0, 0);
}

static int do_foreign_abi(void)
{
#ifdef __x86_64__
	return (int)syscall(0x40000000 | SYS_getpid);
#else
	errno = ENOSYS;
	return -1;
#endif
}

static int do_abort(void)
{
	abort();
}

static int do_exit(void)
{
	exit(0);
}

static int do_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

enum profile { KEYS, MANAGER, DEPLOY, PROFILE_N };

static const unsigned groups[PROFILE_N] = {
	[KEYS] = BIT(SANDBOX_MESSAGES) | BIT(SANDBOX_POLL),
	[MANAGER] = BIT(SANDBOX_MESSAGES) | BIT(SANDBOX_POLL) | BIT(SANDBOX_THREADS) | BIT(SANDBOX_FILES_READ) |
		    BIT(SANDBOX_FILES_WRITE) | BIT(SANDBOX_SERVE),
	[DEPLOY] = BIT(SANDBOX_MESSAGES) | BIT(SANDBOX_POLL) | BIT(SANDBOX_FILES_READ) | BIT(SANDBOX_CONNECT) |
		   BIT(SANDBOX_LOAD_CODE) | BIT(SANDBOX_THREADS),
};

static const struct {
	const char *what;
	int (*act)(void);
	int want[PROFILE_N]; /* keys, manager, deploy */
} rows[] = {
	{ "send on a socket that is there", do_socket_pair_io, { 0, 0, 0 } },
	{ "poll", do_poll, { 0, 0, 0 } },
	{ "fstat", do_fstat, { 0, 0, 0 } },
	{ "map memory", do_map, { 0, 0, 0 } },
	{ "map code", do_map_code, { EACCES, EACCES, 0 } },
	{ "map writable code", do_map_writable_code, { EACCES, EACCES, KILLED } },
	{ "turn data to code", do_turn_data_to_code, { EACCES, EACCES, EACCES } },
	{ "start a thread", do_thread, { KILLED, 0, 0 } },
	{ "read a file inside", do_read_inside, { EACCES, 0, 0 } },
	{ "read a file outside", do_read_outside, { EACCES, EACCES, EACCES } },
	{ "read /etc/shadow", do_read_shadow, { EACCES, EACCES, EACCES } },
	{ "open /proc/self/mem", do_read_own_memory_file, { EACCES, EACCES, EACCES } },
	{ "stat by path", do_stat, { EACCES, 0, 0 } },
	{ "write a file inside", do_write_inside, { EACCES, 0, EACCES } },
	{ "create a file inside", do_create_inside, { EACCES, 0, EACCES } },
	{ "remove a file outside", do_remove_outside, { ENOSYS, EACCES, ENOSYS } },
	{ "make a TCP socket", do_socket, { KILLED, EACCES, 0 } },
	{ "make a packet socket", do_packet_socket, { KILLED, EACCES, ENOSYS } },
	{ "execute", do_execve, { KILLED, KILLED, KILLED } },
	{ "fork", do_fork, { KILLED, KILLED, KILLED } },
	{ "trace", do_ptrace, { KILLED, KILLED, KILLED } },
	{ "mount", do_mount, { KILLED, KILLED, KILLED } },
	{ "signal another process", do_kill, { KILLED, KILLED, KILLED } },
	{ "change the user", do_setuid, { KILLED, KILLED, KILLED } },
	{ "a call of another ABI", do_foreign_abi, { KILLED, KILLED, KILLED } },
	{ "a call that nobody needs", do_unheard_of, { ENOSYS, ENOSYS, ENOSYS } },
	{ "take no-new-privileges back", do_new_privileges, { ENOSYS, ENOSYS, ENOSYS } },
};

static NORETURN void confined(enum profile profile, int (*act)(void))
{
	const struct sandbox_path paths[] = { { inside, profile == MANAGER ? SANDBOX_READ | SANDBOX_WRITE : SANDBOX_READ },
					      { "/no/such/directory", SANDBOX_READ } };
	const struct sandbox_profile p = { "test", groups[profile], paths, profile == KEYS ? 0 : 2, profile == DEPLOY };
	char missing[SANDBOX_MISSING_MAX];
	struct err e = { 0 };
	int r;

	/* In a sanitizer build a deadly signal would be reported; the point is the signal. */
	(void)signal(SIGABRT, SIG_DFL);
	if (sandbox_enter(&p, missing, &e) < 0) {
		(void)dprintf(STDERR_FILENO, "# %s\n", err_text(&e));
		_exit(255);
	}
	errno = 0;
	r = act();
	_exit(r >= 0 ? 0 : errno);
}

static int run(enum profile profile, int (*act)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		confined(profile, act);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : KILLED + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static void test_rows(void **state)
{
	static const char *const names[PROFILE_N] = { "keys", "manager", "deploy" };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		for (enum profile p = 0; p < PROFILE_N; p++) {
			int got = run(p, rows[i].act);

			if (got != rows[i].want[p])
				fail_msg("%s in %s: want %d, got %d", rows[i].what, names[p], rows[i].want[p], got);
		}
	}
}

/* abort() must still end the process, or a failed assertion would go on. */
static void test_abort_ends(void **state)
{
	(void)state;
	for (enum profile p = 0; p < PROFILE_N; p++)
		assert_int_equal(run(p, do_abort), KILLED + SIGABRT);
}

/* exit() runs what libraries do last; a sanitizer's look for leaks is none of it. */
static void test_exit_ends(void **state)
{
	(void)state;
	(void)fflush(NULL);
	for (enum profile p = 0; p < PROFILE_N; p++)
		assert_int_equal(run(p, do_exit), 0);
}

/* The positive control: without the sandbox every act that it refuses to the manager works or fails otherwise. */
static void test_without_sandbox(void **state)
{
	(void)state;
	assert_true(do_read_outside() >= 0);
	assert_true(do_read_inside() >= 0);
	assert_true(do_socket() >= 0);
	assert_int_equal(do_map_code(), 0);
}

static int make_file(char *path, size_t size, const char *in, const char *name)
{
	int fd;

	(void)snprintf(path, size, "%s/%s", in, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : close(fd);
}

static int set_up(void **state)
{
	int pair[2];

	(void)state;
	if (!mkdtemp(dir) || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return -1;
	held = pair[0];
	(void)snprintf(inside, sizeof(inside), "%s/in", dir);
	return mkdir(inside, 0700) < 0 ? -1 :
					 make_file(file_inside, sizeof(file_inside), inside, "file") |
						 make_file(file_outside, sizeof(file_outside), dir, "file");
}

static int tear_down(void **state)
{
	char path[100];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/new", inside);
	(void)unlink(path);
	(void)unlink(file_inside);
	(void)unlink(file_outside);
	(void)rmdir(inside);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_abort_ends),
		cmocka_unit_test(test_exit_ends),
		cmocka_unit_test(test_without_sandbox),
	};

	return cmocka_run_group_tests_name("proc/sandbox", tests, set_up, tear_down);
}
