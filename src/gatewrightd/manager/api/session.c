/* Signing in and out, one's own password. */
#include "core/access/names.h"
#include "gatewrightd/manager/access/first.h"
#include "gatewrightd/manager/access/login.h"
#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/api/session_call.h"
#include "gatewrightd/manager/settings.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#define SECRET_MAX 1024
#define CODE_MAX 64
#define COOKIE_MAX 200
#define COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Strict"

struct session_body {
	const char *user, *code;
	struct secret *password;
};

static const struct json_in_row session_rows[] = {
	{ .name = "user",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct session_body, user),
	  .max = 256,
	  .required = true },
	{ .name = "password",
	  .type = JSON_IN_SECRET,
	  .offset = offsetof(struct session_body, password),
	  .max = SECRET_MAX,
	  .required = true },
	{ .name = "code",
	  .type = JSON_IN_STRING,
	  .offset = offsetof(struct session_body, code),
	  .max = CODE_MAX,
	  .nullable = true },
};

static json_t *role_words(unsigned roles)
{
	json_t *list = json_array();

	for (enum access_role role = 0; role < ACCESS_ROLES_N; role++)
		if ((roles & BIT(role)) != 0)
			(void)json_array_append_new(list, json_string(access_role_word(role)));
	return list;
}

static json_t *permission_words(unsigned roles)
{
	json_t *list = json_array();

	for (enum permission p = 0; p < PERMISSION_N; p++)
		if (access_allows(roles, p))
			(void)json_array_append_new(list, json_string(permission_word(p)));
	return list;
}

static json_t *json_session(const struct caller *who)
{
	return json_pack("{ss,so,so,ss?,sb,sb,ss,so,so}", "user", who->name, "roles", role_words(who->roles),
			 "permissions", permission_words(who->roles), "csrf", who->csrf[0] ? who->csrf : NULL,
			 "must_change_password", (int)who->must_change, "totp", (int)who->totp, "by",
			 caller_by_word(who->by), "idle_expires_at", json_time(who->idle_expires_at), "expires_at",
			 json_time(who->expires_at));
}

/* ---- refusals ---- */

/* For the metrics; a code that is asked for is no failure. */
static void count_failure(struct call *c, enum login_outcome outcome)
{
	static_assert(LOGIN_N == MANAGER_LOGIN_REASONS && HTTP_TLS < MANAGER_DOORS, "a count for each");
	if (c->audit.action == AUDIT_SESSION_CREATE && outcome != LOGIN_CODE_NEEDED)
		atomic_fetch_add(&c->m->logins_failed[http_channel(c->r)][outcome], 1);
}

int session_refuse(struct call *c, enum login_outcome outcome, int64_t wait_s, struct err *e)
{
	static const char *const sentences[LOGIN_N] = {
		[LOGIN_WAIT] = "too many tries: wait, then try again",
		[LOGIN_CREDENTIALS] = "the user or the password is wrong",
		[LOGIN_CODE_NEEDED] = "a code of the second factor is needed",
		[LOGIN_CODE_WRONG] = "the code is wrong, or was used already",
	};
	json_t *more;
	char seconds[24];
	int r;

	count_failure(c, outcome);
	more = json_pack("{ss}", "reason", login_reason(outcome));
	if (outcome != LOGIN_WAIT)
		return call_problem(c, 401, login_reason(outcome), sentences[outcome], more);
	c->audit.action = AUDIT_NONE; /* it was not looked at; those before it have their events */
	(void)snprintf(seconds, sizeof(seconds), "%lld", (long long)wait_s);
	r = http_answer_header(c->r, "Retry-After", seconds, e);
	if (r < 0) {
		json_decref(more);
		return r;
	}
	return call_problem(c, 429, "wait", sentences[outcome], more);
}

/* ---- signing in ---- */

/* Who fails is not known; whom it wanted to be is. A name that nobody has may be a password typed in the wrong place.
 */
static void describe_login(struct call *c, const struct login *l, bool fine)
{
	call_about(c, "user:%.32s", l->has_account ? l->account.name : "(none)");
	c->audit.actor = fine ? arena_printf(c->a, "user:%s", l->account.name) : "nobody";
}

static int set_cookie(struct call *c, const char *name, const uint8_t secret[ACCESS_SECRET_SIZE], int64_t age_s,
		      struct err *e)
{
	char text[ACCESS_SECRET_TEXT], cookie[COOKIE_MAX], age[40] = "";
	int r;

