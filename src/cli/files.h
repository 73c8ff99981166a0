/* Reading and writing whole files. */
#ifndef GW_CLI_FILES_H
#define GW_CLI_FILES_H

#include "base/buf.h"
#include "base/err.h"

/* Everything of `path` ("-": standard input), at most the buffer's maximum, appended. May hold keys: buf_wipe() it. */
MUST_USE int files_read(const char *path, struct buf *out, struct err *e);

/*
 * A new file of mode 0600 with this content, all or nothing: written beside it, synced, renamed, directory synced.
 * -EEXIST when it is there and not `overwrite`. A symbolic link at `path` is not followed: it is what would be
 * replaced.
 */
MUST_USE int files_write(const char *path, struct bytes content, bool overwrite, struct err *e);

#endif
