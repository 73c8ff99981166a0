/*
 * Passwords are hashed by threads of their own: it takes most of a second and 256 MiB, and no thread that serves HTTP
 * waits for it. A place is taken before the work is given, so that who finds none has changed nothing yet.
 */
#ifndef GW_GATEWRIGHTD_MANAGER_ACCESS_HASHER_H
#define GW_GATEWRIGHTD_MANAGER_ACCESS_HASHER_H

#include "gatewrightd/manager/access/passwords.h"

#define HASHING_MAX 2	       /* passwords hashed at one time */
#define HASHING_WAITING_MAX 32 /* passwords that wait for their turn */
#define HASHING_FULL_WAIT_S 1  /* who finds no place is told to wait so long */

enum hash_task {
	HASH_CHECK, /* is it the one of `hash`? "": there is none; it takes as long, and is not */
	HASH_MAKE,  /* its hash goes to `hash` */
};

struct hash_work {
	enum hash_task task;
	struct secret *password; /* its owner's, until `done` was called */
	char hash[PASSWORD_HASH_SIZE];
	int failed; /* -EPIPE: the hasher stops; -ENOMEM */
	bool fine;  /* of HASH_CHECK */
	void (*done)(void *context);
	void *context;
	struct hash_work *next;
};

struct hasher;

MUST_USE int hasher_start(struct hasher **ret, struct err *e);

/* All that waits is done with -EPIPE, and nobody gets a place any more. hasher_free() when nobody can ask. */
void hasher_stop(struct hasher *h);
void hasher_free(struct hasher *h);

/* False: all places are taken. Each true one is given back once, by hasher_leave() or the end of its work. */
MUST_USE bool hasher_enter(struct hasher *h);
void hasher_leave(struct hasher *h);

/* `w` is kept until its `done` was called, by another thread; that may be before this returns. */
void hasher_add(struct hasher *h, struct hash_work *w);

#endif
