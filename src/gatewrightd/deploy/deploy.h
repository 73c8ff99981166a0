/* A deploy process at work: shared by the files of gatewrightd/deploy. */
#ifndef GW_GATEWRIGHTD_DEPLOY_DEPLOY_H
#define GW_GATEWRIGHTD_DEPLOY_DEPLOY_H

#include "core/deploy/update.h"
#include "gatewrightd/deploy/host.h"
#include "gatewrightd/deploy/job.h"
#include "gatewrightd/deploy/probe_round.h"
#include "gatewrightd/deploy/report.h"

struct deploy {
	struct job *job;
	struct report report;
	int keys_fd;
	struct tls_prober *prober;
	struct host *host; /* NULL: no connection */
	struct host_key host_key;
	struct probe_round *round; /* the last one; NULL: none yet */
	char old_generation[HOSTPROTO_ID_MAX + 1];
	struct wall_time deadline; /* of the host's dead-man switch; 0: not armed */
	/* What was in use before, for telling old from new: what the manager believes, else what was found; n 0:
	 * nothing. */
	const struct chain_facts *old_chain;
};

/* What one action came to, beside its event. outcome_init() before. */
struct outcome {
	struct buf host_output;
	bool has_probes; /* deploy.round belongs to this action */
	char text[ERR_TEXT_MAX];
};

/*
 * Carry out `action` (not UA_WAIT, UA_MOVE, UA_FINISH), which the machine decided in `state`, until the state's limit
 * is over. *ev is the answer; its text points into `out`. steps.c
 */
void step_run(struct deploy *d, const struct update_action *action, enum update_state state, struct outcome *out,
	      struct update_event *ev);

/* Let time pass until `until`: the server's keepalives are answered, the manager is listened to. True: the SSH
 * connection was lost. */
bool step_pause(struct deploy *d, struct mono_time until);

/* A round of probes as the state wants it, into d->round. 0, or -ENOMEM. */
MUST_USE int step_probe(struct deploy *d, enum update_state state, struct mono_time deadline, struct err *e);

/*
 * Judge the reply to `check` and what the probes saw before: fills *ret. -EINVAL: what is really there forbids the new
 * certificate, whatever the manager believes; the sentence says why. check.c
 */
MUST_USE int check_judge(struct deploy *d, const struct host_reply *reply, struct update_check *ret, struct err *e);

/* The chain in the host's live files (`+` lines) into *ret (job's arena), n 0 when there is none; with roots that the
 * job knows. */
MUST_USE int check_live_chain(struct deploy *d, const struct host_reply *reply, struct chain_facts **ret,
			      struct err *e);

/* The jobs that need no state machine: probe, recover, scan-host-key. simple.c */
void simple_run(struct deploy *d, struct report_result *result, char text[ERR_TEXT_MAX]);

/* update and rollback. drive.c */
void drive_run(struct deploy *d, struct report_result *result, char text[ERR_TEXT_MAX]);

#endif
