/*
 * The update machine, walked through every order of events. A node is the machine's state plus what really happened (the ghost); every
 * accepted event, with every value that matters, leads on. Checked at each step and each end; a cycle would be an update
 * that need not end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/deploy/update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW 1000000
#define NODES_MAX (1u << 20)

/* What truly happened, apart from what the machine remembers. */
struct ghost {
	bool connected, manager_gone, late;
	bool switched, untouched, saw_new, host_confirmed, confirm_sent, host_restored, saw_old_last, finished;
};

struct node {
	struct update u;
	struct ghost g;
	struct update_action todo;
	int depth;
};

enum color { WHITE, GREY, BLACK };

static struct {
	char (*keys)[112];
	uint8_t *colors;
	size_t n;
	int depth_max;
	size_t ends[UR_N];
} walk;

static void key_of(const struct node *n, char out[112])
{
	const struct update *u = &n->u;
	const struct ghost *g = &n->g;

	(void)snprintf(out, 112, "%d.%d.%d%d%d%d%d%d%d%d%d%d%d%d%d.%d.%d.%d.%d.%d.%lld.%d%d%d%d%d%d%d%d%d%d%d%d", u->state, u->doing, u->started,
		       u->cancelled, u->manager_gone, u->connected, u->refused, u->stage_sent, u->discard_sent, u->switch_sent, u->confirm_sent,
		       u->probed_new, u->confirmed, u->restored, u->last_look, u->probes, u->probes_old, u->reconnects, u->statuses,
		       u->doing == UA_MOVE ? u->moving_to : 0, (long long)(u->deadline.s ? u->deadline.s - NOW : 0), g->connected, g->manager_gone,
		       g->late, g->switched, g->untouched, g->saw_new, g->host_confirmed, g->confirm_sent, g->host_restored, g->saw_old_last,
		       g->finished, u->cause[0] != '\0');
}

static size_t slot_of(const char *key)
{
	uint64_t h = 1469598103934665603u;

	for (const char *p = key; *p; p++)
		h = (h ^ (uint8_t)*p) * 1099511628211u;
	h &= NODES_MAX - 1;
	while (walk.keys[h][0] && strcmp(walk.keys[h], key) != 0)
		h = (h + 1) & (NODES_MAX - 1);
	return (size_t)h;
}

static bool is_on_ssh(enum update_action_kind k)
{
	return k == UA_CHECK || k == UA_STAGE || k == UA_SWITCH || k == UA_STATUS || k == UA_CONFIRM || k == UA_ROLLBACK || k == UA_DISCARD;
}

static void check_end(const struct node *n)
{
	const struct ghost *g = &n->g;

	switch (n->todo.result) {
	case UR_CONFIRMED:
		assert_true(g->saw_new && g->switched && !g->untouched);
		assert_true(g->host_confirmed || (g->confirm_sent && g->late));
		break;
	case UR_FAILED:
		assert_true(!g->switched || g->untouched);
		break;
	case UR_ROLLED_BACK:
		assert_true(g->switched && !g->untouched);
		assert_true(g->saw_old_last || g->host_restored);
		assert_false(g->host_confirmed);
		break;
	case UR_UNKNOWN:
		assert_true(g->switched && !g->untouched);
		break;
	case UR_N:
		fail();
	}
	assert_true(n->todo.result == UR_UNKNOWN || update_state_is_final(n->u.state));
	assert_true(n->todo.text[0] != '\0');
	walk.ends[n->todo.result]++;
}

static void check_action(const struct node *before, const struct node *n)
{
	const struct update_action *a = &n->todo;

	assert_true(!is_on_ssh(a->kind) || n->g.connected);
	assert_true(a->kind != UA_CONNECT || !n->g.connected);
	assert_true(a->kind != UA_MOVE || (update_may_move(n->u.state, a->state) && !n->g.manager_gone));
	assert_true(a->kind != UA_STAGE || !n->g.switched);
	assert_true(a->kind != UA_SWITCH || (!before->g.switched && n->u.state == US_SWITCHED && a->seconds > 0));
	assert_true(a->kind != UA_CONFIRM || (n->g.saw_new && n->u.state == US_PROBING && !n->g.manager_gone));
	assert_true(a->kind != UA_ROLLBACK || (n->g.switched && n->u.state == US_ROLLING_BACK));
	assert_true(a->kind != UA_DISCARD || !n->g.switched || n->g.untouched);
	assert_true(a->kind != UA_SLEEP_UNTIL || a->until.s > NOW);
	assert_true(a->kind != UA_MOVE || a->state != US_SWITCHED || a->has_deadline);
	if (a->kind == UA_FINISH)
		check_end(n);
}

