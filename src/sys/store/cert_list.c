/* Lists of certificates, each driven by one index, and their cursors. */
#include "sys/store/cert_search.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TREE_END "g"  /* sorts after every hexadecimal digit */
#define READ_MAX 4000 /* rows looked at for one page, when conditions beyond the index throw most of them away */

/* Which index drives: the most telling condition. */
enum drive { BY_TREE, BY_WORD, BY_TEXT, BY_ISSUER, BY_TOP, BY_USED, BY_EXPIRY, BY_ROOT, BY_KIND, BY_ID };

struct list {
	struct store *s;
	const struct store_cert_query *query;
	struct arena *a;
	enum drive drive;
	struct cert_search search;
	char tree_begin[80], tree_end[80];
	int64_t after, after_time; /* where the page begins */
	struct store_cert *out;
	size_t n;
};

static bool is_search(const struct store_cert_query *q)
{
	return q->q && q->q[0];
}

/* CA certificates are few, and siblings are in the order of the tree. */
static enum drive choose(const struct store_cert_query *q)
{
	if (q->issuer_id != 0 && !is_search(q))
		return q->issuer_id == STORE_CERT_TOP ? BY_TOP : BY_ISSUER;
	if (q->tree)
		return BY_TREE;
	if (is_search(q) && (q->kind < 0 || q->kind == CERT_END_ENTITY))
		return BY_TEXT;
	if (q->used)
		return BY_USED;
	if (q->expires_before.s != 0)
		return BY_EXPIRY;
	if (q->root_id != 0 && q->kind >= 0)
		return BY_ROOT;
	if (q->root_id != 0)
		return BY_TREE; /* a root's own are together there */
	return q->kind >= 0 ? BY_KIND : BY_ID;
}

/* What the driving index did not decide. */
static bool wanted(const struct list *l, const struct store_cert *c)
{
	const struct store_cert_query *q = l->query;

	if (q->issuer_id != 0 && c->issuer_id != (q->issuer_id == STORE_CERT_TOP ? 0 : q->issuer_id))
		return false;
	if (is_search(q) && !(l->drive == BY_TEXT && l->search.is_wide) && !cert_search_matches(&l->search, c))
		return false;
	return (q->kind < 0 || c->kind == (enum cert_kind)q->kind) && (q->root_id == 0 || c->root_id == q->root_id) &&
	       (!q->used || c->used > 0) && (q->expires_before.s == 0 || c->not_after.s < q->expires_before.s);
}

static int parse_cursor(struct list *l, struct err *e)
{
	const char *cursor = l->query->page.cursor ? l->query->page.cursor : "";
	const char *dot = strchr(cursor, '.');
	int r;

	if (l->drive == BY_TREE) {
		if (strlen(cursor) >= sizeof(l->tree_begin) || strspn(cursor, "0123456789abcdef/") != strlen(cursor))
			return err_set(e, -EINVAL, "want the cursor that the page before gave, got '%.40s'", cursor);
		if (cursor[0])
			memcpy(l->tree_begin, cursor, strlen(cursor) + 1);
		return 0;
	}
	if (l->drive != BY_EXPIRY)
		return cursor_number(cursor, 0, &l->after, e);
	if (!cursor[0]) {
		l->after_time = INT64_MIN;
		return 0;
	}
	if (!dot || dot - cursor > 18)
		return err_set(e, -EINVAL, "want the cursor that the page before gave, got '%.40s'", cursor);
	r = cursor_number(dot + 1, 0, &l->after, e);
	if (r == 0) {
		char time[20] = "";

		memcpy(time, cursor, (size_t)(dot - cursor));
		r = cursor_number(time, 0, &l->after_time, e);
	}
	return r;
}

static void tree_range(struct list *l)
{
	int64_t root = l->query->root_id;

	l->tree_begin[0] = '\0';
	(void)snprintf(l->tree_end, sizeof(l->tree_end), TREE_END);
	if (root == 0)
		return;
	(void)snprintf(l->tree_begin, sizeof(l->tree_begin), "%08llx", (unsigned long long)root - 1);
	(void)snprintf(l->tree_begin + 8, sizeof(l->tree_begin) - 8, TREE_END); /* after all of the root before */
	(void)snprintf(l->tree_end, sizeof(l->tree_end), "%08llx" TREE_END, (unsigned long long)root);
}

static void bind_page(struct list *l, struct query *q, enum statement which)
{
	query_begin(q, l->s, which);
	query_i64(q, l->after);
	query_i64(q, (int64_t)l->query->page.limit * 8);
}

