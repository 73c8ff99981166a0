#include "gatewrightd/manager/access/login.h"

#include "codec/hex.h"
#include "core/access/lockout.h"
#include "core/access/names.h"
#include "gatewrightd/manager/access/hasher.h"
#include "gatewrightd/manager/keys_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define KEYS_COUNTED 2
#define FORGET_S (2 * DAY_S)

/* Under which names a failure is counted: a known browser's apart from everybody else's. */
static size_t throttle_names(const struct login *l, const char *ret[KEYS_COUNTED])
{
	char hex[2 * STORE_HASH_SIZE + 1], address[LOCKOUT_ADDRESS_MAX];
	size_t n = 0;

	if (l->marked) {
		ret[n++] = arena_printf(l->a, "mark:%s", hex_encode(bytes_of(l->mark_hash, STORE_HASH_SIZE), hex));
		return n;
	}
	ret[n++] = arena_printf(l->a, "account:%s", l->user);
	if (l->address)
		ret[n++] = arena_printf(l->a, "address:%s", lockout_address(l->address, address));
	return n;
}

/* 1: wait. Reads and counts in one group, so that no two tries see the same count. */
static int count_failure(struct login *l, int64_t *ret_wait_s, struct err *e)
{
	const char *names[KEYS_COUNTED] = { NULL };
	size_t n = throttle_names(l, names);
	struct lockout counts[KEYS_COUNTED];
	int r = 0;

	*ret_wait_s = 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		int64_t wait;

		r = names[i] ? store_throttle_get(l->s, names[i], &counts[i].failures, &counts[i].last, e)
			     : err_nomem(e);
		wait = r == 0 ? lockout_wait(counts[i], l->now) : 0;
		if (wait > *ret_wait_s)
			*ret_wait_s = wait;
	}
	if (r < 0 || *ret_wait_s > 0)
		return r < 0 ? r : 1;
	for (size_t i = 0; r == 0 && i < n; i++) {
		counts[i] = lockout_failed(counts[i], l->now);
		r = store_throttle_set(l->s, names[i], counts[i].failures, counts[i].last, e);
	}
	return r == 0 ? store_throttle_delete_old(l->s, wall_add(l->now, -FORGET_S), e) : r;
}

/* The count of before: a right password does not forgive what others did, except to a known browser. One that nobody
 * looked at forgives nothing. */
static int uncount(struct login *l, bool was_right, struct err *e)
{
	const char *names[KEYS_COUNTED] = { NULL };
	size_t n = throttle_names(l, names);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct lockout count;

		r = names[i] ? store_throttle_get(l->s, names[i], &count.failures, &count.last, e) : err_nomem(e);
		count = l->marked && was_right ? (struct lockout) { 0 } : lockout_undone(count);
		if (r == 0)
			r = store_throttle_set(l->s, names[i], count.failures, count.last, e);
	}
	return r;
}

static int find_account(struct login *l, struct err *e)
{
	int r = user_check_name(bytes_of_str(l->user), NULL) == 0
			? store_account_by_name(l->s, l->user, l->a, &l->account, e)
			: 1;

	l->has_account = r == 0;
	return r < 0 ? r : 0;
}

static int find_mark(struct login *l, struct err *e)
{
	uint8_t secret[ACCESS_SECRET_SIZE];
	int64_t owner = 0;
	int r;

	if (!l->has_account || !l->mark || !access_secret_parse(bytes_of_str(l->mark), secret))
		return 0;
	secret_hash(bytes_of(secret, sizeof(secret)), l->mark_hash);
	r = store_mark_get(l->s, l->mark_hash, wall_add(l->now, -MARK_DAYS * DAY_S), &owner, e);
	l->marked = r == 0 && owner == l->account.id;
	return r < 0 ? r : 0;
}

/* 1: wait. */
static int begin_try(struct login *l, int64_t *ret_wait_s, struct err *e)
{
	int r = store_begin(l->s, e);

	if (r < 0)
		return r;
	r = find_account(l, e);
	if (r == 0)
		r = find_mark(l, e);
	if (r == 0)
		r = count_failure(l, ret_wait_s, e);
	return store_end(l->s, r, e);
}

/* ---- the second factor ---- */

static int check_totp(struct login *l, enum login_outcome *ret, struct err *e)
{
	int64_t step = l->account.totp_step;
	int r = keys_ask_totp_check(l->m->keys, l->account.id, l->account.totp_sealed, l->code, &step, e);

	if (r == 0)
		r = store_account_totp_used(l->s, l->account.id, step, e);
	*ret = r == 0 ? LOGIN_FINE : LOGIN_CODE_WRONG;
	return r < 0 ? r : 0;
}

static int check_recovery(struct login *l, enum login_outcome *ret, struct err *e)
{
	uint8_t hash[STORE_HASH_SIZE];
	char digits[CODE_DIGITS + 1];
	int r = 1;

	if (code_normalize(bytes_of_str(l->code), digits)) {
		secret_hash(bytes_of_str(digits), hash);
		r = store_recovery_use(l->s, l->account.id, hash, e);
	}
	*ret = r == 0 ? LOGIN_FINE : LOGIN_CODE_WRONG;
	return r < 0 ? r : 0;
}

