/* What the files of the keys process share. Inner header. */
#ifndef GW_GATEWRIGHTD_KEYS_INNER_H
#define GW_GATEWRIGHTD_KEYS_INNER_H

#include "gatewrightd/keys/keys.h"

struct keys_channel {
	int fd;
	enum who who;
};

/* The last head of the audit log that was signed. */
struct kept_head {
	int fd;	      /* of its file, -1: none, it is kept as long as the process lives */
	size_t place; /* in the file */
	uint64_t n;
	char text[HEAD_TEXT_MAX + 1];
};

struct keys {
	struct secret *kek;
	struct secret *proof_seed;
	struct keys_world world;
	struct keys_channel *channels;
	size_t channels_n;
	struct pkey *throwaway[KEY_ALG_N * 3]; /* issue.c: one per kind of key, made when first needed */
	struct buf in;			       /* the request under way; wiped after each */
	struct buf out;			       /* its answer; the same */
	struct kept_head head;
	struct buf proof; /* the parts of a payload to sign, until the last one is there */
};

/* One request. Handlers append fields of a MSG_OK to `out`; when they return negative, `out` is thrown away. */
struct keys_call {
	struct keys *keys;
	const struct wire_message *m;
	int fd_along; /* -1: none; a handler that keeps it sets -1 */
	struct arena *arena;
	struct buf *out;
	struct findings *findings; /* go into the answer, whatever it is */
};

typedef int keys_handler(struct keys_call *c, struct err *e);

keys_handler keys_issue, keys_import, keys_export, keys_check_key, keys_release, keys_release_console, keys_sign_proof;
keys_handler keys_totp_new, keys_totp_check, keys_sign_head, keys_last_head;

/* Fields of a request: how often each may stand there, and how long it may be. A tag that is not in the list is
 * refused. */
enum field_form { FORM_BYTES, FORM_TEXT, FORM_U64, FORM_FLAG };

struct field_rule {
	uint16_t tag;
	const char *name;
	enum field_form form;
	size_t min, max; /* how often */
	size_t bytes_max;
};

MUST_USE int fields_check(const struct wire_message *m, const struct field_rule *rules, size_t n, struct err *e);

/* A text field as a string in the arena: NULL when absent. */
MUST_USE int fields_text(struct keys_call *c, uint16_t tag, const char **ret, struct err *e);

/* Every value of a repeated field, borrowed. Returns how many; at most `max`. */
size_t fields_all(const struct wire_message *m, uint16_t tag, struct bytes *ret, size_t max);

/* A passphrase field as a secret; NULL when absent. Returned: secret_free(). */
MUST_USE int fields_passphrase(struct keys_call *c, struct secret **ret, struct err *e);

/*
 * Open a sealed blob. Refused: changed or foreign blobs; a key that doesn't belong to `cert` (when given); one that was
 * sealed for another kind of certificate than `cert` is. *ret_kind NULL or the kind it was sealed for. Returned:
 * pkey_free().
 */
MUST_USE int sealed_open(struct keys_call *c, struct bytes sealed, const struct cert_facts *cert,
			 enum cert_kind *ret_kind, struct pkey **ret, struct err *e);

/* Seal `key` of the certificate `cert` and append it as FIELD_SEALED_KEY. */
MUST_USE int sealed_add(struct keys_call *c, const struct pkey *key, const struct cert_facts *cert, struct err *e);

/*
 * FIELD_CERTIFICATE of a request as a chain, in the order given; every signature must verify and, with `complete`, the
 * last be a root. In the request's arena.
 */
MUST_USE int sealed_chain(struct keys_call *c, bool complete, struct chain_facts **ret, struct err *e);

/*
 * A sealing key for one purpose, derived from the key-encryption key, so that what is sealed for one can't be passed
 * off as sealed for another. Returned: secret_free().
 */
MUST_USE int keys_derive(const struct secret *kek, const char *purpose, struct secret **ret, struct err *e);

/* proof.c */
MUST_USE int proof_sign(const struct keys *k, struct bytes payload, struct buf *out, struct err *e); /* as fields */
MUST_USE int proof_seed_new(struct secret **ret, struct err *e);
MUST_USE int proof_seal(const struct secret *kek, const struct secret *seed, struct buf *out, struct err *e);
MUST_USE int proof_unseal(const struct secret *kek, struct bytes sealed, struct secret **ret_seed, struct err *e);

/* issue.c */
void keys_free_throwaway(struct keys *k);

#endif
