/*
 * A deploy process: one job, one gateway, then the end. It holds a password and, for a moment, a private key, and it
 *speaks with hosts that may be hostile; so it has nothing else.
 *
 *	main.c		receive the job, enter the sandbox, run it, tell the end
 *	job.c		the message as a struct, secrets into locked memory
 *	drive.c		the update machine's driver: action -> step -> event
 *	steps.c		one function per action
 *	check.c		what is really there against what is to come
 *	stage.c		the key from keys, the files for the host
 *	host_open.c	connection, host key, login, root
 *	host.c		the conversation (docs/protocol-host.md)
 *	probe_round.c	TLS probes and what they mean; probe_json.c
 *	report.c	messages to the manager
 */
#include "gatewrightd/deploy/deploy.h"
#include "base/limits.h"

#include "base/log.h"
#include "gatewrightd/messages.h"
#include "gatewrightd/roles.h"
#include "sys/clock.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* The first message is the job. The datagram held secrets: it is wiped at once. 1: the manager is gone. */
static int receive_job(struct deploy *d, struct err *e)
{
	struct wire_message m;
	struct buf b;
	int agent_fd = -1, r;

	buf_init(&b, WIRE_MESSAGE_MAX);
	r = ipc_receive(d->report.fd, LIMIT_JOB_WAIT_MS, &b, &m, &agent_fd, e);
	if (r == 2)
		r = err_set(e, -ETIMEDOUT, "no job came");
	if (r == 0) {
		(void)wire_get_u64(&m, FIELD_JOB, &d->report.job);
		r = job_parse(&m, agent_fd, &d->job, e);
	}
	buf_wipe(&b);
	return r;
}

/* Everything that needs more rights than the job itself. */
static int prepare(struct deploy *d, const struct gatewrightd_config *cfg, struct err *e)
{
	int r = remote_init(e);

	if (r == 0)
		r = job_open_agent(d->job, e);
	if (r == 0)
		r = tls_prober_new(&d->prober, e);
	return r == 0 ? role_enter_sandbox(ROLE_DEPLOY, cfg, NULL, e) : r;
}

static int tell_end(struct deploy *d, struct report_result *result)
{
	struct bytes *probes = NULL;
	struct err e = { 0 };
	int r;

	if (d->round && probe_round_json(d->round, clock_wall(), REPORT_PROBES_MAX, &probes, &e) == 0) {
		result->probes = probes;
		result->probes_n = d->round->n;
	}
	result->host_key = d->host_key.fingerprint;
	result->host_key_type = d->host_key.type;
	r = report_result(&d->report, result, LIMIT_RESULT_WAIT_MS, &e);
	if (r < 0)
		log_error("job %llu: tell the end: %s", (unsigned long long)d->report.job, err_text(&e));
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(struct deploy *d, const struct gatewrightd_config *cfg)
{
	struct report_result result = { .state = US_FAILED, .result = UR_FAILED };
	char text[ERR_TEXT_MAX] = "";
	struct err e = { 0 };
	int r = receive_job(d, &e);

	if (r == 1)
		return EXIT_FAILURE;
	if (r == 0)
		r = prepare(d, cfg, &e);
	if (r < 0) {
		result.text = err_text(&e);
		return tell_end(d, &result);
	}
	if (d->job->kind == JOB_UPDATE || d->job->kind == JOB_ROLLBACK)
		drive_run(d, &result, text);
	else
		simple_run(d, &result, text);
	log_info("job %llu: %s of '%s': %s: %s", (unsigned long long)d->job->number, job_kind_word(d->job->kind),
		 d->job->gateway, update_result_word(result.result), text);
	return tell_end(d, &result);
}

int deploy_main(const struct gatewrightd_config *cfg, int manager_fd, int keys_fd)
{
	struct deploy d = { .report = { .fd = manager_fd }, .keys_fd = keys_fd };
	int status;

	(void)signal(SIGPIPE, SIG_IGN);
	secret_init();
	secret_init_key_heap();
	status = run(&d, cfg);
	host_close(d.host, false);
	probe_round_free(d.round);
	tls_prober_free(d.prober);
	job_free(d.job);
	(void)close(manager_fd);
	(void)close(keys_fd);
	return status;
}
