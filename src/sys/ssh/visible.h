/* What a host or a server says, made fit for people, logs and terminals. */
#ifndef GW_SYS_SSH_VISIBLE_H
#define GW_SYS_SSH_VISIBLE_H

#include "base/buf.h"

/*
 * Append `text` with control characters (C0, DEL, C1), and bytes that are not UTF-8, as \xHH; tabs become a space.
 * Newlines stay when `lines` is set. What does not fit the maximum of `out` is left out without making it bad.
 */
void visible_add(struct buf *out, struct bytes text, bool lines);

/* The same into an array, cut to its size; trailing white space dropped; returns `out`. */
const char *visible_text(struct bytes text, char *out, size_t size);

#endif
