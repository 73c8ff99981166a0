/*
 * An error is a sentence for a person and a kind for the caller.
 *
 * Functions return 0 when done, a positive outcome that their header documents, or a negative kind: -EINVAL (bad
 * input), -ENOENT, -EEXIST, -EBUSY, -EACCES (not allowed), -EPROTO (the other side spoke wrongly), -ETIMEDOUT,
 * -ENOMEM, -EIO and other values of errno, negated. The sentence is written once, near the cause, and wrapped with
 * context on the way up: "update keystore of gateway 'edge-3': stage: write chain.pem: no space left on device".
 */
#ifndef GW_BASE_ERR_H
#define GW_BASE_ERR_H

#include "base/util.h"

#define ERR_TEXT_MAX 1024

struct err {
	int code;
	char text[ERR_TEXT_MAX];
};

/* Write the sentence; returns `code`. `e` may be NULL: then only the code is passed on. A text too long is cut with
 * "..."; the sentence is UTF-8. */
int err_set(struct err *e, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same with ": strerror(errno)" behind the text and -errno as the code. */
int err_errno(struct err *e, const char *format, ...) PRINTF_LIKE(2, 3);

/* Put "context: " before the sentence that is there; returns `code`. */
int err_wrap(struct err *e, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* No memory: the one sentence for it. */
int err_nomem(struct err *e);

/* The sentence, or "unknown error" when none was written. Lives as long as `e`. */
const char *err_text(const struct err *e);

#endif
