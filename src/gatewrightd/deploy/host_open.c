/* From nothing to the greeting: connection, host key, login, root, conversation. */
#include "gatewrightd/deploy/host_open.h"
#include "base/limits.h"

#include "gatewrightd/deploy/host_script.h"
#include "sys/ssh/visible.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define PERMANENT 1
#define IN_MAX (64 * 1024)
#define OUTPUT_MAX 16384

/*
 * A host has a key of each kind, and the pin names one of them. When the kind that was negotiated first is not the
 * pinned one, the others are asked for: whoever signs the key exchange with a pinned key is the pinned host.
 */
static const char *const other_key_types[] = {
	"ssh-ed25519",
	"ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
	"rsa-sha2-512,rsa-sha2-256",
};

static void note_key(const struct remote *r, struct host_key *ret)
{
	memcpy(ret->fingerprint, remote_host_key(r), strlen(remote_host_key(r)) + 1);
	memcpy(ret->type, remote_host_key_type(r), strlen(remote_host_key_type(r)) + 1);
}

int host_scan(const struct job *j, struct mono_time deadline, struct host_key *ret, struct err *e)
{
	CLEANUP(remote_freep) struct remote *r = NULL;
	int done = remote_connect(j->ssh_host, j->ssh_port, NULL, deadline, &r, e);

	if (done == 0)
		note_key(r, ret);
	return done;
}

static void join(const char *const *words, size_t n, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, size - 1);
	for (size_t i = 0; i < n; i++) {
		visible_add(&b, bytes_of_str(i > 0 ? " or " : ""), false);
		visible_add(&b, bytes_of_str(words[i]), false);
	}
	memcpy(out, b.n > 0 ? (const char *)b.p : "", b.n);
	out[b.n] = '\0';
	buf_fini(&b);
}

static int changed_key(const struct job *j, const struct host_key *key, struct err *e)
{
	char pinned[400];

	join(j->pins, j->pins_n, pinned, sizeof(pinned));
	return err_set(
		e, PERMANENT,
		"host key of '%s' port %u changed: want %s, got %s (%s). Either the host was set up anew, or somebody "
		"stands in between: find out, then accept the new key",
		j->ssh_host, j->ssh_port, pinned, key->fingerprint, key->type);
}

static int unknown_key(const struct job *j, const struct host_key *key, struct err *e)
{
	return err_set(
		e, PERMANENT,
		"host key of '%s' port %u is not known yet: it is %s (%s), compare it with the host's and accept it",
		j->ssh_host, j->ssh_port, key->fingerprint, key->type);
}

/* Does the host hold the pinned key beside the one that it showed? */
static bool find_pinned(const struct job *j, struct mono_time deadline, struct remote **ret)
{
	for (size_t i = 0; i < ARRAY_N(other_key_types); i++) {
		struct remote *r = NULL;

		if (remote_connect(j->ssh_host, j->ssh_port, other_key_types[i], deadline, &r, NULL) == 0 &&
		    remote_check_pins(r, j->pins, j->pins_n) == REMOTE_PIN_MATCHES) {
			*ret = r;
			return true;
		}
		remote_free(r);
	}
	return false;
}

static int connect_pinned(struct host *h, struct mono_time deadline, struct host_key *ret_key, struct err *e)
{
	const struct job *j = h->job;
	int r = remote_connect(j->ssh_host, j->ssh_port, NULL, deadline, &h->remote, e);
	struct remote *pinned = NULL;

	if (r < 0)
		return r;
	note_key(h->remote, ret_key);
	switch (remote_check_pins(h->remote, j->pins, j->pins_n)) {
	case REMOTE_PIN_MATCHES:
		return 0;
	case REMOTE_PIN_UNKNOWN:
		return unknown_key(j, ret_key, e);
	case REMOTE_PIN_CHANGED:
		break;
	}
	if (!find_pinned(j, deadline, &pinned))
		return changed_key(j, ret_key, e);
	remote_free(h->remote);
	h->remote = pinned;
	note_key(h->remote, ret_key);
	return 0;
}

