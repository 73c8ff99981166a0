#include "sys/conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK 4096

/* pread(), because other processes may read the same open file at the same moment. */
int conf_read_fd(int fd, struct buf *out, struct err *e)
{
	uint8_t chunk[CHUNK];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(fd, chunk, sizeof(chunk), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read configuration");
		if (n == 0)
			return 0;
		buf_add(out, bytes_of(chunk, (size_t)n));
		at += n;
		if (buf_bad(out) || at > LIMIT_CONF_FILE_MAX)
			return err_set(e, -EINVAL, "configuration: want at most %d bytes, got more",
				       LIMIT_CONF_FILE_MAX);
	}
}

int conf_read_file(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, "open configuration file '%s'", path);
	r = conf_read_fd(fd, out, e);
	(void)close(fd);
	return r < 0 ? err_wrap(e, r, "'%s'", path) : 0;
}
