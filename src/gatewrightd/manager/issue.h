/* Making certificates: the request of the API, completed from the one it renews, checked by keys, stored. */
#ifndef GW_GATEWRIGHTD_MANAGER_ISSUE_H
#define GW_GATEWRIGHTD_MANAGER_ISSUE_H

#include "core/pki/findings.h"
#include "core/pki/profile.h"
#include "gatewrightd/manager/manager.h"
#include "sys/store/certificates.h"

/* What was asked for. Strings NULL, numbers 0: not said; with `renews` those come from the certificate it renews. */
struct issue_order {
	bool has_kind;
	struct cert_request request;
	bool has_path_len;
	int64_t issuer_id, renews_id;
};

/*
 * Complete `order` in place: what is absent comes from the certificate that it renews, else the defaults of profile.h.
 * Strings live in `a`. -ENOENT: the certificate to renew or the issuer is not there.
 */
MUST_USE int issue_complete(struct store *s, struct issue_order *order, struct arena *a, struct err *e);

/* One of a batch: what is asked for, and what became of it. */
struct issue_item {
	struct issue_order order;
	int64_t id;	       /* 0 after a dry run */
	struct store_cert row; /* as it was stored; zeros after a dry run */
	struct finding *findings;
	size_t findings_n; /* why it is refused, or notes */
};

/* Copy the findings to the item, into `a`. False without memory. */
bool issue_keep_findings(struct issue_item *item, const struct findings *findings, struct arena *a);

/*
 * Complete each, have it checked and made, then store them all in one commit: when this returns 0, they survive a power
 * cut. All or none; a dry run stores none. *ret_at is the place of the first that was refused or failed. 1: refused,
 * each item has its reasons, and the sentence of the first is in `e`. -E2BIG: their keys take too long to be made. What
 * is returned lives in `a`.
 */
MUST_USE int issue_certificates(struct manager *m, struct store *s, struct issue_item *items, size_t n, bool dry_run,
				struct wall_time now, struct arena *a, size_t *ret_at, struct err *e);

#endif
