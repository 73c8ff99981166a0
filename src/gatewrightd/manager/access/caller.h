/* Who makes a call: a token, a session, or a user of this machine on the Unix socket. */
#ifndef GW_GATEWRIGHTD_MANAGER_ACCESS_CALLER_H
#define GW_GATEWRIGHTD_MANAGER_ACCESS_CALLER_H

#include "core/access/roles.h"
#include "core/access/secrets.h"
#include "sys/http/server.h"
#include "sys/store/accounts.h"

#define SESSION_COOKIE "__Host-gatewright"
#define MARK_COOKIE "__Host-gatewright-mark"

enum caller_by { BY_NOBODY, BY_UNIX, BY_TOKEN, BY_SESSION };

/* Strings live in the call's arena. */
struct caller {
	enum caller_by by;
	unsigned roles;
	const char *name;   /* of the user, or of the user of this machine; "nobody" */
	const char *actor;  /* for the audit log: "user:alice", "token:7/ci", "unix:root", "nobody" */
	const char *why;    /* BY_NOBODY: what was wrong with what was shown, a sentence */
	int64_t account_id; /* 0: BY_NOBODY, BY_UNIX */
	bool must_change, totp, lacks_totp;
	uint8_t session[STORE_HASH_SIZE]; /* BY_SESSION: what the store has of it */
	uint8_t token[STORE_HASH_SIZE];	  /* BY_TOKEN: the same */
	char csrf[ACCESS_SECRET_TEXT];
	struct wall_time idle_expires_at, expires_at; /* of a session; expires_at of a token too */
};

/* Nobody is not a failure. A session or token that is used is marked so, at most once a minute. */
MUST_USE int caller_find(const struct http_request *r, struct store *s, struct wall_time now, struct arena *a,
			 struct caller *ret, struct err *e);

/* What a caller has shown, for who serves it longer than one answer takes. */
struct caller_pass {
	enum caller_by by;
	uint8_t hash[STORE_HASH_SIZE];
};

struct caller_pass caller_pass(const struct caller *caller);

/*
 * Would a call with it be answered now? 1: no more: it has ended, expired, or its user may not call. To look is no use
 * of a session, which ends when it is idle all the same.
 */
MUST_USE int caller_check_pass(const struct caller_pass *pass, struct store *s, struct wall_time now, struct arena *a,
			       struct err *e);

/* The X-CSRF-Token and the Origin of a changing call with a session. */
MUST_USE int caller_check_csrf(const struct caller *caller, const struct http_request *r, struct err *e);

const char *caller_by_word(enum caller_by by);

#endif
