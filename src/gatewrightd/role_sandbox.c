/* What each role may still do once it serves. The reasons stand in docs/adr/0001-process-split.md. */
#include "base/log.h"
#include "gatewrightd/roles.h"
#include "sys/proc/sandbox.h"

#include <limits.h>
#include <stdio.h>

#define PATHS_MAX 24

/* Directories and files of the system that libraries read: time zones, name services, OpenSSL's configuration. */
static const struct sandbox_path manager_paths[] = {
	{ "/usr/share/zoneinfo", SANDBOX_READ },
	{ "/etc/localtime", SANDBOX_READ },
	{ "/etc/passwd", SANDBOX_READ },
	{ "/etc/group", SANDBOX_READ },
	{ "/etc/nsswitch.conf", SANDBOX_READ },
	{ "/dev/urandom", SANDBOX_READ },
	{ "/dev/null", SANDBOX_READ | SANDBOX_WRITE },
};

static const struct sandbox_path deploy_paths[] = {
	{ "/etc/hosts", SANDBOX_READ },
	{ "/etc/host.conf", SANDBOX_READ },
	{ "/etc/resolv.conf", SANDBOX_READ },
	{ "/etc/nsswitch.conf", SANDBOX_READ },
	{ "/etc/services", SANDBOX_READ },
	{ "/etc/gai.conf", SANDBOX_READ },
	{ "/etc/passwd", SANDBOX_READ },
	{ "/etc/ssl", SANDBOX_READ },
	{ "/run/systemd/resolve", SANDBOX_READ },
	{ "/lib", SANDBOX_READ | SANDBOX_EXECUTE },
	{ "/usr/lib", SANDBOX_READ | SANDBOX_EXECUTE },
	{ "/lib64", SANDBOX_READ | SANDBOX_EXECUTE },
	{ "/etc/ld.so.cache", SANDBOX_READ },
	{ "/dev/urandom", SANDBOX_READ },
	{ "/dev/null", SANDBOX_READ | SANDBOX_WRITE },
};

static const struct {
	unsigned groups;
	const struct sandbox_path *paths;
	unsigned paths_n;
	bool tcp_connect;
} roles[ROLE_N] = {
	[ROLE_KEYS] = { BIT(SANDBOX_MESSAGES) | BIT(SANDBOX_POLL), NULL, 0, false },
	[ROLE_MANAGER] = { BIT(SANDBOX_MESSAGES) | BIT(SANDBOX_POLL) | BIT(SANDBOX_THREADS) | BIT(SANDBOX_FILES_READ) |
				   BIT(SANDBOX_FILES_WRITE) | BIT(SANDBOX_SERVE),
			   manager_paths, ARRAY_N(manager_paths), false },
	[ROLE_DEPLOY] = { BIT(SANDBOX_MESSAGES) | BIT(SANDBOX_POLL) | BIT(SANDBOX_THREADS) | BIT(SANDBOX_FILES_READ) |
				  BIT(SANDBOX_CONNECT) | BIT(SANDBOX_LOAD_CODE),
			  deploy_paths, ARRAY_N(deploy_paths), true },
};

static void add_path(struct sandbox_path *paths, unsigned *n, const char *path, unsigned access)
{
	if (path && path[0] && *n < PATHS_MAX)
		paths[(*n)++] = (struct sandbox_path) { path, access };
}

int role_enter_sandbox(enum role role, const struct gatewrightd_config *cfg, const char *extra_path, struct err *e)
{
	struct sandbox_path paths[PATHS_MAX];
	struct sandbox_profile profile = { role_name(role), roles[role].groups, paths, 0, roles[role].tcp_connect };
	char store[PATH_MAX], missing[SANDBOX_MISSING_MAX];
	int r;

	if (cfg->insecure_no_sandbox) {
		log_warning("insecure_no_sandbox: this process is not confined");
		return 0;
	}
	(void)snprintf(store, sizeof(store), "%s/%s", cfg->state_dir, STATE_STORE_DIR);
	for (unsigned i = 0; i < roles[role].paths_n; i++)
		add_path(paths, &profile.paths_n, roles[role].paths[i].path, roles[role].paths[i].access);
	if (role == ROLE_MANAGER) {
		add_path(paths, &profile.paths_n, store, SANDBOX_READ | SANDBOX_WRITE);
		add_path(paths, &profile.paths_n, cfg->targets_dir, SANDBOX_READ);
	}
	add_path(paths, &profile.paths_n, extra_path, SANDBOX_READ);
	r = sandbox_enter(&profile, missing, e);
	if (r == 0 && missing[0])
		log_warning("the sandbox is weaker than it should be: the kernel lacks %s", missing);
	return r;
}