/* The truth moves with the event, then with the action that comes out. */
static void haunt(struct ghost *g, enum update_action_kind doing, const struct update_event *ev)
{
	if (ev->kind == UE_CONNECTED)
		g->connected = true;
	if (ev->kind == UE_LOST || ev->kind == UE_CONNECT_FAILED || (ev->kind == UE_TIMED_OUT && (is_on_ssh(doing) || doing == UA_CONNECT)))
		g->connected = false;
	if (ev->kind == UE_MANAGER_GONE || (ev->kind == UE_TIMED_OUT && doing == UA_MOVE))
		g->manager_gone = true;
	if (ev->kind == UE_SWITCH_FAILED || (ev->kind == UE_STEP_FAILED && doing == UA_SWITCH)) {
		g->untouched = ev->restored == RESTORED_UNTOUCHED;
		g->host_restored = ev->restored == RESTORED_YES;
	}
	if (ev->kind == UE_ROLLED_BACK)
		g->host_restored = ev->restored != RESTORED_NO;
	if (ev->kind == UE_CONFIRMED)
		g->host_confirmed = true;
	/* another generation, or another's switch to one, says nothing about the old keystore */
	if (ev->kind == UE_STATUS && ev->status.pending == PENDING_NONE && ev->status.live == GENERATION_NEW)
		g->host_confirmed = true;
	if (ev->kind == UE_STATUS && ev->status.pending != PENDING_OURS && ev->status.live == GENERATION_OLD)
		g->host_restored = true;
	if (ev->kind == UE_PROBED && g->switched) {
		g->saw_new = g->saw_new || ev->seen == SEEN_NEW;
		g->saw_old_last = ev->seen == SEEN_OLD;
	}
	if (ev->kind == UE_WOKE || (ev->kind == UE_TIMED_OUT && doing == UA_SLEEP_UNTIL))
		g->late = true;
}

static bool visit(const struct node *n);

/* The middle of a count is like any other: go from the second to the one before the last. */
static void skip_middle(int *count, int max)
{
	if (*count == 2)
		*count = max - 2;
}

static void step(const struct node *n, const struct update_event *ev)
{
	struct node next = *n;
	struct update_action out;
	struct wall_time now = { NOW + (n->g.late || ev->kind == UE_WOKE ? 100000 : 0) };

	haunt(&next.g, n->todo.kind, ev);
	update_on_event(&next.u, ev, now, &out);
	if (out.kind != UA_WAIT) {
		next.todo = out;
		next.g.switched = next.g.switched || out.kind == UA_SWITCH;
		next.g.confirm_sent = next.g.confirm_sent || out.kind == UA_CONFIRM;
		next.g.finished = out.kind == UA_FINISH;
		check_action(n, &next);
	}
	skip_middle(&next.u.probes, UPDATE_PROBES_MAX);
	skip_middle(&next.u.probes_old, UPDATE_PROBES_OLD_MAX);
	skip_middle(&next.u.reconnects, UPDATE_RECONNECTS_MAX);
	skip_middle(&next.u.statuses, UPDATE_STATUSES_MAX);
	next.depth++;
	if (!visit(&next)) {
		char key[112];

		key_of(n, key);
		print_error("cycle through %s by event %d\n", key, ev->kind);
		fail();
	}
}

static void steps_seen(const struct node *n, struct update_event ev)
{
	for (int s = 0; s < SEEN_N; s++) {
		ev.seen = (enum update_seen)s;
		step(n, &ev);
	}
}

static void steps_restored(const struct node *n, struct update_event ev)
{
	for (int r = RESTORED_UNTOUCHED; r <= RESTORED_NO; r++) {
		ev.restored = (enum host_restored)r;
		if (ev.kind != UE_ROLLED_BACK || r != RESTORED_UNTOUCHED)
			step(n, &ev);
	}
}

static void steps_status(const struct node *n, struct update_event ev)
{
	for (int live = 0; live <= GENERATION_OTHER; live++) {
		for (int pending = 0; pending <= PENDING_OTHER; pending++) {
			for (int left = 0; left <= (pending == PENDING_OURS ? 1 : 0); left++) {
				ev.status = (struct update_status){ (enum update_generation)live, (enum update_pending)pending, left * 40 };
				step(n, &ev);
			}
		}
	}
}

