/* Is it who it says it is: passwords, second factors, and the wait after failures. */
#ifndef GW_GATEWRIGHTD_MANAGER_ACCESS_LOGIN_H
#define GW_GATEWRIGHTD_MANAGER_ACCESS_LOGIN_H

#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/manager.h"
#include "sys/http/server.h"
#include "sys/secret.h"
#include "sys/store/accounts.h"

/* One try. Strings and secrets are borrowed. */
struct login {
	struct manager *m;
	struct http_request *r; /* waits for the hash; what is under way hangs on it */
	struct store *s;
	struct arena *a;
	struct wall_time now;
	const char *user;    /* as typed */
	const char *address; /* NULL: it is not counted (the Unix socket) */
	const char *mark;    /* the cookie of a browser that is known, or NULL */
	const struct secret *password;
	const char *code; /* NULL: none */

	struct store_account account; /* found */
	bool has_account, marked;
	uint8_t mark_hash[STORE_HASH_SIZE];
};

enum login_outcome {
	LOGIN_FINE,
	LOGIN_WAIT,	   /* too early, or too many wait for a hash; nothing was looked at or counted */
	LOGIN_CREDENTIALS, /* user or password */
	LOGIN_CODE_NEEDED, /* the password is right */
	LOGIN_CODE_WRONG,
	LOGIN_N
};

/*
 * Counts the try as failed before it looks, so that many at one time are no way round; LOGIN_FINE and LOGIN_CODE_NEEDED
 * take it back. `*ret_wait_s` of LOGIN_WAIT. HTTP_LATER: the password is being hashed; the handler is called again and
 * does the same again (sys/http/server.h), until this says how the try ended.
 */
MUST_USE int login_try(struct login *l, enum login_outcome *ret, int64_t *ret_wait_s, struct err *e);

/*
 * The hash of another password, `*ret` borrowed until the request ends. Of a request whose login_try() was fine.
 * HTTP_LATER as above. `*ret_outcome`: LOGIN_FINE, or LOGIN_WAIT.
 */
MUST_USE int login_hash(struct login *l, const struct secret *fresh, enum login_outcome *ret_outcome, const char **ret,
			struct err *e);

/* The code alone, of somebody who signed in; the same outcomes. */
MUST_USE int login_check_code(struct login *l, enum login_outcome *ret, struct err *e);

const char *login_reason(enum login_outcome outcome); /* "credentials" */

#define MARK_DAYS 180 /* a browser is known for so long */

#endif
