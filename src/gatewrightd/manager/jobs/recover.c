/*
 * Jobs that a restart or a crashed process left open. No password is kept, so nobody can ask the host; but what is
 * served can be seen, and the host's dead-man switch has a deadline. core/deploy/update_recover() decides, this waits
 * and looks.
 */
#include "base/log.h"
#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/jobs/finish.h"
#include "gatewrightd/manager/jobs/order.h"
#include "gatewrightd/manager/jobs/probes.h"
#include "gatewrightd/messages.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define RETRY_S 5 /* when no process could be started for the look, or the store took nothing */

static struct recovery *find(struct supervisor *s, int64_t job_id)
{
	for (struct recovery *r = s->recoveries; r; r = r->next)
		if (r->job_id == job_id)
			return r;
	return NULL;
}

void recovery_add(struct supervisor *s, int64_t job_id, const char *cause)
{
	struct recovery *r = calloc(1, sizeof(*r));

	if (!r) {
		log_error("job %lld stays open until a restart: out of memory", (long long)job_id);
		return;
	}
	r->job_id = job_id;
	r->due = clock_wall();
	(void)snprintf(r->cause, sizeof(r->cause), "%s", cause);
	(void)pthread_mutex_lock(&s->lock);
	r->next = s->found;
	s->found = r;
	(void)pthread_mutex_unlock(&s->lock);
}

void recovery_collect(struct supervisor *s)
{
	struct recovery *found;

	(void)pthread_mutex_lock(&s->lock);
	found = s->found;
	s->found = NULL;
	(void)pthread_mutex_unlock(&s->lock);
	while (found) {
		struct recovery *r = found;

		found = r->next;
		if (find(s, r->job_id)) {
			free(r);
			continue;
		}
		r->next = s->recoveries;
		s->recoveries = r;
	}
}

void recovery_forget(struct supervisor *s, int64_t job_id)
{
	for (struct recovery **at = &s->recoveries; *at; at = &(*at)->next) {
		struct recovery *r = *at;

		if (r->job_id != job_id)
			continue;
		*at = r->next;
		free(r);
		return;
	}
}

void recovery_free_all(struct supervisor *s)
{
	recovery_collect(s);
	while (s->recoveries)
		recovery_forget(s, s->recoveries->job_id);
}

int recovery_load(struct supervisor *s, struct err *e)
{
	int64_t after = 0;

	for (;;) {
		CLEANUP(arena_freep) struct arena *a = arena_new(8 * 1024 * 1024);
		struct store_job *jobs = NULL;
		size_t n = 0;
		int r = a ? store_job_open(s->store, after, RECOVERY_ROUND_MAX, a, &jobs, &n, e) : err_nomem(e);

		if (r < 0)
			return err_wrap(e, r, "read the jobs that are open");
		for (size_t i = 0; i < n; i++) {
			log_info("job %lld of gateway '%s' was left open in state '%s'", (long long)jobs[i].id,
				 jobs[i].gateway, jobs[i].state);
			recovery_add(s, jobs[i].id, "");
			after = jobs[i].id;
		}
		if (n < RECOVERY_ROUND_MAX)
			return 0;
	}
}

int recovery_wait_ms(const struct supervisor *s, struct wall_time now)
{
	int64_t least = -1;

	for (const struct recovery *r = s->recoveries; r; r = r->next) {
		int64_t ms = r->due.s > now.s ? (r->due.s - now.s) * 1000 : 0;

		if (!r->probing && (least < 0 || ms < least))
			least = ms;
	}
	return least > 60000 ? 60000 : (int)least;
}

static bool before_switch(const char *state)
{
	enum update_state st = US_QUEUED;

	(void)update_state_from_word(bytes_of_str(state), &st);
	return st == US_QUEUED || st == US_CONNECTING || st == US_CHECKED || st == US_STAGED;
}

/*
 * What the wait is for, as a step that people see. Its outcome is "done": nothing is under way. False: the store takes
 * nothing at the moment.
 */
static bool say(struct supervisor *s, const struct store_job *job, const char *text)
{
	struct store_step st = { .job_id = job->id,
				 .state = job->state,
				 .text = text,
				 .outcome = "done",
				 .started_at = clock_wall(),
				 .ended_at = clock_wall() };
	struct err e = { 0 };
	int64_t n;
	int r = store_step_begin(s->store, &st, &n, &e);

	if (r < 0)
		log_warning("job %lld: %s", (long long)job->id, err_text(&e));
	return r == 0 || r == -E2BIG;
}

static void try_later(struct recovery *r)
{
	r->probing = false;
	r->due = wall_add(clock_wall(), RETRY_S);
}

