#include "gatewrightd/deploy/job.h"
#include "base/limits.h"

#include "core/deploy/update.h"
#include "gatewrightd/messages.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const kinds[JOB_KIND_N] = {
	[JOB_UPDATE] = "update",   [JOB_ROLLBACK] = "rollback",
	[JOB_PROBE] = "probe",	   [JOB_SCAN_HOST_KEY] = "scan-host-key",
	[JOB_RECOVER] = "recover",
};

static const char *const auths[REMOTE_AUTH_N] = {
	[REMOTE_AUTH_PASSWORD] = "password",
	[REMOTE_AUTH_KEY] = "key",
	[REMOTE_AUTH_AGENT] = "agent",
};

const char *job_kind_word(enum job_kind k)
{
	return kinds[k];
}

bool job_kind_uses_ssh(enum job_kind k)
{
	return k == JOB_UPDATE || k == JOB_ROLLBACK || k == JOB_SCAN_HOST_KEY;
}

static bool changes_host(enum job_kind k)
{
	return k == JOB_UPDATE || k == JOB_ROLLBACK;
}

static int find_word(const char *const *words, size_t n, struct bytes word)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes_equal_str(word, words[i]))
			return (int)i;
	}
	return -1;
}

/* One line of text of 1..LIMIT_JOB_TEXT_MAX bytes. */
static int take_text(struct job *j, struct bytes value, const char *name, const char **ret, struct err *e)
{
	if (value.n == 0 || value.n > LIMIT_JOB_TEXT_MAX || bytes_has_control(value) || !bytes_is_utf8(value))
		return err_set(e, -EINVAL,
			       "job: %s: want one line of 1 to %d bytes, got %zu bytes or a control character", name,
			       LIMIT_JOB_TEXT_MAX, value.n);
	*ret = arena_str(j->arena, value);
	return *ret ? 0 : err_nomem(e);
}

/* A text that must be there when `needed`. */
static int take_field(struct job *j, const struct wire_message *m, uint16_t tag, const char *name, bool needed,
		      const char **ret, struct err *e)
{
	if (!wire_has(m, tag))
		return needed ? err_set(e, -EINVAL, "job: %s is missing", name) : 0;
	return take_text(j, wire_get(m, tag), name, ret, e);
}

static int take_list(struct job *j, const struct wire_message *m, uint16_t tag, const char *name, const char **ret,
		     size_t max, size_t *ret_n, struct err *e)
{
	struct bytes value;
	size_t cursor = 0, n = 0;
	int r = 0;

	if (wire_count(m, tag) > max)
		return err_set(e, -EINVAL, "job: %s: want at most %zu, got %zu", name, max, wire_count(m, tag));
	while (r == 0 && wire_next(m, tag, &cursor, &value))
		r = take_text(j, value, name, &ret[n++], e);
	*ret_n = n;
	return r;
}

static int take_number(const struct wire_message *m, uint16_t tag, const char *name, int64_t fallback, int64_t *ret,
		       struct err *e)
{
	uint64_t v = 0;

	if (!wire_has(m, tag)) {
		*ret = fallback;
		return 0;
	}
	if (!wire_get_u64(m, tag, &v) || v > INT32_MAX)
		return err_set(e, -EINVAL, "job: %s: want a number of 0 to %d", name, INT32_MAX);
	*ret = (int64_t)v;
	return 0;
}

static int take_secret(const struct wire_message *m, uint16_t tag, const char *name, struct secret **ret, struct err *e)
{
	struct bytes value = wire_get(m, tag);

	if (!wire_has(m, tag))
		return 0;
	if (value.n > LIMIT_JOB_SECRET_MAX || (value.n > 0 && memchr(value.p, 0, value.n)))
		return err_set(e, -EINVAL, "job: %s: want at most %d bytes without NUL", name, LIMIT_JOB_SECRET_MAX);
	*ret = secret_of(value);
	return *ret ? 0 : err_nomem(e);
}

static int take_chain(struct job *j, const struct wire_message *m, uint16_t tag, const char *name,
		      struct chain_facts **ret, struct err *e)
{
	struct bytes ders[FACTS_CHAIN_MAX], value;
	size_t cursor = 0, n = 0;
	int r;