static void steps_check(const struct node *n, struct update_event ev)
{
	ev.check = (struct update_check){ .free_bytes = -1 };
	step(n, &ev);
	ev.check.running = HOST_RUNNING_YES;
	ev.check.live = LIVE_OTHER;
	step(n, &ev);
}

static void steps_of(const struct node *n, enum update_event_kind kind)
{
	struct update_event ev = { .kind = kind, .text = "said", .restored = RESTORED_YES };

	if (kind == UE_PROBED)
		steps_seen(n, ev);
	else if (kind == UE_SWITCH_FAILED || kind == UE_ROLLED_BACK)
		steps_restored(n, ev);
	else if (kind == UE_STATUS)
		steps_status(n, ev);
	else if (kind == UE_CHECKED)
		steps_check(n, ev);
	else
		step(n, &ev);
	if (kind == UE_CONNECT_FAILED) {
		ev.permanent = true;
		step(n, &ev);
	}
}

/* False: this node is being visited further up, so the events go round in a circle. */
static bool visit(const struct node *n)
{
	char key[112];
	size_t slot;

	key_of(n, key);
	slot = slot_of(key);
	if (walk.keys[slot][0])
		return walk.colors[slot] == BLACK;
	memcpy(walk.keys[slot], key, sizeof(key));
	walk.colors[slot] = GREY;
	assert_true(++walk.n < NODES_MAX / 2);
	walk.depth_max = n->depth > walk.depth_max ? n->depth : walk.depth_max;
	for (int kind = 0; kind < UE_N && !n->g.finished; kind++) {
		if ((kind == UE_CANCEL && n->u.cancelled) || (kind == UE_MANAGER_GONE && n->g.manager_gone))
			continue;
		if (kind == UE_LOST && (!n->g.connected && n->todo.kind != UA_CONNECT))
			continue;
		if (update_accepts(&n->u, (enum update_event_kind)kind))
			steps_of(n, (enum update_event_kind)kind);
	}
	walk.colors[slot] = BLACK;
	return true;
}

static void walk_all(const struct update_options *options)
{
	struct node start = { 0 };
	struct err e = { 0 };

	memset(&walk, 0, sizeof(walk));
	walk.keys = calloc(NODES_MAX, sizeof(*walk.keys));
	walk.colors = calloc(NODES_MAX, 1);
	assert_non_null(walk.keys);
	assert_non_null(walk.colors);
	assert_int_equal(update_init(&start.u, options, &e), 0);
	assert_true(visit(&start));
	for (int r = 0; r < UR_N; r++)
		assert_true(walk.ends[r] > 0);
	assert_true(walk.depth_max > 20);
	print_message("# %zu states, longest way %d events\n", walk.n, walk.depth_max);
	free(walk.keys);
	free(walk.colors);
}

static void walk_update(void **state)
{
	(void)state;
	walk_all(&(struct update_options){ 60, 300, true, false });
}

static void walk_switch_to_old_generation(void **state)
{
	(void)state;
	walk_all(&(struct update_options){ 60, 300, false, false });
}

static void walk_first_install(void **state)
{
	(void)state;
	walk_all(&(struct update_options){ 15, 300, true, true });
}

/* The table of states, word for word as docs/api.md has it, and each edge. */
static void states(void **state)
{
	static const struct row {
		const char *name;
		const char *to;
		bool final;
	} rows[US_N] = {
		{ "queued", "connecting failed ", false },
		{ "connecting", "checked failed ", false },
		{ "checked", "staged switched failed ", false },
		{ "staged", "switched failed ", false },
		{ "switched", "probing rolling-back failed ", false },
		{ "probing", "rolling-back confirmed ", false },
		{ "rolling-back", "rolled-back ", false },
		{ "confirmed", "", true },
		{ "rolled-back", "", true },
		{ "failed", "", true },
	};

	(void)state;
	for (int s = 0; s < US_N; s++) {
		char to[128] = "";
		enum update_state back;

		for (int t = 0; t < US_N; t++) {
			if (update_may_move((enum update_state)s, (enum update_state)t))
				(void)snprintf(to + strlen(to), sizeof(to) - strlen(to), "%s ", update_state_word((enum update_state)t));
		}
		assert_string_equal(update_state_word((enum update_state)s), rows[s].name);
		assert_string_equal(to, rows[s].to);
		assert_int_equal(update_state_is_final((enum update_state)s), rows[s].final);
		assert_int_equal(update_limit_ms((enum update_state)s) == 0, rows[s].final);
		assert_true(update_state_from_word(bytes_of_str(rows[s].name), &back) && back == (enum update_state)s);
	}
}

