/* Which certificate the console serves with: a setting, counted as a use. */
#include "sys/store/cert_row.h"

#include <stdio.h>

#define SETTING "console_certificate"

int store_console_get(struct store *s, int64_t *ret_id, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(64 * 1024);
	const char *text = NULL;
	int r = a ? store_setting_get(s, SETTING, a, &text, e) : err_nomem(e);

	*ret_id = 0;
	return r < 0 || !text ? r : cursor_number(text, 0, ret_id, e);
}

static int count(struct store *s, int64_t id, int64_t by, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_USE_CONSOLE);
	query_i64(&q, id);
	query_i64(&q, by);
	return query_run(&q, NULL, e);
}

static int set(struct store *s, int64_t id, struct wall_time at, struct err *e)
{
	char text[24];
	int64_t old = 0;
	int r = store_console_get(s, &old, e);

	if (r == 0 && old != 0)
		r = count(s, old, -1, e);
	if (r == 0)
		r = count(s, id, 1, e);
	(void)snprintf(text, sizeof(text), "%lld", (long long)id);
	if (r == 0)
		r = store_setting_set(s, SETTING, text, e);
	(void)snprintf(text, sizeof(text), "%lld", (long long)at.s);
	return r < 0 ? r : store_setting_set(s, SETTING "_at", text, e);
}

int store_console_set(struct store *s, int64_t id, struct wall_time at, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, set(s, id, at, e), e);
}

int store_console_since(struct store *s, struct wall_time *ret, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(64 * 1024);
	const char *text = NULL;
	int r = a ? store_setting_get(s, SETTING "_at", a, &text, e) : err_nomem(e);

	ret->s = 0;
	return r < 0 || !text ? r : cursor_number(text, 0, &ret->s, e);
}
