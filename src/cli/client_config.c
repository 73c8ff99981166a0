#include "cli/client_config.h"

#include "gatewright-config.h"
#include "sys/conf/daemon_config.h"

#include <stdio.h>
#include <stdlib.h>

#define CONFIG_FILE GATEWRIGHT_SYSCONF_DIR "/gatewrightd.conf"
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