static void results(void **state)
{
	enum update_result r;
	enum update_state s;

	(void)state;
	assert_true(update_result_from_word(bytes_of_str("unknown"), &r) && r == UR_UNKNOWN);
	assert_false(update_result_from_word(bytes_of_str("Unknown"), &r));
	assert_false(update_state_from_word(bytes_of_str(""), &s));
	assert_int_equal(update_final_state(UR_UNKNOWN, US_PROBING), US_PROBING);
	assert_int_equal(update_final_state(UR_ROLLED_BACK, US_ROLLING_BACK), US_ROLLED_BACK);
}

/* The good case, action by action, with the deadlines that are stored. */
static void good_update(void **state)
{
	static const struct row {
		enum update_event_kind event;
		enum update_action_kind action;
		enum update_state at;
		int64_t deadline_s; /* after NOW; 0: none */
	} rows[] = {
		{ UE_STARTED,	UA_MOVE,    US_CONNECTING, 0 },	  { UE_STORED, UA_CONNECT, US_CONNECTING, 0 },
		{ UE_CONNECTED, UA_CHECK,   US_CONNECTING, 0 },	  { UE_CHECKED, UA_MOVE, US_CHECKED, 0 },
		{ UE_STORED,	UA_STAGE,   US_CHECKED, 0 },	  { UE_STAGED, UA_MOVE, US_STAGED, 0 },
		{ UE_STORED,	UA_MOVE,    US_SWITCHED, 180 },	  { UE_STORED, UA_SWITCH, US_SWITCHED, 0 },
		{ UE_SWITCHED,	UA_MOVE,    US_PROBING, 60 },	  { UE_STORED, UA_PROBE, US_PROBING, 0 },
		{ UE_PROBED,	UA_CONFIRM, US_PROBING, 0 },	  { UE_CONFIRMED, UA_FINISH, US_CONFIRMED, 0 },
	};
	struct update u;
	struct update_action out;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(update_init(&u, &(struct update_options){ 60, 300, true, false }, &e), 0);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct update_event ev = { .kind = rows[i].event, .seen = SEEN_NEW, .check = { .free_bytes = -1 } };

		update_on_event(&u, &ev, (struct wall_time){ NOW }, &out);
		assert_int_equal(out.kind, rows[i].action);
		assert_int_equal(out.state, rows[i].at);
		assert_int_equal(out.has_deadline ? out.deadline.s - NOW : 0, rows[i].deadline_s);
	}
	assert_int_equal(out.result, UR_CONFIRMED);
	assert_string_equal(out.text, "the new certificate is served, and the host has disarmed its dead-man switch");
}

