#include "gatewrightd/manager/access/caller.h"

#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/settings.h"

#include <errno.h>
#include <pwd.h>
#include <sodium.h>
#include <strings.h>

#define TOUCH_S 60 /* how exact "last used" is */
#define PASSWD_LINE_MAX 4096

struct look {
	const struct http_request *r;
	struct store *s;
	struct wall_time now;
	struct arena *a;
	struct caller *ret;
	bool quietly; /* it is no use of the session or token */
};

static void nobody(struct caller *ret, const char *why)
{
	*ret = (struct caller) { .by = BY_NOBODY, .name = "nobody", .actor = "nobody", .why = why };
}

/* 1: no such user any more, or it may not sign in. */
static int take_account(struct look *l, int64_t id, struct store_account *account, struct err *e)
{
	int64_t require_totp = 0;
	int r = store_account_get(l->s, id, l->a, account, e);

	if (r == 0)
		r = setting_get(l->s, SETTING_REQUIRE_TOTP, l->a, &require_totp, e);
	if (r != 0 || account->disabled)
		return r < 0 ? r : 1;
	l->ret->account_id = id;
	l->ret->name = account->name;
	l->ret->must_change = account->must_change;
	l->ret->totp = account->totp_confirmed;
	l->ret->lacks_totp = require_totp != 0 && !account->totp_confirmed;
	return roles_parse(account->roles, &l->ret->roles)
		       ? 0
		       : err_set(e, -EIO, "user '%s': roles '%s' are damaged", account->name, account->roles);
}

/* ---- tokens ---- */

static int use_token(struct look *l, const struct store_token *token, struct err *e)
{
	struct store_account account;
	unsigned roles = ROLES_NONE;
	int r = take_account(l, token->account_id, &account, e);

	if (r != 0)
		return r;
	if (!roles_parse(token->roles, &roles))
		return err_set(e, -EIO, "token %lld: roles '%s' are damaged", (long long)token->id, token->roles);
	l->ret->by = BY_TOKEN;
	l->ret->roles &= roles;
	l->ret->expires_at = token->expires_at;
	l->ret->actor = arena_printf(l->a, "token:%lld/%s", (long long)token->id, account.name);
	if (!l->ret->actor)
		return err_nomem(e);
	if (!l->quietly && l->now.s - token->used_at.s >= TOUCH_S)
		util_ignore(
			store_token_touch(l->s, token->id, l->now, NULL)); /* a full disk must not keep readers out */
	return 0;
}

/* 1: there is none, or it has ended. */
static int find_token(struct look *l, const uint8_t hash[STORE_HASH_SIZE], struct err *e)
{
	struct store_token token;
	int r = store_token_by_hash(l->s, hash, l->a, &token, e);

	if (r == 0)
		r = token.expires_at.s > l->now.s ? use_token(l, &token, e) : 1;
	memcpy(l->ret->token, hash, STORE_HASH_SIZE);
	return r;
}

static int by_token(struct look *l, const char *header, struct err *e)
{
	static const char scheme[] = "Bearer ";
	uint8_t secret[ACCESS_SECRET_SIZE], hash[STORE_HASH_SIZE];
	bool is_token = strncasecmp(header, scheme, strlen(scheme)) == 0 &&
			token_parse(bytes_trim(bytes_of_str(header + strlen(scheme))), secret);
	int r = 1;

	if (is_token) {
		secret_hash(bytes_of(secret, sizeof(secret)), hash);
		r = find_token(l, hash, e);
	}
	if (r > 0)
		nobody(l->ret, "the token is not known, has expired, or its user may not sign in");
	return r < 0 ? r : 0;
}

/* ---- sessions ---- */

/* 1: it has ended. A clock that went back ends none. */
static int take_session(struct look *l, const struct store_session *session, struct err *e)
{
	int64_t idle = 0, absolute = 0;
	int r = setting_get(l->s, SETTING_SESSION_IDLE_S, l->a, &idle, e);

	if (r == 0)
		r = setting_get(l->s, SETTING_SESSION_ABSOLUTE_S, l->a, &absolute, e);
	if (r < 0)
		return r;
	l->ret->expires_at = wall_add(session->created_at, absolute);
	l->ret->idle_expires_at = wall_add(l->now, idle);
	if (l->now.s >= l->ret->expires_at.s || l->now.s - session->used_at.s >= idle)
		return 1;
	return 0;
}

static int use_session(struct look *l, const struct store_session *session, struct err *e)
{
	struct store_account account;
	int r = take_session(l, session, e);

	if (r == 0)
		r = take_account(l, session->account_id, &account, e);
	if (r != 0)
		return r;
	l->ret->by = BY_SESSION;
	memcpy(l->ret->session, session->hash, STORE_HASH_SIZE);
	l->ret->actor = arena_printf(l->a, "user:%s", account.name);
	if (!l->ret->actor)
		return err_nomem(e);
	if (!l->quietly && l->now.s - session->used_at.s >= TOUCH_S)
		util_ignore(store_session_touch(l->s, session->hash, l->now, NULL));
	return 0;
}

