/* The manager process: open the store, read the target files, close the sandbox, serve, end orderly. */
#include "base/log.h"
#include "gatewrightd/manager/access/first.h"
#include "gatewrightd/manager/access/hasher.h"
#include "gatewrightd/manager/api/call.h"
#include "gatewrightd/manager/audit.h"
#include "gatewrightd/manager/channel.h"
#include "gatewrightd/manager/console.h"
#include "gatewrightd/manager/jobs/supervisor.h"
#include "gatewrightd/manager/manager.h"
#include "gatewrightd/manager/targets.h"
#include "gatewrightd/roles.h"
#include "sys/http/json_in.h"
#include "sys/http/server.h"
#include "sys/proc/privileges.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define STORE_FILE "gatewright.db"
#define SYSLOG_SOCKET "/dev/log"
#define STORES_MAX 16 /* connections: one for each HTTP thread and the supervisor; threads beyond wait */

struct running {
	struct manager m;
	struct gatewrightd_config cfg;
	int parent_fd, listen_fd, https_fd,
		signal_fd; /* https_fd: the first of several; listen_fd -1: all are the server's */
};

static int open_store(struct running *r, struct err *e)
{
	char path[PATH_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s/%s", r->m.cfg->state_dir, STATE_STORE_DIR, STORE_FILE) >=
	    (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "state_dir: want a shorter path");
	(void)umask(077);
	return store_pool_new(path, STORES_MAX, &r->m.stores, e);
}

/* SIGTERM and SIGINT become readable; every thread that starts later inherits the mask. */
static int catch_signals(struct running *r, struct err *e)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_errno(e, "block signals");
	r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return r->signal_fd < 0 ? err_errno(e, "signalfd") : 0;
}

static gid_t socket_group(const struct gatewrightd_config *cfg)
{
	struct err e = { 0 };
	gid_t gid;

	if (!cfg->socket_group[0])
		return (gid_t)-1;
	if (gid_of_group(cfg->socket_group, &gid, &e) < 0) {
		log_warning("socket_group: %s; only root and this user may call", err_text(&e));
		return (gid_t)-1;
	}
	return gid;
}

static int serve_http(struct running *r, gid_t group, struct err *e)
{
	struct http_listener listeners[HTTP_LISTENERS_MAX] = { { r->listen_fd, HTTP_UNIX } };
	struct http_config config = { .listeners = listeners,
				      .listeners_n = 1 + r->m.cfg->https_listen.n,
				      .group = group,
				      .threads = (unsigned int)r->m.cfg->http_threads,
				      .source_max = (unsigned int)r->m.cfg->https_connections_per_source,
				      .receive_s = (unsigned int)r->m.cfg->request_timeout,
				      .routes = api_routes(),
				      .files = console_answer_file,
				      .context = &r->m };

	static_assert(1 + ROLE_HTTPS_MAX == HTTP_LISTENERS_MAX, "one more for the Unix socket");
	for (size_t i = 1; i < config.listeners_n; i++)
		listeners[i] = (struct http_listener) { r->https_fd + (int)i - 1, HTTP_TLS };
	r->listen_fd = -1; /* taken, as the others */
	return http_server_start(&config, &r->m.http, e);
}

/* Everything is opened before the sandbox closes, and no thread is there yet when it does. */
static int start(struct running *r, int keys_fd, struct err *e)
{
	gid_t group = socket_group(r->m.cfg);
	/* For the audit log: the sandbox lets send, but not make a socket. */
	int log_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int done = channel_new(keys_fd, "keys", &r->m.keys, e);

	if (done == 0)
		done = channel_new(dup(r->parent_fd), "parent", &r->m.parent, e);
	if (done == 0)
		done = targets_load(r->m.cfg->targets_dir, &r->m.targets, e);
	if (done == 0)
		done = open_store(r, e);
	if (done == 0)
		done = console_new(&r->m, &r->m.console, e);
	if (done == 0)
		done = first_user_make(&r->m, e);
	if (done == 0)
		done = catch_signals(r, e);
	if (done == 0)
		done = role_enter_sandbox(ROLE_MANAGER, r->m.cfg, NULL, e);
	if (done == 0)
		done = auditor_start(&r->m, log_fd, SYSLOG_SOCKET, &r->m.auditor, e);
	else if (log_fd >= 0)
		(void)close(log_fd);
	if (done == 0)
		done = supervisor_start(&r->m, &r->m.jobs, e);
	if (done == 0)
		done = hasher_start(&r->m.hasher, e);
	if (done == 0)
		done = serve_http(r, group, e);
	if (done == 0)
		done = console_start(r->m.console, e);
	return done < 0 ? done : role_ready(r->parent_fd, e);
}

/* Until a signal comes or the parent is gone; what else comes from the parent is an answer to a call. */
static void wait_for_end(struct running *r)
{
	struct pollfd fds[2] = { { .fd = r->signal_fd, .events = POLLIN },
				 { .fd = r->parent_fd, .events = POLLRDHUP } };

	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
}

static void stop(struct running *r)
{
	supervisor_stop(r->m.jobs); /* answers the questions that requests wait for */
	hasher_stop(r->m.hasher);   /* the same */
	console_stop(r->m.console);
	http_server_stop(r->m.http);
	auditor_stop(r->m.auditor);
	hasher_free(r->m.hasher);
	supervisor_free(r->m.jobs);
	store_pool_free(r->m.stores);
	console_free(r->m.console);
	targets_free(r->m.targets);
	channel_free(r->m.keys);
	channel_free(r->m.parent);
	if (r->listen_fd >= 0) {
		(void)close(r->listen_fd);
		for (size_t i = 0; i < r->m.cfg->https_listen.n; i++)
			(void)close(r->https_fd + (int)i);
	}
	if (r->signal_fd >= 0)
		(void)close(r->signal_fd);
	(void)close(r->parent_fd);
}

int manager_main(const struct gatewrightd_config *cfg, int parent_fd, int keys_fd, int listen_fd, int https_fd)
{
	struct running r = { .m = { .cfg = cfg },
			     .parent_fd = parent_fd,
			     .listen_fd = listen_fd,
			     .https_fd = https_fd,
			     .signal_fd = -1 };
	struct err e = { 0 };
	int done;

	json_wipe_freed();
	done = start(&r, keys_fd, &e);
	if (done == 0)
		wait_for_end(&r);
	else
		log_error("%s", err_text(&e));
	stop(&r);
	return done == 0 ? 0 : 1;
}
