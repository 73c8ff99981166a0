/* Certificates from elsewhere: taken apart by keys, checked by core/pki, stored all or none. */
#ifndef GW_GATEWRIGHTD_MANAGER_IMPORT_H
#define GW_GATEWRIGHTD_MANAGER_IMPORT_H

#include "core/pki/findings.h"
#include "core/pki/facts.h"
#include "gatewrightd/manager/keys_client.h"
#include "gatewrightd/manager/manager.h"

struct import_skip {
	uint8_t fingerprint[FINGERPRINT_SIZE];
	const char *reason;
};

struct import_result {
	int64_t ids[KEYS_IMPORT_MAX]; /* stored, or that got their key; issuers first. Absent after a dry run, `n` still
					 counts */
	size_t n;
	struct import_skip skipped[KEYS_IMPORT_MAX];
	size_t skipped_n;
};

/* A bundle that was taken apart and checked; it lives in the arena. */
struct import;

/*
 * `bundle` is PEM or PKCS#12 as uploaded. One bad certificate refuses all of them. 1: refused, the reasons are in
 * *findings and `e`; else *findings holds warnings and notes.
 */
MUST_USE int import_open(struct manager *m, struct store *s, struct bytes bundle, const struct secret *passphrase,
			 struct wall_time now, struct arena *a, struct findings *findings, struct import **ret,
			 struct err *e);

/* The first root or intermediate that it would add, or add the key of. *ret NULL: none. */
MUST_USE int import_find_ca(struct import *i, const struct cert_facts **ret, struct err *e);

/*
 * All in one commit. A certificate that is there already is skipped; when it had no key and the bundle brings one, it
 * gets it. Without `may_ca` one that import_find_ca() would name is -EBUSY: the store was changed since.
 */
MUST_USE int import_store(struct import *i, bool dry_run, bool may_ca, struct import_result *ret, struct err *e);

#endif
