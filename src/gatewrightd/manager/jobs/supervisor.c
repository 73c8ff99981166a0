#include "gatewrightd/manager/jobs/work.h"

#include "base/log.h"
#include "gatewrightd/manager/channel.h"
#include "gatewrightd/manager/jobs/finish.h"
#include "gatewrightd/messages.h"
#include "sys/clock.h"
#include "sys/http/server.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define WORKS_MAX 512

static void wake(struct supervisor *s)
{
	uint64_t one = 1;

	(void)!write(s->wake_fd, &one, sizeof(one));
}

void work_allow_silence(struct work *w, enum update_state state)
{
	if (w->kind == WORK_JOB)
		w->silence_max_ms = update_limit_ms(state) + w->confirm_within_ms + SILENCE_MARGIN_MS;
	else
		w->silence_max_ms = ASK_MAX_MS;
}

static int add(struct supervisor *s, struct work *w, struct err *e)
{
	bool stopping;

	work_allow_silence(w, US_QUEUED);
	w->heard = clock_mono();
	(void)pthread_mutex_lock(&s->lock);
	stopping = s->stopping;
	if (!stopping) {
		w->next = s->works;
		s->works = w;
		s->works_n++;
	}
	(void)pthread_mutex_unlock(&s->lock);
	wake(s);
	return stopping ? err_set(e, -EAGAIN, "the manager is ending") : 0;
}

static bool too_many(struct supervisor *s)
{
	bool full;

	(void)pthread_mutex_lock(&s->lock);
	full = s->works_n >= WORKS_MAX || s->stopping;
	(void)pthread_mutex_unlock(&s->lock);
	return full;
}

/* A deploy process from the parent, given its job. */
static int spawn(struct supervisor *s, uint64_t number, struct buf *message, int *ret_fd, struct err *e)
{
	struct reply *reply = calloc(1, sizeof(*reply));
	struct buf request;
	int r;

	if (!reply || too_many(s)) {
		free(reply);
		buf_wipe(message);
		return reply ? err_set(e, -EAGAIN, "too many deploy processes are at work; try again later")
			     : err_nomem(e);
	}
	request_begin(&request, MSG_PARENT_SPAWN_DEPLOY);
	wire_add_u64(&request, FIELD_JOB, number);
	r = channel_call(s->m->parent, &request, reply, PARENT_TIMEOUT_MS, e);
	if (r == 0 && reply->fd < 0)
		r = err_set(e, -EIO, "the parent process started a deploy process without a channel to it");
	if (r == 0)
		r = buf_bad(message) ? err_set(e, -E2BIG, "the job is larger than one message")
				     : ipc_send(reply->fd, message, -1, e);
	buf_wipe(message);
	if (r == 0) {
		*ret_fd = reply->fd;
		reply->fd = -1;
	}
	reply_fini(reply);
	free(reply);
	return r == -EBUSY
		       ? err_set(e, -EAGAIN,
				 "as many deploy processes as the configuration allows are at work; try again later")
		       : r;
}

int work_start(struct supervisor *s, struct work what, struct buf *message, struct err *e)
{
	struct work *w = calloc(1, sizeof(*w));
	int r;

	if (!w) {
		buf_wipe(message);
		return err_nomem(e);
	}
	*w = what;
	w->fd = -1;
	r = spawn(s, (uint64_t)w->job_id, message, &w->fd, e);
	if (r == 0)
		r = add(s, w, e);
	if (r < 0) {
		if (w->fd >= 0)
			(void)close(w->fd);
		free(w);
	}
	return r;
}

int supervisor_run_job(struct supervisor *s, int64_t job_id, int64_t confirm_within_s, struct buf *message,
		       struct err *e)
{
	struct work what = { .kind = WORK_JOB, .job_id = job_id, .confirm_within_ms = confirm_within_s * 1000 };

	return work_start(s, what, message, e);
}

int supervisor_ask(struct supervisor *s, struct ask *ask, struct buf *message, struct err *e)
{
	return work_start(s, (struct work) { .kind = WORK_ASK, .ask = ask }, message, e);
}

void supervisor_find_out(struct supervisor *s, int64_t job_id, const char *why)
{
	recovery_add(s, job_id, why);
	wake(s);
}

static int send_cancel(int fd, int64_t job_id, struct err *e)
{
	struct buf b;
	int r;

	buf_init(&b, WIRE_MESSAGE_MAX);
	wire_begin(&b, MSG_DEPLOY_CANCEL, 1);
	wire_add_u64(&b, FIELD_JOB, (uint64_t)job_id);
	r = ipc_send_within(fd, &b, -1, 0, e);
	buf_fini(&b);
	return r == -ETIMEDOUT ? err_set(e, -EAGAIN, "the process of job %lld does not listen; try again later",
					 (long long)job_id)
			       : r;
}

/* Under the lock, which keeps the descriptor open: the message is sent at once or not at all. */
int supervisor_cancel(struct supervisor *s, int64_t job_id, struct err *e)
{
	int r = 1;

	(void)pthread_mutex_lock(&s->lock);
	for (struct work *w = s->works; w && r == 1; w = w->next)
		if (w->kind == WORK_JOB && w->job_id == job_id && !w->over)
			r = send_cancel(w->fd, job_id, e);
	(void)pthread_mutex_unlock(&s->lock);
	return r == -EPIPE ? 1 : r;
}

