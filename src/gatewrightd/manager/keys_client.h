/* The requests to the keys process as functions. Certificates are DER, keys are sealed blobs. */
#ifndef GW_GATEWRIGHTD_MANAGER_KEYS_CLIENT_H
#define GW_GATEWRIGHTD_MANAGER_KEYS_CLIENT_H

#include "base/arena.h"
#include "core/pki/findings.h"
#include "core/pki/profile.h"
#include "gatewrightd/manager/channel.h"
#include "sys/secret.h"

/* All: findings of the answer are appended to *findings; -EPIPE when keys is away. What is returned lives in `a`. */

struct keys_issue_order {
	const struct cert_request *request;
	const struct bytes *issuer_chain; /* the issuing CA first; none for a root */
	size_t issuer_chain_n;
	struct bytes issuer_key; /* sealed */
	bool dry_run;
};
struct keys_issued {
	struct bytes der, sealed_key; /* sealed_key empty after a dry run */
};
/* 1: refused by a check; the sentence is in `e`, the reasons in *findings. */
MUST_USE int keys_ask_issue(struct channel *keys, const struct keys_issue_order *order, struct arena *a,
			    struct keys_issued *ret, struct findings *findings, struct err *e);

#define KEYS_IMPORT_MAX 64
struct keys_imported {
	struct bytes ders[KEYS_IMPORT_MAX], sealed_keys[KEYS_IMPORT_MAX];
	size_t n;
};
/* 1: refused (see above): not a bundle, or the passphrase is missing or wrong. */
MUST_USE int keys_ask_import(struct channel *keys, struct bytes bundle, const struct secret *passphrase,
			     struct arena *a, struct keys_imported *ret, struct findings *findings, struct err *e);

/* Appends the PKCS#12 file. `chain` is leaf first. 1: refused: the passphrase is too short or too long. */
MUST_USE int keys_ask_export(struct channel *keys, const struct bytes *chain, size_t n, struct bytes sealed_key,
			     const struct secret *passphrase, const char *friendly_name, struct buf *out,
			     struct err *e);

/* `payload` empty: the public key alone. */
struct keys_signature {
	uint8_t public_key[32], signature[64];
};
MUST_USE int keys_ask_sign(struct channel *keys, struct bytes payload, struct keys_signature *ret, struct err *e);

/* The private key of an end-entity certificate, as PEM: for the console's door and nothing else. -EACCES: of another
 * kind. Returned: secret_free(). */
MUST_USE int keys_ask_console_key(struct channel *keys, struct bytes certificate, struct bytes sealed_key,
				  struct secret **ret, struct err *e);

/* A second factor for user `account`: 20 secret bytes and the sealed blob. Returned: secret_free(). */
MUST_USE int keys_ask_totp_new(struct channel *keys, int64_t account, struct arena *a, struct secret **ret_secret,
			       struct bytes *ret_sealed, struct err *e);

/* Is `code` right now, at a later step than *step? 0: yes, *step is its step. 1: no. */
MUST_USE int keys_ask_totp_check(struct channel *keys, int64_t account, struct bytes sealed, const char *code,
				 int64_t *step, struct err *e);

/* Sign a head of the audit log; keys keeps the last one. */
MUST_USE int keys_ask_sign_head(struct channel *keys, const char *text, int64_t n, struct keys_signature *ret,
				struct err *e);

/* The one it keeps. 1: none. */
MUST_USE int keys_ask_last_head(struct channel *keys, struct arena *a, int64_t *ret_n, const char **ret_text,
				struct err *e);

#endif
