#include "core/fleet/gateway.h"

#include "core/pki/name.h"

#include <errno.h>
#include <string.h>

#define SHOWN(b) (int)((b).n > 80 ? 80 : (b).n), (const char *)(b).p
#define HOST_KEY_PREFIX "SHA256:"
#define HOST_KEY_DIGITS 43 /* 32 bytes in base64 without padding */

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* First a letter, a digit or one of `first`, then also one of `more`. */
static bool is_word(struct bytes b, const char *first, const char *more)
{
	for (size_t i = 0; i < b.n; i++) {
		const char *also = i == 0 ? first : more;

		if (!is_alnum(b.p[i]) && (b.p[i] == 0 || !strchr(also, b.p[i])))
			return false;
	}
	return b.n > 0;
}

int gateway_check_name(struct bytes name, struct err *e)
{
	if (name.n == 0)
		return err_set(e, -EINVAL, "gateway name: want a name, got none");
	if (name.n > GATEWAY_NAME_MAX)
		return err_set(e, -EINVAL, "gateway name: want at most %d characters, got %zu", GATEWAY_NAME_MAX,
			       name.n);
	if (bytes_has_control(name) || !is_word(name, "", "._-"))
		return err_set(e, -EINVAL,
			       "gateway name: want letters, digits, '.', '_' and '-', first a letter or digit");
	return 0;
}

static int check_name(struct bytes text, bool wildcard, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(4096);
	struct general_name name;
	int r;

	if (!a)
		return err_nomem(e);
	if (text.n == 0)
		return err_set(e, -EINVAL, "want a host name or an address, got nothing");
	r = name_parse(text, a, &name, e);
	if (r < 0)
		return r;
	if (!wildcard && name_is_wildcard(&name))
		return err_set(e, -EINVAL, "'%.*s': want a name that one host has, got a wildcard", SHOWN(text));
	return 0;
}

int gateway_check_host(struct bytes host, struct err *e)
{
	return check_name(host, false, e);
}

int gateway_check_server_name(struct bytes name, struct err *e)
{
	return check_name(name, true, e);
}

/* Decimal, 1 to 65535, no leading zero. */
static bool parse_port(struct bytes text, uint16_t *ret)
{
	unsigned port = 0;

	if (text.n == 0 || text.n > 5 || text.p[0] == '0')
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		port = port * 10 + (unsigned)(text.p[i] - '0');
	}
	if (port > 65535)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* Where the host ends: behind "]" for "[...]:", at the only ":" otherwise. False: not of this form. */
static bool split(struct bytes text, struct bytes *ret_host, struct bytes *ret_port)
{
	const uint8_t *colon = text.n > 0 ? memrchr(text.p, ':', text.n) : NULL;
	size_t host_n;

	if (!colon)
		return false;
	host_n = (size_t)(colon - text.p);
	*ret_port = bytes_of(colon + 1, text.n - host_n - 1);
	if (text.p[0] == '[') {
		*ret_host = bytes_of(text.p + 1, host_n < 2 ? 0 : host_n - 2);
		return host_n > 2 && text.p[host_n - 1] == ']';
	}
	*ret_host = bytes_of(text.p, host_n);
	return !memchr(text.p, ':', host_n);
}

int gateway_parse_address(struct bytes text, struct gateway_address *ret, struct err *e)
{
	struct gateway_address address = { 0 };
	struct bytes port = BYTES_NONE;
	int r;

	if (bytes_has_control(text) || !split(text, &address.host, &port))
		return err_set(e, -EINVAL, "'%.*s': want \"host:port\" or \"[IPv6 address]:port\"", SHOWN(text));
	if (text.p[0] == '[' && !memchr(address.host.p, ':', address.host.n))
		return err_set(e, -EINVAL, "'%.*s': want an IPv6 address in the brackets", SHOWN(text));
	if (!parse_port(port, &address.port))
		return err_set(e, -EINVAL, "'%.*s': want a port from 1 to 65535 behind the last colon", SHOWN(text));
	r = gateway_check_host(address.host, e);
	if (r < 0)
		return err_wrap(e, r, "'%.*s'", SHOWN(text));
	*ret = address;
	return 0;
}

int gateway_check_ssh_port(int64_t port, struct err *e)
{
	if (port < 1 || port > 65535)
		return err_set(e, -EINVAL, "SSH port: want 1 to 65535, got %lld", (long long)port);
	return 0;
}

int gateway_check_ssh_user(struct bytes user, struct err *e)
{
	if (user.n == 0)
		return err_set(e, -EINVAL, "SSH user: want a login name, got none");
	if (user.n > SSH_USER_MAX)
		return err_set(e, -EINVAL, "SSH user: want at most %d characters, got %zu", SSH_USER_MAX, user.n);
	if (bytes_has_control(user) || !is_word(user, "_", "._-"))
		return err_set(e, -EINVAL, "SSH user: want letters, digits, '.', '_' and '-', not first '.' or '-'");
	return 0;
}

int gateway_check_host_key(struct bytes fingerprint, struct err *e)
{
	size_t prefix = sizeof(HOST_KEY_PREFIX) - 1;
	struct bytes digits = fingerprint.n > prefix ? bytes_of(fingerprint.p + prefix, fingerprint.n - prefix)
						     : BYTES_NONE;

	if (digits.n != HOST_KEY_DIGITS || memcmp(fingerprint.p, HOST_KEY_PREFIX, prefix) != 0 ||
	    !is_word(digits, "+/", "+/"))
		return err_set(e, -EINVAL,
			       "host key: want \"SHA256:\" and %d digits of base64, as ssh-keygen -l prints it",
			       HOST_KEY_DIGITS);
	return 0;
}
