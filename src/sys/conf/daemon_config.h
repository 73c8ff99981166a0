/* gatewrightd.conf, which the command reads too for the path of the socket, as a struct: one member per
 * GATEWRIGHTD_OPTION row of schema/config.def. */
#ifndef GW_SYS_CONF_DAEMON_CONFIG_H
#define GW_SYS_CONF_DAEMON_CONFIG_H

#include "gatewright-config.h"
#include "sys/conf/conf.h"

struct gatewrightd_config {
#define GATEWRIGHTD_OPTION(member, name, type, fallback, limits, meaning) CONF_MEMBER(member, type)
#include "config.def"
#undef GATEWRIGHTD_OPTION
};

/*
 * Read `text`; `file` is its name for sentences; strings live in `a`. Refused are also options that contradict each
 * other. No text gives every default.
 */
MUST_USE int config_parse(struct bytes text, const char *file, struct arena *a, struct gatewrightd_config *ret,
			  struct err *e);

/* Every option in words, for --help. */
void config_describe(struct buf *out);

#endif
