#include "sys/conf/daemon_config.h"

#include <errno.h>

static const struct conf_row rows[] = {
#define GATEWRIGHTD_OPTION(member, name, type, fallback, limits, meaning) \
	CONF_ROW(struct gatewrightd_config, member, name, type, fallback, limits, meaning),
#include "config.def"
#undef GATEWRIGHTD_OPTION
};

static int check_together(const struct gatewrightd_config *c, struct err *e)
{
	if (c->socket_group[0] && (c->socket_mode & 060) == 0)
		return err_set(e, -EINVAL,
			       "option 'socket_group' lets nobody in: want 'socket_mode' 0660 with it, got 0%03o",
			       (unsigned)c->socket_mode);
	if (strlen(c->socket) > 107)
		return err_set(e, -EINVAL, "option 'socket': want at most 107 bytes (the kernel's limit), got %zu",
			       strlen(c->socket));
	return 0;
}

int config_parse(struct bytes text, const char *file, struct arena *a, struct gatewrightd_config *ret, struct err *e)
{
	int r = conf_parse(text, file, rows, ARRAY_N(rows), a, ret, e);

	if (r < 0)
		return r;
	r = check_together(ret, e);
	return r < 0 ? err_wrap(e, r, "%s", file) : 0;
}

void config_describe(struct buf *out)
{
	conf_describe(rows, ARRAY_N(rows), out);
}
