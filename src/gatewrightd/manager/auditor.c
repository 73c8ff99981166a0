/* Heads that are signed when it is time, events on their way to syslog, and refused reads that are told as one. */
#include "base/log.h"
#include "core/access/lockout.h"
#include "core/access/refusals.h"
#include "gatewrightd/manager/audit.h"
#include "gatewrightd/manager/keys_client.h"
#include "gatewrightd/manager/manager.h"
#include "gatewrightd/manager/settings.h"
#include "sys/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_S 60
#define ARENA_MAX (32u * 1024 * 1024)
#define SEND_MAX 20 /* events read at one time */
#define HOST_MAX 256
#define REFUSED_KNOWN_S 60
#define REFUSED_STRANGER_S 600 /* at most 34 events in that time, whatever strangers send */

struct auditor {
	struct manager *m;
	int log_fd;
	struct sockaddr_un log_address;
	char host[HOST_MAX];
	int64_t sent; /* the last event that syslog got */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool news, stopping;
	struct refusals refused[2]; /* of strangers, of those who are known; under the lock */
};

/* Facility 13 (log audit), severity 6 (informational); the text is one line of UTF-8. */
void audit_syslog_line(const struct store_event *event, const char *host, struct buf *out)
{
	char at[TIME_TEXT_MAX];

	buf_printf(out, "<110>1 %s %s gatewrightd %ld %.32s - %s", time_format(event->at, at), host[0] ? host : "-",
		   (long)getpid(), event->action, event->text);
}

static void send_event(const struct auditor *a, const struct store_event *event)
{
	const struct sockaddr_un *to = &a->log_address;
	struct buf line;

	buf_init(&line, AUDIT_TEXT_MAX + 1024);
	audit_syslog_line(event, a->host, &line);
	if (buf_bad(&line) || sendto(a->log_fd, line.p, line.n, MSG_NOSIGNAL | MSG_DONTWAIT,
				     (const struct sockaddr *)to, sizeof(*to)) < 0)
		log_warning("audit: event %lld was not taken by %s: %s", (long long)event->n, to->sun_path,
			    strerror(errno));
	buf_fini(&line);
}

/* What is there when the setting is off counts as sent: it tells of what happens from then on. */
static int send_news(struct auditor *a, struct store *s, struct arena *arena, struct err *e)
{
	struct store_event last = { .n = 0 }, *events = NULL;
	int64_t wanted = 0;
	size_t n = 0;
	int r = setting_get(s, SETTING_AUDIT_SYSLOG, arena, &wanted, e);

	if (r == 0 && (wanted == 0 || a->log_fd < 0)) {
		r = store_event_last(s, INT64_MAX, arena, &last, e);
		a->sent = last.n;
		return r < 0 ? r : 0;
	}
	while (r == 0 && (r = store_event_since(s, a->sent, SEND_MAX, arena, &events, &n, e)) == 0 && n > 0)
		for (size_t i = 0; i < n; i++) {
			send_event(a, &events[i]);
			a->sent = events[i].n;
		}
	return r;
}

/* ---- heads ---- */

static int sign_head(struct auditor *a, struct store *s, const struct store_event *last, struct err *e)
{
	struct audit_head head = { .n = last->n, .first = 1, .at = last->at };
	struct store_head row = { .n = last->n };
	struct keys_signature signature;
	struct buf text;
	int r;

	memcpy(head.hash, last->hash, AUDIT_HASH_SIZE);
	buf_init(&text, 1024);
	audit_head_text(&head, &text);
	row.text = buf_str(&text);
	r = row.text ? keys_ask_sign_head(a->m->keys, row.text, head.n, &signature, e) : err_nomem(e);
	if (r == 0) {
		memcpy(row.public_key, signature.public_key, sizeof(row.public_key));
		memcpy(row.signature, signature.signature, sizeof(row.signature));
		r = store_head_add(s, &row, e);
	}
	buf_fini(&text);
	return r;
}

static bool is_time(int64_t behind, struct wall_time first, bool stopping)
{
	return behind >= AUDIT_HEAD_EVENTS ||
	       (behind > 0 && (stopping || clock_wall().s - first.s >= AUDIT_HEAD_EVERY_S));
}

static int look_at_heads(struct auditor *a, struct store *s, bool stopping, struct arena *arena, struct err *e)
{
	struct store_event last, *first = NULL;
	struct store_head head = { .n = 0 };
	size_t n = 0;
	int r = store_event_last(s, INT64_MAX, arena, &last, e);

	if (r == 0)
		r = store_head_last(s, arena, &head, e);
	if (r < 0 || last.n == head.n)
		return r < 0 ? r : 0;
	r = store_event_since(s, head.n, 1, arena, &first, &n, e);
	if (r < 0 || n == 0 || !is_time(last.n - head.n, first[0].at, stopping))
		return r;
	return sign_head(a, s, &last, e);
}

