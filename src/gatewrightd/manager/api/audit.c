/* The audit log: read, exported, verified. */
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/audit.h"
#include "gatewrightd/manager/keys_client.h"
#include "sys/crypto/audit_crypto.h"

#include <errno.h>
#include <stdlib.h>

#define BATCH 50
#define EXPORT_EVENTS_MAX 20000 /* of one answer */
#define EXPORT_BYTES_MAX (48u * 1024 * 1024)
#define BATCH_ARENA_MAX (64u * 1024 * 1024)
#define PROBLEMS_MAX 100 /* told of one verification */

static int parse_time(struct call *c, const char *name, struct wall_time *ret, struct err *e)
{
	const char *text = http_query(c->r, name);

	if (!text || time_parse(bytes_of_str(text), ret))
		return 0;
	return err_set(e, -EINVAL, "%s: want a time like 2027-01-31T23:59:59Z, got '%.40s'", name, text);
}

static json_t *json_event(const struct store_event *event)
{
	json_t *v = json_loads(event->text, 0, NULL);

	if (v)
		(void)json_object_set_new(v, "hash", json_hex(event->hash, AUDIT_HASH_SIZE));
	return v;
}

int audit_list(struct call *c, struct err *e)
{
	static const char *const known[] = { "actor", "action", "object", "outcome", "after", "before", NULL };
	struct store_event_query q = { .actor = http_query(c->r, "actor"),
				       .action = http_query(c->r, "action"),
				       .object = http_query(c->r, "object"),
				       .outcome = http_query(c->r, "outcome") };
	struct store_event *rows = NULL;
	const char *next = NULL;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, known, &q.page, e);

	if (r == 0)
		r = parse_time(c, "after", &q.after, e);
	if (r == 0)
		r = parse_time(c, "before", &q.before, e);
	if (r == 0 && q.action && !audit_action_is_word(q.action))
		r = err_set(e, -EINVAL, "action: want an action of the audit log, got '%.40s'", q.action);
	if (r == 0)
		r = store_event_list(c->s, &q, c->a, &rows, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(items, json_event(&rows[i]));
	return call_answer_list(c, items, next, e);
}

/* ---- lines ---- */

/* For each event after `n` its line, and that of its head where one was signed. 0: go on; 1: enough. */
typedef int each_line(void *context, struct bytes line, bool is_event, struct err *e);

static int one_event(struct store *s, const struct store_event *event, struct arena *a, each_line *each, void *context,
		     struct err *e)
{
	struct store_head head;
	struct buf line;
	int r;

	buf_init(&line, 2 * AUDIT_TEXT_MAX);
	audit_line(bytes_of_str(event->text), event->hash, &line);
	r = buf_bad(&line) ? err_nomem(e) : each(context, buf_bytes(&line), true, e);
	if (r == 0) {
		r = store_head_of(s, event->n, a, &head, e);
		buf_reset(&line);
		if (r == 0) {
			audit_head_line(bytes_of_str(head.text), head.public_key, head.signature, &line);
			r = buf_bad(&line) ? err_nomem(e) : each(context, buf_bytes(&line), false, e);
		} else if (r > 0) {
			r = 0;
		}
	}
	buf_fini(&line);
	return r;
}

static int for_each_line(struct store *s, int64_t after, each_line *each, void *context, struct err *e)
{
	struct store_event *events = NULL;
	size_t n = 0;
	int r;

	do {
		CLEANUP(arena_freep) struct arena *a = arena_new(BATCH_ARENA_MAX);

		r = a ? store_event_since(s, after, BATCH, a, &events, &n, e) : err_nomem(e);
		for (size_t i = 0; r == 0 && i < n; i++)
			r = one_event(s, &events[i], a, each, context, e);
		if (r == 0 && n > 0)
			after = events[n - 1].n;
	} while (r == 0 && n == BATCH);
	return r;
}

/* ---- export ---- */

struct export
{
	struct buf out;
	size_t events;
};

static int add_line(void *context, struct bytes line, bool is_event, struct err *e)
{
	struct export *x = context;

	if (is_event && (x->events == EXPORT_EVENTS_MAX || x->out.n + line.n + AUDIT_TEXT_MAX > EXPORT_BYTES_MAX))
		return 1;
	x->events += is_event;
	buf_add(&x->out, line);
	buf_add_str(&x->out, "\n");
	return buf_bad(&x->out) ? err_nomem(e) : 0;
}

int audit_export(struct call *c, struct err *e)
{
	static const char *const known[] = { "from", NULL };
	const char *from = http_query(c->r, "from");
	struct export x = { .events = 0 };
	char *end = NULL;
	int64_t first = 1;
	int r = http_query_check(c->r, known, e);

	if (r == 0 && from)
		first = strtoll(from, &end, 10);
	if (r == 0 && (first < 1 || (end && *end)))
		r = err_set(e, -EINVAL, "from: want the number of an event, got '%.40s'", from);
	if (r < 0)
		return r;
	buf_init(&x.out, EXPORT_BYTES_MAX);
	r = for_each_line(c->s, first - 1, add_line, &x, e);
	if (r >= 0)
		http_answer_text(c->r, 200, "application/jsonl", buf_bytes(&x.out));
	buf_fini(&x.out);
	return r < 0 ? r : 0;
}

/* ---- verification ---- */

static void tell_problem(void *context, int64_t n, const char *what)
{
	json_t *list = context;

	if (json_array_size(list) < PROBLEMS_MAX)
		(void)json_array_append_new(list, json_pack("{so,ss}", "n", json_id(n), "what", what));
}

static int check_line(void *context, struct bytes line, bool is_event, struct err *e)
{
	(void)is_event;
	(void)e;
	audit_check_line(context, line);
	return 0;
}

/* The key and the last head are keys' own: the store could name others. */
static int ask_keys(struct call *c, struct audit_check *check, struct err *e)
{
	struct keys_signature signature;
	const char *kept = NULL;
	int64_t n = 0;
	int r = keys_ask_sign(c->m->keys, BYTES_NONE, &signature, e);

	if (r == 0)
		r = keys_ask_last_head(c->m->keys, c->a, &n, &kept, e);
	if (r < 0)
		return r;
	memcpy(check->key, signature.public_key, AUDIT_KEY_SIZE);
	check->has_key = true;
	if (r == 0 && !audit_head_parse(bytes_of_str(kept), &check->kept))
		return err_set(e, -EIO, "the keys process has kept something that is no head");
	return 0;
}

int audit_verification(struct call *c, struct err *e)
{
	json_t *problems = json_array();
	struct audit_check check = { .hash = audit_sha256,
				     .verify = audit_verify_signature,
				     .problem = tell_problem,
				     .context = problems,
				     .first = 1 };
	int r = call_body(c, NULL, 0, NULL, e);

	if (r == 0)
		r = ask_keys(c, &check, e);
	if (r == 0)
		r = for_each_line(c->s, 0, check_line, &check, e);
	if (r < 0) {
		json_decref(problems);
		return r;
	}
	audit_check_end(&check);
	return call_answer(c, 200,
			   json_pack("{sb,sI,sI,sI,so}", "ok", (int)(check.problems == 0), "events",
				     (json_int_t)check.events, "heads", (json_int_t)check.heads, "unsigned",
				     (json_int_t)audit_check_unsigned(&check), "problems", problems),
			   e);
}
