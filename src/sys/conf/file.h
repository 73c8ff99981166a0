/* Reading a configuration file whole. */
#ifndef GW_SYS_CONF_FILE_H
#define GW_SYS_CONF_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* Give the buffer this maximum. */
#define CONF_TEXT_MAX (LIMIT_CONF_FILE_MAX + 1)

/* Append everything from the start of the file. -EINVAL: more than LIMIT_CONF_FILE_MAX bytes. */
MUST_USE int conf_read_fd(int fd, struct buf *out, struct err *e);

/* The same by its path. -ENOENT: there is none. */
MUST_USE int conf_read_file(const char *path, struct buf *out, struct err *e);

#endif
