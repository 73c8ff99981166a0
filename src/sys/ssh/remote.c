#include "sys/ssh/remote_private.h"
#include "base/limits.h"
#include "sys/ssh/visible.h"

#include "sys/clock.h"
#include "sys/net/net.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEX                                                                                                        \
	"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521," \
	"diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"
#define HOST_KEYS "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256"
#define CIPHERS \
	"aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"
#define MACS "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"

int remote_init(struct err *e)
{
	if (ssh_init() != SSH_OK)
		return err_set(e, -EIO, "start libssh");
	return 0;
}

int remote_wait_io(struct remote *r, struct mono_time deadline, struct err *e)
{
	struct mono_time slice = { clock_mono().ms + LIMIT_SSH_KEEPALIVE_MS };
	short events = POLLIN;
	int done;

	/* a peer that always has something to say can't stretch the time */
	if (net_left_ms(deadline) == 0)
		return -ETIMEDOUT;
	if (ssh_get_poll_flags(r->session) & SSH_WRITE_PENDING)
		events |= POLLOUT;
	done = net_wait(r->fd, events, slice.ms < deadline.ms ? slice : deadline, NULL, e);
	if (done <= 0)
		return done;
	if (r->logged_in)
		(void)ssh_send_ignore(r->session, "");
	return 0;
}

int remote_lost(struct remote *r, const char *doing, struct err *e)
{
	char text[300];

	(void)visible_text(bytes_of_str(ssh_get_error(r->session)), text, sizeof(text));
	return err_set(e, -EPIPE, "%s: connection to %s lost: %s", doing, r->name, text[0] ? text : "it was closed");
}

static int set_algorithms(struct remote *r, const char *host_key_types)
{
	const struct {
		enum ssh_options_e option;
		const char *list;
	} lists[] = {
		{ SSH_OPTIONS_KEY_EXCHANGE, KEX },
		{ SSH_OPTIONS_HOSTKEYS, host_key_types ? host_key_types : HOST_KEYS },
		{ SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, HOST_KEYS },
		{ SSH_OPTIONS_CIPHERS_C_S, CIPHERS },
		{ SSH_OPTIONS_CIPHERS_S_C, CIPHERS },
		{ SSH_OPTIONS_HMAC_C_S, MACS },
		{ SSH_OPTIONS_HMAC_S_C, MACS },
		{ SSH_OPTIONS_COMPRESSION, "no" },
	};

	for (size_t i = 0; i < ARRAY_N(lists); i++) {
		if (ssh_options_set(r->session, lists[i].option, lists[i].list) != SSH_OK)
			return -1;
	}
	return 0;
}

/* Nothing of the machine's or a user's configuration counts. */
static int set_options(struct remote *r, int fd, const char *host_key_types, struct err *e)
{
	const bool no = false;
	const int rsa_bits_min = 2048;
	const struct {
		enum ssh_options_e option;
		const void *value;
	} options[] = {
		{ SSH_OPTIONS_PROCESS_CONFIG, &no },
		{ SSH_OPTIONS_HOST, "gateway" }, /* only for messages; the connection is made by us */
		{ SSH_OPTIONS_USER, "nobody" },	 /* replaced before the login */
		{ SSH_OPTIONS_SSH_DIR, "/nonexistent" },
		{ SSH_OPTIONS_KNOWNHOSTS, "/dev/null" },
		{ SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null" },
		{ SSH_OPTIONS_RSA_MIN_SIZE, &rsa_bits_min },
		{ SSH_OPTIONS_FD, &fd },
	};

	for (size_t i = 0; i < ARRAY_N(options); i++) {
		if (ssh_options_set(r->session, options[i].option, options[i].value) != SSH_OK)
			return err_set(e, -EIO, "set up an SSH connection: %s", ssh_get_error(r->session));
	}
	if (set_algorithms(r, host_key_types) < 0)
		return err_set(e, -EIO, "set the SSH algorithms: %s", ssh_get_error(r->session));
	ssh_set_blocking(r->session, 0);
	return 0;
}

static int read_host_key(struct remote *r, struct err *e)
{
	unsigned char *hash = NULL;
	ssh_key key = NULL;
	char *text = NULL;
	size_t n = 0;
	int done = -EPROTO;

	if (ssh_get_server_publickey(r->session, &key) != SSH_OK ||
	    ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) != SSH_OK)
		goto out;
	text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n);
	if (!text)
		goto out;
	(void)snprintf(r->host_key, sizeof(r->host_key), "%s", text);
	(void)snprintf(r->host_key_type, sizeof(r->host_key_type), "%s", ssh_key_type_to_char(ssh_key_type(key)));
	done = 0;
