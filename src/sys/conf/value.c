#include "sys/conf/value.h"
#include "base/limits.h"
#include "base/rd.h"
#include "sys/conf/scalar.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

static const struct {
	const char *noun;
	bool is_list;
} types[CONF_TYPE_N] = {
	[CONF_STRING] = { "a text", false },
	[CONF_PATH] = { "an absolute path", false },
	[CONF_BOOL] = { "'yes' or 'no'", false },
	[CONF_NUMBER] = { "a number", false },
	[CONF_DURATION] = { "a duration with its unit (30s, 5m, 2h, 7d)", false },
	[CONF_SIZE] = { "a size (4096, 64K, 16M, 1G)", false },
	[CONF_MODE] = { "an octal file mode", false },
	[CONF_WORD] = { "one of", false },
	[CONF_STRINGS] = { "a text", true },
	[CONF_ADDRESS] = { "host:port", false },
	[CONF_ADDRESSES] = { "host:port", true },
};

bool value_is_list(const struct conf_row *row)
{
	return types[row->type].is_list;
}

const char *value_want(const struct conf_row *row, char out[CONF_WANT_MAX])
{
	const char *noun = types[row->type].noun;
	const char *unit = row->type == CONF_STRING ? " bytes long" : "";

	if (!row->limits[0] || value_is_list(row))
		(void)snprintf(out, CONF_WANT_MAX, "%s", noun);
	else
		(void)snprintf(out, CONF_WANT_MAX, "%s %s%s", noun, row->limits, unit);
	return out;
}

void value_list_limits(const struct conf_row *row, size_t *ret_min, size_t *ret_max)
{
	uint64_t min = 0, max = LIMIT_CONF_LIST_MAX;
	bool fine = !row->limits[0] || scalar_parse_range(CONF_NUMBER, row->limits, &min, &max);

	assert(fine && max <= LIMIT_CONF_LIST_MAX);
	*ret_min = (size_t)min;
	*ret_max = (size_t)max;
}

static int refuse(const struct conf_row *row, struct bytes text, struct err *e)
{
	char want[CONF_WANT_MAX];
	int shown = text.n > 80 ? 80 : (int)text.n;

	return err_set(e, -EINVAL, "option '%s': want %s, got '%.*s%s'", row->name, value_want(row, want), shown,
		       text.n > 0 ? (const char *)text.p : "", text.n > 80 ? "..." : "");
}

static bool within(const struct conf_row *row, enum conf_type type, uint64_t v)
{
	uint64_t min = 0, max = UINT64_MAX;
	bool fine = !row->limits[0] || scalar_parse_range(type, row->limits, &min, &max);

	assert(fine);
	return v >= min && v <= max;
}

static int set_string(const struct conf_row *row, struct bytes text, struct arena *a, const char **ret, struct err *e)
{
	char *copy;

	if (row->type == CONF_STRING && !within(row, CONF_NUMBER, text.n))
		return refuse(row, text, e);
	if (row->type == CONF_PATH && (text.n == 0 || text.p[0] != '/'))
		return refuse(row, text, e);
	copy = arena_str(a, text);
	if (!copy)
		return err_nomem(e);
	*ret = copy;
	return 0;
}

static int set_bool(const struct conf_row *row, struct bytes text, bool *ret, struct err *e)
{
	bool yes = bytes_equal_str(text, "yes");

	if (!yes && !bytes_equal_str(text, "no"))
		return refuse(row, text, e);
	*ret = yes;
	return 0;
}

static int set_scalar(const struct conf_row *row, struct bytes text, uint64_t *ret, struct err *e)
{
	uint64_t v;

	if (!scalar_parse(row->type, text, &v) || !within(row, row->type, v))
		return refuse(row, text, e);
	*ret = v;
	return 0;
}

static int set_word(const struct conf_row *row, struct bytes text, struct arena *a, const char **ret, struct err *e)
{
	struct rd r = rd_of(bytes_of_str(row->limits));
	bool more = true;

	while (more) {
		if (!bytes_equal(rd_until(&r, '|', &more), text) || text.n == 0)
			continue;
		*ret = arena_str(a, text);
		return *ret ? 0 : err_nomem(e);
	}
	return refuse(row, text, e);
}

static int set_address(const struct conf_row *row, struct bytes text, struct arena *a, struct conf_address *ret,
		       struct err *e)
{
	return address_parse(text, a, ret) ? 0 : refuse(row, text, e);
}

/* Is there room for one more? The array is made for the row's maximum at the first value. */
static int list_make_room(const struct conf_row *row, size_t n, size_t item_size, void **items, struct arena *a,
			  struct err *e)
{
	size_t min, max;

	value_list_limits(row, &min, &max);
	if (n == max)
		return err_set(e, -EINVAL, "option '%s': want at most %zu values, got more", row->name, max);
	if (!*items)
		*items = arena_alloc_array(a, max, item_size);
	return *items ? 0 : err_nomem(e);
}

static int add_string(const struct conf_row *row, struct bytes text, struct arena *a, struct conf_list *list,
		      struct err *e)
{
	int r = list_make_room(row, list->n, sizeof(*list->items), (void **)&list->items, a, e);

	if (r < 0)
		return r;
	if (text.n == 0)
		return refuse(row, text, e);
	list->items[list->n] = arena_str(a, text);
	if (!list->items[list->n])
		return err_nomem(e);
	list->n++;
	return 0;
}

static int add_address(const struct conf_row *row, struct bytes text, struct arena *a, struct conf_addresses *list,
		       struct err *e)
{
	bool first = !list->items;
	size_t min, max;
	int r = list_make_room(row, list->n, sizeof(*list->items), (void **)&list->items, a, e);

	if (r < 0)
		return r;
	value_list_limits(row, &min, &max);
	if (first && min == 0 && bytes_equal_str(text, "none"))
		return 0;
	if (!first && list->n == 0)
		return err_set(e, -EINVAL, "option '%s': want 'none' alone, got one more value", row->name);
	r = set_address(row, text, a, &list->items[list->n], e);
	if (r == 0)
		list->n++;
	return r;
}

int value_set(const struct conf_row *row, struct bytes text, struct arena *a, void *member, struct err *e)
{
	switch (row->type) {
	case CONF_STRING:
	case CONF_PATH:
		return set_string(row, text, a, member, e);
	case CONF_BOOL:
		return set_bool(row, text, member, e);
	case CONF_NUMBER:
	case CONF_DURATION:
	case CONF_SIZE:
	case CONF_MODE:
		return set_scalar(row, text, member, e);
	case CONF_WORD:
		return set_word(row, text, a, member, e);
	case CONF_STRINGS:
		return add_string(row, text, a, member, e);
	case CONF_ADDRESS:
		return set_address(row, text, a, member, e);
	case CONF_ADDRESSES:
		return add_address(row, text, a, member, e);
	case CONF_TYPE_N:
		break;
	}
	/* A row without a type is our bug. */
	assert(row->type < CONF_TYPE_N);
	return -EINVAL;
}

void value_clear(const struct conf_row *row, void *member)
{
	if (row->type == CONF_STRINGS)
		*(struct conf_list *)member = (struct conf_list) { 0 };
	else if (row->type == CONF_ADDRESSES)
		*(struct conf_addresses *)member = (struct conf_addresses) { 0 };
	else if (row->type == CONF_ADDRESS)
		*(struct conf_address *)member = (struct conf_address) { .text = "" };
	else if (row->type == CONF_STRING || row->type == CONF_PATH)
		*(const char **)member = "";
	else
		assert(row->fallback[0]); /* any other type needs one */
}
