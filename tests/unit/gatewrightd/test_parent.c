/*
 * The parent with real processes: real keys in its real sandbox, a fake manager and fake deploy processes (fake_roles.c), which are
 * this program itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"
#include "fake_roles.h"
#include "gatewrightd/parent/parent.h"
#include "gatewrightd/parent/restart.h"
#include "sys/clock.h"
#include "sys/conf/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 20000

static void log_line(enum log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	(void)dprintf(STDERR_FILENO, "%s\n", line);
}

/* ---- The daemon under test ---- */

struct daemon {
	char dir[64], text[1024], socket[100];
	pid_t pid;
};

static void make_daemon(struct daemon *d, const char *more)
{
	memset(d, 0, sizeof(*d));
	(void)snprintf(d->dir, sizeof(d->dir), "/tmp/gatewright-test-parent-XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	(void)snprintf(d->socket, sizeof(d->socket), "%s/run/api.sock", d->dir);
	(void)snprintf(d->text, sizeof(d->text), "state_dir = %s/state\nsocket = %s\nlog_level = debug\n%s%s", d->dir, d->socket,
		       strstr(more, "https_listen") ? "" : "https_listen = none\n", more);
}

static NORETURN void run_parent(const struct daemon *d)
{
	struct arena *arena = arena_new(1 << 20);
	struct gatewrightd_config cfg;
	struct err e = { 0 };
	char log[128];
	int fd;

	(void)snprintf(log, sizeof(log), "%s/log", d->dir);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	(void)dup2(fd, STDERR_FILENO);
	log_init("parent", LOG_LEVEL_DEBUG, log_line, NULL);
	if (config_parse(bytes_of_str(d->text), "test", arena, &cfg, &e) < 0)
		log_error("%s", err_text(&e));
	else
		_exit(parent_main(&cfg, bytes_of_str(d->text)));
	_exit(99);
}

static void start(struct daemon *d)
{
	d->pid = fork();
	assert_true(d->pid >= 0);
	if (d->pid == 0)
		run_parent(d);
}

static int wait_end(struct daemon *d)
{
	int status;

	assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
	d->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int stop(struct daemon *d)
{
	assert_int_equal(kill(d->pid, SIGTERM), 0);
	return wait_end(d);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void fini(struct daemon *d)
{
	if (d->pid > 0) {
		(void)kill(d->pid, SIGTERM);
		(void)wait_end(d);
	}
	(void)nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool log_has(const struct daemon *d, const char *words)
{
	static char text[1 << 18];
	char path[128];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/log", d->dir);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	return strstr(text, words) != NULL;
}

static void breathe(void)
{
	(void)nanosleep(&(const struct timespec){ 0, 5000000 }, NULL);
}

static void wait_log(const struct daemon *d, const char *words)
{
	int64_t end = clock_mono().ms + WAIT_MS;

	while (!log_has(d, words)) {
		if (clock_mono().ms > end)
			fail_msg("the log never said '%s'; it is in %s/log", words, d->dir);
		breathe();
	}
}

/* ---- A client of the API ---- */

static int connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* "" when the connection ended without an answer. */
static const char *ask(const struct daemon *d, const char *line)
{
	static char answer[2048];
	int fd = connect_to(d->socket);
	ssize_t n;

	answer[0] = '\0';
	if (fd < 0)
		return answer;
	(void)dprintf(fd, "%s\n", line);
	n = read(fd, answer, sizeof(answer) - 1);
	(void)close(fd);
	answer[n > 0 ? n : 0] = '\0';
	if (n > 0 && answer[n - 1] == '\n')
		answer[n - 1] = '\0';
	return answer;
}

/* The process with this name below the daemon, or 0. */
static pid_t child_of(const struct daemon *d, const char *comm)
{
	char path[300], name[64];
	pid_t found = 0;
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	assert_non_null(proc);
	while (!found && (entry = readdir(proc))) {
		int pid = (int)strtol(entry->d_name, NULL, 10), parent = 0;
		FILE *f;

		(void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		f = pid > 0 ? fopen(path, "re") : NULL;
		if (!f)
			continue;
		if (fscanf(f, "%*d (%63[^)]) %*c %d", name, &parent) == 2 && parent == d->pid && strcmp(name, comm) == 0)
			found = pid;
		(void)fclose(f);
	}
	(void)closedir(proc);
	return found;
}

static pid_t wait_child(const struct daemon *d, const char *comm, pid_t other_than)
{
	int64_t end = clock_mono().ms + WAIT_MS;
	pid_t pid;

	while ((pid = child_of(d, comm)) == 0 || pid == other_than) {
		if (clock_mono().ms > end)
			fail_msg("no process '%s'; the log is in %s/log", comm, d->dir);
		breathe();
	}
	return pid;
}

static void wait_gone(const struct daemon *d, const char *comm)
{
	int64_t end = clock_mono().ms + WAIT_MS;

	while (child_of(d, comm) != 0) {
		if (clock_mono().ms > end)
			fail_msg("process '%s' stays; the log is in %s/log", comm, d->dir);
		breathe();
	}
}

static mode_t mode_of(const struct daemon *d, const char *name)
{
	char path[256];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	if (lstat(path, &st) < 0)
		return 0;
	return st.st_mode & 0777;
}

/* ---- Tests ---- */

static void test_serves_and_ends(void **state)
{
	struct daemon d;

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API on socket");
	assert_string_equal(ask(&d, "issue"), "ok");
	assert_int_equal(mode_of(&d, "state"), 0700);
	assert_int_equal(mode_of(&d, "state/store"), 0700);
	assert_int_equal(mode_of(&d, "state/keys"), 0700);
	assert_int_equal(mode_of(&d, "state/keys/kek"), 0600);
	assert_int_equal(mode_of(&d, "state/keys/proof-key"), 0600);
	assert_int_equal(mode_of(&d, "run/api.sock"), 0600);
	assert_int_equal(stop(&d), 0);
	/* an orderly end takes the socket away and starts nothing again */
	assert_int_equal(mode_of(&d, "run/api.sock"), 0);
	assert_false(log_has(&d, "starting it anew"));
	fini(&d);
}

static void test_deploy_process(void **state)
{
	struct daemon d;

	(void)state;
	make_daemon(&d, "deploy_max = 2\n");
	start(&d);
	wait_log(&d, "ready: API");
	/* Its request reached keys, which releases no CA key. */
	assert_non_null(strstr(ask(&d, "deploy"), "release: want the key of an end-entity certificate"));
	wait_gone(&d, "gw-deploy");
	assert_string_equal(ask(&d, "hold"), "ok");
	assert_string_equal(ask(&d, "hold"), "ok");
	assert_non_null(strstr(ask(&d, "hold"), "want at most 2 deploy processes"));
	/* they end with the manager's channel */
	(void)ask(&d, "crash");
	wait_gone(&d, "gw-deploy");
	assert_int_equal(stop(&d), 0);
	fini(&d);
}

static void test_sandbox_of_the_manager(void **state)
{
	struct daemon d;
	char line[256];

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API");
	assert_string_equal(ask(&d, "file /etc/shadow"), "refused");
	(void)snprintf(line, sizeof(line), "file %s/state/keys/kek", d.dir);
	assert_string_equal(ask(&d, line), "refused");
	(void)snprintf(line, sizeof(line), "file %s/state/store", d.dir);
	assert_string_equal(ask(&d, line), "ok");
	assert_string_equal(ask(&d, "socket"), "refused");
	fini(&d);
}

static void test_keys_dies(void **state)
{
	struct daemon d;
	pid_t keys, manager;

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API");
	keys = wait_child(&d, "gw-keys", 0);
	manager = wait_child(&d, "gw-manager", 0);
	assert_int_equal(kill(keys, SIGKILL), 0);
	wait_log(&d, "keys: killed by signal 9 (Killed); starting it anew in 100 ms");
	(void)wait_child(&d, "gw-keys", keys);
	/* the manager is the same one and is served again */
	assert_string_equal(ask(&d, "issue"), "ok");
	assert_int_equal(child_of(&d, "gw-manager"), manager);
	assert_int_equal(stop(&d), 0);
	fini(&d);
}

/* A call under way when keys dies ends at once with a sentence, not after the caller's patience. */
static void test_keys_dies_at_a_request(void **state)
{
	struct daemon d;
	pid_t keys;
	char answer[2048] = "";
	int fd;

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API");
	keys = wait_child(&d, "gw-keys", 0);
	assert_int_equal(kill(keys, SIGSTOP), 0);
	fd = connect_to(d.socket);
	(void)dprintf(fd, "issue\n");
	/* The request lies in the socket of a process that will never read it... or is with one that dies over it. */
	breathe();
	assert_int_equal(kill(keys, SIGKILL), 0);
	assert_true(read(fd, answer, sizeof(answer) - 1) > 0);
	(void)close(fd);
	/* Either the next keys process found it in the socket, or it was lost and that is said. */
	assert_true(strcmp(answer, "ok\n") == 0 || strstr(answer, "the keys process died") != NULL);
	assert_string_equal(ask(&d, "issue"), "ok");
	fini(&d);
}

static void test_manager_dies(void **state)
{
	struct daemon d;
	pid_t keys, manager;

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API");
	keys = wait_child(&d, "gw-keys", 0);
	manager = wait_child(&d, "gw-manager", 0);
	(void)ask(&d, "crash");
	wait_log(&d, "manager: killed by signal 6");
	(void)wait_child(&d, "gw-manager", manager);
	(void)wait_child(&d, "gw-keys", keys);
	assert_string_equal(ask(&d, "issue"), "ok");
	assert_int_equal(stop(&d), 0);
	fini(&d);
}

static void test_manager_speaks_wrongly(void **state)
{
	struct daemon d;

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API");
	(void)ask(&d, "garbage");
	wait_log(&d, "manager: malformed message of 7 bytes; killing it");
	wait_log(&d, "manager: killed by signal 9");
	assert_string_equal(ask(&d, "issue"), "ok");
	fini(&d);
}

/* A parent that is killed takes its children along; the next one waits for the lock until they are gone. */
static void test_parent_is_killed(void **state)
{
	struct daemon d;

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API");
	assert_string_equal(ask(&d, "hold"), "ok");
	assert_int_equal(kill(d.pid, SIGKILL), 0);
	assert_int_equal(wait_end(&d), -SIGKILL);
	start(&d);
	(void)wait_child(&d, "gw-manager", 0);
	assert_string_equal(ask(&d, "issue"), "ok");
	assert_int_equal(stop(&d), 0);
	fini(&d);
}

static void test_two_daemons(void **state)
{
	struct daemon d, other;

	(void)state;
	make_daemon(&d, "");
	start(&d);
	wait_log(&d, "ready: API");
	/* the same state */
	other = d;
	start(&other);
	assert_int_equal(wait_end(&other), 1);
	wait_log(&d, "another gatewrightd uses it");
	/* another state, the same socket */
	make_daemon(&other, "");
	(void)snprintf(other.text, sizeof(other.text), "state_dir = %s/state\nsocket = %s\n", other.dir, d.socket);
	start(&other);
	assert_int_equal(wait_end(&other), 1);
	assert_true(log_has(&other, "another process serves it"));
	fini(&other);
	assert_string_equal(ask(&d, "issue"), "ok");
	fini(&d);
}

static void run_once(struct daemon *d, int want_status, const char *want_words)
{
	start(d);
	assert_int_equal(wait_end(d), want_status);
	if (!log_has(d, want_words))
		fail_msg("want '%s' in %s/log", want_words, d->dir);
}

static void touch(const struct daemon *d, const char *name, mode_t mode)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static void make_subdir(const struct daemon *d, const char *name, mode_t mode)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void test_refused_starts(void **state)
{
	struct daemon d;

	(void)state;
	make_daemon(&d, "");
	make_subdir(&d, "state", 0770);
	run_once(&d, 1, "want one that only its owner can write to, got mode 0770");
	fini(&d);

	make_daemon(&d, "");
	make_subdir(&d, "run", 0755);
	touch(&d, "run/api.sock", 0600);
	run_once(&d, 1, "want no file or a socket there");
	fini(&d);

	make_daemon(&d, "");
	make_subdir(&d, "state", 0700);
	make_subdir(&d, "state/store", 0700);
	touch(&d, "state/store/gatewright.db", 0600);
	run_once(&d, 1, "there is a store but no key-encryption key");
	fini(&d);

	make_daemon(&d, "https_listen = no-such-host.invalid:9443\n");
	run_once(&d, 1, "option 'https_listen'");
	fini(&d);

	make_daemon(&d, "socket_group = no-such-group-here\nsocket_mode = 0660\n");
	run_once(&d, 1, "group 'no-such-group-here'");
	fini(&d);
}

/* What keys refuses at its start is said, tried again a few times, and then the daemon gives up. */
static void test_gives_up(void **state)
{
	struct daemon d;

	(void)state;
	make_daemon(&d, "targets_dir = /always-dies\n");
	start(&d);
	wait_log(&d, "manager: exit status 3; starting it anew in 100 ms");
	wait_log(&d, "manager: exit status 3; starting it anew in 200 ms");
	assert_int_equal(stop(&d), 0);
	fini(&d);
}

static void test_bad_kek(void **state)
{
	struct daemon d;

	(void)state;
	make_daemon(&d, "");
	make_subdir(&d, "state", 0700);
	make_subdir(&d, "state/keys", 0700);
	touch(&d, "state/keys/kek", 0640);
	start(&d);
	wait_log(&d, "'kek': want mode 0600, got 0640");
	assert_int_equal(stop(&d), 0);
	fini(&d);
}

static void test_stale_socket(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct daemon d;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	make_daemon(&d, "");
	make_subdir(&d, "run", 0755);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", d.socket);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	(void)close(fd);
	start(&d);
	wait_log(&d, "ready: API");
	assert_string_equal(ask(&d, "issue"), "ok");
	fini(&d);
}

static void test_restarts(void **state)
{
	static const int64_t waits[LIMIT_PARENT_RESTARTS_MAX] = { 100, 200, 400, 800, 1600, 3200, 6400, 12800 };
	struct restarts r = { .n = 0 };
	struct mono_time now = { 5000 };
	int64_t wait;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(waits); i++) {
		assert_true(restarts_note_death(&r, now, &wait));
		assert_int_equal(wait, waits[i]);
		assert_int_equal(r.not_before.ms, now.ms + wait);
		now.ms++;
	}
	assert_false(restarts_note_death(&r, now, &wait));
	/* the first death counts until the window is over, and not a moment longer */
	now.ms = 5000 + LIMIT_PARENT_RESTARTS_S * 1000;
	assert_false(restarts_note_death(&r, now, &wait));
	now.ms++;
	assert_true(restarts_note_death(&r, now, &wait));
	assert_int_equal(wait, 12800);
	now.ms += 2 * LIMIT_PARENT_RESTARTS_S * 1000;
	assert_true(restarts_note_death(&r, now, &wait));
	assert_int_equal(wait, 100);
}

/* ---- This program as a role ---- */

static int role_main(const char *word)
{
	struct arena *arena = arena_new(1 << 20);
	static struct gatewrightd_config cfg;
	struct err e = { 0 };
	enum role role;
	struct buf text;

	if (!role_from_name(word, &role))
		return 98;
	(void)prctl(PR_SET_NAME, role == ROLE_KEYS ? "gw-keys" : role == ROLE_MANAGER ? "gw-manager" : "gw-deploy");
	log_init(word, LOG_LEVEL_DEBUG, log_line, NULL);
	buf_init(&text, CONF_TEXT_MAX);
	if (conf_read_fd(ROLE_FD_CONFIG, &text, &e) < 0 || config_parse(buf_bytes(&text), "test", arena, &cfg, &e) < 0)
		return 97;
	if (role == ROLE_KEYS)
		return keys_main(&cfg, ROLE_FD_PARENT, ROLE_FD_KEYS, ROLE_FD_MORE);
	if (role == ROLE_MANAGER)
		return manager_main(&cfg, ROLE_FD_PARENT, ROLE_FD_KEYS, ROLE_FD_MORE, ROLE_FD_HTTPS);
	return deploy_main(&cfg, ROLE_FD_PARENT, ROLE_FD_KEYS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restarts),
		cmocka_unit_test(test_serves_and_ends),
		cmocka_unit_test(test_deploy_process),
		cmocka_unit_test(test_sandbox_of_the_manager),
		cmocka_unit_test(test_keys_dies),
		cmocka_unit_test(test_keys_dies_at_a_request),
		cmocka_unit_test(test_manager_dies),
		cmocka_unit_test(test_manager_speaks_wrongly),
		cmocka_unit_test(test_parent_is_killed),
		cmocka_unit_test(test_two_daemons),
		cmocka_unit_test(test_refused_starts),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_bad_kek),
		cmocka_unit_test(test_stale_socket),
	};

	if (argc == 3 && strcmp(argv[1], "--role") == 0)
		_exit(role_main(argv[2]));
	return cmocka_run_group_tests_name("gatewrightd/parent", tests, NULL, NULL);
}
