/*
 * An SSH connection to one host (libssh), for one user, without any file of the system or of a user: no ssh_config, no
 * known_hosts, no default identities. Every call has a deadline; nothing blocks longer.
 *
 * Algorithms: no SHA-1, no CBC, no ssh-rsa, no compression (RFC 8332, RFC 8731, RFC 5647).
 */
#ifndef GW_SYS_SSH_REMOTE_H
#define GW_SYS_SSH_REMOTE_H

#include "base/limits.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"
#include "sys/secret.h"

#include <stdint.h>

#define REMOTE_FINGERPRINT_SIZE 64 /* "SHA256:" and 43 digits of base64, NUL */
#define REMOTE_KEY_TYPE_SIZE 64	   /* "ecdsa-sha2-nistp256" */

struct remote;

/* Call once per process before the first connection and before a sandbox: loads what libssh needs. */
MUST_USE int remote_init(struct err *e);

/*
 * Connect and exchange keys. Nothing secret is sent. Only host keys of the types in `host_key_types` (comma-separated
 * SSH names, NULL: all that are allowed) are taken. Sentences: refused, no route, timed out, name unknown, not an SSH
 * server, nothing in common. Returned: remote_free().
 */
MUST_USE int remote_connect(const char *host, uint16_t port, const char *host_key_types, struct mono_time deadline,
			    struct remote **ret, struct err *e);

/* Over a connection that stands already (taken; non-blocking); `name` is for sentences. */
MUST_USE int remote_connect_fd(int fd, const char *name, const char *host_key_types, struct mono_time deadline,
			       struct remote **ret, struct err *e);

/* Says goodbye when the connection stands. */
void remote_free(struct remote *r);
DEFINE_CLEANUP(struct remote, remote_free);

/* What the server proved to hold in the key exchange. Live as long as `r`. */
const char *remote_host_key(const struct remote *r);	  /* "SHA256:..." as ssh-keygen -l prints it */
const char *remote_host_key_type(const struct remote *r); /* "ssh-ed25519" */

enum remote_pin { REMOTE_PIN_MATCHES = 0, REMOTE_PIN_UNKNOWN = 1, REMOTE_PIN_CHANGED = 2 };

/* Is the host's key one of `pins`? Unknown: there are none. Changed: there are, and it is none of them. */
enum remote_pin remote_check_pins(const struct remote *r, const char *const *pins, size_t pins_n);

enum remote_auth { REMOTE_AUTH_PASSWORD, REMOTE_AUTH_KEY, REMOTE_AUTH_AGENT, REMOTE_AUTH_N };

/* All borrowed but agent_fd, which is taken when auth is REMOTE_AUTH_AGENT. */
struct remote_credentials {
	enum remote_auth auth;
	const char *user;
	const struct secret *password;	 /* password, or the answer to keyboard-interactive */
	const struct secret *key;	 /* text of a private key file: OpenSSH or PEM */
	const struct secret *passphrase; /* of the key; NULL: none */
	int agent_fd;			 /* a connected socket of an SSH agent */
};

/*
 * Log in. The password is sent at most once: by "password", or else as the answer to the first prompt without echo of
 * keyboard-interactive. 1: the server refused (wrong password, key not accepted). 2: it does not offer the method, or
 * wants more than we have. 3: the key can't be used (passphrase missing or wrong, not a key, type not allowed). `e`
 * then has the sentence.
 */
MUST_USE int remote_login(struct remote *r, const struct remote_credentials *c, struct mono_time deadline,
			  struct err *e);

struct remote_command;

/* Start a command through the user's login shell; no terminal. At most one at a time. Returned: remote_command_free().
 */
MUST_USE int remote_exec(struct remote *r, const char *command, struct mono_time deadline, struct remote_command **ret,
			 struct err *e);

/* Closes the channel, which ends the command's standard input. */
void remote_command_free(struct remote_command *c);
DEFINE_CLEANUP(struct remote_command, remote_command_free);

/* All of `data` to standard input. -EPIPE: the command reads no more or has ended. -ETIMEDOUT. */
MUST_USE int remote_write(struct remote_command *c, struct bytes data, struct mono_time deadline, struct err *e);
MUST_USE int remote_write_eof(struct remote_command *c, struct mono_time deadline, struct err *e);

/*
 * Append to `out` what standard output has, at least one byte. 1: end of file. -ETIMEDOUT. -ENOSPC when it would exceed
 * the maximum of `out`. Standard error is collected on the side.
 */
MUST_USE int remote_read(struct remote_command *c, struct buf *out, struct mono_time deadline, struct err *e);

/*
 * Nothing to say for a while: answer the server's keepalives until `deadline`, or until `other_fd` (-1: none) can be
 * read. 1: the deadline passed. 2: other_fd can be read. -EPIPE: the connection is lost.
 */
MUST_USE int remote_idle(struct remote_command *c, int other_fd, struct mono_time deadline, struct err *e);

/* What came on standard error so far, at most LIMIT_SSH_STDERR_MAX bytes of it (the first). Borrowed. */
struct bytes remote_stderr(const struct remote_command *c);

/* How a command ended. */
struct remote_exit {
	int status;	 /* exit status; -1: none was said (connection cut, or a signal) */
	char signal[16]; /* "KILL", or empty */
};

/* Wait for the end, dropping what is left of the output. */
MUST_USE int remote_wait(struct remote_command *c, struct mono_time deadline, struct remote_exit *ret, struct err *e);

/*
 * Run a whole command: `input` (may be NULL), then end of file; standard output into `out`, which keeps what fits its
 * maximum (the rest is dropped). Standard error is appended to `err_out` when given. 0 whatever the exit status is.
 */
MUST_USE int remote_run(struct remote *r, const char *command, const struct secret *input, struct buf *out,
			struct buf *err_out, struct mono_time deadline, struct remote_exit *ret, struct err *e);

/* Is the connection still there, as far as we know? */
bool remote_is_up(const struct remote *r);

#endif