	*ret = arena_alloc(j->arena, sizeof(**ret));
	if (!*ret)
		return err_nomem(e);
	if (wire_count(m, tag) > FACTS_CHAIN_MAX)
		return err_set(e, -EINVAL, "job: %s: want at most %d certificates, got %zu", name, FACTS_CHAIN_MAX,
			       wire_count(m, tag));
	while (wire_next(m, tag, &cursor, &value)) {
		if (!arena_bytes(j->arena, value, &ders[n++]))
			return err_nomem(e);
	}
	r = n > 0 ? x509_chain_of(ders, n, j->arena, *ret, e) : 0;
	return r < 0 ? err_wrap(e, r, "job: %s", name) : 0;
}

static int take_target(struct job *j, const struct wire_message *m, struct err *e)
{
	struct bytes pairs[TARGET_PARAMS_MAX], value;
	size_t cursor = 0, n = 0;
	int r;

	if (!wire_has(m, FIELD_TARGET))
		return err_set(e, -EINVAL, "job: target is missing");
	r = target_parse(wire_get(m, FIELD_TARGET), j->arena, &j->target, e);
	if (r < 0)
		return err_wrap(e, r, "job: target");
	while (wire_next(m, FIELD_PARAM, &cursor, &value)) {
		if (n == TARGET_PARAMS_MAX)
			return err_set(e, -EINVAL, "job: want at most %d parameters of the target, got more",
				       TARGET_PARAMS_MAX);
		if (!arena_bytes(j->arena, value, &pairs[n++]))
			return err_nomem(e);
	}
	r = target_values_make(&j->target, j->gateway, pairs, n, j->arena, &j->values, e);
	return r < 0 ? err_wrap(e, r, "job: target '%s'", j->target.name) : 0;
}

static int take_update(struct job *j, const struct wire_message *m, struct err *e)
{
	int r = take_target(j, m, e);

	if (r == 0)
		r = take_field(j, m, FIELD_GENERATION, "generation", true, &j->generation, e);
	if (r == 0)
		r = take_field(j, m, FIELD_TOKEN, "token", true, &j->token, e);
	if (r < 0)
		return r;
	if (!hostproto_is_id(bytes_of_str(j->generation)) || !hostproto_is_id(bytes_of_str(j->token)))
		return err_set(e, -EINVAL, "job: generation or token: want 1 to %d letters, digits, dots or hyphens",
			       HOSTPROTO_ID_MAX);
	if (j->kind == JOB_UPDATE && j->new_chain->n == 0)
		return err_set(e, -EINVAL, "job: certificate is missing");
	if (j->kind == JOB_UPDATE && !wire_has(m, FIELD_SEALED_KEY))
		return err_set(e, -EINVAL, "job: sealed key is missing");
	return arena_bytes(j->arena, wire_get(m, FIELD_SEALED_KEY), &j->sealed_key) ? 0 : err_nomem(e);
}

static int take_limits(struct job *j, const struct wire_message *m, struct err *e)
{
	int r = take_number(m, FIELD_CONFIRM_WITHIN, "time to confirm within", UPDATE_CONFIRM_WITHIN_DEFAULT_S,
			    &j->confirm_within_s, e);

	if (r == 0)
		r = take_number(m, FIELD_KEEP, "generations to keep", JOB_KEEP_DEFAULT, &j->keep, e);
	if (r == 0)
		r = take_number(m, FIELD_SKEW_MAX, "clock skew allowed", UPDATE_SKEW_DEFAULT_S, &j->skew_max_s, e);
	if (r == 0 && j->keep < 1)
		r = err_set(e, -EINVAL, "job: want at least 1 generation to keep, got %" PRId64, j->keep);
	return r;
}

static int take_login(struct job *j, const struct wire_message *m, struct err *e)
{
	int auth = find_word(auths, REMOTE_AUTH_N, wire_get(m, FIELD_SSH_AUTH));
	int r;

	if (auth < 0)
		return err_set(e, -EINVAL, "job: SSH authentication: want 'password', 'key' or 'agent'");
	j->auth = (enum remote_auth)auth;
	r = take_field(j, m, FIELD_SSH_USER, "SSH user", true, &j->ssh_user, e);
	if (r == 0)
		r = take_field(j, m, FIELD_SSH_AGENT, "SSH agent", false, &j->agent_path, e);
	if (r == 0)
		r = take_secret(m, FIELD_SSH_PASSWORD, "SSH password", &j->password, e);
	if (r == 0)
		r = take_secret(m, FIELD_SSH_KEY, "SSH key", &j->ssh_key, e);
	if (r == 0)
		r = take_secret(m, FIELD_SSH_KEY_PASSPHRASE, "passphrase of the SSH key", &j->ssh_key_passphrase, e);
	if (r == 0)
		r = take_secret(m, FIELD_SUDO_PASSWORD, "sudo password", &j->sudo_password, e);
	return r;
}

