#include "gatewrightd/manager/api/call.h"

#include "gatewrightd/manager/api/json_out.h"
#include "sys/clock.h"

#include <errno.h>
#include <string.h>

#define LIMIT_DEFAULT 100

static const struct {
	const char *method, *pattern;
	api_handler *handler;
	const char *permission;
} rows[] = {
#define ROUTE(method, pattern, handler, permission) { method, pattern, handler, #permission },
#include "gatewrightd/manager/api/routes.def"
#undef ROUTE
};

static void end_call(struct call *c)
{
	store_pool_give(c->m->stores, c->s);
	arena_free(c->a);
}

/* Over HTTPS nobody has said yet who calls. */
static int refuse_stranger(struct call *c, struct err *e)
{
	int r = http_answer_header(c->r, "WWW-Authenticate", "Bearer", e);

	if (r == 0)
		http_answer_problem(c->r, 401, "want a session or a token, got neither", NULL);
	return r;
}

/* Every route leads here. */
static int dispatch(struct http_request *r, void *context, struct err *e)
{
	CLEANUP(end_call) struct call c = { .m = context, .r = r, .now = clock_wall() };
	int got;

	if (http_channel(r) == HTTP_TLS && strcmp(rows[http_route_index(r)].permission, "PUBLIC") != 0)
		return refuse_stranger(&c, e);
	c.a = arena_new(MANAGER_ARENA_MAX);
	got = c.a ? store_pool_take(c.m->stores, &c.s, e) : err_nomem(e);
	return got < 0 ? got : rows[http_route_index(r)].handler(&c, e);
}

static const struct http_route routes[] = {
#define ROUTE(method, pattern, handler, permission) { method, pattern, dispatch },
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

int call_body(struct call *c, const struct json_in_row *table, size_t n, void *ret, struct err *e)
{
	json_t *body = NULL;
	int r = http_body(c->r, &body, e);

	return r < 0 ? r : json_in(body, "", table, n, ret, e);
}

int call_refuse(struct call *c, const struct findings *findings, const struct err *e)
{
	http_answer_problem(c->r, 422, err_text(e), json_findings(findings->items, findings->n));
	return 0;
}

int call_answer(struct call *c, unsigned int status, json_t *body, struct err *e)
{
	if (!body)
		return err_nomem(e);
	http_answer(c->r, status, body);
	return 0;
}

int call_answer_list(struct call *c, json_t *items, const char *next, struct err *e)
{
	if (!items)
		return err_nomem(e);
	return call_answer(c, 200, json_pack("{so,ss?}", "items", items, "next", next), e);
}
