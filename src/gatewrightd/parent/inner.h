/* What the files of the parent share. Inner header. */
#ifndef GW_GATEWRIGHTD_PARENT_INNER_H
#define GW_GATEWRIGHTD_PARENT_INNER_H

#include "gatewrightd/parent/parent.h"
#include "gatewrightd/parent/restart.h"
#include "gatewrightd/roles.h"

#include <sys/types.h>

struct child {
	enum role role;
	pid_t pid; /* 0: not running */
	int pidfd;
	int fd; /* our end of its channel; -1: none (deploy), or closed by it */
	bool ready;
	struct mono_time ready_before;
	uint64_t job; /* deploy */
};

struct parent {
	const struct gatewrightd_config *cfg;
	int exe_fd, config_fd, keys_dir_fd, lock_fd, listen_fd, signal_fd;
	int https_fds[ROLE_HTTPS_MAX]; /* cfg->https_listen.n of them, once they are open */
	size_t https_n;
	bool own_socket; /* made here, not handed over by the service manager */

	/* The keys' end of the pair that keys and manager talk on. It outlives a keys process, so that the next one
	 * serves the same manager. */
	int keys_end;
	struct child keys, manager;
	struct restarts keys_restarts, manager_restarts;
	struct child *deploys; /* cfg->deploy_max of them */

	bool said_ready, stopping, failed;
	struct mono_time stop_before;
};

/* state.c: make and check the state directory; take its lock. Descriptors close-on-exec; returned: close(). */
MUST_USE int state_open(const struct gatewrightd_config *cfg, int *ret_lock_fd, int *ret_keys_dir_fd, struct err *e);

/* listen.c: the listening socket, made here or handed over. The lock on the state directory must be held. */
MUST_USE int listen_open(const struct gatewrightd_config *cfg, int *ret_fd, bool *ret_own, struct err *e);
void listen_close(const struct gatewrightd_config *cfg, int fd, bool own);

/* The sockets of https_listen. On failure none is left open. */
MUST_USE int listen_open_https(const struct gatewrightd_config *cfg, int ret_fds[ROLE_HTTPS_MAX], size_t *ret_n,
			       struct err *e);

/* child.c */
MUST_USE int child_start_keys(struct parent *p, struct err *e);
MUST_USE int child_start_manager(struct parent *p, struct err *e); /* makes p->keys_end */
MUST_USE int child_start_deploy(struct parent *p, uint64_t job, int *ret_manager_end, struct err *e);
/* Collect it when it has ended. False: it lives. */
bool child_reap(struct child *c, int *ret_wait_status);
void child_kill(const struct child *c, int signal_number);
bool child_runs(const struct child *c);
void child_init(struct child *c, enum role role);

/* requests.c: read one message of a child. Negative: the child speaks wrongly and is to be killed. */
MUST_USE int requests_serve(struct parent *p, struct child *c, struct err *e);

/* Tell the manager, who may be waiting for an answer of a keys process that died. */
void requests_keys_died(struct parent *p);

/* notify.c: the service manager, if there is one. */
void notify_ready(void);
void notify_stopping(void);
int notify_listen_fd(void); /* a socket handed over, or -1 */

#endif
