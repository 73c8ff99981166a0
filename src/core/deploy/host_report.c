/* The facts of a reply, as values: one row per key. */
#include "core/deploy/hostproto.h"

#include <errno.h>

static int bad_value(const struct host_line *line, const char *want, struct err *e)
{
	bool clean = bytes_is_utf8(line->value) && !bytes_has_control(line->value) && line->value.n <= 64;

	return err_set(e, -EPROTO, "the host's fact '%.*s': want %s, got '%.*s'", (int)line->key.n,
		       (const char *)line->key.p, want, clean ? (int)line->value.n : 3,
		       clean ? (const char *)line->value.p : "???");
}

/* Decimal digits only, at most 15. */
static bool parse_int(struct bytes b, int64_t *ret)
{
	int64_t v = 0;

	if (b.n == 0 || b.n > 15)
		return false;
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] < '0' || b.p[i] > '9')
			return false;
		v = v * 10 + (b.p[i] - '0');
	}
	*ret = v;
	return true;
}

static int take_int(const struct host_line *line, int64_t *ret, struct err *e)
{
	return parse_int(line->value, ret) ? 0 : bad_value(line, "a number", e);
}

/* A word, or "-" for none, which becomes "". */
static int take_word(const struct host_line *line, char *out, size_t size, struct err *e)
{
	if (!hostproto_is_word(line->value) || line->value.n >= size)
		return bad_value(line, "a word", e);
	if (bytes_equal_str(line->value, "-")) {
		out[0] = '\0';
		return 0;
	}
	memcpy(out, line->value.p, line->value.n);
	out[line->value.n] = '\0';
	return 0;
}

static int take_clock(struct host_report *r, const struct host_line *line, struct err *e)
{
	int rc = take_int(line, &r->clock, e);

	r->has_clock = rc == 0;
	return rc;
}

static int take_free(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_int(line, &r->free_bytes, e);
}

static int take_live(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_word(line, r->live, sizeof(r->live), e);
}

static int take_old(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_word(line, r->old, sizeof(r->old), e);
}

static int take_pending(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_word(line, r->pending, sizeof(r->pending), e);
}

static int take_left(struct host_report *r, const struct host_line *line, struct err *e)
{
	int rc;

	if (bytes_equal_str(line->value, "-")) {
		r->has_left = false;
		return 0;
	}
	rc = take_int(line, &r->left_s, e);
	r->has_left = rc == 0;
	return rc;
}

static int take_boot_hook(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_word(line, r->boot_hook, sizeof(r->boot_hook), e);
}

static int take_user(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_int(line, &r->user, e);
}

static int take_running(struct host_report *r, const struct host_line *line, struct err *e)
{
	if (bytes_equal_str(line->value, "yes"))
		r->running = HOST_RUNNING_YES;
	else if (bytes_equal_str(line->value, "no"))
		r->running = HOST_RUNNING_NO;
	else if (bytes_equal_str(line->value, "unknown"))
		r->running = HOST_RUNNING_UNKNOWN;
	else
		return bad_value(line, "yes, no or unknown", e);
	return 0;
}

static int take_restored(struct host_report *r, const struct host_line *line, struct err *e)
{
	if (bytes_equal_str(line->value, "yes"))
		r->restored = RESTORED_YES;
	else if (bytes_equal_str(line->value, "no"))
		r->restored = RESTORED_NO;
	else
		return bad_value(line, "yes or no", e);
	return 0;
}

static int take_verified(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_int(line, &r->verified, e);
}

static int take_removed(struct host_report *r, const struct host_line *line, struct err *e)
{
	return take_int(line, &r->removed, e);
}

static const struct fact_row {
	const char *key;
	int (*take)(struct host_report *r, const struct host_line *line, struct err *e);
} facts[] = {
	{ "clock", take_clock },	 { "free", take_free },
	{ "live", take_live },		 { "old", take_old },
	{ "pending", take_pending },	 { "left", take_left },
	{ "boot-hook", take_boot_hook }, { "user", take_user },
	{ "running", take_running },	 { "restored", take_restored },
	{ "verified", take_verified },	 { "removed", take_removed },
};

int hostproto_report_fact(struct host_report *r, const struct host_line *line, struct err *e)
{
	for (size_t i = 0; i < ARRAY_N(facts); i++) {
		if (bytes_equal_str(line->key, facts[i].key))
			return facts[i].take(r, line, e);
	}
	return 0;
}

bool hostproto_generation_fact(const struct host_line *line, struct bytes *ret_id, bool *ret_complete)
{
	const uint8_t *space;
	struct bytes id, state;

	if (line->kind != HOST_LINE_FACT || !bytes_equal_str(line->key, "generation"))
		return false;
	space = memchr(line->value.p, ' ', line->value.n);
	if (!space)
		return false;
	id = bytes_of(line->value.p, (size_t)(space - line->value.p));
	state = bytes_of(space + 1, line->value.n - id.n - 1);
	if (!hostproto_is_id(id) || (!bytes_equal_str(state, "complete") && !bytes_equal_str(state, "partial")))
		return false;
	*ret_id = id;
	*ret_complete = bytes_equal_str(state, "complete");
	return true;
}
