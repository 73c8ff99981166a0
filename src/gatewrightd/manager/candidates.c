#include "gatewrightd/manager/candidates.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN_ARENA_MAX (2u * 1024 * 1024)

struct search {
	struct store *s;
	const struct stored_chain *current;
	struct wall_time now;
	struct arena *a;
	int64_t ids[CANDIDATES_LOOK_MAX + CANDIDATES_MAX];
	size_t n;
	struct candidate *out;
	size_t out_n;
};

void candidate_check(const struct stored_chain *current, const struct stored_chain *candidate, struct wall_time now,
		     struct findings *ret)
{
	struct compat_policy policy = COMPAT_POLICY_DEFAULT;

	compat_check(current ? &current->facts : NULL, &candidate->facts, &policy, now, ret);
	findings_sort(ret);
}

static bool is_known(const struct search *q, int64_t id)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->ids[i] == id)
			return true;
	return false;
}

/* Those that hold `name`; NULL: the newest of all. */
static int look(struct search *q, const char *name, size_t max, struct err *e)
{
	int64_t found[CANDIDATES_MAX];
	size_t n = 0;
	int r = store_cert_named(q->s, name, found, max, &n, e);

	for (size_t i = 0; r >= 0 && i < n && q->n < ARRAY_N(q->ids); i++)
		if (!is_known(q, found[i]))
			q->ids[q->n++] = found[i];
	return r < 0 ? r : 0;
}

static int compare_usable_newest(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->usable != y->usable)
		return x->usable ? -1 : 1;
	return x->cert.id > y->cert.id ? -1 : x->cert.id < y->cert.id;
}

/* A certificate's row and findings stay; its parsed chain does not. */
static int judge(struct search *q, int64_t id, struct candidate *ret, struct err *e)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new(CHAIN_ARENA_MAX);
	struct stored_chain *c = scratch ? arena_alloc(scratch, sizeof(*c)) : NULL;
	struct findings *found = scratch ? arena_alloc(scratch, sizeof(*found)) : NULL;
	struct finding *kept;
	int r = c && found ? inventory_chain(q->s, id, scratch, c, e) : err_nomem(e);

	if (r != 0)
		return r;
	candidate_check(q->current, c, q->now, found);
	kept = arena_alloc_array(q->a, found->n + 1, sizeof(*kept));
	if (!kept)
		return err_nomem(e);
	memcpy(kept, found->items, found->n * sizeof(*kept));
	ret->findings = kept;
	ret->findings_n = found->n;
	ret->usable = !findings_blocked(found);
	return store_cert_get(q->s, id, q->a, &ret->cert, e);
}

/* Only end entities are candidates at all; names of CA certificates are words too. */
static int judge_all(struct search *q, struct err *e)
{
	for (size_t i = 0; i < q->n; i++) {
		struct candidate *c = &q->out[q->out_n];
		int r = judge(q, q->ids[i], c, e);

		if (r < 0)
			return r;
		q->out_n += r == 0 && c->cert.kind == CERT_END_ENTITY;
	}
	return 0;
}

static int search_ids(struct search *q, const char *const *server_names, size_t server_names_n, size_t limit,
		      struct err *e)
{
	const char *first = NULL;
	int r = 0;

	if (q->current) { /* a usable one holds every current name, so also the first */
		const char *names = q->current->cert.names;

		first = arena_str(q->a, bytes_of(names, strcspn(names, ";")));
		if (!first)
			return err_nomem(e);
	}
	if (first && first[0])
		r = look(q, first, CANDIDATES_LOOK_MAX, e);
	for (size_t i = 0; r == 0 && !q->current && i < server_names_n; i++)
		r = look(q, server_names[i], CANDIDATES_LOOK_MAX / server_names_n, e);
	return r < 0 ? r : look(q, NULL, limit, e);
}

int candidates_list(struct store *s, const struct stored_chain *current, const char *const *server_names,
		    size_t server_names_n, struct wall_time now, size_t limit, struct arena *a, struct candidate **ret,
		    size_t *ret_n, struct err *e)
{
	struct search *q = arena_alloc(a, sizeof(*q));
	int r;

	if (!q)
		return err_nomem(e);
	*q = (struct search) { .s = s, .current = current, .now = now, .a = a };
	r = search_ids(q, server_names, server_names_n, limit, e);
	if (r < 0)
		return r;
	q->out = arena_alloc_array(a, q->n + 1, sizeof(*q->out));
	r = q->out ? judge_all(q, e) : err_nomem(e);
	if (r < 0)
		return r;
	qsort(q->out, q->out_n, sizeof(*q->out), compare_usable_newest);
	*ret = q->out;
	*ret_n = q->out_n < limit ? q->out_n : limit;
	return 0;
}
