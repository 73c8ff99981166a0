/* DEPLOY_JOB messages: everything that a deploy process is told. */
#ifndef GW_GATEWRIGHTD_MANAGER_JOBS_ORDER_H
#define GW_GATEWRIGHTD_MANAGER_JOBS_ORDER_H

#include "gatewrightd/manager/gateway_record.h"
#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/manager.h"
#include "sys/secret.h"
#include "sys/store/jobs.h"

/* How to log in. Strings and secrets are borrowed; NULL and 0 where not given. */
struct ssh_login {
	const char *host, *user, *auth; /* host, user NULL and port 0: the gateway's own */
	int64_t port;
	const char *agent; /* path of the agent's socket */
	struct secret *password, *key, *key_passphrase, *sudo_password;
};

struct order {
	const char *kind; /* "update" "rollback" */
	int64_t job_id;
	const struct gateway_record *gateway;
	const struct ssh_login *ssh;
	const struct stored_chain *fresh;   /* the certificate to be served; NULL: not known (a rollback) */
	const struct stored_chain *current; /* NULL: none proven */
	const char *generation;
	int64_t confirm_within;
};

/* Into *ret (buf_wipe() by the caller or whoever sends it). */
MUST_USE int order_update(const struct order *o, struct buf *ret, struct err *e);

/* A probe of a gateway, and a scan of its host key. `current` NULL: nothing is expected. */
MUST_USE int order_probe(const struct gateway_record *g, const struct stored_chain *current, struct buf *ret,
			 struct err *e);
MUST_USE int order_scan(const struct gateway_record *g, struct buf *ret, struct err *e);

/* A probe of other `addresses` than a gateway's, where `wanted` is to be served. `name` is for people. */
MUST_USE int order_probe_of(const char *name, const char *const *addresses, size_t n, const struct stored_chain *wanted,
			    struct buf *ret, struct err *e);

/* The probe of a recovery: the gateway of the job, its new certificate and the old one. */
MUST_USE int order_look(struct store *s, const struct store_job *job, struct arena *a, struct buf *ret, struct err *e);

#endif
