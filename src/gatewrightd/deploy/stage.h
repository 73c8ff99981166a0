/* What is staged on a host: the private key from keys, checked against the certificate, as the files of the target. */
#ifndef GW_GATEWRIGHTD_DEPLOY_STAGE_H
#define GW_GATEWRIGHTD_DEPLOY_STAGE_H

#include "base/limits.h"
#include "base/buf.h"
#include "gatewrightd/deploy/job.h"

/* Bytes that the files of this job take on the host's disk, rounded up generously: for the check of free space. */
int64_t stage_need_bytes(const struct job *j);

/*
 * Ask keys for the key of the job, check that it belongs to the new leaf, and append the whole `stage` request with its
 * files to `out` (LIMIT_STAGE_REQUEST_MAX; the caller sends it and wipes it with buf_wipe()). -EACCES: keys refused.
 * -EINVAL: the key does not match.
 */
MUST_USE int stage_request(const struct job *j, int keys_fd, struct buf *out, struct err *e);

#endif
