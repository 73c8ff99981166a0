#include "gate/gate_config.h"

#include "base/limits.h"

#include <errno.h>
#include <sched.h>

static const struct conf_row rows[] = {
#define GATE_OPTION(member, name, type, fallback, limits, meaning) \
	CONF_ROW(struct gate_config, member, name, type, fallback, limits, meaning),
#include "config.def"
#undef GATE_OPTION
};

static int check_whole(const struct gate_config *c, struct err *e)
{
	if (!c->keystore[0])
		return err_set(e, -EINVAL, "option 'keystore': want a directory, got nothing");
	if (!c->control[0])
		return err_set(e, -EINVAL, "option 'control': want the path of a socket, got nothing");
	return 0;
}

int gate_config_load(const char *path, struct arena *a, struct gate_config *ret, struct err *e)
{
	int r = conf_load(path ? path : GATE_CONFIG_DEFAULT, rows, ARRAY_N(rows), a, ret, e);

	if (r == -ENOENT && !path)
		r = conf_defaults(rows, ARRAY_N(rows), a, ret, e);
	return r < 0 ? r : check_whole(ret, e);
}

size_t gate_config_threads(const struct gate_config *c)
{
	cpu_set_t set;
	int n;

	if (c->threads > 0)
		return (size_t)c->threads;
	n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	if (n < 1)
		n = 1;
	return n > LIMIT_GATE_THREADS_MAX ? LIMIT_GATE_THREADS_MAX : (size_t)n;
}

void gate_config_describe(struct buf *out)
{
	conf_describe(rows, ARRAY_N(rows), out);
}
