/* Users: who they are is up to an administrator; what lets them in is up to them. */
#include "core/access/names.h"
#include "gatewrightd/manager/access/first.h"
#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/api/json_out.h"

#include <errno.h>
#include <sodium.h>

struct user_body {
	const char *name;
	json_t *roles;
	bool disabled, dry_run;
};

static const struct json_in_row create_rows[] = {
	{ .name = "name",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct user_body, name),
	  .max = 256,
	  .required = true },
	{ .name = "roles",
	  .type = JSON_IN_STRINGS,
	  .offset = offsetof(struct user_body, roles),
	  .max = ACCESS_ROLES_N,
	  .required = true },
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct user_body, dry_run) },
};

static const struct json_in_row change_rows[] = {
	{ .name = "roles",
	  .type = JSON_IN_STRINGS,
	  .offset = offsetof(struct user_body, roles),
	  .max = ACCESS_ROLES_N,
	  .nullable = true },
	{ .name = "disabled", .type = JSON_IN_BOOL, .offset = offsetof(struct user_body, disabled) },
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct user_body, dry_run) },
};

json_t *json_roles(const char *text)
{
	return text[0] ? json_words(text) : json_array();
}

static json_t *json_user(const struct store_account *u)
{
	return json_pack("{ss,so,sb,sb,sb,so,so}", "name", u->name, "roles", json_roles(u->roles), "disabled",
			 (int)u->disabled, "totp", (int)u->totp_confirmed, "must_change_password", (int)u->must_change,
			 "created_at", json_time(u->created_at), "last_login_at", json_time(u->last_login_at));
}

/* What of it may change. */
static json_t *json_user_rights(const struct store_account *u)
{
	return json_pack("{so,sb}", "roles", json_roles(u->roles), "disabled", (int)u->disabled);
}

int roles_from_json(struct call *c, const json_t *list, const char **ret, struct err *e)
{
	char text[ROLES_TEXT_MAX];
	unsigned roles = ROLES_NONE;
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		enum access_role role;

		if (!access_role_from_word(bytes_of_str(json_string_value(one)), &role))
			return err_set(
				e, -EINVAL,
				"member 'roles': want 'viewer', 'deployer', 'issuer' or 'administrator', got '%.40s'",
				json_string_value(one));
		roles |= BIT(role);
	}
	*ret = arena_str(c->a, bytes_of_str(roles_format(roles, text)));
	return *ret ? 0 : err_nomem(e);
}

static int need_user(struct call *c, struct store_account *ret, struct err *e)
{
	int r = store_account_by_name(c->s, http_param(c->r, 0), c->a, ret, e);

	return r > 0 ? err_set(e, -ENOENT, "there is no user '%.60s'", http_param(c->r, 0)) : r;
}

/* -EBUSY: nobody could administrate any more. Asked in the group of the change, after it. */
static int check_administrator(struct call *c, struct err *e)
{
	struct store_page page = { "", STORE_PAGE_MAX };
	struct store_account *rows = NULL;
	size_t n = 0;
	int r;

	do {
		r = store_account_list(c->s, page, c->a, &rows, &n, &page.cursor, e);
		for (size_t i = 0; r == 0 && i < n; i++) {
			unsigned roles = ROLES_NONE;

			if (!rows[i].disabled && roles_parse(rows[i].roles, &roles) &&
			    access_allows(roles, PERMISSION_ADMIN))
				return 0;
		}
	} while (r == 0 && page.cursor);
	return r < 0 ? r : err_set(e, -EBUSY, "that would leave no administrator who can sign in");
}

int users_list(struct call *c, struct err *e)
{
	struct store_account *rows = NULL;
	struct store_page page;
	const char *next = NULL;
	json_t *items;
	size_t n = 0;
	int r = call_page(c, NULL, &page, e);

	if (r == 0)
		r = store_account_list(c->s, page, c->a, &rows, &n, &next, e);
	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(items, json_user(&rows[i]));
	return call_answer_list(c, items, next, e);
}

int users_show(struct call *c, struct err *e)
{
	struct store_account user;
	int r = need_user(c, &user, e);

	return r < 0 ? r : call_answer(c, 200, json_user(&user), e);
}

/* The one time that it is seen. */
static int answer_password(struct call *c, unsigned int status, json_t *body, const char *password, struct err *e)
{
	if (body)
		(void)json_object_set_new(body, "one_time_password", json_string(password));
	return call_answer(c, status, body, e);
}

static int create(struct call *c, struct store_account *user, struct err *e)
{
	char password[CODE_TEXT_SIZE], hash[PASSWORD_HASH_SIZE];
	int r = password_one_time(password, hash, e);

	user->password = hash;
	user->must_change = true;
	user->created_at = c->now;
	if (r == 0)
		r = store_account_add(c->s, user, &user->id, e);
	if (r == 0)
		r = answer_password(c, 201, json_user(user), password, e);
	sodium_memzero(password, sizeof(password));
	return r;
}