static int take_ssh(struct job *j, const struct wire_message *m, struct err *e)
{
	int64_t port = 0;
	int r = take_field(j, m, FIELD_SSH_HOST, "SSH host", true, &j->ssh_host, e);

	if (r == 0)
		r = take_number(m, FIELD_SSH_PORT, "SSH port", 22, &port, e);
	if (r == 0 && (port < 1 || port > UINT16_MAX))
		r = err_set(e, -EINVAL, "job: SSH port: want 1 to 65535, got %" PRId64, port);
	j->ssh_port = (uint16_t)port;
	if (r == 0)
		r = take_list(j, m, FIELD_SSH_PIN, "SSH host key", j->pins, LIMIT_JOB_PINS_MAX, &j->pins_n, e);
	return r == 0 && changes_host(j->kind) ? take_login(j, m, e) : r;
}

static int take_all(struct job *j, const struct wire_message *m, struct err *e)
{
	int kind = find_word(kinds, JOB_KIND_N, wire_get(m, FIELD_JOB_KIND));
	int r;

	if (kind < 0)
		return err_set(e, -EINVAL, "job: kind is missing or unknown");
	j->kind = (enum job_kind)kind;
	r = take_field(j, m, FIELD_GATEWAY, "gateway", true, &j->gateway, e);
	if (r == 0)
		r = take_chain(j, m, FIELD_CERTIFICATE, "certificate", &j->new_chain, e);
	if (r == 0)
		r = take_chain(j, m, FIELD_CURRENT, "current certificate", &j->current, e);
	if (r == 0)
		r = take_list(j, m, FIELD_TLS_ADDRESS, "TLS address", j->tls_addresses, LIMIT_JOB_ADDRESSES_MAX,
			      &j->tls_addresses_n, e);
	if (r == 0)
		r = take_list(j, m, FIELD_TLS_NAME, "TLS name", j->tls_names, LIMIT_JOB_NAMES_MAX, &j->tls_names_n, e);
	if (r == 0 && j->kind != JOB_SCAN_HOST_KEY && j->tls_addresses_n == 0)
		r = err_set(e, -EINVAL, "job: TLS address is missing: without one nothing could be proven");
	if (r == 0)
		r = take_limits(j, m, e);
	if (r == 0 && job_kind_uses_ssh(j->kind))
		r = take_ssh(j, m, e);
	return r == 0 && changes_host(j->kind) ? take_update(j, m, e) : r;
}

int job_parse(const struct wire_message *m, int agent_fd, struct job **ret, struct err *e)
{
	CLEANUP(job_freep) struct job *j = calloc(1, sizeof(*j));
	int r;

	if (!j) {
		if (agent_fd >= 0)
			(void)close(agent_fd);
		return err_nomem(e);
	}
	j->agent_fd = agent_fd;
	j->arena = arena_new(LIMIT_JOB_ARENA_MAX);
	if (!j->arena)
		return err_nomem(e);
	if (m->type != MSG_DEPLOY_JOB || !wire_get_u64(m, FIELD_JOB, &j->number))
		return err_set(e, -EPROTO, "want a job with its number, got a message of type %u", m->type);
	r = take_all(j, m, e);
	if (r == 0)
		*ret = TAKE(j);
	return r;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	secret_free(j->password);
	secret_free(j->ssh_key);
	secret_free(j->ssh_key_passphrase);
	secret_free(j->sudo_password);
	if (j->agent_fd >= 0)
		(void)close(j->agent_fd);
	arena_free(j->arena);
	free(j);
}

int job_open_agent(struct job *j, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if (!j->agent_path || j->agent_fd >= 0 || !changes_host(j->kind) || j->auth != REMOTE_AUTH_AGENT)
		return 0;
	if (strlen(j->agent_path) >= sizeof(sa.sun_path))
		return err_set(e, -EINVAL, "SSH agent: want a socket path of at most %zu bytes",
			       sizeof(sa.sun_path) - 1);
	memcpy(sa.sun_path, j->agent_path, strlen(j->agent_path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, "socket");
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
		int r = err_errno(e, "SSH agent at '%s'", j->agent_path);

		(void)close(fd);
		return r;
	}
	j->agent_fd = fd;
	return 0;
}
