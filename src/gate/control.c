#include "gate/control.h"

#include "core/pki/name.h"
#include "gate/failure.h"
#include "gate/words.h"
#include "gatewright-config.h"

#include <errno.h>
#include <unistd.h>

struct request {
	struct activation *a;
	const struct control_view *v;
	struct words words;
	struct wall_time now;
	struct mono_time mono;
	struct buf *out;
};

/* Text that may come from a certificate must not begin a line of its own. */
static void add_text(struct buf *out, const char *s)
{
	for (; *s; s++)
		buf_add_u8(out, (uint8_t)*s < 0x20 || *s == 0x7f ? ' ' : (uint8_t)*s);
	buf_add_u8(out, '\n');
}

void control_fail(int kind, const struct err *e, struct buf *out)
{
	buf_printf(out, "fail %s ", failure_word(kind));
	add_text(out, err_text(e));
}

static void fact(const struct request *q, const char *key, const char *value)
{
	buf_printf(q->out, "= %s ", key);
	add_text(q->out, value);
}

static const char *live_id(const struct request *q)
{
	const struct generation *g = activation_served(q->a);

	return g ? g->id : "-";
}

static void say_served(const struct request *q, const struct generation *g)
{
	CLEANUP(arena_freep) struct arena *names = arena_new(LIMIT_CONTROL_ANSWER_MAX);
	const struct cert_facts *leaf = generation_leaf(g);
	char time[TIME_TEXT_MAX];

	fact(q, "serving", g->fingerprint);
	fact(q, "subject", leaf->subject_text);
	fact(q, "not_after", time_format(leaf->not_after, time));
	buf_printf(q->out, "= days_left %lld\n", (long long)time_days_left(q->now, leaf->not_after));
	for (size_t i = 0; names && i < leaf->names_n; i++)
		fact(q, "name", name_text(&leaf->names[i], names));
}

static int on_status(void *context, struct err *e)
{
	const struct request *q = (const struct request *)context;
	const struct pending *p = activation_pending(q->a);
	const struct generation *g = activation_served(q->a);

	(void)e;
	fact(q, "live", live_id(q));
	fact(q, "pending", p ? p->token : "-");
	if (p)
		buf_printf(q->out, "= left %lld\n", (long long)activation_left(q->a, q->mono));
	else
		fact(q, "left", "-");
	fact(q, "old", p ? p->old_id : "-");
	if (g)
		say_served(q, g);
	fact(q, "version", GATEWRIGHT_VERSION);
	buf_printf(q->out, "= pid %ld\n= uptime %lld\n= connections %llu\n= threads %zu\n", (long)getpid(),
		   (long long)q->v->uptime_s, (unsigned long long)q->v->connections, q->v->threads);
	for (size_t i = 0; i < q->v->listen_n; i++)
		fact(q, "listen", q->v->listen[i]);
	return 0;
}

static int on_activate(void *context, struct err *e)
{
	const struct request *q = (const struct request *)context;
	char id[KEYSTORE_ID_SIZE], token[KEYSTORE_TOKEN_SIZE];
	struct activation_switched done;
	uint64_t seconds;
	int r;

	if (!words_copy(q->words.w[1], id, sizeof(id)) || !words_copy(q->words.w[2], token, sizeof(token)) ||
	    !words_number(q->words.w[3], LIMIT_SWITCH_WINDOW_MAX_S, &seconds))
		return err_set(e, -EINVAL, "want 'activate ID TOKEN SECONDS' with at most %d seconds",
			       LIMIT_SWITCH_WINDOW_MAX_S);
	r = activation_switch(q->a, id, token, (int64_t)seconds, q->now, q->mono, &done, e);
	if (r < 0 && done.switched)
		fact(q, "restored", done.restored ? "yes" : "no");
	if (r == 0)
		fact(q, "old", done.old_id);
	fact(q, "live", live_id(q));
	return r;
}

static int on_confirm(void *context, struct err *e)
{
	const struct request *q = (const struct request *)context;
	char token[KEYSTORE_TOKEN_SIZE];
	size_t removed = 0;
	uint64_t keep;
	int r;

	if (!words_copy(q->words.w[1], token, sizeof(token)) ||
	    !words_number(q->words.w[2], LIMIT_KEYSTORE_GENERATIONS_MAX, &keep))
		return err_set(e, -EINVAL, "want 'confirm TOKEN KEEP' with at most %d to keep",
			       LIMIT_KEYSTORE_GENERATIONS_MAX);
	r = activation_confirm(q->a, token, (size_t)keep, &removed, e);
	fact(q, "live", live_id(q));
	if (r == 0)
		buf_printf(q->out, "= removed %zu\n", removed);
	return r;
}

static int on_rollback(void *context, struct err *e)
{
	const struct request *q = (const struct request *)context;
	char token[KEYSTORE_TOKEN_SIZE];
	int r;

	if (!words_copy(q->words.w[1], token, sizeof(token)))
		return err_set(e, -EINVAL, "want 'rollback TOKEN'");
	r = activation_rollback(q->a, token, q->mono, e);
	fact(q, "live", live_id(q));
	if (r == 0)
		fact(q, "restored", "yes");
	return r;
}

static const struct words_verb verbs[] = {
	{ "status", 1, on_status },
	{ "activate", 4, on_activate },
	{ "confirm", 3, on_confirm },
	{ "rollback", 2, on_rollback },
};

void control_on_line(struct activation *a, const struct control_view *v, struct bytes line, struct wall_time now,
		     struct mono_time mono, struct buf *out)
{
	struct request q = { .a = a, .v = v, .now = now, .mono = mono, .out = out };
	struct err e = { 0 };
	int r = words_answer(verbs, ARRAY_N(verbs), line, &q.words, &q, &e);

	if (r < 0)
		control_fail(r, &e, out);
	else
		buf_add_str(out, "ok\n");
}