int users_create(struct call *c, struct err *e)
{
	struct user_body in = { 0 };
	struct store_account user = { 0 };
	int r = call_body(c, create_rows, ARRAY_N(create_rows), &in, e);

	if (r == 0)
		r = user_check_name(bytes_of_str(in.name), e);
	if (r == 0)
		r = roles_from_json(c, in.roles, &user.roles, e);
	if (r < 0)
		return r;
	user.name = in.name;
	call_about(c, "user:%s", in.name);
	call_after(c, json_user_rights(&user));
	if (in.dry_run)
		return call_answer(c, 200, json_pack("{ss}", "would_create", in.name), e);
	return create(c, &user, e);
}

static bool has_member(struct call *c, const char *name)
{
	struct err ignored = { 0 };
	json_t *body = NULL;

	return http_body(c->r, &body, &ignored) == 0 && json_object_get(body, name) != NULL;
}

/* A user that is disabled is out at once. */
static int change(struct call *c, const struct user_body *in, struct store_account *user, struct err *e)
{
	int r = need_user(c, user, e);

	if (r < 0)
		return r;
	call_before(c, json_user_rights(user));
	if (in->roles)
		r = roles_from_json(c, in->roles, &user->roles, e);
	if (has_member(c, "disabled"))
		user->disabled = in->disabled;
	call_after(c, json_user_rights(user));
	if (r == 0)
		r = store_account_change(c->s, user, e);
	if (r == 0 && user->disabled)
		r = store_session_delete_all(c->s, user->id, NULL, e);
	return r == 0 ? check_administrator(c, e) : r;
}

/* End the group; a rehearsal undoes it. */
static int end_group(struct call *c, int r, bool dry_run, struct err *e)
{
	if (r < 0 || !dry_run)
		return store_end(c->s, r, e);
	store_rollback(c->s);
	return 0;
}

int users_change(struct call *c, struct err *e)
{
	struct user_body in = { 0 };
	struct store_account user = { 0 };
	int r = call_body(c, change_rows, ARRAY_N(change_rows), &in, e);

	if (r == 0)
		r = store_begin(c->s, e);
	if (r < 0)
		return r;
	r = end_group(c, change(c, &in, &user, e), in.dry_run, e);
	return r < 0 ? r : call_answer(c, 200, json_user(&user), e);
}

static const struct json_in_row dry_run_rows[] = { { .name = "dry_run", .type = JSON_IN_BOOL } };

static int delete_one(struct call *c, struct err *e)
{
	struct store_account user = { 0 };
	int r = need_user(c, &user, e);

	if (r < 0)
		return r;
	call_before(c, json_user_rights(&user));
	r = store_account_delete(c->s, user.id, e);
	return r == 0 ? check_administrator(c, e) : r;
}

int users_delete(struct call *c, struct err *e)
{
	bool dry_run = false;
	int r = call_body(c, dry_run_rows, ARRAY_N(dry_run_rows), &dry_run, e);

	if (r == 0)
		r = store_begin(c->s, e);
	if (r < 0)
		return r;
	r = end_group(c, delete_one(c, e), dry_run, e);
	if (r < 0)
		return r;
	if (!dry_run)
		first_password_forget(c->m, http_param(c->r, 0));
	http_answer(c->r, 204, NULL);
	return 0;
}

/* Whoever had the password, the second factor, a session, a token or a known browser has them no more. */
static int reset(struct call *c, const struct store_account *user, const char *hash, struct err *e)
{
	int r = store_account_set_password(c->s, user->id, hash, true, e);

	if (r == 0)
		r = store_account_set_totp(c->s, user->id, BYTES_NONE, false, 0, e);
	return r == 0 ? store_account_shut_out(c->s, user->id, e) : r;
}

int users_reset(struct call *c, struct err *e)
{
	char password[CODE_TEXT_SIZE], hash[PASSWORD_HASH_SIZE];
	struct store_account user = { 0 };
	bool dry_run = false;
	int r = call_body(c, dry_run_rows, ARRAY_N(dry_run_rows), &dry_run, e);

	if (r == 0)
		r = need_user(c, &user, e);
	if (r == 0 && dry_run)
		return call_answer(c, 200, json_user(&user), e);
	if (r == 0)
		r = password_one_time(password, hash, e);
	if (r == 0)
		r = store_begin(c->s, e);
	if (r < 0)
		return r;
	r = store_end(c->s, reset(c, &user, hash, e), e);
	if (r == 0) {
		first_password_forget(c->m, user.name);
		r = answer_password(c, 200, json_object(), password, e);
	}
	sodium_memzero(password, sizeof(password));
	return r;
}
