/* Personal access tokens: made by those who signed in, or on the Unix socket for a user. */
#include "core/access/names.h"
#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/api/json_out.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define LIFE_MAX_DAYS 366

struct token_body {
	const char *name, *user;
	json_t *roles;
	struct wall_time expires_at;
	bool dry_run;
};

static const struct json_in_row token_rows[] = {
	{ .name = "name",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct token_body, name),
	  .max = 256,
	  .required = true },
	{ .name = "user",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct token_body, user),
	  .max = 256,
	  .nullable = true },
	{ .name = "roles",
	  .type = JSON_IN_STRINGS,
	  .offset = offsetof(struct token_body, roles),
	  .max = ACCESS_ROLES_N,
	  .required = true },
	{ .name = "expires_at",
	  .type = JSON_IN_TIME,
	  .offset = offsetof(struct token_body, expires_at),
	  .required = true },
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct token_body, dry_run) },
};

static json_t *json_token(const struct store_token *t)
{
	return json_pack("{so,ss,ss,so,so,so,so}", "id", json_id(t->id), "name", t->name, "user", t->user, "roles",
			 json_roles(t->roles), "created_at", json_time(t->created_at), "expires_at",
			 json_time(t->expires_at), "last_used_at", json_time(t->used_at));
}

/* Whose tokens: 0 is everybody's. */
static int choose_owner(struct call *c, int64_t *ret, struct err *e)
{
	const char *all = http_query(c->r, "all");

	if (all && strcmp(all, "true") != 0)
		return err_set(e, -EINVAL, "all: want 'true', got '%.40s'", all);
	*ret = c->who.account_id;
	if (all || c->who.by == BY_UNIX) {
		*ret = 0;
		return call_need(c, PERMISSION_ADMIN, e);
	}
	return 0;
}

int tokens_list(struct call *c, struct err *e)
{
	static const char *const known[] = { "all", NULL };
	struct store_token *rows = NULL;
	struct store_page page;
	const char *next = NULL;
	int64_t owner = 0;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, known, &page, e);

	if (r == 0)
		r = choose_owner(c, &owner, e);
	if (r == 0)
		r = store_token_list(c->s, owner, page, c->a, &rows, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(items, json_token(&rows[i]));
	return call_answer_list(c, items, next, e);
}

/* A token makes none: it would outlive itself. */
static int find_owner(struct call *c, const struct token_body *in, struct store_account *ret, struct err *e)
{
	int r;

	if (c->who.by == BY_TOKEN)
		return err_set(e, -EACCES, "a token makes no tokens: sign in");
	if (in->user && c->who.by != BY_UNIX)
		return err_set(e, -EACCES, "member 'user': only on the Unix socket a token is made for another user");
	if (!in->user && c->who.by == BY_UNIX)
		return err_set(e, -EINVAL, "member 'user' is missing: want the user whose token it is");
	r = in->user ? store_account_by_name(c->s, in->user, c->a, ret, e)
		     : store_account_get(c->s, c->who.account_id, c->a, ret, e);
	return r > 0 ? err_set(e, -ENOENT, "there is no user '%.60s'", in->user ? in->user : c->who.name) : r;
}

static int check_roles(const struct store_account *owner, const char *wanted, struct err *e)
{
	unsigned have = ROLES_NONE, want = ROLES_NONE;
	char text[ROLES_TEXT_MAX];

	if (!roles_parse(owner->roles, &have) || !roles_parse(wanted, &want))
		return err_set(e, -EIO, "the roles of user '%s' are damaged", owner->name);
	if ((want & ~have) != 0)
		return err_set(e, -EPROTO, "member 'roles': want roles that '%s' has, got also '%s'", owner->name,
			       roles_format(want & ~have, text));
	return want != ROLES_NONE ? 0 : err_set(e, -EPROTO, "member 'roles': want one at least");
}

static int check_life(struct call *c, struct wall_time until, struct err *e)
{
	if (until.s > c->now.s && until.s <= c->now.s + LIFE_MAX_DAYS * DAY_S)
		return 0;
	return err_set(e, -EPROTO, "member 'expires_at': want a time within the next %d days", LIFE_MAX_DAYS);
}

static void describe(struct call *c, void *context)
{
	const struct store_token *token = context;

	call_about(c, "token:%lld/%s", (long long)token->id, token->user);
}

static int create(struct call *c, struct store_token *token, struct err *e)
{
	uint8_t secret[ACCESS_SECRET_SIZE];
	char text[TOKEN_TEXT_SIZE];
	json_t *body;
	int r;

	secret_random(secret, sizeof(secret));
	secret_hash(bytes_of(secret, sizeof(secret)), token->hash);
	c->audit.describe = describe;
	c->audit.describe_context = token;
	r = store_begin(c->s, e);
	if (r == 0)
		r = store_end(c->s, store_token_add(c->s, token, &token->id, e), e);
	if (r == 0) {
		body = json_token(token);
		if (body)
			(void)json_object_set_new(body, "token", json_string(token_format(secret, text)));
		r = call_answer(c, 201, body, e);
	}
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(text, sizeof(text));
	return r;
}

int tokens_create(struct call *c, struct err *e)
{
	struct token_body in = { 0 };
	struct store_account owner = { 0 };
	struct store_token token = { .created_at = c->now };
	int r = call_body(c, token_rows, ARRAY_N(token_rows), &in, e);

	if (r == 0)
		r = token_check_name(bytes_of_str(in.name), e);
	if (r == 0)
		r = find_owner(c, &in, &owner, e);
	if (r == 0)
		r = roles_from_json(c, in.roles, &token.roles, e);
	if (r == 0)
		r = check_roles(&owner, token.roles, e);
	if (r == 0)
		r = check_life(c, in.expires_at, e);
	if (r < 0)
		return r;
	token.name = in.name;
	token.user = owner.name;
	token.account_id = owner.id;
	token.expires_at = in.expires_at;
	call_after(c, json_token(&token));
	return in.dry_run ? call_answer(c, 200, json_pack("{ss}", "would_create", in.name), e) : create(c, &token, e);
}

int tokens_delete(struct call *c, struct err *e)
{
	static const struct json_in_row rows[] = { { .name = "dry_run", .type = JSON_IN_BOOL } };
	struct store_token token;
	bool dry_run = false;
	int64_t id = 0;
	int r = call_id(c, 0, &id, e);

	if (r == 0)
		r = call_body(c, rows, ARRAY_N(rows), &dry_run, e);
	if (r == 0)
		r = store_token_get(c->s, id, c->a, &token, e);
	if (r < 0)
		return r;
	/* Somebody else's token is not there, for who may not see it. */
	if (r > 0 || (token.account_id != c->who.account_id && call_need(c, PERMISSION_ADMIN, e) < 0))
		return err_set(e, -ENOENT, "there is no token %lld", (long long)id);
	describe(c, &token);
	call_before(c, json_token(&token));
	r = dry_run ? 0 : store_token_delete(c->s, id, e);
	if (r == 0)
		http_answer(c->r, 204, NULL);
	return r;
}
