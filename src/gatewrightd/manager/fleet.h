/* Everything that is in use: for the overview and the metrics. */
#ifndef GW_GATEWRIGHTD_MANAGER_FLEET_H
#define GW_GATEWRIGHTD_MANAGER_FLEET_H

#include "core/fleet/state.h"
#include "sys/store/certificates.h"
#include "sys/store/gateways.h"

#define FLEET_CERTS_MAX 10000	 /* in use */
#define FLEET_GATEWAYS_MAX 10000 /* that are looked at */

struct fleet_cert {
	struct store_cert_use row;
	struct wall_time chain_end; /* the earliest end in its chain */
	const char **gateways;	    /* that use it; at most FLEET_NAMES_MAX are named */
	size_t gateways_n;
	bool console;
	enum fleet_state state;
};
#define FLEET_NAMES_MAX 100

struct fleet_gateway {
	const char *name;
	const struct fleet_cert *cert; /* NULL: none is known */
	struct wall_time probed_at;    /* 0: never */
	enum fleet_probe probe;
	const char *trouble; /* of a bad probe, a sentence */
	int64_t active_job;
	enum fleet_state state;
};

struct fleet {
	struct fleet_cert *certs;	/* by number */
	struct fleet_gateway *gateways; /* by name */
	size_t certs_n, gateways_n;
};

/* All of it lives in `a`. What is beyond the limits is left out. */
MUST_USE int fleet_read(struct store *s, struct arena *a, struct wall_time now, struct fleet *ret, struct err *e);

#endif
