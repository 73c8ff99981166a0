/* Settings: shown with their limits, changed one or several at a time. */
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/api/once.h"
#include "gatewrightd/manager/audit.h"
#include "gatewrightd/manager/settings.h"

#include <errno.h>

static json_t *json_value(enum setting which, int64_t value)
{
	return setting_rows[which].is_bool ? json_boolean(value != 0) : json_integer(value);
}

static json_t *json_limits(void)
{
	json_t *limits = json_object();

	for (enum setting i = 0; i < SETTING_N; i++) {
		const struct setting_row *row = &setting_rows[i];
		json_t *one = json_pack("{so,ss}", "default", json_value(i, row->fallback), "meaning", row->meaning);

		if (one && !row->is_bool) {
			(void)json_object_set_new(one, "min", json_integer(row->least));
			(void)json_object_set_new(one, "max", json_integer(row->most));
		}
		(void)json_object_set_new(limits, row->name, one);
	}
	return limits;
}

static int load(struct call *c, json_t **ret, struct err *e)
{
	json_t *all = json_object();

	for (enum setting i = 0; i < SETTING_N; i++) {
		int64_t value = 0;
		int r = setting_get(c->s, i, c->a, &value, e);

		if (r < 0) {
			json_decref(all);
			return r;
		}
		(void)json_object_set_new(all, setting_rows[i].name, json_value(i, value));
	}
	*ret = all;
	return 0;
}

/* `all` as load() makes it: its members are in a fixed order. */
static void settings_etag(const json_t *all, char out[ETAG_SIZE])
{
	char *text = json_dumps(all, JSON_COMPACT);

	etag_make(out, "settings %s", text ? text : "");
	json_release_text(text);
}

int settings_show(struct call *c, struct err *e)
{
	char etag[ETAG_SIZE];
	json_t *all = NULL;
	int r = call_no_query(c, e);

	if (r == 0)
		r = load(c, &all, e);
	if (r < 0)
		return r;
	settings_etag(all, etag);
	r = call_answer_etag(c, etag, e);
	if (r < 0) {
		json_decref(all);
		return r;
	}
	(void)json_object_set_new(all, "limits", json_limits());
	return call_answer(c, 200, all, e);
}

struct settings_body {
	int64_t numbers[SETTING_N];
	bool bools[SETTING_N], dry_run;
};

/* The table of json_in from the table of the settings; `dry_run` is its last row. */
static void make_rows(struct json_in_row rows[SETTING_N + 1])
{
	for (size_t i = 0; i < SETTING_N; i++) {
		const struct setting_row *row = &setting_rows[i];

		rows[i] = (struct json_in_row) {
			.name = row->name,
			.type = row->is_bool ? JSON_IN_BOOL : JSON_IN_INT,
			.offset = row->is_bool ? offsetof(struct settings_body, bools) + i * sizeof(bool)
					       : offsetof(struct settings_body, numbers) + i * sizeof(int64_t),
			.min = row->least,
			.max = row->most,
		};
	}
	rows[SETTING_N] = (struct json_in_row) { .name = "dry_run",
						 .type = JSON_IN_BOOL,
						 .offset = offsetof(struct settings_body, dry_run) };
}

static int set_one(struct call *c, enum setting which, int64_t value, struct err *e)
{
	int64_t before = 0;
	int r = setting_get(c->s, which, c->a, &before, e);

	if (r == 0 && which == SETTING_AUDIT_SYSLOG && before == 0 && value != 0)
		r = audit_syslog_begin(c->s, c->a, e);
	return r < 0 ? r : setting_set(c->s, which, value, e);
}

/* As they are in the store, and as the caller saw them. */
static int load_seen(struct call *c, json_t **ret, struct err *e)
{
	char etag[ETAG_SIZE];
	int r = load(c, ret, e);

	if (r < 0)
		return r;
	settings_etag(*ret, etag);
	return call_if_match(c, etag, e);
}

static int store_all(struct call *c, const struct settings_body *in, struct err *e)
{
	json_t *body = NULL, *after = NULL, *before = NULL;
	int r = http_body(c->r, &body, e);

	if (r == 0)
		r = load_seen(c, &before, e);
	for (enum setting i = 0; r == 0 && i < SETTING_N; i++)
		if (json_object_get(body, setting_rows[i].name))
			r = set_one(c, i, setting_rows[i].is_bool ? in->bools[i] : in->numbers[i], e);
	if (r == 0)
		r = load(c, &after, e);
	call_before(c, before);
	call_after(c, after);
	return r;
}

int settings_change(struct call *c, struct err *e)
{
	struct json_in_row rows[SETTING_N + 1];
	struct settings_body in = { .dry_run = false };
	int r;

	make_rows(rows);
	r = call_body(c, rows, ARRAY_N(rows), &in, e);
	if (r == 0)
		r = store_begin(c->s, e);
	if (r < 0)
		return r;
	r = store_all(c, &in, e);
	if (r == 0 && in.dry_run)
		store_rollback(c->s);
	else
		r = store_end(c->s, r, e);
	return r < 0 ? r : settings_show(c, e);
}
