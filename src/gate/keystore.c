#include "gate/keystore.h"

#include "base/buf.h"
#include "sys/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*
 * Every order of crash. A is the old generation, B the new one; each line is one durable change, in this order:
 *
 *	stage   S1 files of B in generations/.stage-X, fsync each, fsync of that directory
 *	        S2 a B in history is forgotten; rename .stage-X to B, fsync of generations/
 *	switch  W1 pending: token, old A, new B           (temporary file, fsync, rename, fsync)
 *	        W2 current -> B                           (symlink under another name, rename, fsync)
 *	        W3 the threads take B
 *	confirm C1 pending is removed, fsync              (the one point where the new keystore becomes the keystore)
 *	        C2 B is added to history
 *	back    R1 the threads take A
 *	        R2 current -> A
 *	        R3 pending is removed
 *
 * What a start finds, whatever killed the gate or its host:
 *
 *	before S2      no B; the leftover .stage-X is swept (nobody holds its lock)    A, whole
 *	after S2       B lies there unused                                            A, whole
 *	after W1       pending, current -> A: pending is removed                      A, whole
 *	after W2, W3   pending, current -> B: current -> A, then pending is removed   A, whole
 *	  a crash in that recovery is one of the two states above                     A, whole
 *	after C1       no pending, current -> B; a missing C2 is made up for          B, whole, and was confirmed
 *	  C1 without its fsync and power lost: pending may be back. "ok" was not said  A, whole
 *	after R1, R2   the same as after W2, W1                                       A, whole
 *	after R3                                                                      A, whole
 *
 * The gate never starts with an unconfirmed keystore: whether it died before or after the manager's probe can't be
 * known, and the old one was good when the switch began. With old "-" (a first installation) going back means: no
 * keystore.
 */

struct keystore {
	char *path;
	int fd, generations_fd, lock_fd;
	bool entered;
};

const char *const keystore_files[] = { "key.pem", "chain.pem", "root.pem", NULL };

static bool all_of(struct bytes b, const char *others)
{
	for (size_t i = 0; i < b.n; i++) {
		int c = b.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (!c || !strchr(others, c)))
			return false;
	}
	return true;
}

bool keystore_id_is_valid(struct bytes id)
{
	return id.n > 0 && id.n <= LIMIT_KEYSTORE_ID_MAX && id.p[0] != '.' && id.p[0] != '-' && all_of(id, ".-");
}

bool keystore_token_is_valid(struct bytes token)
{
	return token.n > 0 && token.n <= LIMIT_KEYSTORE_TOKEN_MAX && !bytes_equal_str(token, "-") &&
	       all_of(token, "._:@+=/-");
}

int keystore_create(const char *path, uid_t uid, gid_t gid, struct err *e)
{
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : err_errno(e, "make keystore directory '%s'", path);
	if (geteuid() == 0 && lchown(path, uid, gid) < 0)
		return err_errno(e, "give keystore directory '%s' to its user", path);
	return 0;
}

/* Whoever else can write here decides what is live, or leads root elsewhere by a link. */
static int check_owner(const struct keystore *ks, struct err *e)
{
	struct stat st;

	if (fstat(ks->fd, &st) < 0)
		return err_errno(e, "look at keystore directory '%s'", ks->path);
	if (st.st_uid != geteuid())
		return err_set(e, -EPERM, "keystore directory '%s': want user %u as its owner, got user %u", ks->path,
			       (unsigned)geteuid(), (unsigned)st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, -EPERM, "keystore directory '%s': want mode 0700, got 0%o: others can write there",
			       ks->path, (unsigned)st.st_mode & 0777);
	return 0;
}

static int open_generations(struct keystore *ks, struct err *e)
{
	if (mkdirat(ks->fd, "generations", 0700) < 0 && errno != EEXIST)
		return err_errno(e, "make 'generations' in keystore '%s'", ks->path);
	ks->generations_fd = openat(ks->fd, "generations", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ks->generations_fd < 0)
		return err_errno(e, "open 'generations' in keystore '%s'", ks->path);
	return 0;
}

/* Remove a directory of files; it has no name that anybody looks for. */
static int remove_tree(int parent_fd, const char *name, struct err *e)
{
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return err_errno(e, "open directory '%s'", name);
	}
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(fd, entry->d_name, 0);
	closedir(d);
	if (unlinkat(parent_fd, name, AT_REMOVEDIR) < 0)
		return err_errno(e, "remove directory '%s'", name);
	return 0;
}

/* A directory with a dot in front is work in progress; whoever works on it holds its lock. */
static void sweep_one(int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		util_ignore(remove_tree(parent_fd, name, NULL));
	close(fd);
}