/* Both sides of every boundary of `check`. */
static void judge(void **state)
{
	static const struct row {
		const char *name;
		struct update_check check;
		bool first_install;
		int code;
		const char *sentence;
	} rows[] = {
		{ "all good", { .free_bytes = 10, .need_bytes = 10, .skew_s = 300, .running = HOST_RUNNING_YES, .live = LIVE_OLD }, false, 0, NULL },
		{ "nothing said", { .free_bytes = -1, .need_bytes = 10 }, false, 0, NULL },
		{ "already new", { .free_bytes = -1, .live = LIVE_NEW }, false, 0, NULL },
		{ "behind, just", { .free_bytes = -1, .skew_s = -300 }, false, 0, NULL },
		{ "behind", { .free_bytes = -1, .skew_s = -301 }, false, -ERANGE,
		  "the host's clock is 301 s behind: want at most 300 s off, set the clock first" },
		{ "a day ahead", { .free_bytes = -1, .skew_s = 86400 }, false, -ERANGE,
		  "the host's clock is 86400 s ahead: want at most 300 s off, set the clock first" },
		{ "short", { .free_bytes = 9, .need_bytes = 10 }, false, -ENOSPC,
		  "not enough space for a keystore on the host: want 10 bytes, got 9" },
		{ "busy", { .free_bytes = -1, .pending = true, .pending_left_s = 12 }, false, -EBUSY,
		  "another update of this keystore awaits its confirmation on the host, for 12 s more" },
		{ "busy with ourselves", { .free_bytes = -1, .pending = true, .pending_ours = true }, false, 0, NULL },
		{ "down", { .free_bytes = -1, .running = HOST_RUNNING_NO }, false, -ESRCH,
		  "the gateway is not running on the host, so that nothing could be proven" },
		{ "down, never installed", { .free_bytes = -1, .running = HOST_RUNNING_NO }, true, 0, NULL },
		{ "other", { .free_bytes = -1, .live = LIVE_OTHER }, true, -ESTALE,
		  "the gateway's files hold another certificate than the one it was compared with: probe the gateway, then choose again" },
		{ "nothing there", { .free_bytes = -1, .live = LIVE_NOTHING }, false, -ENOENT,
		  "the gateway's files hold no certificate: are the paths of its target right?" },
		{ "nothing there yet", { .free_bytes = -1, .live = LIVE_NOTHING }, true, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct update_options o = { 60, 300, true, rows[i].first_install };
		struct err e = { 0 };
		int r = update_judge_check(&o, &rows[i].check, &e);

		if (r != rows[i].code)
			print_error("row '%s'\n", rows[i].name);
		assert_int_equal(r, rows[i].code);
		if (rows[i].sentence)
			assert_string_equal(err_text(&e), rows[i].sentence);
	}
}

static void options(void **state)
{
	static const struct row {
		int64_t within, skew;
		int code;
	} rows[] = { { 14, 0, -EINVAL }, { 15, 0, 0 }, { 3600, 0, 0 }, { 3601, 0, -EINVAL }, { 60, -1, -EINVAL }, { 0, 300, -EINVAL } };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct update u;

		assert_int_equal(update_init(&u, &(struct update_options){ rows[i].within, rows[i].skew, true, false }, &e), rows[i].code);
	}
}

/* The first reason is what the sentence names, whatever follows from it. */
static void cause(void **state)
{
	static const struct row {
		enum update_event_kind event;
		const char *text;
	} rows[] = { { UE_STARTED, NULL },	  { UE_STORED, NULL },		 { UE_CONNECTED, NULL }, { UE_CHECKED, NULL },
		     { UE_STORED, NULL },	  { UE_STAGED, NULL },		 { UE_STORED, NULL },	 { UE_STORED, NULL },
		     { UE_SWITCH_FAILED, "nginx -t failed" }, { UE_STORED, NULL }, { UE_PROBED, "old" } };
	struct update u;
	struct update_action out;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(update_init(&u, &(struct update_options){ 60, 300, true, false }, &e), 0);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct update_event ev = { .kind = rows[i].event, .seen = SEEN_OLD, .check = { .free_bytes = -1 }, .text = rows[i].text,
					   .restored = RESTORED_YES, .failure = HF_TEST_FAILED };

		update_on_event(&u, &ev, (struct wall_time){ NOW }, &out);
	}
	assert_int_equal(out.kind, UA_FINISH);
	assert_int_equal(out.result, UR_ROLLED_BACK);
	assert_string_equal(out.text, "the old keystore is served again: switch: nginx -t failed");
}

/* The confirmation was sent, and nobody can ask whether it arrived: the new certificate proves it only when no boot hook can come any more. */
static void confirmation_unanswered(void **state)
{
	static const struct row {
		enum update_event_kind event;
		int64_t now;
		enum update_action_kind want;
	} rows[] = {
		{ UE_STARTED, 0, UA_MOVE },	{ UE_STORED, 0, UA_CONNECT },	{ UE_CONNECTED, 0, UA_CHECK },
		{ UE_CHECKED, 0, UA_MOVE },	{ UE_STORED, 0, UA_STAGE },	{ UE_STAGED, 0, UA_MOVE },
		{ UE_STORED, 0, UA_MOVE },	{ UE_STORED, 0, UA_SWITCH },	{ UE_SWITCHED, 0, UA_MOVE },
		{ UE_STORED, 0, UA_PROBE },	{ UE_PROBED, 0, UA_CONFIRM },	{ UE_LOST, 1, UA_CONNECT },
		{ UE_CONNECT_FAILED, 2, UA_SLEEP_UNTIL },
		{ UE_WOKE, 60 + UPDATE_MARGIN_S, UA_PROBE },
		{ UE_PROBED, 60 + UPDATE_MARGIN_S, UA_SLEEP_UNTIL },
		{ UE_WOKE, 60 + UPDATE_HOOK_S, UA_PROBE },
		{ UE_PROBED, 60 + UPDATE_HOOK_S, UA_FINISH },
	};
	struct update u;
	struct update_action out = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(update_init(&u, &(struct update_options){ 60, 300, true, false }, &e), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct update_event ev = { .kind = rows[i].event, .seen = SEEN_NEW, .permanent = true, .check = { .free_bytes = -1 } };

		update_on_event(&u, &ev, (struct wall_time){ NOW + rows[i].now }, &out);
		if (out.kind != rows[i].want)
			print_error("row %zu\n", i);
		assert_int_equal(out.kind, rows[i].want);
		if (rows[i].want == UA_SLEEP_UNTIL)
			assert_int_equal(out.until.s, NOW + rows[i + 1].now);
	}
	assert_int_equal(out.result, UR_CONFIRMED);
}

