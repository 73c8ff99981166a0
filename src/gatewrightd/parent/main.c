#include "gatewrightd/parent/parent.h"
#include "base/log.h"
#include "gatewrightd/parent/inner.h"
#include "sys/clock.h"
#include "sys/proc/privileges.h"
#include "sys/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Two descriptors of each of keys and manager, the signals, and one of each deploy process. */
#define FDS_MAX (5 + LIMIT_KEYS_CHANNELS_MAX)

#define WAIT_FOR_EVER INT64_MAX

/* ---- The start ---- */

static int make_config_file(struct bytes text, int *ret, struct err *e)
{
	int fd = memfd_create("gatewrightd.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_errno(e, "make a memory file");
	if (write(fd, text.p, text.n) != (ssize_t)text.n ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		(void)close(fd);
		return err_set(e, -EIO, "write the configuration to a memory file");
	}
	*ret = fd;
	return 0;
}

static int open_signals(int *ret, struct err *e)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_errno(e, "block signals");
	*ret = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret < 0 ? err_errno(e, "receive signals by descriptor") : 0;
}

/* In the order in which things can be refused: nothing is made before the lock is held. */
static int prepare(struct parent *p, struct bytes config_text, struct err *e)
{
	int r = privileges_hide_memory(e);

	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_errno(e, "give up new privileges");
	if (r == 0)
		r = spawn_open_self(&p->exe_fd, e);
	if (r == 0)
		r = make_config_file(config_text, &p->config_fd, e);
	if (r == 0)
		r = open_signals(&p->signal_fd, e);
	if (r == 0)
		r = state_open(p->cfg, &p->lock_fd, &p->keys_dir_fd, e);
	if (r == 0)
		r = listen_open(p->cfg, &p->listen_fd, &p->own_socket, e);
	if (r == 0)
		r = listen_open_https(p->cfg, p->https_fds, &p->https_n, e);
	return r;
}

/* ---- What should run, runs ---- */

static void stop(struct parent *p)
{
	if (p->stopping)
		return;
	p->stopping = true;
	p->stop_before.ms = clock_mono().ms + LIMIT_PARENT_STOP_MS;
	notify_stopping();
	child_kill(&p->manager, SIGTERM);
}

static void give_up(struct parent *p, const struct err *e)
{
	log_error("%s", err_text(e));
	p->failed = true;
	stop(p);
}

/*
 * A manager comes with a new pair to a new keys process; a keys process alone is put behind the manager that is there.
 * A keys process whose manager died ends by itself.
 */
static void start_what_is_due(struct parent *p, struct mono_time now)
{
	struct err e = { 0 };
	int r = 0;

	if (p->stopping || child_runs(&p->keys) || now.ms < p->keys_restarts.not_before.ms)
		return;
	if (!child_runs(&p->manager)) {
		if (now.ms < p->manager_restarts.not_before.ms)
			return;
		r = child_start_manager(p, &e);
	}
	if (r == 0)
		r = child_start_keys(p, &e);
	if (r < 0)
		give_up(p, &e);
}

static void note_death(struct parent *p, struct child *c, struct restarts *restarts, int status, struct mono_time now)
{
	char text[SPAWN_STATUS_MAX];
	struct err e = { 0 };
	int64_t wait;

	if (p->stopping)
		return;
	spawn_status_text(status, text);
	if (!restarts_note_death(restarts, now, &wait)) {
		(void)err_set(&e, -EIO, "%s: %s; it died %d times within %d s: giving up", role_name(c->role), text,
			      LIMIT_PARENT_RESTARTS_MAX + 1, LIMIT_PARENT_RESTARTS_S);
		give_up(p, &e);
		return;
	}
	log_error("%s: %s; starting it anew in %lld ms", role_name(c->role), text, (long long)wait);
}

static void reap(struct parent *p, struct mono_time now)
{
	bool with_manager = child_runs(&p->manager);
	int status;

	if (child_reap(&p->manager, &status)) {
		note_death(p, &p->manager, &p->manager_restarts, status, now);
		(void)close(p->keys_end);
		p->keys_end = -1;
	}
	if (child_reap(&p->keys, &status) && with_manager && child_runs(&p->manager)) {
		note_death(p, &p->keys, &p->keys_restarts, status, now);
		requests_keys_died(p);
	}
	for (uint64_t i = 0; i < p->cfg->deploy_max; i++) {
		struct child *c = &p->deploys[i];
		uint64_t job = c->job;
		char text[SPAWN_STATUS_MAX];

		if (child_reap(c, &status) && status != 0)
			log_warning("deploy process of job %llu: %s", (unsigned long long)job,
				    spawn_status_text(status, text));
	}
}

/* ---- Time ---- */

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_deadline(const struct parent *p)
{
	int64_t at = WAIT_FOR_EVER;

	if (p->stopping)
		return p->stop_before.ms;
	if (child_runs(&p->keys) && !p->keys.ready)
		at = sooner(at, p->keys.ready_before.ms);
	if (child_runs(&p->manager) && !p->manager.ready)
		at = sooner(at, p->manager.ready_before.ms);
	if (!child_runs(&p->keys))
		at = sooner(at, p->keys_restarts.not_before.ms);
	if (!child_runs(&p->keys) && !child_runs(&p->manager) &&
	    p->manager_restarts.not_before.ms > p->keys_restarts.not_before.ms)
		at = sooner(WAIT_FOR_EVER, p->manager_restarts.not_before.ms);
	return at;
}

