/* Inside the supervisor: what it follows. */
#ifndef GW_GATEWRIGHTD_MANAGER_JOBS_WORK_H
#define GW_GATEWRIGHTD_MANAGER_JOBS_WORK_H

#include "codec/wire.h"
#include "core/deploy/update.h"
#include "gatewrightd/manager/jobs/supervisor.h"
#include "sys/store/certificates.h"
#include "sys/store/jobs.h"

#include <pthread.h>
#include <stdatomic.h>

#define RECOVERY_ROUND_MAX 64	/* open jobs that are read at once at the start */
#define SILENCE_MARGIN_MS 60000 /* over what a state allows: a process that is silent for longer is stuck */
#define ASK_MAX_MS 150000	/* a probe or a scan takes at most that */

enum work_kind { WORK_JOB, WORK_ASK, WORK_RECOVERY };

/* A deploy process. */
struct work {
	struct work *next;
	enum work_kind kind;
	int fd;
	int64_t job_id;	 /* WORK_JOB, WORK_RECOVERY */
	struct ask *ask; /* WORK_ASK */
	int64_t step_n;	 /* the step that is under way; 0: none */
	int64_t handshakes_tried, handshakes_lost;
	struct mono_time heard;	   /* when it last said something */
	int64_t silence_max_ms;	   /* how long it may say nothing: an action of its state, or the wait for the dead-man
				      switch */
	int64_t confirm_within_ms; /* WORK_JOB */
	atomic_bool over;	   /* nothing more is expected of it; set by the supervisor's thread */
};

/* A job that a restart or a crash left open. */
struct recovery {
	struct recovery *next;
	int64_t job_id;
	char cause[ERR_TEXT_MAX]; /* what happened to its process; empty: the manager was restarted */
	int attempts;
	struct wall_time due;
	bool probing; /* a deploy process looks right now */
};

struct supervisor {
	struct manager *m;
	struct store *store; /* this thread's own */
	pthread_t thread;
	pthread_mutex_t lock; /* of the lists below, while handlers add to them */
	struct work *works;
	size_t works_n;
	struct recovery *found; /* not yet among the recoveries */
	int wake_fd;
	bool stopping;
	struct recovery *recoveries; /* of the supervisor's thread alone */
};

/* supervisor.c. A deploy process for `what`, which is sent `message` (wiped, also after a failure). -EAGAIN: too many.
 */
void work_allow_silence(struct work *w, enum update_state state);
MUST_USE int work_start(struct supervisor *s, struct work what, struct buf *message, struct err *e);

/* follow.c: one message of a process whose work is a job. Negative: it spoke wrongly, it is over. */
MUST_USE int follow_message(struct supervisor *s, struct work *w, const struct wire_message *m, struct err *e);
MUST_USE int follow_answer_ok(int fd, uint32_t id, struct err *e); /* never waits for its reader */

/* ask.c: the same for a question. */
void ask_message(struct supervisor *s, struct work *w, const struct wire_message *m);
void ask_refuse(struct ask *a, int code, const char *text);

/* recover.c */
void recovery_add(struct supervisor *s, int64_t job_id, const char *cause); /* from any thread */
MUST_USE int recovery_load(struct supervisor *s, struct err *e);
void recovery_collect(struct supervisor *s);				/* take in what was added */
int recovery_wait_ms(const struct supervisor *s, struct wall_time now); /* until the next is due; -1: none */
void recovery_run_due(struct supervisor *s, struct wall_time now);
void recovery_message(struct supervisor *s, struct work *w, const struct wire_message *m);
void recovery_lost(struct supervisor *s, int64_t job_id, const char *why); /* the process that looked for it is gone */
void recovery_forget(struct supervisor *s, int64_t job_id);
void recovery_free_all(struct supervisor *s);

#endif