/* ---- refused reads ---- */

bool auditor_tells_refusal(struct auditor *a, bool is_known, const char *actor, const char *address, const char *call,
			   struct wall_time now)
{
	char from[LOCKOUT_ADDRESS_MAX];
	bool tell;

	if (!a)
		return true;
	(void)pthread_mutex_lock(&a->lock);
	tell = refusals_count(&a->refused[is_known], actor, lockout_address(address, from), call, now);
	(void)pthread_mutex_unlock(&a->lock);
	return tell;
}

static bool take_refusal(struct auditor *a, bool all, struct refusal *ret)
{
	struct wall_time now = clock_wall();
	bool found;

	(void)pthread_mutex_lock(&a->lock);
	found = refusals_take(&a->refused[0], now, all, ret) || refusals_take(&a->refused[1], now, all, ret);
	(void)pthread_mutex_unlock(&a->lock);
	return found;
}

static int tell_counted(struct auditor *a, struct store *s, bool all, struct err *e)
{
	struct refusal one;
	int r = 0;

	while (r == 0 && take_refusal(a, all, &one)) {
		char since[TIME_TEXT_MAX], detail[80];
		struct audit_event event = { .actor = one.actor,
					     .address = one.address,
					     .action = audit_action_word(AUDIT_CALL_READ),
					     .object = one.call,
					     .outcome = "refused",
					     .detail = detail };

		(void)snprintf(detail, sizeof(detail), "%lld more like it since %s", (long long)one.more,
			       time_format(one.since, since));
		r = audit_write(s, &event, clock_wall(), e);
	}
	return r;
}

static void look(struct auditor *a, bool stopping)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	struct store *s = NULL;
	struct err e = { 0 };
	int r = arena ? store_pool_take(a->m->stores, &s, &e) : err_nomem(&e);

	if (r == 0)
		r = tell_counted(a, s, stopping, &e);
	if (r == 0)
		r = send_news(a, s, arena, &e);
	if (r == 0)
		r = look_at_heads(a, s, stopping, arena, &e);
	store_pool_give(a->m->stores, s);
	if (r < 0)
		log_error("audit: %s", err_text(&e));
}

/* True: go on. */
static bool wait_for_news(struct auditor *a)
{
	struct timespec until;
	bool stopping;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_EVERY_S;
	(void)pthread_mutex_lock(&a->lock);
	while (!a->news && !a->stopping && pthread_cond_timedwait(&a->changed, &a->lock, &until) == 0)
		;
	a->news = false;
	stopping = a->stopping;
	(void)pthread_mutex_unlock(&a->lock);
	return !stopping;
}

static void *run(void *context)
{
	struct auditor *a = context;

	look(a, false);
	while (wait_for_news(a))
		look(a, false);
	look(a, true);
	return NULL;
}

static void free_auditor(struct auditor *a)
{
	if (a->log_fd >= 0)
		(void)close(a->log_fd);
	(void)pthread_mutex_destroy(&a->lock);
	(void)pthread_cond_destroy(&a->changed);
	free(a);
}

int auditor_start(struct manager *m, int log_fd, const char *log_path, struct auditor **ret, struct err *e)
{
	struct auditor *a = calloc(1, sizeof(*a));
	pthread_condattr_t attributes;
	int r;

	if (!a) {
		if (log_fd >= 0)
			(void)close(log_fd);
		return err_nomem(e);
	}
	a->m = m;
	a->refused[false].window_s = REFUSED_STRANGER_S;
	a->refused[true].window_s = REFUSED_KNOWN_S;
	a->log_fd = log_fd;
	a->log_address.sun_family = AF_UNIX;
	(void)snprintf(a->log_address.sun_path, sizeof(a->log_address.sun_path), "%s", log_path);
	(void)gethostname(a->host, sizeof(a->host) - 1);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->changed, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	r = pthread_create(&a->thread, NULL, run, a);
	if (r != 0) {
		free_auditor(a);
		return err_set(e, -r, "audit: start a thread: %s", strerror(r));
	}
	*ret = a;
	return 0;
}

void auditor_wake(struct auditor *a)
{
	if (!a)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->news = true;
	(void)pthread_cond_signal(&a->changed);
	(void)pthread_mutex_unlock(&a->lock);
}

void auditor_stop(struct auditor *a)
{
	if (!a)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->stopping = true;
	(void)pthread_cond_signal(&a->changed);
	(void)pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	free_auditor(a);
}
