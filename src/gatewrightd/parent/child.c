#include "gatewrightd/parent/inner.h"
#include "base/log.h"
#include "gatewrightd/messages.h"
#include "sys/clock.h"
#include "sys/ipc/ipc.h"
#include "sys/proc/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENV_MAX 16
#define ENV_TEXT_MAX 1024

/* What a child gets of our environment: where it logs to, the time zone, and what sanitizers want to be told. */
static const char *const kept_variables[] = { "JOURNAL_STREAM", "TZ",		"ASAN_OPTIONS",
					      "UBSAN_OPTIONS",	"LSAN_OPTIONS", "TSAN_OPTIONS" };

struct environment {
	char texts[ARRAY_N(kept_variables)][ENV_TEXT_MAX];
	const char *list[ENV_MAX];
};

static void make_environment(struct environment *env)
{
	size_t n = 0;

	env->list[n++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	for (size_t i = 0; i < ARRAY_N(kept_variables); i++) {
		const char *value = getenv(kept_variables[i]);
		int length = value ? snprintf(env->texts[i], ENV_TEXT_MAX, "%s=%s", kept_variables[i], value) : -1;

		if (length > 0 && length < ENV_TEXT_MAX)
			env->list[n++] = env->texts[i];
	}
	env->list[n] = NULL;
}

void child_init(struct child *c, enum role role)
{
	*c = (struct child) { .role = role, .pidfd = -1, .fd = -1 };
}

bool child_runs(const struct child *c)
{
	return c->pid > 0;
}

/* `fd` (taken, also on failure): our end of its channel, or -1. */
static int start(struct parent *p, struct child *c, const int *fds, size_t fds_n, int fd, struct err *e)
{
	const char *argv[] = { "gatewrightd", "--role", role_name(c->role), NULL };
	struct environment env;
	struct spawn s = { p->exe_fd, argv, env.list, fds, fds_n };
	int r;

	make_environment(&env);
	r = spawn(&s, &c->pid, &c->pidfd, e);
	if (r < 0) {
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	c->fd = fd;
	c->ready = false;
	c->ready_before.ms = clock_mono().ms + LIMIT_PARENT_READY_MS;
	log_debug("started %s as process %d", role_name(c->role), (int)c->pid);
	return 0;
}

int child_start_keys(struct parent *p, struct err *e)
{
	int pair[2], r = ipc_pair(pair, e);

	if (r < 0)
		return r;
	r = start(p, &p->keys, (const int[]) { pair[1], p->config_fd, p->keys_dir_fd, p->keys_end }, 4, pair[0], e);
	(void)close(pair[1]);
	return r;
}

int child_start_manager(struct parent *p, struct err *e)
{
	int pair[2], keys[2], fds[SPAWN_FDS_MAX], r = ipc_pair(keys, e);
	size_t n = ROLE_FD_HTTPS - ROLE_FD_PARENT;

	if (r < 0)
		return r;
	r = ipc_pair(pair, e);
	if (r == 0) {
		memcpy(fds, (const int[]) { pair[1], p->config_fd, keys[1], p->listen_fd, p->lock_fd },
		       n * sizeof(int));
		memcpy(fds + n, p->https_fds, p->https_n * sizeof(int));
		r = start(p, &p->manager, fds, n + p->https_n, pair[0], e);
		(void)close(pair[1]);
	}
	(void)close(keys[1]);
	if (r < 0)
		(void)close(keys[0]);
	else
		p->keys_end = keys[0];
	return r;
}

static struct child *free_place(struct parent *p)
{
	for (uint64_t i = 0; i < p->cfg->deploy_max; i++)
		if (!child_runs(&p->deploys[i]))
			return &p->deploys[i];
	return NULL;
}

/* Give keys the other end of a deploy process's channel. Its answer comes later, to requests_serve(). */
static int add_keys_channel(struct parent *p, int fd, struct err *e)
{
	struct buf b;
	int r;

	buf_init(&b, 64);
	wire_begin(&b, MSG_KEYS_ADD_CHANNEL, 1);
	r = ipc_send_within(p->keys.fd, &b, fd, 0, e);
	buf_fini(&b);
	return r < 0 ? err_wrap(e, r, "give keys a channel") : 0;
}

static int start_deploy(struct parent *p, struct child *c, uint64_t job, const int manager[2], const int keys[2],
			struct err *e)
{
	int r = start(p, c, (const int[]) { manager[1], p->config_fd, keys[1] }, 3, -1, e);

	if (r < 0)
		return r;
	c->job = job;
	c->ready = true; /* it tells the manager, not us */
	r = add_keys_channel(p, keys[0], e);
	if (r < 0)
		child_kill(c, SIGKILL);
	return r;
}

int child_start_deploy(struct parent *p, uint64_t job, int *ret_manager_end, struct err *e)
{
	struct child *c = free_place(p);
	int manager[2], keys[2], r;

	if (!c)
		return err_set(e, -EBUSY, "want at most %llu deploy processes at one time, got one more",
			       (unsigned long long)p->cfg->deploy_max);
	if (!child_runs(&p->keys) || p->keys.fd < 0)
		return err_set(e, -EAGAIN, "the keys process is being started anew");
	r = ipc_pair(manager, e);
	if (r < 0)
		return r;
	r = ipc_pair(keys, e);
	if (r == 0) {
		r = start_deploy(p, c, job, manager, keys, e);
		(void)close(keys[0]);
		(void)close(keys[1]);
	}
	(void)close(manager[1]);
	if (r < 0)
		(void)close(manager[0]);
	else
		*ret_manager_end = manager[0];
	return r;
}

bool child_reap(struct child *c, int *ret_wait_status)
{
	if (!child_runs(c) || waitpid(c->pid, ret_wait_status, WNOHANG) != c->pid)
		return false;
	(void)close(c->pidfd);
	if (c->fd >= 0)
		(void)close(c->fd);
	child_init(c, c->role);
	return true;
}

void child_kill(const struct child *c, int signal_number)
{
	if (child_runs(c))
		(void)kill(c->pid, signal_number);
}
