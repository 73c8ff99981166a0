#include "gatewrightd/manager/jobs/finish.h"

#include "base/log.h"
#include "gatewrightd/manager/audit.h"
#include "gatewrightd/manager/jobs/probes.h"
#include "gatewrightd/manager/jobs/proof_make.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FINISH_ARENA_MAX (32u * 1024 * 1024)

static void set_final(struct store_job *row, enum update_result result)
{
	enum update_state stands = US_QUEUED;

	(void)update_state_from_word(bytes_of_str(row->state), &stands);
	row->state = update_state_word(update_final_state(result, stands));
	row->outcome = update_result_word(result);
}

/* What the host said is in the job; the event has words of ours only. */
static int tell_audit(struct store *s, const struct store_job *row, struct err *e)
{
	char object[40], after[256];
	struct audit_event event = { .actor = "system", .address = "unix", .object = object };

	(void)snprintf(object, sizeof(object), "job:%lld", (long long)row->id);
	(void)snprintf(after, sizeof(after), "{\"kind\":\"%.40s\",\"gateway\":\"%.63s\",\"outcome\":\"%.40s\"}",
		       row->kind, row->gateway, row->outcome);
	event.action = audit_action_word(AUDIT_JOB_END);
	event.outcome = strcmp(row->outcome, update_result_word(UR_CONFIRMED)) == 0 ? "done" : "failed";
	event.after = bytes_of_str(after);
	return audit_write(s, &event, row->finished_at, e);
}

static int store_end_of(struct supervisor *s, const struct job_end *end, struct store_job *row, const char *jws,
			struct err *e)
{
	int r = 0;

	if (end->probes && row->gateway_id != 0) {
		r = probes_keep(s->store, row->gateway_id, row->id, "after", end->probes, row->finished_at, e);
		if (r == 0)
			r = probes_set_use(s->store, row->gateway_id, end->probes, row->finished_at, e);
	}
	if (r == 0 && jws)
		r = store_proof_add(s->store, row->id, row->finished_at, jws, e);
	if (r == 0)
		r = store_job_finish(s->store, row, e);
	return r == 0 ? tell_audit(s->store, row, e) : r;
}

/* A proof that could not be made is said; what the gateway serves is true without it. */
static const char *try_proof(struct supervisor *s, const struct job_end *end, struct store_job *row, struct arena *a)
{
	const char *jws = NULL;
	struct err e = { 0 };
	int r;

	if (end->result != UR_CONFIRMED && end->result != UR_ROLLED_BACK)
		return NULL;
	r = proof_make(s, end, row, a, &jws, &e);
	if (r < 0) {
		log_error("job %lld: no proof: %s", (long long)row->id, err_text(&e));
		row->detail = arena_printf(a, "%s (without a proof: %s)", end->text, err_text(&e));
		return NULL;
	}
	return jws;
}

int finish_job(struct supervisor *s, const struct job_end *end, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(FINISH_ARENA_MAX);
	struct store_job row = { 0 };
	const char *jws;
	int r = a ? store_job_get(s->store, end->job_id, a, &row, e) : err_nomem(e);

	if (r != 0 || row.done)
		return r < 0 ? r : 0;
	row.detail = end->text;
	row.finished_at = clock_wall();
	row.has_served = end->probes && probes_served(end->probes, row.served);
	jws = try_proof(s, end, &row, a);
	set_final(&row, end->result);
	if (!row.detail)
		row.detail = end->text;
	r = store_begin(s->store, e);
	if (r == 0)
		r = store_end(s->store, store_end_of(s, end, &row, jws, e), e);
	if (r < 0)
		return err_wrap(e, r, "job %lld: store its end", (long long)row.id);
	log_info("job %lld: %s of gateway '%s': %s: %s", (long long)row.id, row.kind, row.gateway, row.outcome,
		 row.detail);
	return 0;
}

int finish_not_started(struct store *s, int64_t job_id, const char *why, struct wall_time now, struct err *e)
{
	struct store_job row = { .id = job_id,
				 .state = update_state_word(US_FAILED),
				 .outcome = update_result_word(UR_FAILED),
				 .detail = why,
				 .finished_at = now };
	int r = store_job_finish(s, &row, e);

	return r < 0 ? r : 0;
}

void finish_open_step(struct supervisor *s, struct work *w, const char *why)
{
	struct store_step step = {
		.job_id = w->job_id, .n = w->step_n, .outcome = "failed", .detail = why, .ended_at = clock_wall()
	};
	struct err e = { 0 };

	if (w->step_n != 0 && store_step_end(s->store, &step, &e) < 0)
		log_error("job %lld: %s", (long long)w->job_id, err_text(&e));
	w->step_n = 0;
}
