/* One call to update or roll back a keystore, from its body to its job. */
#ifndef GW_GATEWRIGHTD_MANAGER_API_UPDATE_CALL_H
#define GW_GATEWRIGHTD_MANAGER_API_UPDATE_CALL_H

#include "core/deploy/generation.h"
#include "gatewrightd/manager/api/current.h"
#include "gatewrightd/manager/jobs/order.h"

/* The body; absent members are NULL or 0, confirm_within has its default. */
struct update_body {
	int64_t certificate, confirm_within;
	const char *generation, *accept_host_key;
	json_t *ssh;
	struct ssh_login login;
	bool force_warnings, dry_run;
};

struct update_call {
	struct call *c;
	bool is_rollback;
	struct update_body body;
	int64_t fresh_id;	/* 0: not known (a rollback to a generation of unknown content) */
	const char *generation; /* to go to; NULL: a new one */
	struct gateway_record *gateway;
	struct stored_chain *fresh, *current;
	struct findings findings;
	char new_generation[GENERATION_ID_SIZE];
};

/* Load, judge, and either tell what would happen or make the job and start it. Answers. */
MUST_USE int update_run(struct update_call *u, struct err *e);

#endif