out:
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return done == 0 ? 0 : err_set(e, done, "read the host key of %s", r->name);
}

static int exchange_error(struct remote *r, struct err *e)
{
	const char *error = ssh_get_error(r->session);
	char text[400];

	(void)visible_text(bytes_of_str(error), text, sizeof(text));
	if (strstr(error, "no match for method"))
		return err_set(e, -EPROTO, "%s has no algorithm in common with what Gatewright allows: %s", r->name,
			       text);
	if (strstr(error, "disconnected") || strstr(error, "reset by peer"))
		return err_set(
			e, -EPROTO,
			"%s closed the connection before it had answered as an SSH server: is it one, and does it let "
			"this machine in?",
			r->name);
	return err_set(e, -EPROTO, "%s does not answer as an SSH server: %s", r->name, text);
}

static int exchange_keys(struct remote *r, struct mono_time deadline, struct err *e)
{
	for (;;) {
		int done = ssh_connect(r->session);

		if (done == SSH_OK)
			return read_host_key(r, e);
		if (done != SSH_AGAIN)
			return exchange_error(r, e);
		done = remote_wait_io(r, deadline, e);
		if (done == -ETIMEDOUT)
			return err_set(e, done,
				       "%s accepted the connection but did not finish the SSH key exchange in time",
				       r->name);
		if (done < 0)
			return done;
	}
}

/* Takes `fd` and `name`. */
static struct remote *remote_new(int fd, char *name)
{
	struct remote *r = calloc(1, sizeof(*r));

	if (r)
		*r = (struct remote) {
			.session = ssh_new(), .fd = fcntl(fd, F_DUPFD_CLOEXEC, 3), .given_fd = -1, .name = TAKE(name)
		};
	free(name);
	if (r && r->session && r->fd >= 0 && r->name) {
		r->given_fd = fd;
		return r;
	}
	remote_free(r);
	(void)close(fd);
	return NULL;
}

static int connect_named(int fd, char *name, const char *host_key_types, struct mono_time deadline, struct remote **ret,
			 struct err *e)
{
	CLEANUP(remote_freep) struct remote *r = remote_new(fd, name);
	int done;

	if (!r)
		return err_nomem(e);
	done = set_options(r, fd, host_key_types, e);
	if (done == 0)
		done = exchange_keys(r, deadline, e);
	if (done == 0)
		*ret = TAKE(r);
	return done;
}

int remote_connect_fd(int fd, const char *name, const char *host_key_types, struct mono_time deadline,
		      struct remote **ret, struct err *e)
{
	return connect_named(fd, strdup(name), host_key_types, deadline, ret, e);
}

int remote_connect(const char *host, uint16_t port, const char *host_key_types, struct mono_time deadline,
		   struct remote **ret, struct err *e)
{
	char name[NET_HOST_SIZE + 16];
	int fd, done;

	done = net_dial(host, port, deadline, &fd, e);
	if (done < 0)
		return done;
	(void)snprintf(name, sizeof(name), "'%s' port %u", host, port);
	return connect_named(fd, strdup(name), host_key_types, deadline, ret, e);
}

/* Close what libssh was given, if it still is that connection and not another file with its number. */
static void close_given(struct remote *r)
{
	struct stat ours, given;

	if (fstat(r->fd, &ours) == 0 && fstat(r->given_fd, &given) == 0 && ours.st_dev == given.st_dev &&
	    ours.st_ino == given.st_ino)
		(void)close(r->given_fd);
}

void remote_free(struct remote *r)
{
	if (!r)
		return;
	if (r->session) {
		if (ssh_is_connected(r->session))
			ssh_disconnect(r->session);
		ssh_free(r->session);
	}
	if (r->fd >= 0) {
		(void)shutdown(r->fd, SHUT_RDWR);
		close_given(r);
		(void)close(r->fd);
	}
	free(r->name);
	free(r);
}

const char *remote_host_key(const struct remote *r)
{
	return r->host_key;
}

const char *remote_host_key_type(const struct remote *r)
{
	return r->host_key_type;
}

enum remote_pin remote_check_pins(const struct remote *r, const char *const *pins, size_t pins_n)
{
	for (size_t i = 0; i < pins_n; i++) {
		if (strcmp(pins[i], r->host_key) == 0)
			return REMOTE_PIN_MATCHES;
	}
	return pins_n > 0 ? REMOTE_PIN_CHANGED : REMOTE_PIN_UNKNOWN;
}

bool remote_is_up(const struct remote *r)
{
	return ssh_is_connected(r->session) != 0;
}