static void end(struct supervisor *s, struct recovery *r, const struct update_recover_decision *d, const char *probes)
{
	struct job_end je = { .job_id = r->job_id, .result = d->result, .text = d->text, .probes = probes };
	struct err e = { 0 };

	if (probes)
		probes_count(probes, &je.handshakes_tried, &je.handshakes_lost);
	if (finish_job(s, &je, &e) < 0) {
		log_error("%s; trying again", err_text(&e));
		try_later(r);
		return;
	}
	recovery_forget(s, r->job_id);
}

static const uint8_t *fingerprint(struct supervisor *s, int64_t id, struct arena *a)
{
	struct store_cert *c = id != 0 ? arena_alloc(a, sizeof(*c)) : NULL;

	return c && store_cert_get(s->store, id, a, c, NULL) == 0 ? c->fingerprint : NULL;
}

/* `probes` NULL: nothing could be seen, because of `unseen`; that counts as a look, so that looking ends. */
static void decide(struct supervisor *s, struct recovery *r, const struct store_job *job, const char *probes,
		   const char *unseen, struct arena *a)
{
	char trouble[ERR_TEXT_MAX] = "";
	struct update_recovery in = { .has_deadline = job->deadline != 0,
				      .deadline = { job->deadline },
				      .entered = job->moved_at,
				      .attempts = r->attempts,
				      .seen = SEEN_UNREACHABLE,
				      .seen_text = unseen,
				      .cause = r->cause[0] ? r->cause : NULL };
	struct update_recover_decision d;

	(void)update_state_from_word(bytes_of_str(job->state), &in.state);
	if (probes) {
		in.seen = probes_judge(probes, fingerprint(s, job->cert_id, a), fingerprint(s, job->previous_id, a));
		probes_trouble(probes, trouble, sizeof(trouble));
		in.seen_text = trouble[0] ? trouble : NULL;
	}
	update_recover(&in, clock_wall(), &d);
	if (d.kind == RECOVER_FINISH) {
		end(s, r, &d, probes);
		return;
	}
	if (!say(s, job, d.text)) {
		try_later(r);
		return;
	}
	r->probing = false;
	r->attempts++;
	r->due = d.until;
}

static void run_one(struct supervisor *s, struct recovery *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(16 * 1024 * 1024);
	struct store_job job = { 0 };
	struct err e = { 0 };
	struct buf message;
	int got = a ? store_job_get(s->store, r->job_id, a, &job, &e) : err_nomem(&e);

	if (got > 0 || job.done) {
		recovery_forget(s, r->job_id);
		return;
	}
	if (got == 0 && before_switch(job.state)) {
		decide(s, r, &job, NULL, NULL, a);
		return;
	}
	if (got == 0 && order_look(s->store, &job, a, &message, &e) < 0) {
		decide(s, r, &job, NULL, err_text(&e), a);
		return;
	}
	if (got == 0)
		got = work_start(s, (struct work) { .kind = WORK_RECOVERY, .job_id = job.id }, &message, &e);
	if (got < 0) {
		log_warning("job %lld: look at what is served: %s; trying again", (long long)r->job_id, err_text(&e));
		try_later(r);
		return;
	}
	r->probing = true;
}

void recovery_run_due(struct supervisor *s, struct wall_time now)
{
	struct recovery *next;

	for (struct recovery *r = s->recoveries; r; r = next) {
		next = r->next;
		if (!r->probing && r->due.s <= now.s)
			run_one(s, r);
	}
}

void recovery_lost(struct supervisor *s, int64_t job_id, const char *why)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(16 * 1024 * 1024);
	struct recovery *r = find(s, job_id);
	struct store_job job = { 0 };
	struct err e = { 0 };

	log_warning("job %lld: the look at what is served failed: %s", (long long)job_id, why);
	if (!r)
		return;
	if (a && store_job_get(s->store, job_id, a, &job, &e) == 0)
		decide(s, r, &job, NULL, why, a);
	else
		try_later(r);
}

void recovery_message(struct supervisor *s, struct work *w, const struct wire_message *m)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(16 * 1024 * 1024);
	struct recovery *r = find(s, w->job_id);
	struct store_job job = { 0 };
	struct err e = { 0 };
	char *probes = NULL;

	if (m->type != MSG_DEPLOY_RESULT)
		return;
	w->over = true;
	(void)!follow_answer_ok(w->fd, m->id, NULL);
	if (!r || !a || store_job_get(s->store, w->job_id, a, &job, &e) != 0 || probes_take(m, &probes, &e) < 0) {
		recovery_lost(s, w->job_id, err_text(&e));
		return;
	}
	decide(s, r, &job, probes, NULL, a);
	free(probes);
}
