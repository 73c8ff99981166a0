/*
 * The manager: HTTP API, store, inventory, jobs. It holds no private key: what it stores is sealed, what it is sent
 *goes on to keys or to a deploy process and is wiped.
 *
 *	main.c		wiring, sandbox, serving, the orderly end
 *	channel.c	calls to keys and to the parent, one at a time
 *	keys_client.c	the requests to keys as functions
 *	inventory.c	stored certificates as chains of facts
 *	issue.c, import.c, candidates.c		what the API does with certificates
 *	console.c, console_certificate.c	the console's files, and what HTTPS shows
 *	gateway_record.c, targets.c		what a gateway's row means
 *	access/		who calls: sessions, tokens, passwords, the first administrator
 *	audit.c, auditor.c	the audit log: events with the change they tell of; signed heads, syslog
 *	settings.c	what an administrator sets while it runs
 *	jobs/		deploy processes: starting, following, recovering, proving
 *	api/		one file per resource: JSON in, JSON out
 */
#ifndef GW_GATEWRIGHTD_MANAGER_MANAGER_H
#define GW_GATEWRIGHTD_MANAGER_MANAGER_H

#include "sys/conf/daemon_config.h"
#include "sys/store/store.h"

#include <stdatomic.h>

struct channel;
struct targets;
struct supervisor;
struct http_server;
struct console;
struct auditor;
struct hasher;

#define MANAGER_DOORS 2
#define MANAGER_LOGIN_REASONS 5

/* Made once by main.c; every part borrows it. */
struct manager {
	const struct gatewrightd_config *cfg;
	struct store_pool *stores;
	struct channel *keys, *parent;
	struct targets *targets;
	struct supervisor *jobs;
	struct http_server *http;
	struct console *console; /* NULL in tests */
	struct auditor *auditor; /* NULL: nobody signs heads and nothing goes to syslog */
	struct hasher *hasher;
	atomic_llong logins_failed[MANAGER_DOORS][MANAGER_LOGIN_REASONS]; /* since the start, by enum http_channel and
									      enum login_outcome */
};

#define MANAGER_ARENA_MAX \
	(64u * 1024 * 1024)   /* bytes that one request may keep: a page of 1000 certificates with everything */
#define KEYS_TIMEOUT_MS 60000 /* an RSA-4096 key takes seconds on a slow machine */
#define PARENT_TIMEOUT_MS 10000

#endif