/* Its process is gone, or no use any more. What it left behind is found out. */
static void lose(struct supervisor *s, struct work *w, const char *why)
{
	if (w->over)
		return;
	w->over = true;
	if (w->kind == WORK_ASK) {
		ask_refuse(w->ask, -EIO, why);
	} else if (w->kind == WORK_RECOVERY) {
		recovery_lost(s, w->job_id, why);
	} else {
		log_warning("job %lld: %s; finding out what is true", (long long)w->job_id, why);
		finish_open_step(s, w, why);
		recovery_add(s, w->job_id, why);
	}
}

static void read_message(struct supervisor *s, struct work *w, struct buf *b, struct wire_message *m)
{
	struct err e = { 0 };
	int r = ipc_receive(w->fd, 0, b, m, NULL, &e);

	if (r == 2)
		return;
	if (w->kind == WORK_JOB) /* a question has its time as a whole, however much it says */
		w->heard = clock_mono();
	if (r == 1) {
		lose(s, w, "its deploy process ended without a result");
	} else if (r < 0) {
		lose(s, w, err_text(&e));
	} else if (w->kind == WORK_ASK) {
		ask_message(s, w, m);
	} else if (w->kind == WORK_RECOVERY) {
		recovery_message(s, w, m);
	} else {
		r = follow_message(s, w, m, &e);
		if (r < 0)
			lose(s, w, err_text(&e));
	}
	if (s->m->http)
		http_wake(s->m->http);
}

static void check_silence(struct supervisor *s, struct work *w, struct mono_time now)
{
	if (now.ms - w->heard.ms > w->silence_max_ms)
		lose(s, w, "its deploy process has been silent for too long");
}

/* Take those that are over out of the list. */
static void sweep(struct supervisor *s)
{
	struct work **at = &s->works;

	(void)pthread_mutex_lock(&s->lock);
	while (*at) {
		struct work *w = *at;

		if (!w->over) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		s->works_n--;
		(void)close(w->fd);
		free(w);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

struct round {
	struct pollfd fds[WORKS_MAX + 1];
	struct work *works[WORKS_MAX + 1];
	nfds_t n;
	struct buf buf;
	struct wire_message message;
};

static void collect(struct supervisor *s, struct round *r)
{
	r->fds[0] = (struct pollfd) { .fd = s->wake_fd, .events = POLLIN };
	r->n = 1;
	(void)pthread_mutex_lock(&s->lock);
	for (struct work *w = s->works; w && r->n <= WORKS_MAX; w = w->next) {
		r->works[r->n] = w;
		r->fds[r->n++] = (struct pollfd) { .fd = w->fd, .events = POLLIN };
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static void one_round(struct supervisor *s, struct round *r)
{
	uint64_t count;
	int wait;

	recovery_collect(s);
	wait = recovery_wait_ms(s, clock_wall());
	collect(s, r);
	if (wait < 0 || wait > 60000)
		wait = 60000; /* silence is looked for that often */
	if (poll(r->fds, r->n, wait) < 0)
		return;
	if (r->fds[0].revents)
		(void)!read(s->wake_fd, &count, sizeof(count));
	for (nfds_t i = 1; i < r->n; i++) {
		if (r->fds[i].revents)
			read_message(s, r->works[i], &r->buf, &r->message);
		check_silence(s, r->works[i], clock_mono());
	}
	sweep(s);
	recovery_run_due(s, clock_wall());
}

static bool is_stopping(struct supervisor *s)
{
	bool stopping;

	(void)pthread_mutex_lock(&s->lock);
	stopping = s->stopping;
	(void)pthread_mutex_unlock(&s->lock);
	return stopping;
}

static void *run(void *context)
{
	struct supervisor *s = context;
	struct round *r = calloc(1, sizeof(*r));

	assert(r);
	buf_init(&r->buf, WIRE_MESSAGE_MAX);
	while (!is_stopping(s))
		one_round(s, r);
	buf_wipe(&r->buf);
	free(r);
	return NULL;
}

void supervisor_free(struct supervisor *s)
{
	if (!s)
		return;
	recovery_free_all(s);
	if (s->store)
		store_pool_give(s->m->stores, s->store);
	if (s->wake_fd >= 0)
		(void)close(s->wake_fd);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

int supervisor_start(struct manager *m, struct supervisor **ret, struct err *e)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_nomem(e);
	s->m = m;
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&s->lock, NULL);
	r = s->wake_fd < 0 ? err_errno(e, "eventfd") : store_pool_take(m->stores, &s->store, e);
	if (r == 0) {
		/* before anybody can add a job: a new one must not be taken for one that was left open */
		r = recovery_load(s, e);
	}
	if (r == 0) {
		r = pthread_create(&s->thread, NULL, run, s);
		if (r != 0)
			r = err_set(e, -r, "start the thread of the jobs: %s", strerror(r));
	}
	if (r < 0) {
		supervisor_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void supervisor_stop(struct supervisor *s)
{
	if (!s)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stopping = true;
	(void)pthread_mutex_unlock(&s->lock);
	wake(s);
	(void)pthread_join(s->thread, NULL);
	for (struct work *w = s->works; w; w = w->next) {
		if (w->kind == WORK_ASK && !w->over)
			ask_refuse(w->ask, -EAGAIN, "the manager is ending");
		w->over = true;
	}
	sweep(s);
}
