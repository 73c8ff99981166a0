#include "sys/store/audit.h"

#include "sys/store/internal.h"

#include <errno.h>

#define READ_MAX 20000 /* rows looked at for one page, when conditions beyond the index throw most of them away */

static bool event_from_row(struct query *q, struct arena *a, struct store_event *ret)
{
	*ret = (struct store_event) {
		.n = column_i64(q, 0),
		.at = { column_i64(q, 1) },
		.actor = column_text(q, 2, a),
		.action = column_text(q, 3, a),
		.object = column_text(q, 4, a),
		.outcome = column_text(q, 5, a),
		.text = column_text(q, 6, a),
	};
	column_copy(q, 7, ret->hash, STORE_HASH_SIZE);
	return ret->actor && ret->action && ret->object && ret->outcome && ret->text;
}

int store_event_add(struct store *s, const struct store_event *event, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_AUDIT_ADD);
	query_i64(&q, event->n);
	query_i64(&q, event->at.s);
	query_text(&q, event->actor);
	query_text(&q, event->action);
	query_text(&q, event->object);
	query_text(&q, event->outcome);
	query_text(&q, event->text);
	query_bytes(&q, bytes_of(event->hash, STORE_HASH_SIZE));
	return query_run(&q, NULL, e);
}

int store_event_last(struct store *s, int64_t before, struct arena *a, struct store_event *ret, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_AUDIT_LAST);
	query_i64(&q, before);
	r = query_row(&q, e);
	if (r > 0)
		r = event_from_row(&q, a, ret) ? 0 : err_nomem(e);
	else if (r == 0)
		r = 1;
	query_end(&q);
	return r;
}

int store_event_since(struct store *s, int64_t n, size_t limit, struct arena *a, struct store_event **ret,
		      size_t *ret_n, struct err *e)
{
	struct store_event *out = arena_alloc_array(a, limit, sizeof(*out));
	struct query q;
	size_t got = 0;
	int r = 0;

	if (!out)
		return err_nomem(e);
	query_begin(&q, s, ST_AUDIT_SINCE);
	query_i64(&q, n);
	query_i64(&q, (int64_t)limit);
	while (r >= 0 && got < limit && (r = query_row(&q, e)) > 0)
		r = event_from_row(&q, a, &out[got++]) ? 0 : err_nomem(e);
	query_end(&q);
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = got;
	return 0;
}

/* ---- the list ---- */

/* The number of the first event at or after `at`; times never go back from one event to the next. */
static int number_at(struct store *s, struct wall_time at, int64_t *ret, struct err *e)
{
	int r = query_number_of(s, ST_AUDIT_FIRST_AT, at.s, ret, e);

	if (r > 0)
		*ret = INT64_MAX;
	return r < 0 ? r : 0;
}

static enum statement driving(const struct store_event_query *q, const char **ret_value)
{
	*ret_value = q->object ? q->object : q->actor ? q->actor : q->action ? q->action : q->outcome;
	if (q->object)
		return ST_AUDIT_LIST_OBJECT;
	if (q->actor)
		return ST_AUDIT_LIST_ACTOR;
	if (q->action)
		return ST_AUDIT_LIST_ACTION;
	return q->outcome ? ST_AUDIT_LIST_OUTCOME : ST_AUDIT_LIST;
}

static bool is(const char *want, const char *got)
{
	return !want || strcmp(want, got) == 0;
}

static bool wanted(const struct store_event_query *q, const struct store_event *event)
{
	return is(q->actor, event->actor) && is(q->action, event->action) && is(q->object, event->object) &&
	       is(q->outcome, event->outcome);
}

/* Between `from` (included) and `before`: as many as fit. *ret_next 0: that was the end. */
static int read_page(struct store *s, const struct store_event_query *query, int64_t from, int64_t before,
		     struct arena *a, struct store_event *out, size_t *ret_n, int64_t *ret_next, struct err *e)
{
	const char *value;
	enum statement which = driving(query, &value);
	struct query q;
	size_t n = 0;
	int64_t looked = 0;
	int r = 0;

	query_begin(&q, s, which);
	query_i64(&q, before);
	query_i64(&q, READ_MAX);
	query_i64(&q, from);
	if (which != ST_AUDIT_LIST)
		query_text(&q, value);
	*ret_next = 0;
	while (r >= 0 && n < query->page.limit && (r = query_row(&q, e)) > 0) {
		r = event_from_row(&q, a, &out[n]) ? 0 : err_nomem(e);
		if (r < 0)
			break;
		looked++;
		*ret_next = out[n].n;
		n += wanted(query, &out[n]);
	}
	if (r == 0 && n < query->page.limit && looked < READ_MAX)
		*ret_next = 0;
	query_end(&q);
	*ret_n = n;
	return r < 0 ? r : 0;
}

int store_event_list(struct store *s, const struct store_event_query *query, struct arena *a, struct store_event **ret,
		     size_t *ret_n, const char **ret_next, struct err *e)
{
	struct store_event *out = arena_alloc_array(a, query->page.limit + 1, sizeof(*out));
	int64_t from = 0, before = INT64_MAX, cursor = 0, next = 0;
	int r = out ? cursor_number(query->page.cursor, INT64_MAX, &cursor, e) : err_nomem(e);

	if (r == 0 && query->after.s != 0)
		r = number_at(s, query->after, &from, e);
	if (r == 0 && query->before.s != 0)
		r = number_at(s, query->before, &before, e);
	if (r == 0)
		r = read_page(s, query, from, cursor < before ? cursor : before, a, out, ret_n, &next, e);
	if (r < 0)
		return r;
	*ret = out;
	*ret_next = next != 0 ? arena_printf(a, "%lld", (long long)next) : NULL;
	return 0;
}

/* ---- heads ---- */

int store_head_add(struct store *s, const struct store_head *head, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_AUDIT_HEAD_ADD);
	query_i64(&q, head->n);
	query_text(&q, head->text);
	query_bytes(&q, bytes_of(head->public_key, sizeof(head->public_key)));
	query_bytes(&q, bytes_of(head->signature, sizeof(head->signature)));
	return query_run(&q, NULL, e);
}

static int head_one(struct store *s, enum statement which, int64_t n, struct arena *a, struct store_head *ret,
		    struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, which);
	query_i64(&q, n);
	r = query_row(&q, e);
	if (r > 0) {
		*ret = (struct store_head) { .n = column_i64(&q, 0), .text = column_text(&q, 1, a) };
		column_copy(&q, 2, ret->public_key, sizeof(ret->public_key));
		column_copy(&q, 3, ret->signature, sizeof(ret->signature));
		r = ret->text ? 0 : err_nomem(e);
	} else if (r == 0) {
		r = 1;
	}
	query_end(&q);
	return r;
}

int store_head_last(struct store *s, struct arena *a, struct store_head *ret, struct err *e)
{
	return head_one(s, ST_AUDIT_HEAD_LAST, INT64_MAX, a, ret, e);
}

int store_head_of(struct store *s, int64_t n, struct arena *a, struct store_head *ret, struct err *e)
{
	return head_one(s, ST_AUDIT_HEAD_GET, n, a, ret, e);
}
