/*
 * The parent: starts the roles, watches them, hands out sockets, starts them anew. It parses nothing that came from
 *outside this machine and opens no key.
 *
 *	main.c		the order of the start; the loop; the end
 *	state.c		the state directory and its lock
 *	listen.c	the Unix socket of the API
 *	child.c		one child: start, ready, end
 *	restart.c	when to start a role again, and when to give up (pure)
 *	requests.c	what the manager asks: a deploy process
 *	notify.c	the service manager
 */
#ifndef GW_GATEWRIGHTD_PARENT_PARENT_H
#define GW_GATEWRIGHTD_PARENT_PARENT_H

#include "sys/conf/daemon_config.h"

/* Run until SIGTERM. `config_text` is what `cfg` was read from. Returns the exit status. */
int parent_main(const struct gatewrightd_config *cfg, struct bytes config_text);

#endif
