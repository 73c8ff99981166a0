/* Certificates as an administrator gets them: calls of the HTTP API of a gatewrightd that runs. */
#ifndef GW_BENCH_ISSUE_API_H
#define GW_BENCH_ISSUE_API_H

#include "base/err.h"

/*
 * `n` leaves below certificate `issuer`, `batch` of them per call of POST /api/v1/certificates/batch (1: of POST
 * /api/v1/certificates), one call after the other. *ret_ms: wall time of one certificate.
 */
MUST_USE int api_issue(const char *socket, int issuer, int n, int batch, double *ret_ms, struct err *e);

#endif
