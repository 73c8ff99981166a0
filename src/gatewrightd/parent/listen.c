#include "gatewrightd/parent/inner.h"
#include "sys/net/net.h"
#include "sys/proc/privileges.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	/* config_parse() has checked that it fits. */
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return a;
}

/* Does somebody serve the socket? A connection tells; what is left of a daemon that was killed refuses it. */
static bool is_served(const char *path)
{
	struct sockaddr_un a = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served;

	if (fd < 0)
		return true;
	served = connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 || (errno != ECONNREFUSED && errno != ENOENT);
	(void)close(fd);
	return served;
}

static int clear_path(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "look at socket '%s'", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, -EEXIST, "socket '%s': want no file or a socket there, got another kind of file",
			       path);
	if (is_served(path))
		return err_set(e, -EADDRINUSE, "socket '%s': another process serves it", path);
	return unlink(path) < 0 && errno != ENOENT ? err_errno(e, "remove the stale socket '%s'", path) : 0;
}

/* The directory that holds the socket, when only that one is missing. */
static int make_directory(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	if (!slash || slash == path)
		return 0;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	if (mkdir(dir, 0755) == 0)
		return chmod(dir, 0755) < 0 ? err_errno(e, "set the mode of directory '%s'", dir) : 0;
	return errno == EEXIST ? 0 : err_errno(e, "make directory '%s'", dir);
}

/* Owner and group first, then the mode: at no moment is it open to more people than configured. */
static int set_owner_and_mode(const struct gatewrightd_config *cfg, struct err *e)
{
	struct identity user = { (uid_t)-1, (gid_t)-1 };
	int r = 0;

	if (geteuid() == 0 && cfg->user[0])
		r = identity_of_user(cfg->user, &user, e);
	if (r == 0 && cfg->socket_group[0])
		r = gid_of_group(cfg->socket_group, &user.gid, e);
	if (r < 0)
		return r;
	if (chown(cfg->socket, user.uid, user.gid) < 0)
		return err_errno(e, "set the owner of socket '%s'", cfg->socket);
	return chmod(cfg->socket, (mode_t)cfg->socket_mode) < 0
		       ? err_errno(e, "set the mode of socket '%s'", cfg->socket)
		       : 0;
}

static int bind_and_listen(const struct gatewrightd_config *cfg, int fd, struct err *e)
{
	struct sockaddr_un a = address_of(cfg->socket);
	mode_t before = umask(0177);
	int r = bind(fd, (const struct sockaddr *)&a, sizeof(a));

	(void)umask(before);
	if (r < 0)
		return err_errno(e, "bind socket '%s'", cfg->socket);
	r = set_owner_and_mode(cfg, e);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = err_errno(e, "listen on socket '%s'", cfg->socket);
	if (r < 0)
		(void)unlink(cfg->socket);
	return r;
}

int listen_open(const struct gatewrightd_config *cfg, int *ret_fd, bool *ret_own, struct err *e)
{
	int r, fd = notify_listen_fd();

	*ret_own = fd < 0;
	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	r = make_directory(cfg->socket, e);
	if (r == 0)
		r = clear_path(cfg->socket, e);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, "make a socket");
	r = bind_and_listen(cfg, fd, e);
	if (r < 0)
		(void)close(fd);
	else
		*ret_fd = fd;
	return r;
}

void listen_close(const struct gatewrightd_config *cfg, int fd, bool own)
{
	if (own)
		(void)unlink(cfg->socket);
	(void)close(fd);
}

int listen_open_https(const struct gatewrightd_config *cfg, int ret_fds[ROLE_HTTPS_MAX], size_t *ret_n, struct err *e)
{
	int r = 0;

	for (*ret_n = 0; *ret_n < cfg->https_listen.n; (*ret_n)++) {
		const struct conf_address *a = &cfg->https_listen.items[*ret_n];

		assert(*ret_n < ROLE_HTTPS_MAX);
		r = net_listen(a->host, a->port, BACKLOG, &ret_fds[*ret_n], e);
		if (r < 0)
			break;
	}
	if (r == 0)
		return 0;
	while (*ret_n > 0)
		(void)close(ret_fds[--*ret_n]);
	return err_wrap(e, r, "option 'https_listen'");
}