static int login(struct host *h, struct mono_time deadline, struct err *e)
{
	const struct job *j = h->job;
	struct remote_credentials c = { .auth = j->auth,
					.user = j->ssh_user,
					.password = j->password,
					.key = j->ssh_key,
					.passphrase = j->ssh_key_passphrase,
					.agent_fd = -1 };
	int r;

	/* libssh closes the one that it is given; a later connection needs ours again */
	if (j->auth == REMOTE_AUTH_AGENT && j->agent_fd >= 0)
		c.agent_fd = dup(j->agent_fd);
	r = remote_login(h->remote, &c, deadline, e);
	return r > 0 ? PERMANENT : r;
}

/* root, sudo, sudo with a password, or as the user? */
static int ask_rights(struct host *h, struct mono_time deadline, enum host_as *ret, struct err *e)
{
	struct remote_exit end = { 0 };
	struct buf command, output;
	int r;

	buf_init(&command, LIMIT_SSH_COMMAND_MAX);
	buf_init(&output, OUTPUT_MAX);
	r = hostproto_put_ask_command(&h->job->target, &h->job->values, &command, e);
	if (r == 0)
		r = buf_str(&command) ? 0
				      : err_set(e, -EINVAL, "the command for the host is longer than %d bytes",
						LIMIT_SSH_COMMAND_MAX);
	if (r == 0)
		r = remote_run(h->remote, (const char *)command.p, NULL, &output, NULL, deadline, &end, e);
	if (r == 0) {
		r = hostproto_parse_ask(buf_bytes(&output), ret, e);
		r = r < 0 ? PERMANENT : 0;
	}
	buf_fini(&command);
	buf_fini(&output);
	return r;
}

static int start_command(struct host *h, enum host_as as, struct buf *out, struct err *e)
{
	int r = hostproto_put_command(&h->job->target, &h->job->values, as, out, e);

	if (r < 0)
		return r;
	return buf_str(out)
		       ? 0
		       : err_set(e, -EINVAL, "the command for the host is longer than %d bytes", LIMIT_SSH_COMMAND_MAX);
}

/* The password and a newline, for sudo. NULL without one. */
static struct secret *sudo_line(const struct job *j)
{
	const struct secret *password = j->sudo_password ? j->sudo_password : j->password;
	struct secret *line;
	struct bytes b;

	if (!password)
		return NULL;
	b = secret_bytes(password);
	line = secret_new(b.n + 1);
	if (line) {
		memcpy(secret_data(line), b.p, b.n);
		secret_data(line)[b.n] = '\n';
	}
	return line;
}

/* sudo's own words, first line that says something. */
static int sudo_refused(struct host *h, struct bytes words, struct err *e)
{
	char text[300];

	(void)visible_text(words, text, sizeof(text));
	return err_set(e, PERMANENT, "sudo on '%s' does not let user '%s' do it with this password: %s",
		       h->job->ssh_host, h->job->ssh_user, text[0] ? text : "it said nothing");
}

static bool contains(const struct buf *b, const char *word)
{
	return b->p && memmem(b->p, b->n, word, strlen(word));
}

/*
 * Try the password with the very command, which ends at once because its input does: sudo asks again after a wrong one,
 * and what it is sent then must not be anything else.
 */
static int try_sudo(struct host *h, const struct buf *command, const struct secret *line, struct mono_time deadline,
		    struct err *e)
{
	struct remote_exit end = { .status = -1 };
	struct buf output, words;
	bool started;
	int r;

	buf_init(&output, OUTPUT_MAX);
	buf_init(&words, LIMIT_SSH_STDERR_MAX);
	r = remote_run(h->remote, (const char *)command->p, line, &output, &words, deadline, &end, e);
	started = contains(&output, HOSTPROTO_BOOT) || contains(&output, "gatewright-host ");
	if (r == 0 && !started)
		r = sudo_refused(h, buf_bytes(&words), e);
	buf_fini(&output);
	buf_fini(&words);
	return r;
}

