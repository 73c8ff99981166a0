/* gatewright-gate.conf: the rows GATE_OPTION of schema/config.def. */
#ifndef GW_GATE_GATE_CONFIG_H
#define GW_GATE_GATE_CONFIG_H

#include "sys/conf/conf.h"

#include "gatewright-config.h"

#define GATE_CONFIG_DEFAULT GATEWRIGHT_SYSCONF_DIR "/gatewright-gate.conf"

struct gate_config {
#define GATE_OPTION(member, name, type, fallback, limits, meaning) CONF_MEMBER(member, type)
#include "config.def"
#undef GATE_OPTION
};

/*
 * `path` NULL: the default one, whose absence is fine (then every option has its default). Strings live in `a`.
 * -EINVAL: refused, with file and line.
 */
MUST_USE int gate_config_load(const char *path, struct arena *a, struct gate_config *ret, struct err *e);

/* Threads to run: what was configured, or one per core this process may use. */
size_t gate_config_threads(const struct gate_config *c);

/* The options for people, for --help. */
void gate_config_describe(struct buf *out);

#endif
