#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/api/approval.h"
#include "gatewrightd/manager/api/json_out.h"
#include "sys/store/approvals.h"

#include <errno.h>
#include <string.h>

static const char *state_of(struct call *c, const struct store_approval *a)
{
	bool open = strcmp(a->state, "waiting") == 0 || strcmp(a->state, "granted") == 0;

	return open && c->now.s >= a->expires_at.s ? "expired" : a->state;
}

static json_t *json_approval(struct call *c, const struct store_approval *a)
{
	return json_pack("{so,ss,ss,ss,ss,so,so,ss,ss?}", "id", json_id(a->id), "action", a->action, "object",
			 a->object, "summary", a->summary, "requested_by", a->requested_by, "requested_at",
			 json_time(a->requested_at), "expires_at", json_time(a->expires_at), "state", state_of(c, a),
			 "decided_by", a->decided_by);
}

/* Over what was asked for, but not the passphrase: the store must not hold what it could be guessed against. */
static int digest(struct call *c, uint8_t out[STORE_HASH_SIZE], struct err *e)
{
	json_t *body = NULL, *copy;
	char *text, *all;
	int r = http_body(c->r, &body, e);

	if (r < 0)
		return r;
	copy = json_copy(body);
	(void)json_object_del(copy, "approval");
	(void)json_object_del(copy, "passphrase");
	text = copy ? json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	all = text ? arena_printf(c->a, "%s\n%s\n%s", audit_action_word(c->audit.action), c->audit.object, text) : NULL;
	json_release_text(text);
	json_decref(copy);
	if (!all)
		return err_nomem(e);
	secret_hash(bytes_of_str(all), out);
	return 0;
}

/* Its event is the request's, not the call's. */
static int ask(struct call *c, const char *summary, struct err *e)
{
	struct store_approval a = { .action = audit_action_word(c->audit.action),
				    .object = c->audit.object,
				    .summary = summary,
				    .requested_by = c->who.name,
				    .requested_at = c->now,
				    .expires_at = wall_add(c->now, APPROVAL_LIFE_S),
				    .state = "waiting" };
	int r = digest(c, a.digest, e);

	c->audit.action = AUDIT_APPROVAL_REQUEST;
	call_after(c, json_pack("{ss,ss}", "action", a.action, "summary", summary));
	if (r == 0)
		r = store_approval_add(c->s, &a, &a.id, e);
	if (r == 0)
		r = call_answer(c, 202, json_pack("{so}", "approval", json_approval(c, &a)), e);
	return r < 0 ? r : 1;
}

static int check(struct call *c, const struct store_approval *a, struct err *e)
{
	uint8_t want[STORE_HASH_SIZE];
	int r = digest(c, want, e);

	if (r < 0)
		return r;
	if (strcmp(a->requested_by, c->who.name) != 0 || memcmp(want, a->digest, sizeof(want)) != 0)
		return err_set(e, -EACCES, "approval %lld is for another request", (long long)a->id);
	if (strcmp(state_of(c, a), "granted") != 0)
		return err_set(e, -EACCES, "approval %lld: want it granted, it is %s", (long long)a->id,
			       state_of(c, a));
	return 0;
}

/* The commit of the deed uses it up. */
static int promise(struct call *c, int64_t id, struct err *e)
{
	struct store_approval a = { .id = 0 };
	int r = store_approval_get(c->s, id, c->a, &a, e);

	if (r > 0)
		return err_set(e, -EACCES, "there is no approval %lld", (long long)id);
	if (r == 0)
		r = check(c, &a, e);
	if (r < 0)
		return r;
	c->audit.approval = id;
	c->audit.detail = arena_printf(c->a, "with approval %lld", (long long)id);
	return 0;
}

int approval_need(struct call *c, enum setting setting, int64_t id, const char *summary, struct err *e)
{
	int64_t wanted = 0;
	int r = summary ? setting_get(c->s, setting, c->a, &wanted, e) : err_nomem(e);

	if (r < 0 || wanted == 0)
		return r;
	return id == 0 ? ask(c, summary, e) : promise(c, id, e);
}

/* ---- calls ---- */

int approvals_list(struct call *c, struct err *e)
{
	struct store_approval *rows = NULL;
	struct store_page page;
	const char *next = NULL;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, NULL, &page, e);

	if (r == 0)
		r = store_approval_list(c->s, page, c->a, &rows, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(items, json_approval(c, &rows[i]));
	return call_answer_list(c, items, next, e);
}

static int get(struct call *c, struct store_approval *ret, struct err *e)
{
	int64_t id = 0;
	int r = call_id(c, 0, &id, e);

	if (r == 0)
		r = store_approval_get(c->s, id, c->a, ret, e);
	return r > 0 ? err_set(e, -ENOENT, "there is no approval %lld", (long long)id) : r;
}

static int decide(struct call *c, const char *state, struct err *e)
{
	struct store_approval a = { .id = 0 };
	int r = call_body(c, NULL, 0, NULL, e);

	if (r == 0)
		r = get(c, &a, e);
	if (r < 0)
		return r;
	if (strcmp(a.requested_by, c->who.name) == 0)
		return err_set(e, -EACCES, "'%s' asked for approval %lld: want another administrator to decide",
			       c->who.name, (long long)a.id);
	call_after(c, json_pack("{ss,ss,ss,ss}", "action", a.action, "object", a.object, "summary", a.summary,
				"requested_by", a.requested_by));
	r = strcmp(state_of(c, &a), "waiting") == 0 ? store_approval_decide(c->s, a.id, state, c->who.name, c->now, e)
						    : 1;
	if (r > 0)
		return err_set(e, -EBUSY, "approval %lld does not wait any more, it is %s", (long long)a.id,
			       state_of(c, &a));
	if (r == 0)
		r = get(c, &a, e);
	return r < 0 ? r : call_answer(c, 200, json_approval(c, &a), e);
}

int approvals_grant(struct call *c, struct err *e)
{
	return decide(c, "granted", e);
}

int approvals_refuse(struct call *c, struct err *e)
{
	return decide(c, "refused", e);
}
