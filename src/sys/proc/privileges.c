#include "sys/proc/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define RECORD_MAX 16384

int identity_of_user(const char *name, struct identity *ret, struct err *e)
{
	struct passwd record, *found = NULL;
	char text[RECORD_MAX];
	int r = getpwnam_r(name, &record, text, sizeof(text), &found);

	if (r != 0 && r != ENOENT && r != ESRCH)
		return err_set(e, -r, "look up user '%s': cannot read the user database", name);
	if (!found)
		return err_set(e, -ENOENT, "user '%s': want a user of this system, got none with this name", name);
	ret->uid = found->pw_uid;
	ret->gid = found->pw_gid;
	return 0;
}

int gid_of_group(const char *name, gid_t *ret, struct err *e)
{
	struct group record, *found = NULL;
	char text[RECORD_MAX];
	int r = getgrnam_r(name, &record, text, sizeof(text), &found);

	if (r != 0 && r != ENOENT && r != ESRCH)
		return err_set(e, -r, "look up group '%s': cannot read the group database", name);
	if (!found)
		return err_set(e, -ENOENT, "group '%s': want a group of this system, got none with this name", name);
	*ret = found->gr_gid;
	return 0;
}

static bool is_already(struct identity id)
{
	return getuid() == id.uid && geteuid() == id.uid && getgid() == id.gid && getegid() == id.gid;
}

int privileges_drop(struct identity id, struct err *e)
{
	if (is_already(id) && id.uid != 0)
		return 0;
	if (setgroups(0, NULL) < 0)
		return err_errno(e, "drop the supplementary groups");
	if (setresgid(id.gid, id.gid, id.gid) < 0)
		return err_errno(e, "become group %u", (unsigned)id.gid);
	if (setresuid(id.uid, id.uid, id.uid) < 0)
		return err_errno(e, "become user %u", (unsigned)id.uid);
	if (!is_already(id) || (id.uid != 0 && (setuid(0) == 0 || seteuid(0) == 0)))
		return err_set(e, -EPERM, "become user %u: want no way back to root, got one", (unsigned)id.uid);
	return 0;
}

int privileges_hide_memory(struct err *e)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return err_errno(e, "forbid core files");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_errno(e, "hide this process's memory");
	return 0;
}

bool privileges_lock_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
	return false;
#else
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	bool no_limit;

	(void)setrlimit(RLIMIT_MEMLOCK, &limit);
	no_limit = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
	/* Root has every capability of its bounding set, and with this one no limit counts. */
	if (!no_limit && (geteuid() != 0 || prctl(PR_CAPBSET_READ, CAP_IPC_LOCK) != 1))
		return false;
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
#endif
}
