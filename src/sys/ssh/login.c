#include "sys/ssh/remote_private.h"
#include "base/limits.h"
#include "sys/ssh/visible.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { REFUSED = 1, NOT_OFFERED = 2, KEY_UNUSABLE = 3 };

#define METHODS_SIZE 120

/* One login under way: what we have, and until when. */
struct login {
	struct remote *r;
	const struct remote_credentials *c;
	struct mono_time deadline;
	bool password_sent;
};

static bool offers(struct remote *r, unsigned method)
{
	return ((unsigned)ssh_userauth_list(r->session, NULL) & method) != 0;
}

/* The methods that the server offers now, in words. */
static const char *offered(struct remote *r, char out[METHODS_SIZE])
{
	static const struct {
		unsigned bit;
		const char *word;
	} methods[] = {
		{ SSH_AUTH_METHOD_PASSWORD, "password" },
		{ SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive" },
		{ SSH_AUTH_METHOD_PUBLICKEY, "publickey" },
		{ SSH_AUTH_METHOD_HOSTBASED, "hostbased" },
		{ SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic" },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_N(methods); i++) {
		if (offers(r, methods[i].bit))
			n += (size_t)snprintf(out + n, METHODS_SIZE - n, "%s%s", n > 0 ? ", " : "", methods[i].word);
	}
	if (n == 0)
		(void)snprintf(out, METHODS_SIZE, "nothing that Gatewright knows");
	return out;
}

/* Wait before a call that said SSH_AUTH_AGAIN is made again. */
static int again(struct login *l, struct err *e)
{
	int r = remote_wait_io(l->r, l->deadline, e);

	if (r == -ETIMEDOUT)
		return err_set(e, r, "log in to %s as '%s': the server did not decide in time", l->r->name, l->c->user);
	return r;
}

/* Make `call` until it is not SSH_AUTH_AGAIN, into `result`; leaves the function with a negative result of again(). */
#define FINISH(l, e, result, call)                              \
	do {                                                    \
		while (((result) = (call)) == SSH_AUTH_AGAIN) { \
			int again__ = again((l), (e));          \
			if (again__ < 0)                        \
				return again__;                 \
		}                                               \
	} while (0)

/* What an end of a method means: 0, or the sentence for `refused_text`. */
static int judge(struct login *l, int result, const char *refused_text, struct err *e)
{
	char methods[METHODS_SIZE];

	switch (result) {
	case SSH_AUTH_SUCCESS:
		return 0;
	case SSH_AUTH_PARTIAL:
		return err_set(e, NOT_OFFERED, "log in to %s as '%s': the server accepted that and wants one more: %s",
			       l->r->name, l->c->user, offered(l->r, methods));
	case SSH_AUTH_DENIED:
		return err_set(e, REFUSED, "log in to %s as '%s': %s (the server offers: %s)", l->r->name, l->c->user,
			       refused_text, offered(l->r, methods));
	default:
		return remote_lost(l->r, "log in", e);
	}
}

static int by_password(struct login *l, struct err *e)
{
	const char *password = (const char *)secret_bytes(l->c->password).p;
	int result;

	l->password_sent = true;
	FINISH(l, e, result, ssh_userauth_password(l->r->session, NULL, password));
	return judge(l, result, "wrong password", e);
}

static int unexpected_prompt(struct login *l, const char *prompt, struct err *e)
{
	char text[120];

	(void)visible_text(bytes_of_str(prompt), text, sizeof(text));
	if (l->password_sent)
		return err_set(e, REFUSED,
			       "log in to %s as '%s': after the password the server asks again, '%s': "
			       "the password is wrong, or a second factor is wanted",
			       l->r->name, l->c->user, text);
	return err_set(e, NOT_OFFERED, "log in to %s as '%s': the server asks '%s', which only a person can answer",
		       l->r->name, l->c->user, text);
}

/* One round of prompts (RFC 4256 section 3.2): the password answers the first one without echo, nothing else is
 * answered. */
static int answer_prompts(struct login *l, struct err *e)
{
	int n = ssh_userauth_kbdint_getnprompts(l->r->session);

	for (int i = 0; i < n; i++) {
		char echo = 0;
		const char *prompt = ssh_userauth_kbdint_getprompt(l->r->session, (unsigned)i, &echo);

		if (!prompt || echo || l->password_sent)
			return unexpected_prompt(l, prompt ? prompt : "", e);
		if (ssh_userauth_kbdint_setanswer(l->r->session, (unsigned)i,
						  (const char *)secret_bytes(l->c->password).p) < 0)
			return err_nomem(e);
		l->password_sent = true;
	}
	return 0;
}

static int by_prompts(struct login *l, struct err *e)
{
	int result, r;

	for (int round = 0; round < LIMIT_SSH_PROMPT_ROUNDS_MAX; round++) {
		FINISH(l, e, result, ssh_userauth_kbdint(l->r->session, NULL, NULL));
		if (result != SSH_AUTH_INFO)
			return judge(l, result,
				     l->password_sent ? "wrong password"
						      : "the server refused before it asked for the password",
				     e);
		r = answer_prompts(l, e);
		if (r != 0)
			return r;
	}
	return err_set(e, NOT_OFFERED, "log in to %s as '%s': the server keeps asking (more than %d rounds)",
		       l->r->name, l->c->user, LIMIT_SSH_PROMPT_ROUNDS_MAX);
}

static int with_password(struct login *l, struct err *e)
{
	char methods[METHODS_SIZE];

	if (!l->c->password)
		return err_set(e, NOT_OFFERED, "log in to %s as '%s': no password was given", l->r->name, l->c->user);
	if (offers(l->r, SSH_AUTH_METHOD_PASSWORD))
		return by_password(l, e);
	if (offers(l->r, SSH_AUTH_METHOD_INTERACTIVE))
		return by_prompts(l, e);
	return err_set(e, NOT_OFFERED, "log in to %s as '%s': the server takes no password; it offers: %s", l->r->name,
		       l->c->user, offered(l->r, methods));
}

/* Asked only when the key is encrypted; context is the login. */
struct passphrase {
	const struct secret *secret;
	bool asked;
};

static int give_passphrase(const char *prompt, char *out, size_t size, int echo, int verify, void *context)
{
	struct passphrase *p = context;
	struct bytes b = p->secret ? secret_bytes(p->secret) : BYTES_NONE;

	(void)prompt;
	(void)echo;
	(void)verify;
	p->asked = true;
	if (b.n == 0 || b.n >= size)
		return -1;
	memcpy(out, b.p, b.n);
	out[b.n] = '\0';
	return 0;
}

static int import_key(struct login *l, ssh_key *ret, struct err *e)
{
	struct passphrase p = { .secret = l->c->passphrase };
	int r = ssh_pki_import_privkey_base64((const char *)secret_bytes(l->c->key).p, NULL, give_passphrase, &p, ret);

	if (r == SSH_OK)
		return 0;
	if (!p.asked)
		return err_set(e, KEY_UNUSABLE, "the SSH key can't be read: want a private key in OpenSSH or PEM form");
	if (!p.secret)
		return err_set(e, KEY_UNUSABLE, "the SSH key is encrypted, and no passphrase was given");
	return err_set(e, KEY_UNUSABLE, "the SSH key is encrypted, and its passphrase is wrong");
}

static int check_key_type(ssh_key key, struct err *e)
{
	switch ((int)ssh_key_type(key)) {
	case SSH_KEYTYPE_ED25519:
	case SSH_KEYTYPE_RSA:
	case SSH_KEYTYPE_ECDSA_P256:
	case SSH_KEYTYPE_ECDSA_P384:
	case SSH_KEYTYPE_ECDSA_P521:
		return 0;
	default:
		return err_set(e, KEY_UNUSABLE, "want an SSH key of type Ed25519, ECDSA or RSA, got '%s'",
			       ssh_key_type_to_char(ssh_key_type(key)));
	}
}

/* "the server does not accept the key SHA256:..." so that the operator finds it, or not, in authorized_keys. */
static void refused_key_text(ssh_key key, char *out, size_t size)
{
	unsigned char *hash = NULL;
	char *text = NULL;
	size_t n = 0;

	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) == SSH_OK)
		text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n);
	(void)snprintf(out, size, "the server does not accept the key %s", text ? text : "that was given");
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
}

