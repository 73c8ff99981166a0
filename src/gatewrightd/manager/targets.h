/* The target files of the configured directory, read once at the start: a kind of gateway each. */
#ifndef GW_GATEWRIGHTD_MANAGER_TARGETS_H
#define GW_GATEWRIGHTD_MANAGER_TARGETS_H

#include "core/deploy/target.h"

#define TARGETS_MAX 64

struct targets;

/* Every *.conf of `directory`. A broken file is said in the log and left out; a directory that can't be read is an
 * error. */
MUST_USE int targets_load(const char *directory, struct targets **ret, struct err *e);
void targets_free(struct targets *t);

size_t targets_n(const struct targets *t);

/* Borrowed; in order of name. */
const struct target *targets_at(const struct targets *t, size_t i);

/* NULL: there is none of this name. *ret_text (may be NULL) gets the file's text. */
const struct target *targets_find(const struct targets *t, const char *name, struct bytes *ret_text);

#endif
