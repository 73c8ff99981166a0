#include "sys/io.h"

#include <errno.h>
#include <unistd.h>

int io_write_all(int fd, struct bytes b)
{
	while (b.n > 0) {
		ssize_t n = write(fd, b.p, b.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		b = bytes_of(b.p + n, b.n - (size_t)n);
	}
	return 0;
}
