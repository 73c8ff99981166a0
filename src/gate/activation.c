#include "gate/activation.h"

#include "base/log.h"
#include "gate/failure.h"
#include "gate/stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct activation {
	struct keystore *ks;
	const struct activation_ops *ops;
	void *context;
	struct generation *served, *previous; /* previous: what to go back to while something is pending */
	bool has_pending;
	bool going_back; /* the old one is served again; the directory does not say so yet */
	struct pending pending;
	struct mono_time due;
};

struct activation *activation_new(struct keystore *ks, const struct activation_ops *ops, void *context)
{
	struct activation *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->ks = ks;
	a->ops = ops;
	a->context = context;
	return a;
}

void activation_free(struct activation *a)
{
	if (!a)
		return;
	generation_free(a->served);
	generation_free(a->previous);
	free(a);
}

const struct generation *activation_served(const struct activation *a)
{
	return a->served;
}

const struct pending *activation_pending(const struct activation *a)
{
	return a->has_pending ? &a->pending : NULL;
}

int64_t activation_left(const struct activation *a, struct mono_time mono)
{
	int64_t left_ms = a->due.ms - mono.ms;

	return left_ms > 0 ? (left_ms + 999) / 1000 : 0;
}

bool activation_due(const struct activation *a, struct mono_time *ret)
{
	if (!a->has_pending)
		return false;
	*ret = a->due;
	return true;
}

static const char *id_or_dash(const struct generation *g)
{
	return g ? g->id : "-";
}

static const char *old_or_null(const struct pending *p)
{
	return strcmp(p->old_id, "-") == 0 ? NULL : p->old_id;
}

/*
 * The start
 */

/* A damaged record does not say what the old one was: then it is the last confirmed one. */
static int recover_damaged(struct activation *a, struct err *e)
{
	struct history h;

	log_error("%s", err_text(e));
	history_read(a->ks, &h);
	if (h.n > 0) {
		int r = keystore_point(a->ks, h.ids[h.n - 1], e);

		if (r < 0)
			return r;
		log_warning("went back to '%s', the last confirmed generation", h.ids[h.n - 1]);
	}
	return pending_remove(a->ks, e);
}

/* See the table in keystore.c: whatever happened, an unconfirmed switch is undone, `current` first, the record last. */
static int recover(struct activation *a, struct err *e)
{
	char live[KEYSTORE_ID_SIZE] = "-";
	struct pending p;
	int r = pending_read(a->ks, &p, e);

	if (r > 0)
		return 0;
	if (r == -EINVAL)
		return recover_damaged(a, e);
	if (r < 0)
		return r;
	r = keystore_live(a->ks, live, NULL);
	if (r != 0 || strcmp(live, p.old_id) != 0) {
		r = keystore_point(a->ks, old_or_null(&p), e);
		if (r < 0)
			return r;
	}
	log_warning(
		"the switch from '%s' to '%s' (token %s) was not confirmed before the gate ended: '%s' is live again",
		p.old_id, p.new_id, p.token, p.old_id);
	return pending_remove(a->ks, e);
}

static int serve(struct activation *a, struct generation *g, struct err *e)
{
	int r = a->ops->serve(a->context, g, e);

	return r < 0 ? err_wrap(e, r, "serve generation '%s'", id_or_dash(g)) : 0;
}

/* Blockers do not keep a gate down that has nothing better (an expired certificate is better than none), but they are
 * said. */
static int start_with(struct activation *a, const char *id, struct wall_time now, struct err *e)
{
	CLEANUP(generation_freep) struct generation *g = NULL;
	CLEANUP(util_freep) struct findings *f = calloc(1, sizeof(*f));
	int r = f ? generation_read(a->ks, id, &g, e) : err_nomem(e);

	if (r < 0)
		return r;
	generation_check(g, NULL, true, now, f);
	if (findings_blocked(f)) {
		struct err refusal = { 0 };

		(void)generation_refusal(id, f, false, &refusal);
		log_error("%s; it is served all the same, because it is the live one", err_text(&refusal));
	}
	r = serve(a, g, e);
	if (r < 0)
		return r;
	generation_free(a->served);
	a->served = TAKE(g);
	return 0;
}

