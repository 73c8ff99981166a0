/* The way a certificate takes in gatewrightd: the manager's issue_certificate(), a keys process of its own, the store
 * on disk. */
#ifndef GW_BENCH_ISSUE_PRODUCT_H
#define GW_BENCH_ISSUE_PRODUCT_H

#include "base/err.h"

/* `n` certificates into a new store in `directory`, `group` of them per commit. *ret_ms: wall time of one. */
MUST_USE int product_issue(const char *directory, int n, int group, double *ret_ms, struct err *e);

#endif
