/*
 * The console's door: its files, and the certificate that HTTPS shows, which is one of the inventory (setting
 * "console_certificate"). A thread makes the first one and each successor, and loads what is set once keys answers.
 */
#ifndef GW_GATEWRIGHTD_MANAGER_CONSOLE_H
#define GW_GATEWRIGHTD_MANAGER_CONSOLE_H

#include "gatewrightd/manager/manager.h"
#include "sys/http/server.h"

struct console;

/* Reads the files of cfg->console_dir; before the sandbox. `m` is kept. */
MUST_USE int console_new(struct manager *m, struct console **ret, struct err *e);

/* Starts the thread, unless nothing is served over HTTPS; m->http must be there. */
MUST_USE int console_start(struct console *c, struct err *e);
void console_stop(struct console *c); /* waits for the thread; after supervisor_stop(), before the server's end */
void console_free(struct console *c);

/* http_config.files; the context is the manager. */
http_handler console_answer_file;

#define CONSOLE_ERROR_MAX 256
struct console_state {
	int64_t certificate; /* that handshakes show; 0: none */
	struct wall_time served_since;
	char error[CONSOLE_ERROR_MAX]; /* why the one that is set is not shown; "": it is */
};
void console_state(struct console *c, struct console_state *ret);

/*
 * Serve with another certificate: it is loaded, looked at by a real handshake on every address of https_listen, and
 * only then stored; when a handshake does not show it, the old one is served again. done() is called once, on another
 * thread; the change is kept until then.
 */
struct console_change {
	int64_t certificate;
	void (*done)(void *context);
	void *context;
	int failed; /* 0, or a negative kind with its sentence */
	struct err e;
	struct console_change *next;
};
MUST_USE int console_change(struct console *c, struct console_change *change, struct err *e);

/* Look now at what is due; for tests, whose time is their own. */
void console_wake(struct console *c);

#endif