static int fall_back_to(struct activation *a, const char *id, struct wall_time now)
{
	struct err why = { 0 };

	if (start_with(a, id, now, &why) < 0) {
		log_error("can't fall back to: %s", err_text(&why));
		return 1;
	}
	log_error("FALLBACK: the live keystore is broken; serving '%s' instead; install a whole keystore", id);
	if (keystore_point(a->ks, id, &why) < 0)
		log_error("%s", err_text(&why));
	return 0;
}

static int fall_back(struct activation *a, const char *broken, struct wall_time now, struct err *e)
{
	CLEANUP(util_freep) struct keystore_entry *entries = NULL;
	struct history h;
	size_t n = 0;
	int r;

	history_read(a->ks, &h);
	for (size_t i = h.n; i-- > 0;)
		if (strcmp(h.ids[i], broken) != 0 && fall_back_to(a, h.ids[i], now) == 0)
			return 0;
	r = keystore_list(a->ks, &entries, &n, e);
	if (r < 0)
		return r;
	for (size_t i = n; i-- > 0;)
		if (entries[i].complete && strcmp(entries[i].id, broken) != 0 && !history_has(&h, entries[i].id) &&
		    fall_back_to(a, entries[i].id, now) == 0)
			return 0;
	return 1;
}

/* Nothing live and nothing confirmed ever: an empty keystore, or one whose first generation was not confirmed. */
static bool is_fresh(struct activation *a)
{
	struct history h;

	history_read(a->ks, &h);
	return h.n == 0;
}

int activation_start(struct activation *a, struct wall_time now, struct err *e)
{
	char live[KEYSTORE_ID_SIZE] = "";
	int r = recover(a, e);

	if (r < 0)
		return r;
	r = keystore_live(a->ks, live, e);
	if (r > 0 && is_fresh(a))
		return 1;
	if (r > 0)
		log_error("keystore '%s' has no link 'current'", keystore_path(a->ks));
	if (r == 0) {
		r = start_with(a, live, now, e);
		if (r == 0 && history_add(a->ks, live, e) < 0)
			log_warning("%s", err_text(e));
		if (r == 0)
			return 0;
	}
	if (r < 0)
		log_error("%s", err_text(e));
	return fall_back(a, live, now, e);
}

/*
 * The switch
 */

static int check_request(struct activation *a, const char *id, const char *token, int64_t seconds,
			 struct mono_time mono, struct err *e)
{
	if (!keystore_id_is_valid(bytes_of_str(id)))
		return err_set(e, -EINVAL, "generation: want [A-Za-z0-9.-]{1,64}, got '%.80s'", id);
	if (!keystore_token_is_valid(bytes_of_str(token)))
		return err_set(e, -EINVAL, "token: want [A-Za-z0-9._:@+=/-]{1,64}, got '%.80s'", token);
	if (seconds < 0 || seconds > LIMIT_SWITCH_WINDOW_MAX_S)
		return err_set(e, -EINVAL, "seconds: want 0 to %d, got %lld", LIMIT_SWITCH_WINDOW_MAX_S,
			       (long long)seconds);
	if (a->has_pending)
		return err_set(e, -EBUSY, "the switch to '%s' with token %s is pending, %lld seconds are left",
			       a->pending.new_id, a->pending.token, (long long)activation_left(a, mono));
	return 0;
}

/* Read and judge. A generation that was confirmed on this host may come back also when it has fewer names than today's.
 */
static int load_candidate(struct activation *a, const char *id, struct wall_time now, struct generation **ret,
			  struct err *e)
{
	CLEANUP(util_freep) struct findings *f = calloc(1, sizeof(*f));
	CLEANUP(generation_freep) struct generation *g = NULL;
	struct history h;
	int r = f ? generation_read(a->ks, id, &g, e) : err_nomem(e);

