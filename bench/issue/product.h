/* The way certificates take in gatewrightd: issue_certificates() of the manager, which both calls of the API run, a
 * keys process of its own, the store on disk. */
#ifndef GW_BENCH_ISSUE_PRODUCT_H
#define GW_BENCH_ISSUE_PRODUCT_H

#include "base/err.h"

/* `n` certificates into a new store in `directory`, `batch` of them per call, which is a commit. *ret_ms: wall time of
 * one. */
MUST_USE int product_issue(const char *directory, int n, int batch, double *ret_ms, struct err *e);

#endif