/* Prepare the statement of the driving index from where the last row stood. */
static void begin(struct list *l, struct query *q)
{
	static const enum statement plain[] = {
		[BY_ID] = ST_CERT_LIST,	       [BY_KIND] = ST_CERT_LIST_KIND,	  [BY_ROOT] = ST_CERT_LIST_ROOT,
		[BY_USED] = ST_CERT_LIST_USED, [BY_ISSUER] = ST_CERT_LIST_ISSUER, [BY_TOP] = ST_CERT_LIST_TOP,
		[BY_TEXT] = ST_CERT_LIST_TEXT, [BY_WORD] = ST_CERT_LIST_WORD
	};

	if (l->drive == BY_TREE) {
		query_begin(q, l->s, ST_CERT_LIST_TREE);
		query_text(q, l->tree_begin);
		query_i64(q, (int64_t)l->query->page.limit * 8);
		query_text(q, l->tree_end);
		return;
	}
	if (l->drive == BY_EXPIRY) {
		query_begin(q, l->s, ST_CERT_LIST_EXPIRY);
		query_i64(q, l->after_time);
		query_i64(q, l->after);
		query_i64(q, (int64_t)l->query->page.limit * 8);
		query_i64(q, l->query->expires_before.s);
		return;
	}
	bind_page(l, q, l->drive == BY_WORD && l->search.is_common ? ST_CERT_LIST_WORD_COMMON : plain[l->drive]);
	if (l->drive == BY_ROOT)
		query_i64(q, l->query->root_id);
	if (l->drive == BY_ROOT || l->drive == BY_KIND)
		query_i64(q, l->query->kind);
	if (l->drive == BY_ISSUER)
		query_i64(q, l->query->issuer_id);
	if (l->drive == BY_TEXT)
		query_text(q, l->search.pieces);
	if (l->drive == BY_WORD) {
		query_text(q, l->search.word);
		query_text(q, l->search.word_end);
	}
}

static int read_row(struct list *l, struct query *q, struct store_cert *ret, struct err *e)
{
	if (l->drive == BY_WORD || l->drive == BY_TEXT) {
		int r = store_cert_get(l->s, column_i64(q, 0), l->a, ret, e);

		return r > 0 ? err_set(e, -EIO, "store: a word of a certificate that is not there; the file is damaged")
			     : r;
	}
	return cert_from_row(q, l->a, ret) ? 0 : err_nomem(e);
}

static void stand_at(struct list *l, const struct store_cert *c)
{
	l->after = c->id;
	l->after_time = c->not_after.s;
	(void)snprintf(l->tree_begin, sizeof(l->tree_begin), "%s", c->tree_path);
}

/* One stretch of the index. Returns how many rows were read; -1 is never a count, failures are below -1. */
static int read_stretch(struct list *l, size_t *ret_read, struct err *e)
{
	size_t limit = l->query->page.limit;
	struct query q;
	int r = 0;

	*ret_read = 0;
	begin(l, &q);
	while (l->n < limit && (r = query_row(&q, e)) > 0) {
		r = read_row(l, &q, &l->out[l->n], e);
		if (r < 0)
			break;
		(*ret_read)++;
		stand_at(l, &l->out[l->n]);
		l->n += wanted(l, &l->out[l->n]);
	}
	query_end(&q);
	return r < 0 ? r : 0;
}

static const char *next_cursor(const struct list *l)
{
	if (l->drive == BY_TREE)
		return arena_str(l->a, bytes_of_str(l->tree_begin));
	if (l->drive == BY_EXPIRY)
		return arena_printf(l->a, "%lld.%lld", (long long)l->after_time, (long long)l->after);
	return arena_printf(l->a, "%lld", (long long)l->after);
}

/* Read until the page is full, the index ends (*ret_next NULL), or enough was looked at (an incomplete page, with a
 * cursor). */
static int read_page(struct list *l, const char **ret_next, struct err *e)
{
	size_t looked = 0, got = 0;
	int r;

	do {
		r = read_stretch(l, &got, e);
		looked += got;
	} while (r == 0 && got == l->query->page.limit * 8 && l->n < l->query->page.limit && looked < READ_MAX);
	if (r < 0)
		return r;
	*ret_next = NULL;
	if (l->n == l->query->page.limit || looked >= READ_MAX) {
		*ret_next = next_cursor(l);
		if (!*ret_next)
			return err_nomem(e);
	}
	return 0;
}

static int begin_search(struct list *l, struct err *e)
{
	int r = cert_search_begin(l->s, l->query->q, &l->search, e);

	if (l->drive == BY_TEXT && l->search.by_word)
		l->drive = BY_WORD;
	return r;
}

int store_cert_list(struct store *s, const struct store_cert_query *query, struct arena *a, struct store_cert **ret,
		    size_t *ret_n, const char **ret_next, struct err *e)
{
	struct list l = { .s = s, .query = query, .a = a, .drive = choose(query) };
	int r;

	l.out = arena_alloc_array(a, query->page.limit + 1, sizeof(*l.out));
	if (!l.out)
		return err_nomem(e);
	tree_range(&l);
	r = parse_cursor(&l, e);
	if (r < 0)
		return r;
	if (is_search(query))
		r = begin_search(&l, e);
	if (r == 0)
		r = read_page(&l, ret_next, e);
	if (r < 0)
		return r;
	*ret = l.out;
	*ret_n = l.n;
	return 0;
}

int store_cert_named(struct store *s, const char *name, int64_t *ret, size_t max, size_t *ret_n, struct err *e)
{
	char lower[SEARCH_MAX + 1];
	struct query q;
	size_t n = 0;
	int r;

	query_begin(&q, s, name ? ST_CERT_LIST_NAMED : ST_CERT_LIST_NEWEST);
	query_i64(&q, INT64_MAX);
	query_i64(&q, (int64_t)max);
	if (name) {
		word_lower(lower, sizeof(lower), bytes_of_str(name));
		query_text(&q, lower);
	}
	while ((r = query_row(&q, e)) > 0)
		ret[n++] = column_i64(&q, 0);
	query_end(&q);
	*ret_n = n;
	return r;
}
