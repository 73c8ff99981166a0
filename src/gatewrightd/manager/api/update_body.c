/* The bodies of updates and rollbacks. */
#include "core/deploy/update.h"
#include "core/deploy/hostproto.h"
#include "gatewrightd/manager/api/update_call.h"
#include "sys/store/jobs.h"

#include <errno.h>
#include <string.h>

#define SECRET_MAX 65536
#define WORD_MAX 256

#define BODY_ROW(member, kind, ...)                                                                        \
	{                                                                                                  \
		.name = #member, .type = kind, .offset = offsetof(struct update_body, member), __VA_ARGS__ \
	}
#define SSH_ROW(member, kind, ...)                                                                             \
	{                                                                                                      \
		.name = #member, .type = kind, .offset = offsetof(struct ssh_login, member), .nullable = true, \
		__VA_ARGS__                                                                                    \
	}

static const struct json_in_row update_rows[] = {
	BODY_ROW(certificate, JSON_IN_INT, .min = 1, .max = INT64_MAX, .required = true),
	BODY_ROW(ssh, JSON_IN_OBJECT, .nullable = true),
	BODY_ROW(accept_host_key, JSON_IN_STRING, .max = WORD_MAX, .nullable = true),
	BODY_ROW(confirm_within, JSON_IN_INT, .min = UPDATE_CONFIRM_WITHIN_MIN_S, .max = UPDATE_CONFIRM_WITHIN_MAX_S,
		 .nullable = true),
	BODY_ROW(force_warnings, JSON_IN_BOOL, .nullable = true),
	BODY_ROW(dry_run, JSON_IN_BOOL, .nullable = true),
};

static const struct json_in_row rollback_rows[] = {
	BODY_ROW(generation, JSON_IN_STRING, .max = HOSTPROTO_ID_MAX, .nullable = true),
	BODY_ROW(ssh, JSON_IN_OBJECT, .nullable = true),
	BODY_ROW(accept_host_key, JSON_IN_STRING, .max = WORD_MAX, .nullable = true),
	BODY_ROW(confirm_within, JSON_IN_INT, .min = UPDATE_CONFIRM_WITHIN_MIN_S, .max = UPDATE_CONFIRM_WITHIN_MAX_S,
		 .nullable = true),
	BODY_ROW(force_warnings, JSON_IN_BOOL, .nullable = true),
	BODY_ROW(dry_run, JSON_IN_BOOL, .nullable = true),
};

static const struct json_in_row ssh_rows[] = {
	SSH_ROW(host, JSON_IN_STRING, .max = WORD_MAX),
	SSH_ROW(port, JSON_IN_INT, .min = 1, .max = 65535),
	SSH_ROW(user, JSON_IN_STRING, .max = WORD_MAX),
	SSH_ROW(auth, JSON_IN_STRING, .max = WORD_MAX),
	SSH_ROW(agent, JSON_IN_STRING, .max = WORD_MAX),
	SSH_ROW(password, JSON_IN_SECRET, .max = SECRET_MAX),
	SSH_ROW(key, JSON_IN_SECRET, .max = SECRET_MAX),
	SSH_ROW(key_passphrase, JSON_IN_SECRET, .max = SECRET_MAX),
	SSH_ROW(sudo_password, JSON_IN_SECRET, .max = SECRET_MAX),
};

static void wipe(struct update_body *b)
{
	secret_free(b->login.password);
	secret_free(b->login.key);
	secret_free(b->login.key_passphrase);
	secret_free(b->login.sudo_password);
}

static int take(struct update_call *u, const struct json_in_row *rows, size_t n, struct err *e)
{
	int r;

	u->body.confirm_within = UPDATE_CONFIRM_WITHIN_DEFAULT_S;
	r = call_body(u->c, rows, n, &u->body, e);
	if (r == 0 && u->body.ssh)
		r = json_in(u->body.ssh, "ssh.", ssh_rows, ARRAY_N(ssh_rows), &u->body.login, e);
	return r;
}

int updates_create(struct call *c, struct err *e)
{
	struct update_call *u = arena_alloc(c->a, sizeof(*u));
	int r;

	if (!u)
		return err_nomem(e);
	u->c = c;
	r = take(u, update_rows, ARRAY_N(update_rows), e);
	u->fresh_id = u->body.certificate;
	if (r == 0)
		r = update_run(u, e);
	wipe(&u->body);
	return r;
}

#define LOOK_BACK 100 /* confirmed jobs of the gateway that are looked through for a generation */

static bool is_update(const struct store_job *j)
{
	return j->outcome && strcmp(j->outcome, "confirmed") == 0;
}

/* The generation before the one that the newest confirmed job made, or the named one; with what it serves, where a job
 * tells. */
static int find_generation(struct update_call *u, int64_t gateway_id, struct err *e)
{
	struct store_page page = { .cursor = "", .limit = LOOK_BACK };
	struct store_job *jobs = NULL;
	const char *next = NULL;
	size_t n = 0;
	int r = store_job_list(u->c->s, gateway_id, "confirmed", page, u->c->a, &jobs, &n, &next, e);

	for (size_t i = 0; r == 0 && !u->generation && i < n; i++) {
		if (!is_update(&jobs[i]) || !jobs[i].old_generation)
			continue;
		u->generation = jobs[i].old_generation;
		u->fresh_id = jobs[i].previous_id;
	}
	for (size_t i = 0; r == 0 && u->fresh_id == 0 && u->generation && i < n; i++)
		if (is_update(&jobs[i]) && jobs[i].generation && strcmp(jobs[i].generation, u->generation) == 0)
			u->fresh_id = jobs[i].cert_id;
	if (r == 0 && !u->generation)
		r = err_set(e, -EPROTO,
			    "no update of gateway '%s' was confirmed, so no earlier generation is known; name one",
			    http_param(u->c->r, 0));
	return r;
}

int updates_rollback(struct call *c, struct err *e)
{
	struct update_call *u = arena_alloc(c->a, sizeof(*u));
	struct store_gateway row;
	int r;

	if (!u)
		return err_nomem(e);
	u->c = c;
	u->is_rollback = true;
	r = take(u, rollback_rows, ARRAY_N(rollback_rows), e);
	u->generation = u->body.generation;
	if (r == 0 && u->generation && !hostproto_is_id(bytes_of_str(u->generation)))
		r = err_set(e, -EINVAL, "member 'generation': want an ID of 1 to %d letters, digits, '.' and '-'",
			    HOSTPROTO_ID_MAX);
	if (r == 0)
		r = store_gateway_by_name(c->s, http_param(c->r, 0), c->a, &row, e);
	if (r > 0)
		r = err_set(e, -ENOENT, "there is no gateway '%s'", http_param(c->r, 0));
	if (r == 0)
		r = find_generation(u, row.id, e);
	if (r == 0)
		r = update_run(u, e);
	wipe(&u->body);
	return r;
}