	if (r < 0)
		return r;
	history_read(a->ks, &h);
	generation_check(g, a->served, history_has(&h, id), now, f);
	if (findings_blocked(f))
		return generation_refusal(id, f, false, e);
	*ret = TAKE(g);
	return 0;
}

static int arm(struct activation *a, const char *id, const char *token, int64_t seconds, struct wall_time now,
	       struct mono_time mono, struct err *e)
{
	struct pending *p = &a->pending;
	int r;

	*p = (struct pending) { .deadline = wall_add(now, seconds) };
	(void)snprintf(p->token, sizeof(p->token), "%s", token);
	(void)snprintf(p->old_id, sizeof(p->old_id), "%s", id_or_dash(a->served));
	(void)snprintf(p->new_id, sizeof(p->new_id), "%s", id);
	pending_boot_id(p->boot);
	a->due = (struct mono_time) { mono.ms + seconds * 1000 };
	if (seconds == 0)
		return pending_remove(a->ks, e);
	r = pending_write(a->ks, p, e);
	if (r < 0)
		util_ignore(pending_remove(a->ks, NULL)); /* it may lie there all the same */
	return r;
}

/* After a failure in the middle: `current` back, then the record away. The old one never stopped being served. */
static bool restore_directory(struct activation *a)
{
	struct err why = { 0 };
	int r = keystore_point(a->ks, old_or_null(&a->pending), &why);

	if (r == 0)
		r = pending_remove(a->ks, &why);
	if (r < 0)
		log_error("undo the switch: %s; the old keystore is served, and a start would undo it too",
			  err_text(&why));
	return r == 0;
}

/* The switch failed and the directory could not be put back: stay pending, go back on the timer. */
static void stay_going_back(struct activation *a, struct mono_time mono)
{
	a->has_pending = true;
	a->going_back = true;
	a->due = (struct mono_time) { mono.ms + LIMIT_ROLLBACK_RETRY_MS };
}

static int perform_switch(struct activation *a, struct generation **g, int64_t seconds, struct mono_time mono,
			  struct activation_switched *ret, struct err *e)
{
	int r = keystore_point(a->ks, (*g)->id, e);

	ret->switched = true;
	if (r == 0) {
		r = serve(a, *g, e);
		if (r < 0)
			r = err_wrap(e, FAILURE_RELOAD, "the gate can't serve it");
	}
	if (r < 0) {
		ret->restored = true; /* it is what is served */
		if (!restore_directory(a))
			stay_going_back(a, mono);
		return r;
	}
	generation_free(a->previous);
	a->previous = a->served;
	a->served = TAKE(*g);
	a->has_pending = seconds > 0;
	a->going_back = false;
	return 0;
}

static bool is_repeated(const struct activation *a, const char *id, const char *token)
{
	return a->has_pending && !a->going_back && strcmp(a->pending.new_id, id) == 0 &&
	       strcmp(a->pending.token, token) == 0;
}

int activation_switch(struct activation *a, const char *id, const char *token, int64_t seconds, struct wall_time now,
		      struct mono_time mono, struct activation_switched *ret, struct err *e)
{
	CLEANUP(generation_freep) struct generation *g = NULL;
	int r;

	*ret = (struct activation_switched) { 0 };
	(void)snprintf(ret->old_id, sizeof(ret->old_id), "%s", id_or_dash(a->served));
	if (is_repeated(a, id, token)) {
		(void)snprintf(ret->old_id, sizeof(ret->old_id), "%s", a->pending.old_id);
		ret->switched = true;
		return 0;
	}
	r = check_request(a, id, token, seconds, mono, e);
	if (r == 0)
		r = keystore_enter(a->ks, e); /* nobody discards it in the meantime */
	if (r == 0)
		r = load_candidate(a, id, now, &g, e);
	if (r == 0)
		r = arm(a, id, token, seconds, now, mono, e);
	if (r == 0)
		r = perform_switch(a, &g, seconds, mono, ret, e);
	keystore_leave(a->ks);
	if (r < 0)
		return r;
	log_info("generation '%s' (%s) is served, was '%s'; %s", id, a->served->fingerprint, ret->old_id,
		 seconds > 0 ? "awaiting its confirmation" : "confirmed at once");
	if (seconds == 0 && history_add(a->ks, id, e) < 0)
		log_warning("%s", err_text(e));
	return 0;
}

