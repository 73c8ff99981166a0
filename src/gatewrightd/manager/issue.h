/* Making certificates: the request of the API, completed from the one it renews, checked by keys, stored. */
#ifndef GW_GATEWRIGHTD_MANAGER_ISSUE_H
#define GW_GATEWRIGHTD_MANAGER_ISSUE_H

#include "core/pki/findings.h"
#include "core/pki/profile.h"
#include "gatewrightd/manager/manager.h"

/* What was asked for. Strings NULL, numbers 0: not said; with `renews` those come from the certificate it renews. */
struct issue_order {
	bool has_kind;
	struct cert_request request;
	bool has_path_len;
	int64_t issuer_id, renews_id;
	bool dry_run;
};

/*
 * Complete `order` in place: what is absent comes from the certificate that it renews, else the defaults of profile.h.
 * Strings live in `a`. -ENOENT: the certificate to renew or the issuer is not there.
 */
MUST_USE int issue_complete(struct store *s, struct issue_order *order, struct arena *a, struct err *e);

/*
 * Complete, have it checked and made, store. *ret_id is 0 after a dry run. 1: refused, the reasons are in *findings;
 * else *findings holds the notes.
 */
MUST_USE int issue_certificate(struct manager *m, struct store *s, struct issue_order *order, struct wall_time now,
			       struct arena *a, int64_t *ret_id, struct findings *findings, struct err *e);

#endif
