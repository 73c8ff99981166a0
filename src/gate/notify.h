/* sd_notify(3), the protocol itself: one datagram to the socket that the service manager named. */
#ifndef GW_GATE_NOTIFY_H
#define GW_GATE_NOTIFY_H

/* A connected socket, before the sandbox; -1 when no service manager asked. */
int notify_open(void);

/* "READY=1", "STOPPING=1"; nothing for -1. */
void notify_send(int fd, const char *state);

#endif
