/* A call's event in the audit log. */
#include "base/log.h"
#include "core/access/lockout.h"
#include "gatewrightd/manager/api/call.h"
#include "gatewrightd/manager/audit.h"
#include "sys/store/approvals.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define API_PREFIX "/api/v1/"

/* "gateway:edge" of "/api/v1/gateways/{name}/probe"; the noun alone where no parameter follows it. */
static const char *object_of(struct call *c, const char *pattern)
{
	const char *noun = pattern + strlen(API_PREFIX);
	size_t n = strcspn(noun, "/");
	char *object;

	if (strncmp(pattern, API_PREFIX, strlen(API_PREFIX)) != 0)
		return pattern;
	if (noun[n] != '/' || noun[n + 1] != '{')
		return arena_printf(c->a, "%.*s", (int)n, noun);
	object = arena_printf(c->a, "%.*s:%.256s", (int)(n - 1), noun, http_param(c->r, 0));
	return object ? text_keep_utf8(object) : NULL;
}

static void set_json(struct call *c, const char **ret, json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

	*ret = text ? arena_str(c->a, bytes_of_str(text)) : NULL;
	json_release_text(text);
	json_decref(value);
}

void call_before(struct call *c, json_t *value)
{
	set_json(c, &c->audit.before, value);
}

void call_after(struct call *c, json_t *value)
{
	set_json(c, &c->audit.after, value);
}

void call_about(struct call *c, const char *format, ...)
{
	char text[320];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	c->audit.object = arena_str(c->a, bytes_of_str(text_keep_utf8(text)));
}

/* ---- writing ---- */

static int write_event(struct call *c, struct store *s, struct err *e)
{
	const struct call_audit *a = &c->audit;
	struct audit_event event = { .actor = a->actor ? a->actor : c->who.actor,
				     .address = http_peer_address(c->r),
				     .action = audit_action_word(a->action),
				     .object = a->object ? a->object : "",
				     .outcome = a->outcome ? a->outcome : "done",
				     .detail = a->detail,
				     .before = bytes_of_str(a->before),
				     .after = bytes_of_str(a->after) };

	return audit_write(s, &event, c->now, e);
}

static int use_approval(struct call *c, struct store *s, struct err *e)
{
	int r = c->audit.approval != 0 ? store_approval_use(s, c->audit.approval, e) : 0;

	return r > 0 ? err_set(e, -EACCES, "approval %lld was used meanwhile", (long long)c->audit.approval) : r;
}

/* In the group of the change. */
static int witness(struct store *s, void *context, struct err *e)
{
	struct call *c = context;
	int r;

	if (c->audit.written)
		return 0;
	if (c->audit.describe)
		c->audit.describe(c, c->audit.describe_context);
	r = use_approval(c, s, e);
	if (r == 0)
		r = write_event(c, s, e);
	c->audit.written = r == 0;
	return r;
}

int call_record(struct call *c, struct err *e)
{
	int r;

	if (c->audit.written || c->audit.action == AUDIT_NONE)
		return 0;
	store_set_witness(c->s, NULL, NULL);
	r = store_begin(c->s, e);
	return r < 0 ? r : store_end(c->s, witness(c->s, c, e), e);
}

int call_begin_deed(struct call *c, struct err *e)
{
	int r;

	c->audit.detail = "begun";
	r = call_record(c, e);
	c->audit.begun = r == 0;
	return r;
}

void call_was_begun(struct call *c)
{
	c->audit.written = c->audit.begun = true;
}

void call_audit_pause(struct call *c)
{
	store_set_witness(c->s, NULL, NULL);
}

void call_audit_resume(struct call *c)
{
	store_set_witness(c->s, witness, c);
}

void call_audit_begin(struct call *c, enum audit_action action, const char *pattern)
{
	c->audit.action = action;
	if (action == AUDIT_NONE)
		return;
	c->audit.object = object_of(c, pattern);
	store_set_witness(c->s, witness, c);
}

/* A rehearsal changes nothing and leaves nothing. */
static bool is_rehearsal(struct call *c)
{
	struct err ignored = { 0 };
	json_t *body = NULL;

	return http_body(c->r, &body, &ignored) == 0 && json_is_true(json_object_get(body, "dry_run"));
}

static void write_late(struct call *c)
{
	struct err e = { 0 };

	if (call_record(c, &e) < 0)
		log_error("audit: %s of '%s' by '%s' was not recorded: %s", audit_action_word(c->audit.action),
			  c->audit.object, c->who.actor, err_text(&e));
}

void call_audit_end(struct call *c, int outcome, const struct err *e)
{
	store_set_witness(c->s, NULL, NULL);
	if (outcome == HTTP_LATER || c->audit.action == AUDIT_NONE)
		return;
	if (c->audit.begun && outcome < 0)
		c->audit.written = false;
	if (!c->audit.written && !is_rehearsal(c)) {
		if (outcome < 0) {
			c->audit.outcome = http_status_of(outcome) >= 500 ? "failed" : "refused";
			c->audit.detail = err_text(e);
			c->audit.before = c->audit.after = NULL;
		}
		c->audit.approval = 0; /* nothing was done with it */
		write_late(c);
	}
	auditor_wake(c->m->auditor);
}

/* ---- refused before the handler ---- */

/* What strangers send again and again leaves an event as often as a log-in may be tried. */
static bool is_worth_an_event(struct call *c)
{
	char address[LOCKOUT_ADDRESS_MAX];
	const char *name = arena_printf(c->a, "refused:%s", lockout_address(http_peer_address(c->r), address));
	struct lockout count = { 0 };
	struct err e = { 0 };

	if (c->who.by != BY_NOBODY)
		return true;
	if (!name || store_throttle_get(c->s, name, &count.failures, &count.last, &e) < 0 ||
	    lockout_wait(count, c->now) > 0)
		return false;
	count = lockout_failed(count, c->now);
	return store_throttle_set(c->s, name, count.failures, count.last, &e) == 0;
}

/* Without a token it is a log-in that ended, which is nothing to tell. */
static bool is_refused_read_worth_it(struct call *c, const char *pattern)
{
	bool is_known = c->who.by != BY_NOBODY;

	return (is_known || http_header(c->r, "Authorization")) &&
	       auditor_tells_refusal(c->m->auditor, is_known, c->who.actor, http_peer_address(c->r), pattern, c->now);
}

void call_audit_refused(struct call *c, enum audit_action action, const char *pattern, const char *detail)
{
	bool is_read = action == AUDIT_NONE;

	if (!(is_read ? is_refused_read_worth_it(c, pattern) : is_worth_an_event(c)))
		return;
	c->audit.action = is_read ? AUDIT_CALL_READ : action;
	c->audit.object = object_of(c, pattern);
	c->audit.outcome = "refused";
	c->audit.detail = detail;
	write_late(c);
	auditor_wake(c->m->auditor);
}
