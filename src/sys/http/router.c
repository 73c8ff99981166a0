/* Which handler answers a path, and who may call at all. */
#include "sys/http/server_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS_MAX 256
#define ALLOW_MAX 64

/* The segment at *p, which moves behind it: to a slash or to the end. */
static struct bytes next_segment(const char **p)
{
	const char *end = strchrnul(*p, '/');
	struct bytes ret = bytes_of(*p, (size_t)(end - *p));

	*p = end;
	return ret;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 section 2.1; NULL for a broken escape, a control character, what is not UTF-8, or without memory. */
static char *percent_decode(struct bytes text)
{
	char *out = malloc(text.n + 1);
	size_t n = 0;

	for (size_t i = 0; out && i < text.n; i++) {
		int c = text.p[i];

		if (c == '%') {
			int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
			int low = i + 2 < text.n ? hex_digit(text.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				goto bad;
			c = high * 16 + low;
			i += 2;
		}
		out[n++] = (char)c;
	}
	if (!out)
		return NULL;
	out[n] = '\0';
	if (bytes_has_control(bytes_of(out, n)) || !bytes_is_utf8(bytes_of(out, n)))
		goto bad;
	return out;
bad:
	free(out);
	return NULL;
}

bool router_path_is_text(const char *path)
{
	char *text = percent_decode(bytes_of_str(path));

	free(text);
	return text;
}

static void forget_params(struct http_request *r)
{
	while (r->params_n > 0)
		free(r->params[--r->params_n]);
}

static bool segment_matches(struct bytes want, struct bytes got, struct http_request *r)
{
	char *value;

	if (want.n == 0 || want.p[0] != '{')
		return bytes_equal(want, got);
	value = got.n > 0 && r->params_n < HTTP_PARAMS_MAX ? percent_decode(got) : NULL;
	if (!value)
		return false;
	r->params[r->params_n++] = value;
	return true;
}

static bool matches(const char *pattern, const char *path, struct http_request *r)
{
	for (;;) {
		struct bytes want = next_segment(&pattern), got = next_segment(&path);

		if (!segment_matches(want, got, r) || *pattern != *path)
			return false;
		if (!*pattern)
			return true;
		pattern++;
		path++;
	}
}

/* RFC 9110 section 10.2.1: what a path takes goes with a 405. */
static void add_method(char list[ALLOW_MAX], const char *method)
{
	size_t n = strlen(list);

	(void)snprintf(list + n, ALLOW_MAX - n, "%s%s", n > 0 ? ", " : "", method);
	if (strcmp(method, MHD_HTTP_METHOD_GET) == 0)
		add_method(list, MHD_HTTP_METHOD_HEAD);
}

unsigned int router_find(struct http_request *r, const char *method)
{
	char allow[ALLOW_MAX] = "";

	if (strcmp(method, MHD_HTTP_METHOD_HEAD) == 0) /* RFC 9110 section 9.3.2: the server leaves out the content */
		method = MHD_HTTP_METHOD_GET;

	for (const struct http_route *route = r->server->config.routes; route->method; route++) {
		if (matches(route->pattern, r->path, r)) {
			add_method(allow, route->method);
			if (strcmp(route->method, method) == 0) {
				r->route = route;
				return 0;
			}
		}
		forget_params(r);
	}
	if (!allow[0] && (r->channel != HTTP_TLS || !r->server->config.files))
		return MHD_HTTP_NOT_FOUND;
	if (!allow[0]) {
		r->route = &r->server->files_route;
		add_method(allow, r->route->method);
		if (strcmp(method, r->route->method) == 0)
			return 0;
	}
	(void)!http_answer_header(r, "Allow", allow, NULL);
	return MHD_HTTP_METHOD_NOT_ALLOWED;
}

static bool in_group(int fd, gid_t main_group, gid_t wanted)
{
	gid_t groups[GROUPS_MAX];
	socklen_t n = sizeof(groups);

	if (main_group == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n) != 0)
		return false;
	for (size_t i = 0; i < n / sizeof(groups[0]); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

/* The address of a TCP client, an IPv4 one without the prefix that an IPv6 socket gives it. */
static bool name_tcp_peer(struct http_request *r)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *sa = info ? info->client_addr : NULL;
	struct in6_addr v6;

	r->peer = (uid_t)-1;
	if (!sa)
		return false;
	if (sa->sa_family == AF_INET)
		return inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, r->address,
				 sizeof(r->address));
	if (sa->sa_family != AF_INET6)
		return false;
	v6 = ((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	if (IN6_IS_ADDR_V4MAPPED(&v6))
		return inet_ntop(AF_INET, &v6.s6_addr[12], r->address, sizeof(r->address));
	return inet_ntop(AF_INET6, &v6, r->address, sizeof(r->address));
}

static bool unix_peer_allowed(struct http_request *r)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred cred;
	socklen_t n = sizeof(cred);
	gid_t group = r->server->config.group;

	if (!info || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) != 0 || n != sizeof(cred))
		return false;
	r->peer = cred.uid;
	return cred.uid == 0 || cred.uid == geteuid() ||
	       (group != (gid_t)-1 && in_group(info->connect_fd, cred.gid, group));
}

bool peer_allowed(struct http_request *r)
{
	if (r->channel == HTTP_TLS)
		return name_tcp_peer(r);
	(void)snprintf(r->address, sizeof(r->address), "unix");
	return unix_peer_allowed(r);
}
