/* Certificates, their line of descent, and where they are proven in use. */
#ifndef GW_SYS_STORE_CERTIFICATES_H
#define GW_SYS_STORE_CERTIFICATES_H

#include "core/pki/profile.h"
#include "sys/store/store.h"

/* Numbers are 0 when absent, strings NULL. */
struct store_cert {
	int64_t id;
	enum cert_kind kind;
	const char *display_name, *subject, *holder, *organization, *locality, *country;
	const char *names;  /* separated by ";" */
	const char *serial; /* hexadecimal */
	struct wall_time not_before, not_after;
	const char *key_spec;
	int64_t issuer_id, root_id, predecessor_id;
	bool revoked, has_key;
	int64_t used;	  /* on how many gateways */
	int64_t children; /* how many it has issued that are kept */
	struct wall_time created_at;
	uint8_t fingerprint[FINGERPRINT_SIZE], spki_sha256[FINGERPRINT_SIZE];
	const char *tree_path;

	/* only written by store_cert_add(), only read by store_cert_blobs() */
	struct bytes subject_der, der, sealed_key;
};

/*
 * Keep a certificate; id, used, children, tree_path and root_id are made here. `issuer_id` must be there (0: a root,
 * its own root). 1: its fingerprint is there already, *ret_id is that one's number.
 */
MUST_USE int store_cert_add(struct store *s, const struct store_cert *c, int64_t *ret_id, struct err *e);

/* 1: there is none. */
MUST_USE int store_cert_get(struct store *s, int64_t id, struct arena *a, struct store_cert *ret, struct err *e);
MUST_USE int store_cert_by_fingerprint(struct store *s, const uint8_t fingerprint[FINGERPRINT_SIZE], struct arena *a,
				       struct store_cert *ret, struct err *e);
MUST_USE int store_cert_blobs(struct store *s, int64_t id, struct arena *a, struct bytes *ret_der,
			      struct bytes *ret_sealed_key, struct err *e);

/* CA certificates with this subject; at most `max`. */
MUST_USE int store_cert_by_subject(struct store *s, struct bytes subject_der, struct arena *a, struct store_cert *ret,
				   size_t max, size_t *ret_n, struct err *e);

/* The certificate and its issuers up to the root, at most FACTS_CHAIN_MAX. 1: there is none. */
MUST_USE int store_cert_chain(struct store *s, int64_t id, int64_t ret_ids[FACTS_CHAIN_MAX], size_t *ret_n,
			      struct err *e);

/* Give a key to a certificate that had none. 1: it has one. */
MUST_USE int store_cert_set_key(struct store *s, int64_t id, struct bytes sealed_key, struct err *e);
MUST_USE int store_cert_set_revoked(struct store *s, int64_t id, bool revoked, struct err *e);

/* Mark it revoked. 1: there is none. -EBUSY, with the reason: it, or one below it, is in use, or a job works with it.
 */
MUST_USE int store_cert_revoke(struct store *s, int64_t id, struct err *e);
MUST_USE int store_cert_count(struct store *s, enum cert_kind kind, int64_t *ret, struct err *e);
MUST_USE int store_cert_successors(struct store *s, int64_t id, int64_t *ret, size_t max, size_t *ret_n, struct err *e);

/* 1: there is none. -EBUSY, with the reason: in use, an issuer, or a job works with it. */
MUST_USE int store_cert_delete(struct store *s, int64_t id, struct err *e);

#define STORE_CERT_TOP (-1)

/* Absent conditions: -1, 0, NULL, false. Each answers from an index; conditions beyond the driving one filter. */
struct store_cert_query {
	int kind;
	int64_t root_id;
	int64_t issuer_id; /* STORE_CERT_TOP: what no other issued */
	const char *q;	   /* see cert_search.h */
	struct wall_time expires_before;
	bool used;
	bool tree; /* ordered as a tree: each issuer before what it issued */
	struct store_page page;
};

/* *ret is an array of *ret_n in the arena. */
MUST_USE int store_cert_list(struct store *s, const struct store_cert_query *query, struct arena *a,
			     struct store_cert **ret, size_t *ret_n, const char **ret_next, struct err *e);

/* Numbers of certificates that hold the host name `name`, newest first; `name` NULL: the newest end entities of all. */
MUST_USE int store_cert_named(struct store *s, const char *name, int64_t *ret, size_t max, size_t *ret_n,
			      struct err *e);

/* Of one that is in use, what an overview of many needs. */
struct store_cert_use {
	int64_t id, issuer_id, used;
	enum cert_kind kind;
	const char *display_name;
	struct wall_time not_before, not_after;
	bool revoked;
};

/* All of them by number, at most `max`; *ret is an array of *ret_n in the arena. */
MUST_USE int store_cert_in_use(struct store *s, size_t max, struct arena *a, struct store_cert_use **ret, size_t *ret_n,
			       struct err *e);

/* Proven use. */
struct store_use {
	const char *gateway; /* by certificate */
	int64_t cert_id;     /* by gateway */
	struct wall_time proven_at;
	const char *by; /* "probe" "channel" "update" */
};
MUST_USE int store_use_of_cert(struct store *s, int64_t cert_id, struct arena *a, struct store_use *ret, size_t max,
			       size_t *ret_n, struct err *e);
MUST_USE int store_use_of_gateway(struct store *s, int64_t gateway_id, struct arena *a, struct store_use *ret,
				  size_t max, size_t *ret_n, struct err *e);

/* What the gateway serves, all of it: earlier uses end. `n` 0: nothing of ours. */
MUST_USE int store_use_set(struct store *s, int64_t gateway_id, const int64_t *cert_ids, size_t n,
			   struct wall_time proven_at, const char *by, struct err *e);

/* The certificate that the console serves with, which counts as a use; *ret_id 0: none was set yet. */
MUST_USE int store_console_get(struct store *s, int64_t *ret_id, struct err *e);
MUST_USE int store_console_since(struct store *s, struct wall_time *ret, struct err *e); /* when it was set; 0: never */
MUST_USE int store_console_set(struct store *s, int64_t id, struct wall_time at, struct err *e);

#endif