static void kill_unready(struct parent *p, struct child *c, struct mono_time now)
{
	if (p->stopping || !child_runs(c) || c->ready || now.ms < c->ready_before.ms)
		return;
	log_error("%s: want it ready within %d ms, got nothing; killing it", role_name(c->role), LIMIT_PARENT_READY_MS);
	c->ready_before.ms = now.ms + LIMIT_PARENT_READY_MS;
	child_kill(c, SIGKILL);
}

static void kill_all(struct parent *p)
{
	child_kill(&p->manager, SIGKILL);
	child_kill(&p->keys, SIGKILL);
	for (uint64_t i = 0; i < p->cfg->deploy_max; i++)
		child_kill(&p->deploys[i], SIGKILL);
}

static void on_time(struct parent *p, struct mono_time now)
{
	kill_unready(p, &p->keys, now);
	kill_unready(p, &p->manager, now);
	if (p->stopping && now.ms >= p->stop_before.ms) {
		log_warning("not everything ended within %d ms; killing the rest", LIMIT_PARENT_STOP_MS);
		p->stop_before.ms = now.ms + LIMIT_PARENT_STOP_MS;
		kill_all(p);
	}
	if (!p->said_ready && p->keys.ready && p->manager.ready) {
		p->said_ready = true;
		log_info("ready: API on socket '%s', state in '%s'", p->cfg->socket, p->cfg->state_dir);
		notify_ready();
	}
}

/* ---- The loop ---- */

static void on_signal(struct parent *p)
{
	struct signalfd_siginfo s;

	while (read(p->signal_fd, &s, sizeof(s)) == (ssize_t)sizeof(s)) {
		if (s.ssi_signo == SIGHUP) {
			log_info("SIGHUP: the configuration is read at the start only");
			continue;
		}
		if (p->stopping)
			kill_all(p);
		else
			log_info("ending on signal %u", s.ssi_signo);
		stop(p);
	}
}

static void on_message(struct parent *p, struct child *c)
{
	struct err e = { 0 };

	if (requests_serve(p, c, &e) == 0)
		return;
	log_error("%s: %s; killing it", role_name(c->role), err_text(&e));
	child_kill(c, SIGKILL);
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

static nfds_t collect(const struct parent *p, struct pollfd *fds)
{
	nfds_t n = 0;

	fds[n++] = (struct pollfd) { .fd = p->signal_fd, .events = POLLIN };
	fds[n++] = (struct pollfd) { .fd = p->keys.fd, .events = POLLIN };
	fds[n++] = (struct pollfd) { .fd = p->manager.fd, .events = POLLIN };
	fds[n++] = (struct pollfd) { .fd = p->keys.pidfd, .events = POLLIN };
	fds[n++] = (struct pollfd) { .fd = p->manager.pidfd, .events = POLLIN };
	for (uint64_t i = 0; i < p->cfg->deploy_max; i++)
		if (child_runs(&p->deploys[i]))
			fds[n++] = (struct pollfd) { .fd = p->deploys[i].pidfd, .events = POLLIN };
	return n;
}

static int wait_ms(const struct parent *p)
{
	int64_t at = next_deadline(p), left = at - clock_mono().ms;

	return at == WAIT_FOR_EVER ? -1 : left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left + 1;
}

static bool anything_runs(const struct parent *p)
{
	bool runs = child_runs(&p->keys) || child_runs(&p->manager);

	for (uint64_t i = 0; !runs && i < p->cfg->deploy_max; i++)
		runs = child_runs(&p->deploys[i]);
	return runs;
}

static void loop(struct parent *p)
{
	struct pollfd fds[FDS_MAX];

	start_what_is_due(p, clock_mono());
	while (!p->stopping || anything_runs(p)) {
		nfds_t n = collect(p, fds);

		if (poll(fds, n, wait_ms(p)) < 0 && errno != EINTR) {
			struct err e = { 0 };

			(void)err_errno(&e, "wait for events");
			give_up(p, &e);
			kill_all(p);
		}
		if (fds[0].revents)
			on_signal(p);
		if (fds[1].revents && p->keys.fd >= 0)
			on_message(p, &p->keys);
		if (fds[2].revents && p->manager.fd >= 0)
			on_message(p, &p->manager);
		reap(p, clock_mono());
		on_time(p, clock_mono());
		start_what_is_due(p, clock_mono());
	}
}

int parent_main(const struct gatewrightd_config *cfg, struct bytes config_text)
{
	struct parent p = { .cfg = cfg,
			    .exe_fd = -1,
			    .config_fd = -1,
			    .keys_dir_fd = -1,
			    .lock_fd = -1,
			    .listen_fd = -1,
			    .keys_end = -1 };
	struct err e = { 0 };
	int r = prepare(&p, config_text, &e);

	child_init(&p.keys, ROLE_KEYS);
	child_init(&p.manager, ROLE_MANAGER);
	p.deploys = calloc(cfg->deploy_max, sizeof(*p.deploys));
	if (r == 0 && !p.deploys)
		r = err_nomem(&e);
	for (uint64_t i = 0; p.deploys && i < cfg->deploy_max; i++)
		child_init(&p.deploys[i], ROLE_DEPLOY);
	if (r < 0)
		log_error("start: %s", err_text(&e));
	else
		loop(&p);
	if (p.listen_fd >= 0)
		listen_close(cfg, p.listen_fd, p.own_socket);
	while (p.https_n > 0)
		(void)close(p.https_fds[--p.https_n]);
	free(p.deploys);
	return r < 0 || p.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
