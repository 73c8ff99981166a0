#include "core/pki/lineage.h"

#include <errno.h>
#include <inttypes.h>

static const struct lineage_row *find(const struct lineage_row *rows, size_t n, int64_t id)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].id == id)
			return &rows[middle];
		if (rows[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Does the line upwards from `row` meet `id`? A line has at most `n` members; a longer walk goes round in a ring. */
static bool descends_from(const struct lineage_row *rows, size_t n, const struct lineage_row *row, int64_t id)
{
	for (size_t steps = 0; row && steps <= n; steps++) {
		if (row->id == id)
			return true;
		row = find(rows, n, row->predecessor);
	}
	return row != NULL;
}

/* Follows the line at two speeds; they meet only in a ring. */
static bool runs_in_a_ring(const struct lineage_row *rows, size_t n, const struct lineage_row *row)
{
	const struct lineage_row *slow = row, *fast = row;

	while (fast) {
		slow = find(rows, n, slow->predecessor);
		fast = find(rows, n, fast->predecessor);
		fast = fast ? find(rows, n, fast->predecessor) : NULL;
		if (fast && fast == slow)
			return true;
	}
	return false;
}

int lineage_check(const struct lineage_row *rows, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].id <= 0)
			return err_set(e, -EINVAL, "certificate in row %zu: want a positive id, got %" PRId64, i,
				       rows[i].id);
		if (i > 0 && rows[i].id == rows[i - 1].id)
			return err_set(e, -EINVAL, "certificate %" PRId64 " is there twice", rows[i].id);
		if (i > 0 && rows[i].id < rows[i - 1].id)
			return err_set(e, -EINVAL,
				       "certificate %" PRId64 ": want rows in order of id, got it behind %" PRId64,
				       rows[i].id, rows[i - 1].id);
	}
	for (size_t i = 0; i < n; i++)
		if (runs_in_a_ring(rows, n, &rows[i]))
			return err_set(e, -EINVAL, "certificate %" PRId64 " descends from itself", rows[i].id);
	return 0;
}

int lineage_may_renew(const struct lineage_row *rows, size_t n, int64_t id, int64_t predecessor, struct err *e)
{
	const struct lineage_row *p = find(rows, n, predecessor);

	if (!p)
		return err_set(e, -ENOENT, "certificate %" PRId64 " to be renewed is not there", predecessor);
	if (id != 0 && descends_from(rows, n, p, id))
		return err_set(e, -EINVAL,
			       "certificate %" PRId64 " cannot renew %" PRId64 ": it would descend from itself", id,
			       predecessor);
	return 0;
}

const struct lineage_row *lineage_predecessor(const struct lineage_row *rows, size_t n, int64_t id)
{
	const struct lineage_row *row = find(rows, n, id);

	return row ? find(rows, n, row->predecessor) : NULL;
}

size_t lineage_successors(const struct lineage_row *rows, size_t n, int64_t id, int64_t *ret, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (rows[i].predecessor != id || id == 0)
			continue;
		if (found < max)
			ret[found] = rows[i].id;
		found++;
	}
	return found;
}

int64_t lineage_origin(const struct lineage_row *rows, size_t n, int64_t id)
{
	const struct lineage_row *row = find(rows, n, id), *above = row;

	for (size_t steps = 0; above && steps <= n; steps++) {
		row = above;
		above = find(rows, n, row->predecessor);
	}
	return row ? row->id : 0;
}

int64_t lineage_revocable(const struct lineage_row *rows, size_t n, int64_t id, struct wall_time now)
{
	const struct lineage_row *row = find(rows, n, id), *old = lineage_predecessor(rows, n, id);

	if (!row || !old || !row->proven || row->revoked)
		return 0;
	if (old->used || old->revoked || old->not_after.s < now.s)
		return 0;
	return old->id;
}