	if (age_s > 0)
		(void)snprintf(age, sizeof(age), "; Max-Age=%lld", (long long)age_s);
	(void)snprintf(cookie, sizeof(cookie), "%s=%s%s%s", name, access_secret_format(secret, text), age,
		       COOKIE_RULES);
	r = http_answer_header(c->r, "Set-Cookie", cookie, e);
	sodium_memzero(cookie, sizeof(cookie));
	sodium_memzero(text, sizeof(text));
	return r;
}

/* A browser that is not known yet is from now on. */
static int mark_browser(struct call *c, const struct login *l, struct err *e)
{
	uint8_t secret[ACCESS_SECRET_SIZE], hash[STORE_HASH_SIZE];
	int r;

	if (l->marked)
		return 0;
	secret_random(secret, sizeof(secret));
	secret_hash(bytes_of(secret, sizeof(secret)), hash);
	r = store_mark_add(c->s, l->account.id, hash, c->now, e);
	return r < 0 ? r : set_cookie(c, MARK_COOKIE, secret, MARK_DAYS * DAY_S, e);
}

static int open_session(struct call *c, const struct login *l, const uint8_t secret[ACCESS_SECRET_SIZE], struct err *e)
{
	struct store_session session = { .account_id = l->account.id, .created_at = c->now };
	int64_t absolute = 0;
	int r = setting_get(c->s, SETTING_SESSION_ABSOLUTE_S, c->a, &absolute, e);

	secret_hash(bytes_of(secret, ACCESS_SECRET_SIZE), session.hash);
	if (r == 0)
		r = store_session_delete_old(c->s, wall_add(c->now, -absolute), e);
	if (r == 0)
		r = store_session_add(c->s, &session, e);
	if (r == 0)
		r = store_account_logged_in(c->s, l->account.id, c->now, e);
	if (r == 0)
		r = mark_browser(c, l, e);
	return r;
}

static int answer_session(struct call *c, const struct login *l, const uint8_t secret[ACCESS_SECRET_SIZE],
			  struct err *e)
{
	struct caller who = { .by = BY_SESSION,
			      .name = l->account.name,
			      .must_change = l->account.must_change,
			      .totp = l->account.totp_confirmed };
	int64_t idle = 0, absolute = 0;
	int r = roles_parse(l->account.roles, &who.roles) ? 0 : err_set(e, -EIO, "the user's roles are damaged");

	if (r == 0)
		r = setting_get(c->s, SETTING_SESSION_IDLE_S, c->a, &idle, e);
	if (r == 0)
		r = setting_get(c->s, SETTING_SESSION_ABSOLUTE_S, c->a, &absolute, e);
	if (r == 0)
		r = set_cookie(c, SESSION_COOKIE, secret, 0, e);
	if (r < 0)
		return r;
	session_csrf(secret, who.csrf);
	who.idle_expires_at = wall_add(c->now, idle);
	who.expires_at = wall_add(c->now, absolute);
	return call_answer(c, 201, json_session(&who), e);
}

static int sign_in(struct call *c, const struct login *l, struct err *e)
{
	uint8_t secret[ACCESS_SECRET_SIZE];
	int r = store_begin(c->s, e);

	if (r < 0)
		return r;
	secret_random(secret, sizeof(secret));
	r = store_end(c->s, open_session(c, l, secret, e), e);
	if (r == 0)
		r = answer_session(c, l, secret, e);
	sodium_memzero(secret, sizeof(secret));
	return r;
}

struct login session_login(struct call *c, const char *user, const struct secret *password, const char *code)
{
	return (struct login) { .m = c->m,
				.r = c->r,
				.s = c->s,
				.a = c->a,
				.now = c->now,
				.user = user,
				.address = http_channel(c->r) == HTTP_UNIX ? NULL : http_peer_address(c->r),
				.mark = http_cookie(c->r, MARK_COOKIE),
				.password = password,
				.code = code };
}

/* Counting a try is no change that has an event. */
int session_try(struct call *c, struct login *l, enum login_outcome *ret, int64_t *ret_wait_s, struct err *e)
{
	int r;

	call_audit_pause(c);
	r = login_try(l, ret, ret_wait_s, e);
	call_audit_resume(c);
	return r;
}

int session_create(struct call *c, struct err *e)
{
	struct session_body in = { 0 };
	enum login_outcome outcome = LOGIN_CREDENTIALS;
	struct login l;
	int64_t wait_s = 0;
	int r = call_body(c, session_rows, ARRAY_N(session_rows), &in, e);

	if (r == 0) {
		l = session_login(c, in.user, in.password, in.code);
		r = session_try(c, &l, &outcome, &wait_s, e);
	}
	if (r == 0) {
		describe_login(c, &l, outcome == LOGIN_FINE);
		r = outcome == LOGIN_FINE ? sign_in(c, &l, e) : session_refuse(c, outcome, wait_s, e);
	}
	secret_free(in.password);
	return r;
}

