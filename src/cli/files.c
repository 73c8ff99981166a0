#include "cli/files.h"
#include "sys/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, const char *path, struct buf *out, struct err *e)
{
	for (;;) {
		size_t room = out->max - out->n < 65536 ? out->max - out->n : 65536;
		uint8_t *p = buf_reserve(out, room), beyond;
		ssize_t n;

		if (room > 0 && !p)
			return err_nomem(e);
		n = room > 0 ? read(fd, p, room) : read(fd, &beyond, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read '%s'", path);
		if (n == 0)
			return 0;
		if (room == 0)
			return err_set(e, -E2BIG, "read '%s': want at most %zu bytes, got more", path, out->max);
		buf_added(out, (size_t)n);
	}
}

int files_read(const char *path, struct buf *out, struct err *e)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, "open '%s'", path);
	r = read_all(fd, path, out, e);
	if (!standard)
		(void)close(fd);
	return r;
}

static int fill(int fd, struct bytes content, const char *path, struct err *e)
{
	if (fchmod(fd, 0600) < 0)
		return err_errno(e, "set the mode of '%s'", path);
	if (io_write_all(fd, content) < 0)
		return err_errno(e, "write '%s'", path);
	return fsync(fd) < 0 ? err_errno(e, "sync '%s'", path) : 0;
}

/* "dir/.name.XXXXXX" beside the file, in the same file system. */
static int open_beside(const char *path, char **ret_name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	int directory_n = slash ? (int)(slash - path) + 1 : 0, fd;

	if (path[directory_n] == '\0')
		return err_set(e, -EINVAL, "want the name of a file, got '%s'", path);
	if (asprintf(ret_name, "%.*s.%s.XXXXXX", directory_n, path, path + directory_n) < 0) {
		*ret_name = NULL;
		return err_nomem(e);
	}
	fd = mkostemp(*ret_name, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "create a file beside '%s'", path);
	return fd;
}

static int sync_directory(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(util_freep) char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, r = 0;

	if (fd < 0)
		return err_errno(e, "open the directory of '%s'", path);
	if (fsync(fd) < 0)
		r = err_errno(e, "sync the directory of '%s'", path);
	(void)close(fd);
	return r;
}

/* link() never replaces, on every file system; rename() always does. */
static int put_in_place(const char *beside, const char *path, bool overwrite, struct err *e)
{
	if (overwrite)
		return rename(beside, path) < 0 ? err_errno(e, "rename to '%s'", path) : 0;
	if (link(beside, path) < 0) {
		if (errno == EEXIST)
			return err_set(e, -EEXIST, "'%s' is there already: want a new name, or '--overwrite'", path);
		return err_errno(e, "create '%s'", path);
	}
	return unlink(beside) < 0 ? err_errno(e, "remove '%s'", beside) : 0;
}

int files_write(const char *path, struct bytes content, bool overwrite, struct err *e)
{
	CLEANUP(util_freep) char *beside = NULL;
	int fd = open_beside(path, &beside, e), r;

	if (fd < 0)
		return fd;
	r = fill(fd, content, path, e);
	if (close(fd) < 0 && r == 0)
		r = err_errno(e, "close '%s'", path);
	if (r == 0)
		r = put_in_place(beside, path, overwrite, e);
	if (r < 0) {
		(void)unlink(beside);
		return r;
	}
	return sync_directory(path, e);
}
