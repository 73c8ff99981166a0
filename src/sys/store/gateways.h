/* Gateways and what probes saw of them. */
#ifndef GW_SYS_STORE_GATEWAYS_H
#define GW_SYS_STORE_GATEWAYS_H

#include "sys/store/store.h"

struct store_gateway {
	int64_t id;
	const char *name, *target;
	const char *params;	  /* JSON object */
	const char *tls;	  /* JSON list of "host:port" */
	const char *server_names; /* JSON list */
	const char *ssh_host;
	int ssh_port;
	const char *ssh_user;
	const char *host_key; /* "SHA256:..." or NULL */
	struct wall_time created_at;
};

/* -EEXIST: the name is taken. */
MUST_USE int store_gateway_add(struct store *s, const struct store_gateway *g, int64_t *ret_id, struct err *e);

/* 1: there is none. */
MUST_USE int store_gateway_get(struct store *s, int64_t id, struct arena *a, struct store_gateway *ret, struct err *e);
MUST_USE int store_gateway_by_name(struct store *s, const char *name, struct arena *a, struct store_gateway *ret,
				   struct err *e);

/* Write everything but the name. */
MUST_USE int store_gateway_change(struct store *s, const struct store_gateway *g, struct err *e);
MUST_USE int store_gateway_set_host_key(struct store *s, int64_t id, const char *host_key, struct err *e);
/* By name; `prefix` NULL, or what names begin with. */
MUST_USE int store_gateway_list(struct store *s, const char *prefix, struct store_page page, struct arena *a,
				struct store_gateway **ret, size_t *ret_n, const char **ret_next, struct err *e);

MUST_USE int store_gateway_count(struct store *s, int64_t *ret, struct err *e);

/* How one is, without what its probes say in full. */
struct store_gateway_state {
	const char *name;
	struct wall_time probed_at; /* 0: never */
	bool probe_ok;
	const char *trouble;	     /* of a probe that was not; NULL: it is not known */
	int64_t cert_id, active_job; /* the certificate that is proven in use; 0: none */
};
/* All of them by name, at most `max`; *ret is an array of *ret_n in the arena. */
MUST_USE int store_gateway_states(struct store *s, size_t max, struct arena *a, struct store_gateway_state **ret,
				  size_t *ret_n, struct err *e);

/* *ret is 0 without one. */
MUST_USE int store_gateway_active_job(struct store *s, int64_t id, int64_t *ret, struct err *e);

/* -EBUSY while a job works on it. Its finished jobs and their proofs stay. */
MUST_USE int store_gateway_delete(struct store *s, int64_t id, struct err *e);

/* A probe: `job_id` 0 when a person asked. `body` is JSON; `trouble`, NULL when all was well, a sentence about it. Of
 * those that a person asked for the newest hundred are kept. */
MUST_USE int store_probe_add(struct store *s, int64_t gateway_id, int64_t job_id, const char *phase,
			     struct wall_time at, const char *body, const char *trouble, struct err *e);

/* *ret_body is NULL when there was none. */
MUST_USE int store_probe_last(struct store *s, int64_t gateway_id, struct arena *a, struct wall_time *ret_at,
			      const char **ret_body, struct err *e);

struct store_probe {
	const char *phase, *body;
};

/* Rounds of a gateway, newest first. */
struct store_probe_round {
	int64_t id, job_id; /* job_id 0: a person asked */
	struct wall_time probed_at;
	const char *phase, *body;
};
MUST_USE int store_probe_list(struct store *s, int64_t gateway_id, struct store_page page, struct arena *a,
			      struct store_probe_round **ret, size_t *ret_n, const char **ret_next, struct err *e);

MUST_USE int store_probes_of_job(struct store *s, int64_t job_id, struct arena *a, struct store_probe *ret, size_t max,
				 size_t *ret_n, struct err *e);

#endif
