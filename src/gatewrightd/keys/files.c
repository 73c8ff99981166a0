/* STATE/keys: `kek` (32 random bytes), `proof-key` (sealed), `audit-head` (head.c). Opened by descriptor, before the
 * sandbox. */
#include "gatewrightd/keys/inner.h"
#include "base/limits.h"
#include "base/log.h"
#include "sys/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEK_FILE "kek"
#define PROOF_FILE "proof-key"
#define HEAD_FILE "audit-head"
#define NEW_SUFFIX ".new"

/* A file that others can read, or that somebody else owns, is not a secret. */
static int check_file(int fd, const char *name, size_t *ret_size, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, "look at '%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "'%s': want a regular file, got another kind", name);
	if ((st.st_mode & 077) != 0)
		return err_set(e, -EACCES, "'%s': want mode 0600, got 0%03o", name, (unsigned)(st.st_mode & 0777));
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, -EACCES, "'%s': want owner %u, got %u", name, (unsigned)geteuid(),
			       (unsigned)st.st_uid);
	if (st.st_size > LIMIT_KEYS_FILE_MAX)
		return err_set(e, -EINVAL, "'%s': want at most %d bytes, got %lld", name, LIMIT_KEYS_FILE_MAX,
			       (long long)st.st_size);
	*ret_size = (size_t)st.st_size;
	return 0;
}

/* Straight into locked memory. */
static int read_whole(int fd, size_t size, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *s = secret_new(size);

	if (!s)
		return err_nomem(e);
	for (size_t at = 0; at < size;) {
		ssize_t n = read(fd, secret_data(s) + at, size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read");
		if (n == 0)
			return err_set(e, -EIO, "want %zu bytes, got %zu", size, at);
		at += (size_t)n;
	}
	*ret = TAKE(s);
	return 0;
}

static int read_file(int dir_fd, const char *name, struct secret **ret, struct err *e)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t size;
	int r;

	if (fd < 0)
		return err_errno(e, "open '%s'", name);
	r = check_file(fd, name, &size, e);
	if (r == 0) {
		r = read_whole(fd, size, ret, e);
		if (r < 0)
			r = err_wrap(e, r, "'%s'", name);
	}
	(void)close(fd);
	return r;
}

/* Whole under its name, or not there at all. A leftover of a start that was cut off is replaced. */
static int write_file(int dir_fd, const char *name, struct bytes b, struct err *e)
{
	char fresh[64];
	int fd, r;

	(void)snprintf(fresh, sizeof(fresh), "%s%s", name, NEW_SUFFIX);
	(void)unlinkat(dir_fd, fresh, 0);
	fd = openat(dir_fd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(e, "create '%s'", fresh);
	r = io_write_all(fd, b) < 0 ? err_errno(e, "write") : fsync(fd) < 0 ? err_errno(e, "sync") : 0;
	(void)close(fd);
	if (r == 0 && renameat2(dir_fd, fresh, dir_fd, name, RENAME_NOREPLACE) < 0)
		r = err_errno(e, "rename '%s' to '%s'", fresh, name);
	if (r == 0 && fsync(dir_fd) < 0)
		r = err_errno(e, "sync the directory");
	if (r < 0)
		(void)unlinkat(dir_fd, fresh, 0);
	return r < 0 ? err_wrap(e, r, "write '%s'", name) : 0;
}

static bool exists(int dir_fd, const char *name)
{
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int make_kek(int dir_fd, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *kek = secret_new(SEAL_KEK_SIZE);
	int r;

	if (exists(dir_fd, PROOF_FILE))
		return err_set(e, -ENOENT,
			       "the key-encryption key '%s' is gone although '%s' is there: want it back from a backup",
			       KEK_FILE, PROOF_FILE);
	if (!kek)
		return err_nomem(e);
	randombytes_buf(secret_data(kek), SEAL_KEK_SIZE);
	r = write_file(dir_fd, KEK_FILE, secret_bytes(kek), e);
	if (r < 0)
		return r;
	log_info("made a key-encryption key; without a backup of it no sealed key can ever be opened again");
	*ret = TAKE(kek);
	return 0;
}

static int open_kek(int dir_fd, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *kek = NULL;
	int r = read_file(dir_fd, KEK_FILE, &kek, e);

	if (r == -ENOENT)
		return make_kek(dir_fd, ret, e);
	if (r < 0)
		return r;
	if (secret_bytes(kek).n != SEAL_KEK_SIZE)
		return err_set(e, -EINVAL, "'%s': want %d bytes, got %zu", KEK_FILE, SEAL_KEK_SIZE,
			       secret_bytes(kek).n);
	*ret = TAKE(kek);
	return 0;
}

static int make_proof(int dir_fd, const struct secret *kek, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *seed = NULL;
	struct buf sealed;
	int r = proof_seed_new(&seed, e);

	buf_init(&sealed, LIMIT_KEYS_FILE_MAX);
	if (r == 0)
		r = proof_seal(kek, seed, &sealed, e);
	if (r == 0)
		r = write_file(dir_fd, PROOF_FILE, buf_bytes(&sealed), e);
	buf_fini(&sealed);
	if (r == 0)
		*ret = TAKE(seed);
	return r;
}

static int open_proof(int dir_fd, const struct secret *kek, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *sealed = NULL;
	int r = read_file(dir_fd, PROOF_FILE, &sealed, e);

	if (r == -ENOENT)
		return make_proof(dir_fd, kek, ret, e);
	if (r == 0)
		r = proof_unseal(kek, secret_bytes(sealed), ret, e);
	return r < 0 ? err_wrap(e, r, "proof key '%s'", PROOF_FILE) : 0;
}

int keys_files_open(int dir_fd, struct secret **ret_kek, struct secret **ret_proof_seed, struct err *e)
{
	CLEANUP(secret_freep) struct secret *kek = NULL;
	int r = open_kek(dir_fd, &kek, e);

	if (r == 0)
		r = open_proof(dir_fd, kek, ret_proof_seed, e);
	if (r < 0)
		return r;
	*ret_kek = TAKE(kek);
	return 0;
}

/* O_DSYNC: keys cannot call fsync() in its sandbox. */
int keys_head_file_open(int dir_fd, int *ret_fd, struct err *e)
{
	int fd = openat(dir_fd, HEAD_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_DSYNC, 0600);
	size_t size;
	int r;

	if (fd < 0)
		return err_errno(e, "open '%s'", HEAD_FILE);
	r = check_file(fd, HEAD_FILE, &size, e);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}
