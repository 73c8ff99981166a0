/* Users, and what lets them in. Hashes are SHA-256 of random secrets; a password is Argon2id's own text. */
#ifndef GW_SYS_STORE_ACCOUNTS_H
#define GW_SYS_STORE_ACCOUNTS_H

#include "sys/store/store.h"

#define STORE_HASH_SIZE 32
#define STORE_SESSIONS_MAX 32 /* of one user; the oldest go */
#define STORE_MARKS_MAX 16    /* browsers of one user that are known; the oldest go */
#define STORE_TOKENS_MAX 100  /* of one user */

struct store_account {
	int64_t id;
	const char *name, *roles, *password;
	bool disabled, must_change;
	struct bytes totp_sealed; /* none: no second factor, and none begun */
	bool totp_confirmed;
	int64_t totp_step;
	struct wall_time created_at, last_login_at; /* last_login_at 0: never */
};

/* 1: there is none. */
MUST_USE int store_account_get(struct store *s, int64_t id, struct arena *a, struct store_account *ret, struct err *e);
MUST_USE int store_account_by_name(struct store *s, const char *name, struct arena *a, struct store_account *ret,
				   struct err *e);

/* By name. */
MUST_USE int store_account_list(struct store *s, struct store_page page, struct arena *a, struct store_account **ret,
				size_t *ret_n, const char **ret_next, struct err *e);

/* name, roles, password, created_at; the password must be changed. -EEXIST: the name is taken. */
MUST_USE int store_account_add(struct store *s, const struct store_account *account, int64_t *ret_id, struct err *e);

/* roles and disabled. */
MUST_USE int store_account_change(struct store *s, const struct store_account *account, struct err *e);
MUST_USE int store_account_set_password(struct store *s, int64_t id, const char *password, bool must_change,
					struct err *e);

/* `sealed` empty: no second factor any more. */
MUST_USE int store_account_set_totp(struct store *s, int64_t id, struct bytes sealed, bool confirmed, int64_t step,
				    struct err *e);

/* A code of this step was shown. 1: that step, or a later one, was shown before. */
MUST_USE int store_account_totp_used(struct store *s, int64_t id, int64_t step, struct err *e);
MUST_USE int store_account_logged_in(struct store *s, int64_t id, struct wall_time now, struct err *e);

/* Its sessions, tokens, recovery codes and known browsers are gone. */
MUST_USE int store_account_shut_out(struct store *s, int64_t id, struct err *e);

/* With everything that let it in. */
MUST_USE int store_account_delete(struct store *s, int64_t id, struct err *e);

/* ---- sessions ---- */

struct store_session {
	uint8_t hash[STORE_HASH_SIZE];
	int64_t account_id;
	struct wall_time created_at, used_at;
};

MUST_USE int store_session_add(struct store *s, const struct store_session *session, struct err *e);
MUST_USE int store_session_get(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct store_session *ret,
			       struct err *e); /* 1: none */
MUST_USE int store_session_touch(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct wall_time now,
				 struct err *e);
MUST_USE int store_session_delete(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct err *e);

/* Of one user; `but` (or NULL) stays. */
MUST_USE int store_session_delete_all(struct store *s, int64_t account_id, const uint8_t *but, struct err *e);

/* Those that were made before. */
MUST_USE int store_session_delete_old(struct store *s, struct wall_time before, struct err *e);

/* ---- recovery codes and browsers that are known ---- */

/* Replaces all of the user. */
MUST_USE int store_recovery_set(struct store *s, int64_t account_id, const uint8_t (*hashes)[STORE_HASH_SIZE], size_t n,
				struct err *e);

/* 1: there is no such code. It is gone afterwards. */
MUST_USE int store_recovery_use(struct store *s, int64_t account_id, const uint8_t hash[STORE_HASH_SIZE],
				struct err *e);

MUST_USE int store_mark_add(struct store *s, int64_t account_id, const uint8_t hash[STORE_HASH_SIZE],
			    struct wall_time now, struct err *e);

/* Whose it is, when made after `since`. 1: nobody's. */
MUST_USE int store_mark_get(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct wall_time since,
			    int64_t *ret_account_id, struct err *e);
MUST_USE int store_mark_delete(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct err *e);

/* ---- tokens ---- */

struct store_token {
	int64_t id, account_id;
	uint8_t hash[STORE_HASH_SIZE]; /* written, never read */
	const char *user, *name, *roles;
	struct wall_time created_at, expires_at, used_at; /* used_at 0: never */
};

/* -E2BIG: as many as may be. */
MUST_USE int store_token_add(struct store *s, const struct store_token *token, int64_t *ret_id, struct err *e);
MUST_USE int store_token_get(struct store *s, int64_t id, struct arena *a, struct store_token *ret,
			     struct err *e); /* 1: none */
MUST_USE int store_token_by_hash(struct store *s, const uint8_t hash[STORE_HASH_SIZE], struct arena *a,
				 struct store_token *ret, struct err *e); /* 1: none */

/* `account_id` 0: of all. */
MUST_USE int store_token_list(struct store *s, int64_t account_id, struct store_page page, struct arena *a,
			      struct store_token **ret, size_t *ret_n, const char **ret_next, struct err *e);
MUST_USE int store_token_touch(struct store *s, int64_t id, struct wall_time now, struct err *e);
MUST_USE int store_token_delete(struct store *s, int64_t id, struct err *e);

/* ---- failed tries ---- */

/* Zeros when there is no such count. */
MUST_USE int store_throttle_get(struct store *s, const char *name, int64_t *ret_failures, struct wall_time *ret_last,
				struct err *e);

/* 0 failures: forget it. */
MUST_USE int store_throttle_set(struct store *s, const char *name, int64_t failures, struct wall_time last,
				struct err *e);
MUST_USE int store_throttle_delete_old(struct store *s, struct wall_time before, struct err *e);

#endif
