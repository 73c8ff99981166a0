/* One call of the API: what every handler works with. */
#ifndef GW_GATEWRIGHTD_MANAGER_API_CALL_H
#define GW_GATEWRIGHTD_MANAGER_API_CALL_H

#include "core/pki/findings.h"
#include "gatewrightd/manager/manager.h"
#include "sys/http/json_in.h"
#include "sys/http/server.h"

/* The store and the arena are the call's; they end with it. */
struct call {
	struct manager *m;
	struct http_request *r;
	struct store *s;
	struct arena *a;
	struct wall_time now;
	const char *once_caller, *once_key; /* once.h; NULL: none */
};

/* Answers by http_answer...(); negative kinds become problems (sys/http/server.h). */
typedef int api_handler(struct call *c, struct err *e);

/* routes.def: every call of docs/api.md. */
#define ROUTE(method, pattern, handler, permission) api_handler handler;
#include "gatewrightd/manager/api/routes.def"
#undef ROUTE

/* For http_config; ends with a NULL method. The context is a struct manager. */
const struct http_route *api_routes(void);

/* A number in the path. -ENOENT: it is none. */
MUST_USE int call_id(struct call *c, size_t i, int64_t *ret, struct err *e);

/* `limit` and `cursor` of the query; refuses parameters that are not in `known` (ends with NULL; without those two). */
MUST_USE int call_page(struct call *c, const char *const *known, struct store_page *ret, struct err *e);

/* Refuses every parameter of the query. */
MUST_USE int call_no_query(struct call *c, struct err *e);

/* The body into `ret` by a table (json_in.h); a call with a body has no query. */
MUST_USE int call_body(struct call *c, const struct json_in_row *rows, size_t n, void *ret, struct err *e);

/* 422 with the sentence in `e` and the findings. Returns 0: answered. */
int call_refuse(struct call *c, const struct findings *findings, const struct err *e);

/* {"items": items (taken), "next": next} */
int call_answer_list(struct call *c, json_t *items, const char *next, struct err *e);

/* The same with another status; NULL body is out of memory. */
int call_answer(struct call *c, unsigned int status, json_t *body, struct err *e);

#endif