/*
 * The end of the window
 */

static int check_token(const struct activation *a, const char *token, struct err *e)
{
	if (a->has_pending && strcmp(a->pending.token, token) == 0)
		return 0;
	return err_set(e, FAILURE_NOT_PENDING, "no switch with token '%.80s' awaits confirmation", token);
}

static size_t prune(struct activation *a, const char *old_id, size_t keep)
{
	CLEANUP(util_freep) struct keystore_entry *entries = NULL;
	struct err why = { 0 };
	size_t n = 0, removed = 0;

	if (keystore_list(a->ks, &entries, &n, &why) < 0) {
		log_warning("%s", err_text(&why));
		return 0;
	}
	for (size_t i = 0; i < n && n - removed > keep; i++) {
		if (strcmp(entries[i].id, a->served->id) == 0 || strcmp(entries[i].id, old_id) == 0)
			continue;
		if (stage_discard(a->ks, entries[i].id, &why) < 0)
			log_warning("%s", err_text(&why));
		else
			removed++;
	}
	return removed;
}

int activation_confirm(struct activation *a, const char *token, size_t keep, size_t *ret_removed, struct err *e)
{
	int r = check_token(a, token, e);

	if (r == 0 && a->going_back)
		r = err_set(e, FAILURE_NOT_PENDING, "the switch with token '%.80s' is being rolled back", token);
	if (r == 0)
		r = pending_remove(a->ks, e);
	if (r < 0)
		return r;
	a->has_pending = false;
	generation_free(TAKE(a->previous));
	if (history_add(a->ks, a->served->id, e) < 0)
		log_warning("%s", err_text(e));
	*ret_removed = prune(a, a->pending.old_id, keep);
	log_info("generation '%s' is confirmed (token %s)", a->served->id, token);
	return 0;
}

/* Serving the old one comes first; it is in memory and needs no disk. */
static int go_back(struct activation *a, struct mono_time mono, struct err *e)
{
	int r;

	if (!a->going_back) {
		r = serve(a, a->previous, e);
		if (r < 0)
			log_error("roll back: %s", err_text(e));
		if (r == 0) {
			generation_free(a->served);
			a->served = TAKE(a->previous);
			a->going_back = true;
		}
	}
	r = a->going_back ? keystore_point(a->ks, old_or_null(&a->pending), e) : -EIO;
	if (r == 0)
		r = pending_remove(a->ks, e);
	if (r < 0) {
		a->due = (struct mono_time) { mono.ms + LIMIT_ROLLBACK_RETRY_MS };
		return r;
	}
	a->has_pending = a->going_back = false;
	return 0;
}

int activation_rollback(struct activation *a, const char *token, struct mono_time mono, struct err *e)
{
	int r = check_token(a, token, e);

	if (r == 0)
		r = go_back(a, mono, e);
	if (r == 0)
		log_warning("rolled back from '%s' to '%s' on request (token %s)", a->pending.new_id, a->pending.old_id,
			    token);
	return r;
}

void activation_on_timer(struct activation *a, struct mono_time mono)
{
	struct err why = { 0 };

	if (!a->has_pending || mono.ms < a->due.ms)
		return;
	if (!a->going_back)
		log_warning("DEAD-MAN SWITCH: '%s' (token %s) was not confirmed in time: going back to '%s'",
			    a->pending.new_id, a->pending.token, a->pending.old_id);
	if (go_back(a, mono, &why) < 0)
		log_error("roll back: %s; trying again", err_text(&why));
	else
		log_warning("rolled back: '%s' is live", a->pending.old_id);
}
