/*
 * A job's life as server-sent events. The events are the stored changes: each has the job's next number, so a reader
 * that comes back says the last one it saw and misses nothing; a step that began and ended meanwhile comes once, ended.
 * The stream ends with the job, and with the session or token that asked for it.
 */
#include "gatewrightd/manager/api/json_out.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>

#define EVENTS_ARENA_MAX (16u * 1024 * 1024)

struct events {
	struct manager *m;
	struct caller_pass pass;
	int64_t job_id, seen;
	bool done_sent;
};

/* One event; its data is one line, as JSON without spaces is. */
static void put(struct buf *out, const char *name, int64_t id, json_t *data)
{
	size_t n = data ? json_dumpb(data, NULL, 0, JSON_COMPACT) : 0;
	uint8_t *to;

	buf_printf(out, "id: %lld\nevent: %s\ndata: ", (long long)id, name);
	to = n > 0 ? buf_reserve(out, n) : NULL;
	if (to) {
		(void)json_dumpb(data, (char *)to, n, JSON_COMPACT);
		buf_added(out, n);
	}
	buf_add_str(out, "\n\n");
	json_decref(data);
}

static int put_changes(struct events *ev, struct store *s, const struct store_job *job, struct arena *a,
		       struct buf *out, struct err *e)
{
	struct store_step *steps = NULL, *all = NULL;
	size_t n = 0, all_n = 0;
	bool proof = false;
	int r = store_step_since(s, job->id, ev->seen, a, &steps, &n, e);

	if (r == 0)
		r = store_step_list(s, job->id, a, &all, &all_n, e);
	if (r == 0)
		r = store_proof_has(s, job->id, &proof, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		put(out, "step", steps[i].event_n, json_step(&steps[i]));
	put(out, "job", job->event_n, json_job(job, proof, all, all_n));
	ev->seen = job->event_n;
	return 0;
}

/* The job and its steps as of one moment. */
static int look(struct events *ev, struct store *s, struct buf *out, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(EVENTS_ARENA_MAX);
	struct store_job job = { 0 };
	int r = a ? caller_check_pass(&ev->pass, s, clock_wall(), a, e) : err_nomem(e);

	if (r == 0)
		r = store_job_get(s, ev->job_id, a, &job, e);
	if (r != 0)
		return r < 0 ? r : 1;
	if (job.event_n > ev->seen || (job.done && !ev->done_sent))
		r = put_changes(ev, s, &job, a, out, e);
	ev->done_sent = job.done;
	return r < 0 ? r : job.done;
}

static int pull(void *source, struct buf *out, struct err *e)
{
	struct events *ev = source;
	struct store *s = NULL;
	int r = store_pool_take(ev->m->stores, &s, e);

	if (r < 0)
		return r;
	r = look(ev, s, out, e);
	store_pool_give(ev->m->stores, s);
	return r;
}

int jobs_events(struct call *c, struct err *e)
{
	const char *last = http_header(c->r, "Last-Event-ID");
	struct store_job job = { 0 };
	struct events *ev;
	int64_t id = 0;
	char *end = NULL;
	int r = call_no_query(c, e);

	if (r == 0)
		r = call_id(c, 0, &id, e);
	if (r == 0)
		r = store_job_get(c->s, id, c->a, &job, e);
	if (r != 0)
		return r < 0 ? r : err_set(e, -ENOENT, "there is no job %lld", (long long)id);
	ev = calloc(1, sizeof(*ev));
	if (!ev)
		return err_nomem(e);
	*ev = (struct events) { .m = c->m, .pass = caller_pass(&c->who), .job_id = id };
	ev->seen = last && last[0] ? strtoll(last, &end, 10) : 0;
	if ((end && *end) || ev->seen < 0) {
		free(ev);
		return err_set(e, -EINVAL, "Last-Event-ID: want a number, got '%.40s'", last);
	}
	return http_answer_stream(c->r, pull, ev, free, e);
}
