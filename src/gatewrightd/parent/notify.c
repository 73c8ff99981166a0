#include "gatewrightd/parent/inner.h"
#include "gatewright-config.h"

#ifdef GATEWRIGHT_HAVE_SYSTEMD
#include <systemd/sd-daemon.h>

void notify_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

int notify_listen_fd(void)
{
	if (sd_listen_fds(1) != 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, 1, 1, NULL, 0) <= 0)
		return -1;
	return SD_LISTEN_FDS_START;
}
#else
void notify_ready(void)
{
}

void notify_stopping(void)
{
}

int notify_listen_fd(void)
{
	return -1;
}
#endif