static int find_session(struct look *l, const uint8_t hash[STORE_HASH_SIZE], struct err *e)
{
	struct store_session session;
	int r = store_session_get(l->s, hash, &session, e);

	return r == 0 ? use_session(l, &session, e) : r;
}

static int by_session(struct look *l, const char *cookie, struct err *e)
{
	uint8_t secret[ACCESS_SECRET_SIZE], hash[STORE_HASH_SIZE];
	int r = 1;

	if (access_secret_parse(bytes_of_str(cookie), secret)) {
		secret_hash(bytes_of(secret, sizeof(secret)), hash);
		r = find_session(l, hash, e);
	}
	if (r > 0)
		nobody(l->ret, "the session has ended: sign in again");
	if (r == 0)
		session_csrf(secret, l->ret->csrf);
	sodium_memzero(secret, sizeof(secret));
	return r < 0 ? r : 0;
}

/* ---- the Unix socket ---- */

/* Root, the daemon's own user, a member of the configured group: the server has let in nobody else. */
static int by_peer(struct look *l, struct err *e)
{
	char line[PASSWD_LINE_MAX];
	struct passwd entry, *found = NULL;
	uid_t uid = http_peer_uid(l->r);

	if (getpwuid_r(uid, &entry, line, sizeof(line), &found) == 0 && found)
		l->ret->name = arena_str(l->a, bytes_of_str(found->pw_name));
	else
		l->ret->name = arena_printf(l->a, "%u", (unsigned)uid);
	l->ret->by = BY_UNIX;
	l->ret->roles = BIT(ROLE_ADMINISTRATOR);
	l->ret->actor = l->ret->name ? arena_printf(l->a, "unix:%s", l->ret->name) : NULL;
	return l->ret->actor ? 0 : err_nomem(e);
}

int caller_find(const struct http_request *r, struct store *s, struct wall_time now, struct arena *a,
		struct caller *ret, struct err *e)
{
	struct look l = { .r = r, .s = s, .now = now, .a = a, .ret = ret };
	const char *header = http_header(r, "Authorization"), *cookie = http_cookie(r, SESSION_COOKIE);

	*ret = (struct caller) { .by = BY_NOBODY };
	if (header)
		return by_token(&l, header, e);
	if (cookie)
		return by_session(&l, cookie, e);
	if (http_channel(r) == HTTP_UNIX)
		return by_peer(&l, e);
	nobody(ret, "sign in first, or send a token");
	return 0;
}

/* ---- later ---- */

struct caller_pass caller_pass(const struct caller *caller)
{
	struct caller_pass pass = { .by = caller->by };

	memcpy(pass.hash, caller->by == BY_TOKEN ? caller->token : caller->session, STORE_HASH_SIZE);
	return pass;
}

int caller_check_pass(const struct caller_pass *pass, struct store *s, struct wall_time now, struct arena *a,
		      struct err *e)
{
	struct caller found = { .by = BY_NOBODY };
	struct look l = { .s = s, .now = now, .a = a, .ret = &found, .quietly = true };
	int r;

	if (pass->by == BY_UNIX)
		return 0;
	r = pass->by == BY_TOKEN ? find_token(&l, pass->hash, e) : find_session(&l, pass->hash, e);
	return r == 0 ? found.must_change || found.lacks_totp : r;
}

/* ---- changing calls ---- */

/* A page of another site can't know the token; the origin says the same twice. RFC 6454 section 7 */
int caller_check_csrf(const struct caller *caller, const struct http_request *r, struct err *e)
{
	const char *token = http_header(r, "X-CSRF-Token"), *origin = http_header(r, "Origin"),
		   *host = http_header(r, "Host");
	static const char scheme[] = "https://";
	size_t n = strlen(caller->csrf);

	if (!token || strlen(token) != n || sodium_memcmp(token, caller->csrf, n) != 0)
		return err_set(
			e, -EACCES,
			"want the header 'X-CSRF-Token' with the value that 'GET /api/v1/session' has as 'csrf'");
	if (origin &&
	    (!host || strncmp(origin, scheme, strlen(scheme)) != 0 || strcasecmp(origin + strlen(scheme), host) != 0))
		return err_set(e, -EACCES, "want the header 'Origin' of this console, got '%.100s'", origin);
	return 0;
}

const char *caller_by_word(enum caller_by by)
{
	static const char *const words[] = { "nobody", "unix", "token", "session" };

	return words[by];
}