/* Lines until one that begins with `start`; noise of a profile is skipped. It stays in `line`. */
static int skip_to(struct host *h, const char *start, struct buf *line, struct mono_time deadline, struct err *e)
{
	size_t n = strlen(start);

	for (int i = 0; i < LIMIT_HOST_NOISE_LINES_MAX; i++) {
		int r = host_take_line(h, deadline, line, e);

		if (r < 0)
			return r;
		if (line->n >= n && memcmp(line->p, start, n) == 0)
			return 0;
	}
	return err_set(e, -EPROTO, "the host does not answer with '%s'", start);
}

static int send_preamble(struct host *h, struct mono_time deadline, struct err *e)
{
	struct buf b;
	int r;

	buf_init(&b, 2 * HOSTPROTO_SCRIPT_MAX + HOSTPROTO_LINE_MAX);
	r = hostproto_put_preamble(&h->job->target, &h->job->values, host_script(), &b, e);
	if (r == 0)
		r = remote_write(h->command, buf_bytes(&b), deadline, e);
	buf_fini(&b);
	return r;
}

static int greet(struct host *h, struct buf *line, struct mono_time deadline, struct err *e)
{
	enum host_kind kind;
	int r = 0;

	if (h->job->target.kind == HOST_KIND_SCRIPT) {
		r = skip_to(h, HOSTPROTO_BOOT, line, deadline, e);
		if (r == 0)
			r = send_preamble(h, deadline, e);
	}
	if (r == 0)
		r = skip_to(h, "gatewright-host ", line, deadline, e);
	if (r == 0)
		r = hostproto_parse_greeting(buf_bytes(line), &kind, e);
	if (r == 0 && kind != h->job->target.kind)
		r = err_set(e, PERMANENT, "target '%s': want a host of kind '%s', got '%s'", h->job->target.name,
			    host_kind_word(h->job->target.kind), host_kind_word(kind));
	h->greeted = r == 0;
	return r;
}

/* The conversation ended before it began: what the command said on standard error tells why. */
static int not_started(struct host *h, int code, struct err *e)
{
	char text[300];

	if (code != -EPIPE || !remote_is_up(h->remote))
		return code;
	(void)visible_text(remote_stderr(h->command), text, sizeof(text));
	return err_set(e, PERMANENT, "the host's part of target '%s' did not start as '%s': %s", h->job->target.name,
		       h->job->ssh_user, text[0] ? text : "it said nothing");
}

static int converse(struct host *h, const struct buf *command, const struct secret *line, struct mono_time deadline,
		    struct err *e)
{
	struct buf text;
	int r = remote_exec(h->remote, (const char *)command->p, deadline, &h->command, e);

	buf_init(&text, HOSTPROTO_LINE_MAX);
	if (r == 0 && line)
		r = remote_write(h->command, secret_bytes(line), deadline, e);
	if (r == 0)
		r = greet(h, &text, deadline, e);
	buf_fini(&text);
	return r < 0 && h->command ? not_started(h, r, e) : r;
}

static int start_conversation(struct host *h, struct mono_time deadline, struct err *e)
{
	CLEANUP(secret_freep) struct secret *line = NULL;
	enum host_as as = HOST_AS_USER;
	struct buf command;
	int r = ask_rights(h, deadline, &as, e);

	buf_init(&command, LIMIT_SSH_COMMAND_MAX);
	if (r == 0)
		r = start_command(h, as, &command, e);
	if (r == 0 && as == HOST_AS_SUDO_PASSWORD) {
		line = sudo_line(h->job);
		r = line ? try_sudo(h, &command, line, deadline, e)
			 : err_set(e, PERMANENT, "sudo on '%s' wants a password of user '%s', and none was given",
				   h->job->ssh_host, h->job->ssh_user);
	}
	if (r == 0)
		r = converse(h, &command, line, deadline, e);
	buf_fini(&command);
	return r;
}

int host_open(const struct job *j, struct mono_time deadline, struct host **ret, struct host_key *ret_key,
	      struct err *e)
{
	struct host *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return err_nomem(e);
	h->job = j;
	buf_init(&h->in, IN_MAX);
	r = connect_pinned(h, deadline, ret_key, e);
	if (r == 0)
		r = login(h, deadline, e);
	if (r == 0)
		r = start_conversation(h, deadline, e);
	if (r == 0)
		*ret = h;
	else
		host_close(h, false);
	return r;
}
