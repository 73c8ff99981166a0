/* What the calls of a session share. */
#ifndef GW_GATEWRIGHTD_MANAGER_API_SESSION_CALL_H
#define GW_GATEWRIGHTD_MANAGER_API_SESSION_CALL_H

#include "gatewrightd/manager/access/login.h"
#include "gatewrightd/manager/api/call.h"

/* -EACCES: a token or a user of this machine has no password here. */
MUST_USE int session_need(struct call *c, struct err *e);

/* A try of this request, and what it comes to. `user`, `password` and `code` are borrowed. */
struct login session_login(struct call *c, const char *user, const struct secret *password, const char *code);
MUST_USE int session_try(struct call *c, struct login *l, enum login_outcome *ret, int64_t *ret_wait_s, struct err *e);

/* Is it the caller's? LOGIN_FINE, LOGIN_CREDENTIALS or LOGIN_WAIT. */
MUST_USE int session_check_password(struct call *c, const struct secret *password, enum login_outcome *ret,
				    int64_t *ret_wait_s, struct err *e);

/* 401 with its reason, or 429. Returns 0: answered. */
int session_refuse(struct call *c, enum login_outcome outcome, int64_t wait_s, struct err *e);

#endif
