#include "sys/proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Debian 12's header describes ABI 2; what came later is written down here under our own names, and used only when the
 * running kernel says that it knows it.
 */
struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* ABI 4 */
	uint64_t scoped;	     /* ABI 6 */
};

#define FS_TRUNCATE (UINT64_C(1) << 14)	 /* ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#define NET_BIND_TCP UINT64_C(1)
#define NET_CONNECT_TCP UINT64_C(2)
#define SCOPE_ABSTRACT_UNIX_SOCKET UINT64_C(1)
#define SCOPE_SIGNAL UINT64_C(2)

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE                                                                                          \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM |        \
	 LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)
#define FS_OF_A_FILE \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE)

/* The first 13 rights are ABI 1's; then one more each at ABI 2, 3 and 5. */
static uint64_t rights_known(int abi)
{
	uint64_t known = (UINT64_C(1) << 13) - 1;

	if (abi >= 2)
		known |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		known |= FS_TRUNCATE;
	if (abi >= 5)
		known |= FS_IOCTL_DEV;
	return known;
}

static size_t attr_size(int abi)
{
	return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

static uint64_t rights_of(unsigned access)
{
	return (access & SANDBOX_READ ? (uint64_t)FS_READ : 0) | (access & SANDBOX_WRITE ? (uint64_t)FS_WRITE : 0) |
	       (access & SANDBOX_EXECUTE ? (uint64_t)LANDLOCK_ACCESS_FS_EXECUTE : 0);
}

static int add_path(int ruleset, const struct sandbox_path *p, uint64_t handled, struct err *e)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights_of(p->access) & handled };
	struct stat st;
	int r = 0;

	rule.parent_fd = open(p->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR
			       ? 0
			       : err_errno(e, "landlock: open '%s'", p->path);
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= (uint64_t)FS_OF_A_FILE;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		r = err_errno(e, "landlock: allow '%s'", p->path);
	(void)close(rule.parent_fd);
	return r;
}

static int restrict_to(int ruleset, const struct sandbox_profile *p, uint64_t handled, struct err *e)
{
	for (unsigned i = 0; i < p->paths_n; i++) {
		int r = add_path(ruleset, &p->paths[i], handled, e);

		if (r < 0)
			return r;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_errno(e, "landlock: enter");
	return 0;
}

static void say_what_is_old(int abi, char missing[SANDBOX_MISSING_MAX])
{
	if (abi < 3)
		sandbox_add_missing(missing, "Landlock's truncate right (ABI 3)");
	if (abi < 4)
		sandbox_add_missing(missing, "Landlock's network rights (ABI 4)");
	if (abi < 6)
		sandbox_add_missing(missing, "Landlock's signal scope (ABI 6)");
}

int landlock_confine(const struct sandbox_profile *p, char missing[SANDBOX_MISSING_MAX], struct err *e)
{
	struct ruleset_attr attr = { 0 };
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset, r;

	if (abi < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return 1;
	if (abi < 1)
		return err_errno(e, "landlock: ask for its version");
	say_what_is_old(abi, missing);
	attr.handled_access_fs = rights_known(abi);
	if (abi >= 4)
		attr.handled_access_net = NET_BIND_TCP | (p->tcp_connect ? 0 : NET_CONNECT_TCP);
	if (abi >= 6)
		attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, attr_size(abi), 0);
	if (ruleset < 0)
		return err_errno(e, "landlock: make a ruleset (ABI %d)", abi);
	r = restrict_to(ruleset, p, attr.handled_access_fs, e);
	(void)close(ruleset);
	return r;
}
