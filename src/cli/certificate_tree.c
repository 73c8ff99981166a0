#include "cli/certificate_tree.h"

#include <stdlib.h>

/* Children of each item as linked lists of indices. */
struct links {
	size_t *parent, *first, *last, *next;
	bool *placed;
	size_t n;
};

static void links_fini(struct links *l)
{
	free(l->parent);
	free(l->first);
	free(l->last);
	free(l->next);
	free(l->placed);
}

static bool links_init(struct links *l, size_t n)
{
	*l = (struct links) { .n = n };
	l->parent = malloc((n + 1) * sizeof(*l->parent));
	l->first = malloc((n + 1) * sizeof(*l->first));
	l->last = malloc((n + 1) * sizeof(*l->last));
	l->next = malloc((n + 1) * sizeof(*l->next));
	l->placed = calloc(n + 1, sizeof(*l->placed));
	if (!l->parent || !l->first || !l->last || !l->next || !l->placed) {
		links_fini(l);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		l->parent[i] = l->first[i] = l->last[i] = l->next[i] = TREE_NONE;
	return true;
}

static void key_of(json_int_t id, char out[24])
{
	(void)snprintf(out, 24, "%lld", (long long)id);
}

/* Number to index, of all items. */
static json_t *index_of_ids(const json_t *items)
{
	json_t *index = json_object();
	const json_t *item;
	char key[24];
	size_t i;

	json_array_foreach(items, i, item)
	{
		key_of(json_number(item, "id"), key);
		if (json_object_set_new(index, key, json_integer((json_int_t)i)) < 0) {
			json_decref(index);
			return NULL;
		}
	}
	return index;
}

static void link_children(struct links *l, const json_t *items, const json_t *index)
{
	char key[24];

	for (size_t i = 0; i < l->n; i++) {
		const json_t *item = json_array_get(items, i), *found;
		size_t parent;

		key_of(json_number(item, "issuer"), key);
		found = json_has(item, "issuer") ? json_object_get(index, key) : NULL;
		parent = found ? (size_t)json_integer_value(found) : TREE_NONE;
		if (parent == TREE_NONE || parent == i)
			continue;
		l->parent[i] = parent;
		if (l->last[parent] == TREE_NONE)
			l->first[parent] = i;
		else
			l->next[l->last[parent]] = i;
		l->last[parent] = i;
	}
}

/* The first one of these siblings that has no place yet. */
static size_t unplaced(const struct links *l, size_t sibling)
{
	while (sibling != TREE_NONE && l->placed[sibling])
		sibling = l->next[sibling];
	return sibling;
}

/* `top` and all below it, without recursion: down to the first child, else on to the next sibling, else up. */
static size_t place(struct links *l, size_t top, struct tree_node *nodes, size_t n)
{
	size_t at = top, next;

	while (at != TREE_NONE) {
		l->placed[at] = true;
		nodes[n++] = (struct tree_node) { at, at == top ? TREE_NONE : l->parent[at] };
		next = unplaced(l, l->first[at]);
		while (next == TREE_NONE && at != top) {
			next = unplaced(l, l->next[at]);
			if (next == TREE_NONE)
				at = l->parent[at];
		}
		at = next;
	}
	return n;
}

struct tree_node *tree_order(const json_t *items)
{
	struct links l;
	size_t total = json_array_size(items), n = 0;
	struct tree_node *nodes = calloc(total + 1, sizeof(*nodes));
	CLEANUP(json_freep) json_t *index = index_of_ids(items);

	if (!nodes || !index || !links_init(&l, total)) {
		free(nodes);
		return NULL;
	}
	link_children(&l, items, index);
	for (size_t i = 0; i < total; i++) {
		if (l.parent[i] == TREE_NONE)
			n = place(&l, i, nodes, n);
	}
	/* What is left hangs on a circle: cut it where it comes first. */
	for (size_t i = 0; i < total; i++) {
		if (!l.placed[i])
			n = place(&l, i, nodes, n);
	}
	links_fini(&l);
	return nodes;
}
