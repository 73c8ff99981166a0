/* One call of the API: what every handler works with. */
#ifndef GW_GATEWRIGHTD_MANAGER_API_CALL_H
#define GW_GATEWRIGHTD_MANAGER_API_CALL_H

#include "core/audit/audit.h"
#include "core/pki/findings.h"
#include "gatewrightd/manager/access/caller.h"
#include "gatewrightd/manager/manager.h"
#include "sys/http/json_in.h"
#include "sys/http/server.h"

struct call;

/* What the audit log will say of a changing call. Strings live in the arena, or for ever. */
struct call_audit {
	enum audit_action action; /* AUDIT_NONE: nothing */
	const char *actor, *object, *outcome, *detail;
	const char *before, *after;			 /* JSON texts, NULL: none */
	void (*describe)(struct call *c, void *context); /* last words before the event of a change is written: the
							    number of what was made is known by then */
	void *describe_context;
	int64_t approval; /* granted, and used up in the commit that the event is in; 0: none */
	bool written, begun;
};

/* The store and the arena are the call's; they end with it. */
struct call {
	struct manager *m;
	struct http_request *r;
	struct store *s;
	struct arena *a;
	struct wall_time now;
	struct caller who;
	struct call_audit audit;
	const char *once_key; /* once.h; NULL: none */
};

/* Answers by http_answer...(); negative kinds become problems (sys/http/server.h). */
typedef int api_handler(struct call *c, struct err *e);

/* routes.def: every call of docs/api.md. */
#define ROUTE(method, pattern, handler, permission, action) api_handler handler;
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

/* A permission that the route does not ask for, because it depends on the body. -EACCES. */
MUST_USE int call_need(struct call *c, enum permission p, struct err *e);

/* 422 with the sentence in `e` and the findings. Returns 0: answered. */
int call_refuse(struct call *c, const struct findings *findings, const struct err *e);

/*
 * A problem of RFC 9457: `name` (NULL: none) becomes "urn:gatewright:problem:NAME", the members of `more` (taken, or
 * NULL) are added. The audit log calls it refused. Returns 0: answered.
 */
int call_problem(struct call *c, unsigned int status, const char *name, const char *detail, json_t *more);

/* {"items": items (taken), "next": next} */
int call_answer_list(struct call *c, json_t *items, const char *next, struct err *e);

/* The same with another status; NULL body is out of memory. */
int call_answer(struct call *c, unsigned int status, json_t *body, struct err *e);

/* ---- for the audit log (call_audit.c) ---- */

/* What the call is about: "gateway:edge". Without it, what the path says. */
void call_about(struct call *c, const char *format, ...) PRINTF_LIKE(2, 3);

/* The record before and after the change; both are taken, NULL is fine. No secrets. */
void call_before(struct call *c, json_t *value);
void call_after(struct call *c, json_t *value);

/*
 * Write the event now, for a change that is not in the store: without its event it must not happen. Else the event is
 * written in the group of the call's first change, or when the handler has ended.
 */
MUST_USE int call_record(struct call *c, struct err *e);

/*
 * The same for a deed that is not known to succeed yet: its event says that it was begun, and when the call fails a
 * second one says so. call_was_begun(): a call that was put off did this before.
 */
MUST_USE int call_begin_deed(struct call *c, struct err *e);
void call_was_begun(struct call *c);

/* Changes between these two have no event: a counter, a time of use. */
void call_audit_pause(struct call *c);
void call_audit_resume(struct call *c);

/* Around a handler: from here on changes are witnessed; write what was not written. */
void call_audit_begin(struct call *c, enum audit_action action, const char *pattern);
void call_audit_end(struct call *c, int outcome, const struct err *e);

/* The same for a call that was refused before its handler; AUDIT_NONE: one that only reads. */
void call_audit_refused(struct call *c, enum audit_action action, const char *pattern, const char *detail);

#endif