static int sign_in(struct login *l, ssh_key key, struct err *e)
{
	char refused[120];
	int result;

	FINISH(l, e, result, ssh_userauth_publickey(l->r->session, NULL, key));
	refused_key_text(key, refused, sizeof(refused));
	return judge(l, result, refused, e);
}

static int with_key(struct login *l, struct err *e)
{
	char methods[METHODS_SIZE];
	ssh_key key = NULL;
	int r;

	if (!l->c->key)
		return err_set(e, KEY_UNUSABLE, "log in to %s as '%s': no SSH key was given", l->r->name, l->c->user);
	if (!offers(l->r, SSH_AUTH_METHOD_PUBLICKEY))
		return err_set(e, NOT_OFFERED, "log in to %s as '%s': the server takes no key; it offers: %s",
			       l->r->name, l->c->user, offered(l->r, methods));
	r = import_key(l, &key, e);
	if (r == 0)
		r = check_key_type(key, e);
	if (r == 0)
		r = sign_in(l, key, e);
	ssh_key_free(key);
	return r;
}

static int with_agent(struct login *l, struct err *e)
{
	char methods[METHODS_SIZE];
	int result;

	if (l->c->agent_fd < 0)
		return err_set(e, KEY_UNUSABLE, "log in to %s as '%s': no SSH agent was given", l->r->name, l->c->user);
	if (ssh_set_agent_socket(l->r->session, l->c->agent_fd) != SSH_OK) {
		(void)close(l->c->agent_fd);
		return err_set(e, KEY_UNUSABLE, "the SSH agent can't be used");
	}
	if (!offers(l->r, SSH_AUTH_METHOD_PUBLICKEY))
		return err_set(e, NOT_OFFERED, "log in to %s as '%s': the server takes no key; it offers: %s",
			       l->r->name, l->c->user, offered(l->r, methods));
	FINISH(l, e, result, ssh_userauth_agent(l->r->session, NULL));
	return judge(l, result, "the agent has no key that the server accepts", e);
}

static int ask_methods(struct login *l, struct err *e)
{
	int result;

	if (ssh_options_set(l->r->session, SSH_OPTIONS_USER, l->c->user) != SSH_OK)
		return err_set(e, -EINVAL, "user name '%s' can't be used", l->c->user);
	FINISH(l, e, result, ssh_userauth_none(l->r->session, NULL));
	if (result == SSH_AUTH_ERROR)
		return remote_lost(l->r, "log in", e);
	return result == SSH_AUTH_SUCCESS ? 0 : 1;
}

int remote_login(struct remote *r, const struct remote_credentials *c, struct mono_time deadline, struct err *e)
{
	static int (*const ways[REMOTE_AUTH_N])(struct login *, struct err *) = {
		[REMOTE_AUTH_PASSWORD] = with_password,
		[REMOTE_AUTH_KEY] = with_key,
		[REMOTE_AUTH_AGENT] = with_agent,
	};
	struct login l = { .r = r, .c = c, .deadline = deadline };
	int done = ask_methods(&l, e);

	if (done == 1)
		done = ways[c->auth](&l, e);
	else if (c->auth == REMOTE_AUTH_AGENT && c->agent_fd >= 0)
		(void)close(c->agent_fd);
	r->logged_in = done == 0;
	return done;
}
