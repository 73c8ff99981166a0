#include "cli/client_config.h"

#include "gatewright-config.h"
#include "sys/conf/daemon_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_FILE GATEWRIGHT_SYSCONF_DIR "/gatewrightd.conf"
#define TOKEN_MAX 256 /* bytes of a token; ours have 47 */
#define ARENA_MAX (1024u * 1024)

static const struct conf_row rows[] = {
#define GATEWRIGHTD_OPTION(member, name, type, fallback, limits, meaning) \
	CONF_ROW(struct gatewrightd_config, member, name, type, fallback, limits, meaning),
#include "config.def"
#undef GATEWRIGHTD_OPTION
};

/* Who may not read the daemon's configuration, or finds a wrong one, still has the built-in path. */
static const char *from_file(void)
{
	static char path[256];
	CLEANUP(arena_freep) struct arena *a = arena_new(ARENA_MAX);
	struct gatewrightd_config config;
	struct err e = { 0 };

	if (!a || (conf_load(CONFIG_FILE, rows, ARRAY_N(rows), a, &config, &e) < 0 &&
		   conf_defaults(rows, ARRAY_N(rows), a, &config, &e) < 0))
		return "/run/gatewright/gatewrightd.sock";
	(void)snprintf(path, sizeof(path), "%s", config.socket);
	return path;
}

const char *client_config_socket(const char *option)
{
	const char *environment = getenv("GATEWRIGHT_SOCKET");

	if (option)
		return option;
	return environment && environment[0] ? environment : from_file();
}

static int from_token_fd(const struct args *args, struct secret **ret, struct err *e)
{
	long fd = -1;
	int r = args_number(args, OPT_TOKEN_FD, 0, 65535, &fd, e);

	if (r == 0 && fcntl((int)fd, F_GETFD) < 0)
		return err_set(e, -EINVAL, "option '--token-fd': descriptor %ld is not open", fd);
	if (r == 0)
		r = secret_read_line((int)fd, TOKEN_MAX, ret, e);
	return r < 0 ? err_wrap(e, r, "read the token (option '--token-fd')") : 0;
}

static int from_token_file(const char *path, struct secret **ret, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		r = err_errno(e, "token file '%s'", path);
	else if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		r = err_set(e, -EACCES, "token file '%s': want mode 0600, got 0%03o", path,
			    (unsigned)(st.st_mode & 0777));
	if (r == 0) {
		r = secret_read_line(fd, TOKEN_MAX, ret, e);
		if (r < 0)
			r = err_wrap(e, r, "token file '%s'", path);
	}
	if (fd >= 0)
		(void)close(fd);
	return r;
}

int client_config_token(const struct args *args, struct secret **ret, struct err *e)
{
	const char *option = args_get(args, OPT_TOKEN_FILE), *environment = getenv("GATEWRIGHT_TOKEN_FILE");

	*ret = NULL;
	if (option && args_has(args, OPT_TOKEN_FD))
		return err_set(e, -EINVAL, "want one of '--token-fd' and '--token-file', got both");
	if (args_has(args, OPT_TOKEN_FD))
		return from_token_fd(args, ret, e);
	if (!option && environment && environment[0])
		option = environment;
	return option ? from_token_file(option, ret, e) : 0;
}
