#include "gatewrightd/roles.h"
#include "gatewrightd/messages.h"
#include "sys/ipc/ipc.h"

const char *role_name(enum role role)
{
	static const char *const names[ROLE_N] = {
		[ROLE_KEYS] = "keys", [ROLE_MANAGER] = "manager", [ROLE_DEPLOY] = "deploy"
	};

	return role < ROLE_N ? names[role] : "?";
}

bool role_from_name(const char *name, enum role *ret)
{
	for (enum role r = 0; r < ROLE_N; r++) {
		if (strcmp(role_name(r), name) != 0)
			continue;
		*ret = r;
		return true;
	}
	return false;
}

int role_ready(int parent_fd, struct err *e)
{
	struct buf b;
	int r;

	buf_init(&b, 64);
	wire_begin(&b, MSG_OK, 0);
	r = ipc_send(parent_fd, &b, -1, e);
	buf_fini(&b);
	return r < 0 ? err_wrap(e, r, "tell the parent that this process is ready") : 0;
}
