#include "gatewrightd/manager/api/call.h"

#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/api/once.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIMIT_DEFAULT 100

static const struct {
	const char *method, *pattern;
	api_handler *handler;
	enum permission permission;
	enum audit_action action;
} rows[] = {
#define ROUTE(method, pattern, handler, permission, action) \
	{ method, pattern, handler, PERMISSION_##permission, AUDIT_##action },
#include "gatewrightd/manager/api/routes.def"
#undef ROUTE
};

static void end_call(struct call *c)
{
	store_pool_give(c->m->stores, c->s);
	arena_free(c->a);
}

/* ---- may it be called ---- */

/* Who must change the password, or lacks the second factor that is required, does that first. */
static bool is_way_out(api_handler *handler, enum permission permission, const struct caller *who)
{
	if (permission == PERMISSION_PUBLIC || handler == session_show || handler == session_end)
		return true;
	if (who->must_change)
		return handler == session_password;
	return permission == PERMISSION_SELF;
}

static int refuse_nobody(struct call *c, struct err *e)
{
	int r = http_answer_header(c->r, "WWW-Authenticate", "Bearer", e);

	return r < 0 ? r : call_problem(c, 401, "sign-in", c->who.why, NULL);
}

/* 1: answered with a refusal; the sentence is in `e`. */
static int admit(struct call *c, size_t row, struct err *e)
{
	const struct caller *who = &c->who;
	enum permission permission = rows[row].permission;
	int r = 0;

	if (permission == PERMISSION_PUBLIC)
		return 0;
	if (who->by == BY_NOBODY) {
		r = refuse_nobody(c, e);
		(void)err_set(e, -EACCES, "%s", who->why);
	} else if (who->by == BY_SESSION && strcmp(rows[row].method, "GET") != 0 &&
		   caller_check_csrf(who, c->r, e) < 0) {
		r = call_problem(c, 403, "csrf", err_text(e), NULL);
	} else if ((who->must_change || who->lacks_totp) && !is_way_out(rows[row].handler, permission, who)) {
		(void)err_set(e, -EACCES,
			      who->must_change ? "change the password first"
					       : "set up a second factor first: it is required here");
		r = call_problem(c, 403, who->must_change ? "password-change" : "second-factor", err_text(e), NULL);
	} else if (call_need(c, permission, e) < 0) {
		r = call_problem(c, 403, "permission", err_text(e), NULL);
	} else {
		return 0;
	}
	return r < 0 ? r : 1;
}

/* Every route leads here. */
static int dispatch(struct http_request *r, void *context, struct err *e)
{
	CLEANUP(end_call) struct call c = { .m = context, .r = r, .now = clock_wall() };
	size_t row = http_route_index(r);
	int got;

	c.a = arena_new(MANAGER_ARENA_MAX);
	got = c.a ? store_pool_take(c.m->stores, &c.s, e) : err_nomem(e);
	if (got == 0)
		got = caller_find(r, c.s, c.now, c.a, &c.who, e);
	if (got == 0)
		got = admit(&c, row, e);
	if (got < 0)
		return got;
	if (got > 0) {
		call_audit_refused(&c, rows[row].action, rows[row].pattern, err_text(e));
		return 0;
	}
	call_audit_begin(&c, rows[row].action, rows[row].pattern);
	got = once_run(&c, rows[row].handler, e);
	call_audit_end(&c, got, e);
	if (got == -EACCES && rows[row].action == AUDIT_NONE) /* a part of it that the roles do not allow */
		call_audit_refused(&c, AUDIT_NONE, rows[row].pattern, err_text(e));
	return got;
}

static const struct http_route routes[] = {
#define ROUTE(method, pattern, handler, permission, action) { method, pattern, dispatch },
#include "gatewrightd/manager/api/routes.def"
#undef ROUTE
	{ NULL, NULL, NULL },
};

const struct http_route *api_routes(void)
{
	return routes;
}

/* 1 to 18 decimal digits. */
static bool parse_number(const char *text, int64_t *ret)
{
	int64_t v = 0;

	if (!text[0] || strlen(text) > 18)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		v = v * 10 + (*text - '0');
	}
	*ret = v;
	return true;
}

int call_id(struct call *c, size_t i, int64_t *ret, struct err *e)
{
	if (parse_number(http_param(c->r, i), ret) && *ret > 0)
		return 0;
	return err_set(e, -ENOENT, "'%.60s': want the number of a record", http_param(c->r, i));
}

int call_page(struct call *c, const char *const *known, struct store_page *ret, struct err *e)
{
	const char *all[16] = { "limit", "cursor" };
	const char *limit = http_query(c->r, "limit"), *cursor = http_query(c->r, "cursor");
	int64_t n = LIMIT_DEFAULT;
	int r;

	for (size_t i = 0; known && known[i] && i < ARRAY_N(all) - 3; i++)
		all[i + 2] = known[i];
	r = http_query_check(c->r, all, e);
	if (r < 0)
		return r;
	if (limit && (!parse_number(limit, &n) || n < 1 || n > STORE_PAGE_MAX))
		return err_set(e, -EINVAL, "limit: want 1 to %d, got '%.20s'", STORE_PAGE_MAX, limit);
	*ret = (struct store_page) { .cursor = cursor ? cursor : "", .limit = (size_t)n };
	return 0;
}

int call_no_query(struct call *c, struct err *e)
{
	static const char *const none[] = { NULL };

	return http_query_check(c->r, none, e);
}

int call_body(struct call *c, const struct json_in_row *table, size_t n, void *ret, struct err *e)
{
	json_t *body = NULL;
	int r = call_no_query(c, e);

	if (r == 0)
		r = http_body(c->r, &body, e);
	return r < 0 ? r : json_in(body, "", table, n, ret, e);
}

int call_need(struct call *c, enum permission p, struct err *e)
{
	char roles[ROLES_TEXT_MAX];

	if (access_allows(c->who.roles, p))
		return 0;
	return err_set(e, -EACCES, "'%s' may not %s (permission %s; got the roles '%s')", c->who.name,
		       permission_meaning(p), permission_word(p), roles_format(c->who.roles, roles));
}

int call_problem(struct call *c, unsigned int status, const char *name, const char *detail, json_t *more)
{
	char type[80] = "about:blank";
	json_t *body;
	char *text;

	if (name)
		(void)snprintf(type, sizeof(type), "urn:gatewright:problem:%s", name);
	body = json_pack("{ss,ss,si,ss}", "type", type, "title", http_status_title(status), "status", (int)status,
			 "detail", detail);
	if (body && more)
		(void)json_object_update(body, more);
	json_decref(more);
	text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	c->audit.outcome = "refused";
	c->audit.detail = arena_str(c->a, bytes_of_str(detail));
	http_answer_text(c->r, status, "application/problem+json", bytes_of_str(text));
	json_decref(body);
	json_release_text(text);
	return 0;
}

int call_refuse(struct call *c, const struct findings *findings, const struct err *e)
{
	return call_problem(c, 422, NULL, err_text(e),
			    json_pack("{so}", "findings", json_findings(findings->items, findings->n)));
}

int call_answer(struct call *c, unsigned int status, json_t *body, struct err *e)
{
	if (!body)
		return err_nomem(e);
	once_keep(c, status, body);
	http_answer(c->r, status, body);
	return 0;
}

int call_answer_list(struct call *c, json_t *items, const char *next, struct err *e)
{
	if (!items)
		return err_nomem(e);
	return call_answer(c, 200, json_pack("{so,ss?}", "items", items, "next", next), e);
}
