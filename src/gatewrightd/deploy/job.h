/* MSG_DEPLOY_JOB as a struct: checked, secrets moved into locked memory. */
#ifndef GW_GATEWRIGHTD_DEPLOY_JOB_H
#define GW_GATEWRIGHTD_DEPLOY_JOB_H

#include "base/limits.h"
#include "base/arena.h"
#include "codec/wire.h"
#include "core/deploy/target.h"
#include "core/pki/facts.h"
#include "sys/secret.h"
#include "sys/ssh/remote.h"

#define JOB_KEEP_DEFAULT 3 /* generations kept on the host */

enum job_kind { JOB_UPDATE, JOB_ROLLBACK, JOB_PROBE, JOB_SCAN_HOST_KEY, JOB_RECOVER, JOB_KIND_N };

/* Strings, chains and DER live in the job's arena; secrets are its own. */
struct job {
	struct arena *arena;
	uint64_t number;
	enum job_kind kind;
	const char *gateway;

	struct target target; /* update, rollback */
	struct target_values values;
	const char *generation, *token;
	int64_t confirm_within_s, keep, skew_max_s;
	struct bytes sealed_key;       /* update */
	struct chain_facts *new_chain; /* n 0: not known (a rollback to a generation of unknown content) */
	struct chain_facts *current;   /* what the manager believes to be served; n 0: nothing known */

	const char *tls_addresses[LIMIT_JOB_ADDRESSES_MAX];
	size_t tls_addresses_n;
	const char *tls_names[LIMIT_JOB_NAMES_MAX];
	size_t tls_names_n;

	const char *ssh_host, *ssh_user;
	uint16_t ssh_port;
	const char *pins[LIMIT_JOB_PINS_MAX];
	size_t pins_n;
	enum remote_auth auth;
	struct secret *password, *ssh_key, *ssh_key_passphrase, *sudo_password; /* NULL: not given */
	const char *agent_path;
	int agent_fd; /* a connected socket; -1: none */
};

/*
 * `m` is the message, `agent_fd` the descriptor that came along or -1 (taken). Strict: -EINVAL names the field that is
 * missing, too long or wrong. The caller wipes the datagram. Returned: job_free(), also wipes.
 */
MUST_USE int job_parse(const struct wire_message *m, int agent_fd, struct job **ret, struct err *e);
void job_free(struct job *j);
DEFINE_CLEANUP(struct job, job_free);

/* Connect to the agent's socket, when the job names one. Before the sandbox. */
MUST_USE int job_open_agent(struct job *j, struct err *e);

bool job_kind_uses_ssh(enum job_kind k);
const char *job_kind_word(enum job_kind k);

#endif