int login_check_code(struct login *l, enum login_outcome *ret, struct err *e)
{
	if (!l->account.totp_confirmed) {
		*ret = LOGIN_FINE;
		return 0;
	}
	if (!l->code || !l->code[0]) {
		*ret = LOGIN_CODE_NEEDED;
		return 0;
	}
	return strlen(l->code) <= 8 ? check_totp(l, ret, e) : check_recovery(l, ret, e);
}

/* ---- all of it ---- */

/* What a request keeps between the calls of its handler. */
struct login_work {
	struct hash_work hash;
	enum { CHECKING, CHECKED, MAKING } phase;
	enum login_outcome outcome; /* from CHECKED on */
	int64_t account_id;	    /* 0: there is no such user */
	bool marked;
	uint8_t mark_hash[STORE_HASH_SIZE];
};

static void free_work(void *context)
{
	struct login_work *w = context;

	secret_free(w->hash.password);
	free(w);
}

static void on_hashed(void *context)
{
	http_finish_later(context);
}

static int copy_password(struct login_work *w, const struct secret *password, struct err *e)
{
	secret_free(w->hash.password);
	w->hash.password = secret_of(secret_bytes(password));
	return w->hash.password ? 0 : err_nomem(e);
}

/* A try that was counted, to the hasher. */
static int send_off(struct login *l, struct err *e)
{
	struct login_work *w = calloc(1, sizeof(*w));

	if (!w || copy_password(w, l->password, e) < 0) {
		free(w);
		return err_nomem(e);
	}
	w->account_id = l->has_account ? l->account.id : 0;
	w->marked = l->marked;
	memcpy(w->mark_hash, l->mark_hash, STORE_HASH_SIZE);
	if (l->has_account)
		(void)snprintf(w->hash.hash, sizeof(w->hash.hash), "%s", l->account.password);
	w->hash.task = HASH_CHECK;
	w->hash.done = on_hashed;
	w->hash.context = l->r;
	http_set_state(l->r, w, free_work);
	hasher_add(l->m->hasher, &w->hash);
	return HTTP_LATER;
}

static int start_try(struct login *l, enum login_outcome *ret, int64_t *ret_wait_s, struct err *e)
{
	int r;

	*ret = LOGIN_WAIT;
	*ret_wait_s = HASHING_FULL_WAIT_S;
	if (!hasher_enter(l->m->hasher))
		return 0;
	r = begin_try(l, ret_wait_s, e);
	if (r != 0) {
		hasher_leave(l->m->hasher);
		return r < 0 ? r : 0; /* LOGIN_WAIT */
	}
	r = send_off(l, e);
	if (r < 0)
		hasher_leave(l->m->hasher);
	return r;
}

/* The account as it is now: it may have another password than the one that was looked at, or be gone. */
static int finish_try(struct login *l, struct login_work *w, enum login_outcome *ret, struct err *e)
{
	bool same;
	int r = find_account(l, e);

	if (r < 0)
		return r;
	same = l->has_account && l->account.id == w->account_id && strcmp(l->account.password, w->hash.hash) == 0;
	l->marked = w->marked;
	memcpy(l->mark_hash, w->mark_hash, STORE_HASH_SIZE);
	if (w->hash.failed < 0) {
		r = uncount(l, false, e);
		return r < 0 ? r : err_set(e, w->hash.failed, "the password was not looked at: the daemon stops");
	}
	*ret = LOGIN_CREDENTIALS;
	if (same && w->hash.fine && !l->account.disabled)
		r = login_check_code(l, ret, e);
	if (r == 0 && (*ret == LOGIN_FINE || *ret == LOGIN_CODE_NEEDED))
		r = uncount(l, true, e);
	w->phase = CHECKED;
	w->outcome = *ret;
	return r;
}

int login_try(struct login *l, enum login_outcome *ret, int64_t *ret_wait_s, struct err *e)
{
	struct login_work *w = http_state(l->r);

	*ret_wait_s = 0;
	if (!w)
		return start_try(l, ret, ret_wait_s, e);
	if (w->phase == CHECKING)
		return finish_try(l, w, ret, e);
	*ret = w->outcome;
	return 0;
}

int login_hash(struct login *l, const struct secret *fresh, enum login_outcome *ret_outcome, const char **ret,
	       struct err *e)
{
	struct login_work *w = http_state(l->r);
	int r;

	*ret_outcome = LOGIN_FINE;
	if (w->phase == MAKING) {
		*ret = w->hash.hash;
		return w->hash.failed == 0
			       ? 0
			       : err_set(e, w->hash.failed, "the new password was not hashed: want 256 MiB of memory");
	}
	if (!hasher_enter(l->m->hasher)) {
		*ret_outcome = LOGIN_WAIT;
		return 0;
	}
	r = copy_password(w, fresh, e);
	if (r < 0) {
		hasher_leave(l->m->hasher);
		return r;
	}
	w->phase = MAKING;
	w->hash.task = HASH_MAKE;
	hasher_add(l->m->hasher, &w->hash);
	return HTTP_LATER;
}

const char *login_reason(enum login_outcome outcome)
{
	static const char *const words[LOGIN_N] = { "", "wait", "credentials", "code-needed", "code-wrong" };

	return words[outcome];
}
