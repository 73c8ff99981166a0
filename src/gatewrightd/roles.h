/*
 * gatewrightd is one binary that runs as four kinds of process: the parent, and the roles that it starts by executing
 * itself again (`gatewrightd --role NAME`) with descriptors at fixed numbers. Nothing else is inherited; the
 * environment is empty but for PATH, TZ and the options of sanitizers.
 *
 *              3            4                    5                      6                   7             8...
 *   keys       parent       configuration file   directory STATE/keys   manager's channel
 *   manager    parent       configuration file   keys' channel          listening socket    STATE/lock    HTTPS sockets
 *   deploy     manager      configuration file   keys' channel
 *
 * The configuration file is a sealed memory file with the text that the parent read: all processes work from the same.
 */
#ifndef GW_GATEWRIGHTD_ROLES_H
#define GW_GATEWRIGHTD_ROLES_H

#include "base/err.h"
#include "sys/conf/daemon_config.h"

enum role { ROLE_KEYS, ROLE_MANAGER, ROLE_DEPLOY, ROLE_N };

#define ROLE_FD_PARENT 3 /* deploy: the manager */
#define ROLE_FD_CONFIG 4
#define ROLE_FD_KEYS 5 /* keys: the directory STATE/keys */
#define ROLE_FD_MORE 6 /* keys: the manager's channel; manager: the listening socket */
#define ROLE_FD_LOCK \
	7 /* manager: nothing to do with it; while it lives no other daemon gets the lock, even if the parent died */
#define ROLE_FD_HTTPS 8	 /* manager: the listening sockets of https_listen, one after the other */
#define ROLE_HTTPS_MAX 8 /* that the option takes */

/* Below the state directory. */
#define STATE_STORE_DIR "store" /* the manager's: database, proofs; nobody else's */
#define STATE_KEYS_DIR "keys"	/* the keys process's: the key-encryption key, the sealed proof key */

/*
 * The manager: HTTP on `listen_fd` (bound and listening), HTTPS on the cfg->https_listen.n descriptors from `https_fd`
 * on, requests to keys on `keys_fd` (ipc_call; one at a time: guard it with a mutex), PARENT_SPAWN_DEPLOY on
 * `parent_fd` (the same). Already runs as the user of the configuration. Opens STATE/store, calls role_enter_sandbox()
 * before its first thread, then role_ready(), then serves until SIGTERM or end of file on parent_fd. `cfg` is kept; the
 * descriptors are taken. Returns the exit status: 0 after an orderly end.
 *
 * When keys dies the parent starts it anew behind the same `keys_fd`: a call under way then ends with -EPIPE, later
 * ones work.
 */
int manager_main(const struct gatewrightd_config *cfg, int parent_fd, int keys_fd, int listen_fd, int https_fd);

/*
 * A deploy process: receives DEPLOY_JOB on `manager_fd`, asks keys for the private key on `keys_fd` (KEYS_RELEASE),
 * does the job, reports DEPLOY_RESULT, returns the exit status. End of file on manager_fd: the manager is gone; after a
 * switch the host's dead-man switch decides. Calls role_enter_sandbox() once it has the job, before it opens a
 * connection.
 */
int deploy_main(const struct gatewrightd_config *cfg, int manager_fd, int keys_fd);

/* The keys process (keys/main.c): serves until end of file on the manager's channel and on parent_fd. */
int keys_main(const struct gatewrightd_config *cfg, int parent_fd, int keys_dir_fd, int manager_fd);

/*
 * No-new-privileges, Landlock, seccomp for `role`; the profiles stand in role_sandbox.c. For the calling thread and
 * those that it starts later. What the kernel lacks is a warning in the log. `extra_path`: one directory more that may
 * be read (deploy: the one of an SSH agent's socket), or NULL. With insecure_no_sandbox it only warns.
 */
MUST_USE int role_enter_sandbox(enum role role, const struct gatewrightd_config *cfg, const char *extra_path,
				struct err *e);

/* Tell the parent that this process serves now. */
MUST_USE int role_ready(int parent_fd, struct err *e);

const char *role_name(enum role role);
MUST_USE bool role_from_name(const char *name, enum role *ret);

#endif
