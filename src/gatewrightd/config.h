/* gatewrightd.conf as a struct: one member per GATEWRIGHTD_OPTION row of schema/config.def. */
#ifndef GW_GATEWRIGHTD_CONFIG_H
#define GW_GATEWRIGHTD_CONFIG_H

#include "gatewright-config.h"
#include "sys/conf/conf.h"

struct gatewrightd_config {
#define GATEWRIGHTD_OPTION(member, name, type, fallback, limits, meaning) CONF_MEMBER(member, type)
#include "config.def"
#undef GATEWRIGHTD_OPTION
};

/*
 * Read `path`; strings live in `a`. -ENOENT without such a file, unless `may_be_missing`: then every default. Also refuses
 * options that contradict each other.
 */
MUST_USE int config_load(const char *path, bool may_be_missing, struct arena *a, struct gatewrightd_config *ret, struct err *e);

/* Every option in words, for --help. */
void config_describe(struct buf *out);

#endif
