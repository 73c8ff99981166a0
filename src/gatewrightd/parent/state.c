#include "gatewrightd/parent/inner.h"
#include "sys/clock.h"
#include "sys/proc/privileges.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_FILE "lock"
#define LOCK_WAIT_MS 5000 /* a manager whose parent was killed needs a moment to notice */
#define LOCK_RETRY_NS 50000000

static int open_dir(int at, const char *path, int *ret, struct err *e)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return err_errno(e, "open directory '%s'", path);
	*ret = fd;
	return 0;
}

/*
 * Make the directory or take the one that is there, then see to owner and mode. A directory that others could write to
 * is refused: who knows what they did in there.
 */
static int make_dir(int at, const char *path, struct identity owner, mode_t mode, int *ret, struct err *e)
{
	struct stat st;
	int fd, r;

	if (mkdirat(at, path, 0700) < 0 && errno != EEXIST)
		return err_errno(e, "make directory '%s'", path);
	r = open_dir(at, path, &fd, e);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		r = err_errno(e, "look at directory '%s'", path);
	else if ((st.st_mode & 022) != 0)
		r = err_set(e, -EACCES, "directory '%s': want one that only its owner can write to, got mode 0%03o",
			    path, (unsigned)(st.st_mode & 0777));
	else if ((st.st_uid != owner.uid || st.st_gid != owner.gid) && fchown(fd, owner.uid, owner.gid) < 0)
		r = err_errno(e, "directory '%s': want owner %u, got %u", path, (unsigned)owner.uid,
			      (unsigned)st.st_uid);
	else if ((st.st_mode & 0777) != mode && fchmod(fd, mode) < 0)
		r = err_errno(e, "set the mode of directory '%s'", path);
	if (r < 0)
		(void)close(fd);
	else
		*ret = fd;
	return r;
}

static int take_lock(int state_fd, const char *state_dir, int *ret, struct err *e)
{
	const struct timespec pause = { 0, LOCK_RETRY_NS };
	int64_t give_up = clock_mono().ms + LOCK_WAIT_MS;
	int fd = openat(state_fd, LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_errno(e, "open '%s/%s'", state_dir, LOCK_FILE);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK && clock_mono().ms < give_up) {
			(void)nanosleep(&pause, NULL);
			continue;
		}
		if (errno == EWOULDBLOCK)
			(void)err_set(e, -EBUSY, "state directory '%s': another gatewrightd uses it", state_dir);
		else
			(void)err_errno(e, "lock '%s/%s'", state_dir, LOCK_FILE);
		(void)close(fd);
		return e->code;
	}
	*ret = fd;
	return 0;
}

static bool is_empty(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	bool empty = true;

	if (!d) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while (empty && (entry = readdir(d)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	(void)closedir(d);
	return empty;
}

/* A new key-encryption key beside an old store would look like a start, and be a loss. */
static int check_kek_is_there(int store_fd, int keys_fd, const char *state_dir, struct err *e)
{
	if (faccessat(keys_fd, "kek", F_OK, AT_SYMLINK_NOFOLLOW) == 0 || is_empty(store_fd))
		return 0;
	return err_set(e, -ENOENT,
		       "state directory '%s': there is a store but no key-encryption key '%s/kek': want it back from a "
		       "backup, without it "
		       "no sealed key opens",
		       state_dir, STATE_KEYS_DIR);
}

static int open_parts(const struct gatewrightd_config *cfg, int state_fd, struct identity self, struct identity user,
		      int *ret_lock_fd, int *ret_keys_dir_fd, struct err *e)
{
	int store_fd = -1, r = take_lock(state_fd, cfg->state_dir, ret_lock_fd, e);

	if (r < 0)
		return r;
	r = make_dir(state_fd, STATE_STORE_DIR, user, 0700, &store_fd, e);
	if (r == 0)
		r = make_dir(state_fd, STATE_KEYS_DIR, self, 0700, ret_keys_dir_fd, e);
	if (r == 0) {
		r = check_kek_is_there(store_fd, *ret_keys_dir_fd, cfg->state_dir, e);
		if (r < 0)
			(void)close(*ret_keys_dir_fd);
	}
	if (store_fd >= 0)
		(void)close(store_fd);
	if (r < 0)
		(void)close(*ret_lock_fd);
	return r;
}

int state_open(const struct gatewrightd_config *cfg, int *ret_lock_fd, int *ret_keys_dir_fd, struct err *e)
{
	struct identity self = { geteuid(), getegid() }, user = self;
	int state_fd, r = 0;

	if (self.uid == 0 && cfg->user[0])
		r = identity_of_user(cfg->user, &user, e);
	/* Another user's manager has to pass through to its own part, and must not be able to rename the others. */
	if (r == 0)
		r = make_dir(AT_FDCWD, cfg->state_dir, self, user.uid == self.uid ? 0700 : 0711, &state_fd, e);
	if (r < 0)
		return r;
	r = open_parts(cfg, state_fd, self, user, ret_lock_fd, ret_keys_dir_fd, e);
	(void)close(state_fd);
	return r;
}