static DIR *open_listing(const struct keystore *ks)
{
	int fd = openat(ks->fd, "generations", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

static void sweep(struct keystore *ks)
{
	DIR *d = open_listing(ks);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (strncmp(entry->d_name, ".stage-", 7) == 0 || strncmp(entry->d_name, ".gone-", 6) == 0)
			sweep_one(ks->generations_fd, entry->d_name);
	if (d)
		closedir(d);
}

int keystore_open(const char *path, struct keystore **ret, struct err *e)
{
	CLEANUP(keystore_closep) struct keystore *ks = calloc(1, sizeof(*ks));
	int r;

	if (!ks)
		return err_nomem(e);
	ks->fd = ks->generations_fd = ks->lock_fd = -1;
	ks->path = strdup(path);
	if (!ks->path)
		return err_nomem(e);
	ks->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ks->fd < 0)
		return err_errno(e, "open keystore directory '%s'", path);
	r = check_owner(ks, e);
	if (r == 0)
		r = open_generations(ks, e);
	if (r == 0)
		r = keystore_enter(ks, e);
	if (r < 0)
		return r;
	sweep(ks);
	keystore_leave(ks);
	*ret = TAKE(ks);
	return 0;
}

void keystore_close(struct keystore *ks)
{
	if (!ks)
		return;
	if (ks->lock_fd >= 0)
		close(ks->lock_fd);
	if (ks->generations_fd >= 0)
		close(ks->generations_fd);
	if (ks->fd >= 0)
		close(ks->fd);
	free(ks->path);
	free(ks);
}

const char *keystore_path(const struct keystore *ks)
{
	return ks->path;
}

int keystore_fd(const struct keystore *ks)
{
	return ks->fd;
}

int keystore_generations_fd(const struct keystore *ks)
{
	return ks->generations_fd;
}

int keystore_lock(struct keystore *ks, struct err *e)
{
	int fd;

	if (ks->lock_fd >= 0)
		return 0;
	fd = openat(ks->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, "open the lock of keystore '%s'", ks->path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int busy = errno == EWOULDBLOCK;

		if (!busy)
			(void)err_errno(e, "lock keystore '%s'", ks->path);
		close(fd);
		return busy ? 1 : -EIO;
	}
	ks->lock_fd = fd;
	return 0;
}

void keystore_unlock(struct keystore *ks)
{
	if (ks->lock_fd >= 0)
		close(ks->lock_fd);
	ks->lock_fd = -1;
}

int keystore_enter(struct keystore *ks, struct err *e)
{
	while (flock(ks->generations_fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_errno(e, "lock 'generations' of keystore '%s'", ks->path);
	ks->entered = true;
	return 0;
}

void keystore_leave(struct keystore *ks)
{
	if (ks->entered)
		(void)flock(ks->generations_fd, LOCK_UN);
	ks->entered = false;
}

int keystore_live(const struct keystore *ks, char ret[KEYSTORE_ID_SIZE], struct err *e)
{
	static const char prefix[] = "generations/";
	char target[sizeof(prefix) + KEYSTORE_ID_SIZE + 1];
	ssize_t n = readlinkat(ks->fd, "current", target, sizeof(target));
	struct bytes id;

	if (n < 0)
		return errno == ENOENT ? 1 : err_errno(e, "read link 'current' of keystore '%s'", ks->path);
	if ((size_t)n < sizeof(prefix) || (size_t)n == sizeof(target) ||
	    memcmp(target, prefix, sizeof(prefix) - 1) != 0)
		goto elsewhere;
	id = bytes_of(target + sizeof(prefix) - 1, (size_t)n - (sizeof(prefix) - 1));
	if (!keystore_id_is_valid(id))
		goto elsewhere;
	memcpy(ret, id.p, id.n);
	ret[id.n] = '\0';
	return 0;
elsewhere:
	return err_set(e, -EINVAL, "link 'current' of keystore '%s': want generations/ID, got '%.*s'", ks->path, (int)n,
		       target);
}

static int sync_directory(const struct keystore *ks, struct err *e)
{
	return fsync(ks->fd) < 0 ? err_errno(e, "sync keystore '%s'", ks->path) : 0;
}

int keystore_point(struct keystore *ks, const char *id, struct err *e)
{
	char target[KEYSTORE_ID_SIZE + 16];

	if (!id) {
		if (unlinkat(ks->fd, "current", 0) < 0 && errno != ENOENT)
			return err_errno(e, "remove link 'current' of keystore '%s'", ks->path);
		return sync_directory(ks, e);
	}
	(void)snprintf(target, sizeof(target), "generations/%s", id);
	if (unlinkat(ks->fd, ".current", 0) < 0 && errno != ENOENT)
		return err_errno(e, "remove link '.current' of keystore '%s'", ks->path);
	if (symlinkat(target, ks->fd, ".current") < 0)
		return err_errno(e, "make a link to generation '%s'", id);
	if (renameat(ks->fd, ".current", ks->fd, "current") < 0)
		return err_errno(e, "move 'current' to generation '%s'", id);
	return sync_directory(ks, e);
}

enum keystore_presence keystore_presence(const struct keystore *ks, const char *id)
{
	int fd = openat(ks->generations_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool whole = true;
	struct stat st;

	if (fd < 0)
		return KEYSTORE_ABSENT;
	for (size_t i = 0; keystore_files[i]; i++)
		if (fstatat(fd, keystore_files[i], &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
		    st.st_size == 0)
			whole = false;
	close(fd);
	return whole ? KEYSTORE_COMPLETE : KEYSTORE_PARTIAL;
}

static int older_first(const void *a, const void *b)
{
	const struct keystore_entry *x = (const struct keystore_entry *)a, *y = (const struct keystore_entry *)b;

	if (x->made_ns != y->made_ns)
		return x->made_ns < y->made_ns ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void list_one(const struct keystore *ks, const char *name, struct keystore_entry *entries, size_t *n)
{
	struct keystore_entry *entry = &entries[*n];
	struct stat st;

	if (*n == LIMIT_KEYSTORE_GENERATIONS_MAX || !keystore_id_is_valid(bytes_of_str(name)))
		return;
	if (fstatat(ks->generations_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return;
	memcpy(entry->id, name, strlen(name) + 1);
	entry->made_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	entry->complete = keystore_presence(ks, name) == KEYSTORE_COMPLETE;
	(*n)++;
}

int keystore_list(const struct keystore *ks, struct keystore_entry **ret, size_t *ret_n, struct err *e)
{
	struct keystore_entry *entries = calloc(LIMIT_KEYSTORE_GENERATIONS_MAX, sizeof(*entries));
	DIR *d = open_listing(ks);
	struct dirent *entry;
	size_t n = 0;

	if (!entries || !d) {
		if (d)
			closedir(d);
		free(entries);
		return err_errno(e, "list the generations of keystore '%s'", ks->path);
	}
	while ((entry = readdir(d)))
		list_one(ks, entry->d_name, entries, &n);
	closedir(d);
	qsort(entries, n, sizeof(*entries), older_first);
	*ret = entries;
	*ret_n = n;
	return 0;
}

int keystore_remove(struct keystore *ks, const char *id, struct err *e)
{
	char gone[KEYSTORE_ID_SIZE + 8];

	(void)snprintf(gone, sizeof(gone), ".gone-%s", id);
	if (renameat(ks->generations_fd, id, ks->generations_fd, gone) < 0)
		return err_errno(e, "remove generation '%s'", id);
	if (fsync(ks->generations_fd) < 0)
		return err_errno(e, "sync 'generations' of keystore '%s'", ks->path);
	return remove_tree(ks->generations_fd, gone, e);
}

int keystore_free_space(const struct keystore *ks, uint64_t *ret, struct err *e)
{
	struct statvfs vfs;

	if (fstatvfs(ks->fd, &vfs) < 0)
		return err_errno(e, "free space of keystore '%s'", ks->path);
	*ret = (uint64_t)vfs.f_bavail * (uint64_t)vfs.f_frsize;
	return 0;
}

int keystore_write_file(struct keystore *ks, const char *name, struct bytes content, struct err *e)
{
	char temporary[64];
	int fd, r = 0;

	(void)snprintf(temporary, sizeof(temporary), ".%s", name);
	fd = openat(ks->fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, "write '%s' of keystore '%s'", name, ks->path);
	if (io_write_all(fd, content) < 0 || fsync(fd) < 0)
		r = err_errno(e, "write '%s' of keystore '%s'", name, ks->path);
	close(fd);
	if (r == 0 && renameat(ks->fd, temporary, ks->fd, name) < 0)
		r = err_errno(e, "rename '%s' of keystore '%s'", name, ks->path);
	if (r < 0) {
		(void)unlinkat(ks->fd, temporary, 0);
		return r;
	}
	return sync_directory(ks, e);
}

int keystore_read_file(int dir_fd, const char *name, size_t max, struct buf *out, struct err *e)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return err_errno(e, "open '%s'", name);
	buf_reset(out);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		r = err_set(e, -EINVAL, "'%s': want a regular file", name);
	while (r == 0) {
		uint8_t *p = buf_reserve(out, 4096);
		ssize_t n = p ? read(fd, p, 4096) : 0;

		if (!p || out->n > max)
			r = err_set(e, -EFBIG, "'%s': want at most %zu bytes, got more", name, max);
		else if (n < 0 && errno != EINTR)
			r = err_errno(e, "read '%s'", name);
		else if (n == 0)
			break;
		buf_added(out, n > 0 ? (size_t)n : 0);
	}
	close(fd);
	return r == 0 && out->n > max ? err_set(e, -EFBIG, "'%s': want at most %zu bytes, got more", name, max) : r;
}