/*
 * No connection any more: the last look sees the old certificate, somewhere. It is gone back to only when a look of its
 * own, for which the new one is the worse, sees it everywhere.
 */
static void last_look_of_two_addresses(void **state)
{
	static const struct row {
		enum update_seen last; /* in rolling-back */
		enum update_result want;
	} rows[] = { { SEEN_OLD, UR_ROLLED_BACK }, { SEEN_NEW, UR_UNKNOWN } };
	static const enum update_event_kind events[] = { UE_STARTED, UE_STORED, UE_CONNECTED, UE_CHECKED, UE_STORED, UE_STAGED, UE_STORED,
							 UE_STORED, UE_SWITCHED, UE_STORED, UE_LOST, UE_PROBED, UE_CONNECT_FAILED, UE_WOKE };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct update_action out = { 0 };
		struct err e = { 0 };
		struct update u;
		int looks = 0;

		assert_int_equal(update_init(&u, &(struct update_options){ 60, 300, true, false }, &e), 0);
		for (size_t k = 0; k < sizeof(events) / sizeof(events[0]); k++) {
			struct update_event ev = { .kind = events[k], .seen = SEEN_NEW, .permanent = true, .check = { .free_bytes = -1 } };

			update_on_event(&u, &ev, (struct wall_time){ NOW + (events[k] == UE_WOKE ? 60 + UPDATE_MARGIN_S : 0) }, &out);
		}
		assert_int_equal(out.kind, UA_PROBE);
		for (; out.kind != UA_FINISH && looks < 20; looks++) {
			struct update_event ev = { .kind = out.kind == UA_MOVE ? UE_STORED : UE_PROBED,
						   .seen = out.state == US_ROLLING_BACK ? rows[i].last : SEEN_OLD };

			update_on_event(&u, &ev, (struct wall_time){ NOW + 60 + UPDATE_MARGIN_S }, &out);
		}
		assert_int_equal(out.kind, UA_FINISH);
		assert_int_equal(out.result, rows[i].want);
	}
}

/* The manager took too long to store a state: the sentence says that, and not that it was gone. */
static void not_stored_in_time(void **state)
{
	struct update_event slow = { .kind = UE_MANAGER_GONE, .text = "the manager did not store the state 'connecting'" };
	struct update_action out = { 0 };
	struct err e = { 0 };
	struct update u;

	(void)state;
	assert_int_equal(update_init(&u, &(struct update_options){ 60, 300, true, false }, &e), 0);
	update_on_event(&u, &(struct update_event){ .kind = UE_STARTED }, (struct wall_time){ NOW }, &out);
	update_on_event(&u, &slow, (struct wall_time){ NOW }, &out);
	assert_int_equal(out.kind, UA_FINISH);
	assert_string_equal(out.text, "the old keystore is untouched: the manager did not store the state 'connecting'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),      cmocka_unit_test(results),      cmocka_unit_test(good_update),
		cmocka_unit_test(judge),       cmocka_unit_test(options),      cmocka_unit_test(cause),
		cmocka_unit_test(confirmation_unanswered), cmocka_unit_test(last_look_of_two_addresses),
		cmocka_unit_test(not_stored_in_time),
		cmocka_unit_test(walk_update), cmocka_unit_test(walk_switch_to_old_generation), cmocka_unit_test(walk_first_install),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
