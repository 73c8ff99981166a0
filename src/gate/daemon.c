#include "gate/daemon.h"

#include "base/log.h"
#include "gate/activation.h"
#include "gate/control.h"
#include "gate/control_server.h"
#include "gate/notify.h"
#include "gate/server.h"
#include "sys/clock.h"
#include "sys/proc/privileges.h"
#include "sys/proc/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

/*
 * The order of a start: what needs root (ports, the socket, the directory), then the user, then the keystore, then the
 * sandbox, then threads. Everything that can be wrong is wrong before "serving" is said.
 */

struct gate {
	const struct gate_config *config;
	struct loop *loop;
	struct server *server;
	struct control_server *control;
	struct keystore *keystore;
	struct activation *activation;
	struct loop_source signals;
	struct timer dead_man, tick; /* tick: polls the end of the threads while stopping */
	struct mono_time started, stop_at;
	int control_fd, notify_fd;
	bool stopping, ended;
};

/*
 * Serving and the dead-man switch
 */

static int serve(void *context, const struct generation *g, struct err *e)
{
	struct gate *gate = (struct gate *)context;

	return server_serve(gate->server, g, e);
}

static const struct activation_ops ops = { .serve = serve };

/* After whatever may have changed what is pending. */
static void settle(struct gate *gate)
{
	struct mono_time due = { 0 };

	if (activation_due(gate->activation, &due)) {
		if (!timers_set(loop_timers(gate->loop), &gate->dead_man, due))
			log_error("no memory for the dead-man switch"); /* the place was reserved at the start */
	} else {
		timers_clear(loop_timers(gate->loop), &gate->dead_man);
	}
	server_show_pending(gate->server, activation_pending(gate->activation), due);
}

static void on_dead_man(struct timer *t, struct mono_time now)
{
	struct gate *gate = (struct gate *)(void *)((char *)t - offsetof(struct gate, dead_man));

	activation_on_timer(gate->activation, now);
	settle(gate);
}

static void on_control(void *context, struct bytes line, struct buf *out)
{
	struct gate *gate = (struct gate *)context;
	struct control_view v = {
		.uptime_s = (clock_mono().ms - gate->started.ms) / 1000,
		.connections = server_connections(gate->server),
		.threads = server_threads(gate->server),
	};

	v.listen = server_addresses(gate->server, &v.listen_n);
	control_on_line(gate->activation, &v, line, clock_wall(), clock_mono(), out);
	settle(gate);
}

/*
 * The end
 */

static void on_tick(struct timer *t, struct mono_time now)
{
	struct gate *gate = (struct gate *)(void *)((char *)t - offsetof(struct gate, tick));

	if (server_ended(gate->server)) {
		gate->ended = true;
		return;
	}
	if (now.ms >= gate->stop_at.ms)
		server_stop(gate->server, true);
	if (!timers_set(loop_timers(gate->loop), &gate->tick, (struct mono_time) { now.ms + 20 }))
		gate->ended = true;
}

static void stop(struct gate *gate)
{
	bool again = gate->stopping;

	log_info(again ? "told to end again: cutting what is left" : "told to end: finishing %llu connections",
		 (unsigned long long)server_connections(gate->server));
	gate->stopping = true;
	gate->stop_at = (struct mono_time) { clock_mono().ms + LIMIT_GATE_STOP_MS };
	notify_send(gate->notify_fd, "STOPPING=1");
	server_stop(gate->server, again);
	if (!timers_set(loop_timers(gate->loop), &gate->tick, clock_mono()))
		gate->ended = true;
}

static void on_signal(struct loop_source *source, uint32_t events)
{
	struct gate *gate = (struct gate *)(void *)((char *)source - offsetof(struct gate, signals));
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		log_info("SIGHUP does nothing: a keystore is changed by 'keystore install', the configuration by a "
			 "restart");
	else
		stop(gate);
}

static int catch_signals(struct gate *gate, struct err *e)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	gate->signals = (struct loop_source) { .on_event = on_signal };
	gate->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (gate->signals.fd < 0)
		return err_errno(e, "make a signalfd");
	return loop_add(gate->loop, &gate->signals, EPOLLIN, e);
}

/*
 * The start
 */

/*
 * Every connection is a descriptor. Returns how many connections may be open at one time: what does not fit is accepted
 * and closed again. Left in the kernel's queue it would wake every thread without end, and a gate without a descriptor
 * can't be asked to confirm or to roll back.
 */
static uint64_t raise_descriptors(const struct gate_config *config)
{
	struct rlimit limit;
	rlim_t want = (rlim_t)config->max_connections + LIMIT_GATE_DESCRIPTORS_KEPT, fit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return config->max_connections;
	if (geteuid() == 0 && limit.rlim_max < want)
		limit.rlim_max = want;
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= want)
		return config->max_connections;
	fit = limit.rlim_cur / 2 < LIMIT_GATE_DESCRIPTORS_KEPT ? limit.rlim_cur / 2
							       : limit.rlim_cur - LIMIT_GATE_DESCRIPTORS_KEPT;
	log_warning("descriptors: want %llu for max_connections, got %llu: at most %llu connections are taken",
		    (unsigned long long)want, (unsigned long long)limit.rlim_cur, (unsigned long long)fit);
	return fit;
}

static int find_user(const struct gate_config *config, struct identity *ret, struct err *e)
{
	*ret = (struct identity) { geteuid(), getegid() };
	if (!config->user[0])
		return 0;
	return identity_of_user(config->user, ret, e);
}