/* ---- one's own ---- */

int session_need(struct call *c, struct err *e)
{
	if (c->who.by == BY_SESSION)
		return 0;
	return err_set(e, -EACCES, "this call is for somebody who signed in with a password: want a session, got a %s",
		       c->who.by == BY_TOKEN ? "token" : "user of this machine");
}

int session_show(struct call *c, struct err *e)
{
	int r = call_no_query(c, e);

	return r < 0 ? r : call_answer(c, 200, json_session(&c->who), e);
}

static int clear_cookie(struct call *c, struct err *e)
{
	return http_answer_header(c->r, "Set-Cookie", SESSION_COOKIE "=; Max-Age=0" COOKIE_RULES, e);
}

int session_end(struct call *c, struct err *e)
{
	int r = session_need(c, e);

	call_about(c, "user:%s", c->who.name);
	if (r == 0)
		r = call_body(c, NULL, 0, NULL, e);
	if (r == 0)
		r = store_session_delete(c->s, c->who.session, e);
	if (r == 0)
		r = clear_cookie(c, e);
	if (r == 0)
		http_answer(c->r, 204, NULL);
	return r;
}

int session_end_all(struct call *c, struct err *e)
{
	int r = session_need(c, e);

	call_about(c, "user:%s", c->who.name);
	if (r == 0)
		r = call_body(c, NULL, 0, NULL, e);
	if (r == 0)
		r = store_session_delete_all(c->s, c->who.account_id, NULL, e);
	if (r == 0)
		r = clear_cookie(c, e);
	if (r == 0)
		http_answer(c->r, 204, NULL);
	return r;
}

/* ---- the password ---- */

struct password_body {
	struct secret *current, *fresh;
};

static const struct json_in_row password_rows[] = {
	{ .name = "current",
	  .type = JSON_IN_SECRET,
	  .offset = offsetof(struct password_body, current),
	  .max = SECRET_MAX,
	  .required = true },
	{ .name = "new",
	  .type = JSON_IN_SECRET,
	  .offset = offsetof(struct password_body, fresh),
	  .max = PASSWORD_MAX,
	  .required = true },
};

int session_check_password(struct call *c, const struct secret *password, enum login_outcome *ret, int64_t *ret_wait_s,
			   struct err *e)
{
	struct login l = session_login(c, c->who.name, password, NULL);
	int r = session_try(c, &l, ret, ret_wait_s, e);

	if (r == 0 && *ret == LOGIN_CODE_NEEDED)
		*ret = LOGIN_FINE;
	return r;
}

static int store_password(struct call *c, const char *hash, struct err *e)
{
	int r = store_begin(c->s, e);

	if (r < 0)
		return r;
	r = store_account_set_password(c->s, c->who.account_id, hash, false, e);
	if (r == 0)
		r = store_session_delete_all(c->s, c->who.account_id, c->who.session, e);
	return store_end(c->s, r, e);
}

static int change_password(struct call *c, const struct password_body *in, struct err *e)
{
	struct login l = session_login(c, c->who.name, in->current, NULL);
	enum login_outcome outcome = LOGIN_WAIT;
	const char *hash = NULL;
	int64_t wait_s = 0;
	int r = session_check_password(c, in->current, &outcome, &wait_s, e);

	if (r != 0 || outcome != LOGIN_FINE)
		return r != 0 ? r : session_refuse(c, outcome, wait_s, e);
	if (secret_equal(in->fresh, secret_bytes(in->current)))
		return err_set(e, -EPROTO, "the new password is the current one: want another one");
	if (password_check(secret_bytes(in->fresh), c->who.name, e) < 0)
		return -EPROTO;
	r = login_hash(&l, in->fresh, &outcome, &hash, e);
	if (r == 0 && outcome == LOGIN_WAIT)
		return session_refuse(c, outcome, 1, e);
	if (r == 0)
		r = store_password(c, hash, e);
	if (r != 0)
		return r;
	first_password_forget(c->m, c->who.name);
	http_answer(c->r, 204, NULL);
	return 0;
}

int session_password(struct call *c, struct err *e)
{
	struct password_body in = { 0 };
	int r = session_need(c, e);

	call_about(c, "user:%s", c->who.name);
	if (r == 0)
		r = call_body(c, password_rows, ARRAY_N(password_rows), &in, e);
	if (r == 0)
		r = change_password(c, &in, e);
	secret_free(in.current);
	secret_free(in.fresh);
	return r;
}
