#include "cli/gateway_ssh.h"
#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int gateway_ssh_place(const struct cli *cli, const struct args *args, json_t **ret)
{
	CLEANUP(json_freep) json_t *ssh = json_object();
	const char *host = args_get(args, OPT_SSH_HOST), *user = args_get(args, OPT_SSH_USER);
	struct err e = { 0 };
	long port = 0;

	if (args_number(args, OPT_SSH_PORT, 1, 65535, &port, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	if ((host && json_object_set_new(ssh, "host", json_string(host)) < 0) ||
	    (user && json_object_set_new(ssh, "user", json_string(user)) < 0)) {
		cli_say_error(cli, "options '--ssh-host' and '--ssh-user': want UTF-8, got other bytes");
		return CLI_USAGE;
	}
	if (port > 0)
		(void)json_object_set_new(ssh, "port", json_integer(port));
	*ret = TAKE(ssh);
	return CLI_DONE;
}

/* The base64 of "openssh-key-v1", NUL, and the cipher name "none" with its length. */
#define OPENSSH_PLAIN "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"

static bool has_text(struct bytes b, const char *text)
{
	return b.p && memmem(b.p, b.n, text, strlen(text));
}

bool gateway_ssh_key_is_encrypted(struct bytes key)
{
	if (has_text(key, "BEGIN OPENSSH PRIVATE KEY"))
		return !has_text(key, OPENSSH_PLAIN);
	return has_text(key, "BEGIN ENCRYPTED PRIVATE KEY") || has_text(key, "Proc-Type: 4,ENCRYPTED");
}

static int read_key(const char *path, struct secret **ret, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return err_errno(e, "open the private key '%s'", path);
	r = secret_read_all(fd, ASK_KEY_MAX, ret, e);
	(void)close(fd);
	return r < 0 ? err_wrap(e, r, "read the private key '%s'", path) : 0;
}

static int add_asked(const struct cli *cli, const struct args *args, const struct ask_secret *ask, json_t *ssh,
		     const char *member)
{
	CLEANUP(secret_freep) struct secret *s = NULL;
	int r = ask_secret(cli, args, ask, &s);

	return r == CLI_DONE && s ? ask_secret_to_json(cli, s, ask->what, ssh, member) : r;
}

static int login_by_key(const struct cli *cli, const struct args *args, json_t *ssh)
{
	CLEANUP(secret_freep) struct secret *key = NULL;
	const char *path = args_get(args, OPT_KEY_FILE);
	struct ask_secret ask = { OPT_KEY_PASSPHRASE_FD, OPT_N, NULL, false, "passphrase" };
	char prompt[300];
	struct err e = { 0 };
	int r;

	if (!path) {
		cli_say_error(cli, "option '--auth key' wants '--key-file FILE'");
		return CLI_USAGE;
	}
	if (read_key(path, &key, &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	r = ask_secret_to_json(cli, key, "private key", ssh, "key");
	(void)snprintf(prompt, sizeof(prompt), "Passphrase of '%.200s': ", path);
	if (gateway_ssh_key_is_encrypted(secret_bytes(key)))
		ask.prompt = prompt;
	return r == CLI_DONE ? add_asked(cli, args, &ask, ssh, "key_passphrase") : r;
}

static int login_by_password(const struct cli *cli, const struct args *args, const char *gateway, const char *user,
			     json_t *ssh)
{
	struct ask_secret ask = { OPT_PASSWORD_FD, OPT_PASSWORD_STDIN, NULL, false, "password" };
	char prompt[300];

	(void)snprintf(prompt, sizeof(prompt), "Password of %.100s on gateway '%.100s': ", user, gateway);
	ask.prompt = prompt;
	return add_asked(cli, args, &ask, ssh, "password");
}

static int login_by_agent(const struct cli *cli, json_t *ssh)
{
	const char *socket = getenv("SSH_AUTH_SOCK");

	if (!socket || !socket[0]) {
		cli_say_error(cli, "option '--auth agent': no agent, SSH_AUTH_SOCK is not set");
		return CLI_FAILED;
	}
	return json_object_set_new(ssh, "agent", json_string(socket)) < 0 ? CLI_FAILED : CLI_DONE;
}

/* --auth, or what the other options mean. */
static int choose(const struct cli *cli, const struct args *args, const char **ret)
{
	const char *auth = args_get(args, OPT_AUTH);
	bool key = args_has(args, OPT_KEY_FILE),
	     password = args_has(args, OPT_PASSWORD_FD) || args_has(args, OPT_PASSWORD_STDIN);

	*ret = auth ? auth : key ? "key" : "password";
	if (key && strcmp(*ret, "key") != 0)
		cli_say_error(cli, "option '--key-file' is only for '--auth key'");
	else if (args_has(args, OPT_KEY_PASSPHRASE_FD) && !key)
		cli_say_error(cli, "option '--key-passphrase-fd' is only for '--key-file'");
	else if (password && strcmp(*ret, "password") != 0)
		cli_say_error(cli, "options '--password-fd' and '--password-stdin' are only for '--auth password'");
	else
		return CLI_DONE;
	return CLI_USAGE;
}

int gateway_ssh_login(const struct cli *cli, const struct args *args, const char *gateway, const char *user,
		      json_t *ssh)
{
	static const struct ask_secret sudo = { OPT_SUDO_PASSWORD_FD, OPT_N, NULL, false, "sudo password" };
	const char *auth = NULL;
	int r = choose(cli, args, &auth);

	if (r != CLI_DONE)
		return r;
	(void)json_object_set_new(ssh, "auth", json_string(auth));
	if (strcmp(auth, "key") == 0)
		r = login_by_key(cli, args, ssh);
	else if (strcmp(auth, "agent") == 0)
		r = login_by_agent(cli, ssh);
	else
		r = login_by_password(cli, args, gateway, user, ssh);
	return r == CLI_DONE ? add_asked(cli, args, &sudo, ssh, "sudo_password") : r;
}