static int open_as_root(struct gate *gate, struct identity user, uint64_t connections_max, struct err *e)
{
	int r = server_new(gate->config, connections_max, &gate->server, e);

	if (r == 0)
		r = keystore_create(gate->config->keystore, user.uid, user.gid, e);
	if (r < 0)
		return r;
	gate->control_fd = control_server_bind(gate->config->control, user.uid, user.gid, e);
	return gate->control_fd < 0 ? gate->control_fd : 0;
}

static int open_as_user(struct gate *gate, struct err *e)
{
	int r = keystore_open(gate->config->keystore, &gate->keystore, e);

	if (r == 0)
		r = keystore_lock(gate->keystore, e);
	if (r > 0)
		return err_set(e, -EBUSY, "keystore '%s' is in use by another gate", gate->config->keystore);
	if (r < 0)
		return r;
	gate->activation = activation_new(gate->keystore, &ops, gate);
	if (!gate->activation)
		return err_nomem(e);
	r = control_server_new(gate->loop, gate->control_fd, on_control, gate, &gate->control, e);
	gate->control_fd = -1;
	return r;
}

static int become_user(const struct gate_config *config, struct identity user, struct err *e)
{
	int r = 0;

	if (config->user[0] && geteuid() == 0)
		r = privileges_drop(user, e);
	else if (geteuid() == 0)
		log_warning("running as root: set 'user' in the configuration");
	return r < 0 ? r : privileges_hide_memory(e);
}

static int confine(const struct gate_config *config, struct err *e)
{
	const struct sandbox_path paths[] = { { config->keystore, SANDBOX_READ | SANDBOX_WRITE } };
	const struct sandbox_profile profile = {
		.name = "gate",
		.groups = BIT(SANDBOX_BASE) | BIT(SANDBOX_MESSAGES) | BIT(SANDBOX_POLL) | BIT(SANDBOX_THREADS) |
			  BIT(SANDBOX_FILES_READ) | BIT(SANDBOX_FILES_WRITE) | BIT(SANDBOX_SERVE),
		.paths = paths,
		.paths_n = ARRAY_N(paths),
	};
	char missing[SANDBOX_MISSING_MAX] = "";
	int r;

	if (config->insecure_no_sandbox) {
		log_warning("insecure_no_sandbox is set: running without seccomp and Landlock");
		return 0;
	}
	r = sandbox_enter(&profile, missing, e);
	if (r == 0 && missing[0])
		log_warning("the kernel lacks for the sandbox: %s", missing);
	return r < 0 ? err_wrap(e, r, "enter the sandbox") : 0;
}

static int start_serving(struct gate *gate, struct err *e)
{
	size_t n;
	const char *const *addresses = server_addresses(gate->server, &n);
	int r = server_start(gate->server, e);

	if (r == 0)
		r = activation_start(gate->activation, clock_wall(), e);
	if (r < 0)
		return r;
	settle(gate);
	for (size_t i = 0; i < n; i++)
		log_info("listening on %s", addresses[i]);
	if (r > 0)
		log_warning("no keystore yet: connections are refused until one is installed");
	else
		log_info("serving generation '%s' (%s) with %zu threads", activation_served(gate->activation)->id,
			 activation_served(gate->activation)->fingerprint, server_threads(gate->server));
	notify_send(gate->notify_fd, "READY=1");
	return 0;
}

/* From here on the few timers of this loop find their places without asking for memory. */
static int reserve_timers(struct gate *gate, struct err *e)
{
	if (!timers_set(loop_timers(gate->loop), &gate->dead_man, gate->started))
		return err_nomem(e);
	timers_clear(loop_timers(gate->loop), &gate->dead_man);
	return 0;
}

static int start(struct gate *gate, struct err *e)
{
	uint64_t connections_max = raise_descriptors(gate->config);
	struct identity user;
	int r = find_user(gate->config, &user, e);

	if (r == 0)
		r = loop_new(&gate->loop, e);
	if (r == 0)
		r = reserve_timers(gate, e);
	if (r == 0)
		r = catch_signals(gate, e);
	if (r == 0)
		r = open_as_root(gate, user, connections_max, e);
	if (r == 0)
		r = become_user(gate->config, user, e);
	if (r == 0)
		r = open_as_user(gate, e);
	gate->notify_fd = notify_open();
	if (r == 0)
		r = confine(gate->config, e);
	return r == 0 ? start_serving(gate, e) : r;
}

static void gate_fini(struct gate *gate)
{
	if (gate->loop) {
		timers_clear(loop_timers(gate->loop), &gate->dead_man);
		timers_clear(loop_timers(gate->loop), &gate->tick);
	}
	control_server_free(gate->control);
	if (gate->control_fd >= 0)
		close(gate->control_fd);
	server_free(gate->server);
	activation_free(gate->activation);
	keystore_close(gate->keystore);
	if (gate->signals.fd >= 0)
		close(gate->signals.fd);
	if (gate->notify_fd >= 0)
		close(gate->notify_fd);
	loop_free(gate->loop);
}

int daemon_run(const struct gate_config *config, struct err *e)
{
	struct gate gate = { .config = config, .control_fd = -1, .notify_fd = -1, .signals.fd = -1 };
	int r;

	gate.started = clock_mono();
	gate.dead_man.fire = on_dead_man;
	gate.tick.fire = on_tick;
	r = start(&gate, e);
	while (r == 0 && !gate.ended)
		r = loop_run_once(gate.loop, -1, e);
	gate_fini(&gate);
	if (r == 0)
		log_info("ended");
	return r;
}
