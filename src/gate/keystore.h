/*
 * The keystore directory: generations, and which one is live.
 *
 *	KEYSTORE/
 *	  lock                    held by the gate while it runs, by the local tool while it works without a gate
 *	  generations/ID/         key.pem chain.pem root.pem; never changed after it was completed
 *	  current -> generations/ID
 *	  pending                 while a switch awaits its confirmation
 *	  history                 the generations that were confirmed, oldest first; for fallback and `rollback`
 *
 * Every change is made durable (fsync of the file, rename, fsync of the directory) before the next one begins; the
 * orders of crash are worked out in keystore.c.
 */
#ifndef GW_GATE_KEYSTORE_H
#define GW_GATE_KEYSTORE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/time.h"
#include "base/limits.h"

#include <sys/types.h>

#define KEYSTORE_ID_SIZE (LIMIT_KEYSTORE_ID_MAX + 1)
#define KEYSTORE_TOKEN_SIZE (LIMIT_KEYSTORE_TOKEN_MAX + 1)
#define KEYSTORE_BOOT_SIZE 64

struct keystore;

/*
 * Open the directory (absolute path, no link at its end). -EPERM: it is not this user's alone. Make `generations` when
 * it is absent, and remove what died half-way (staged or removed directories that nobody works on any more). Returned:
 * keystore_close().
 */
MUST_USE int keystore_open(const char *path, struct keystore **ret, struct err *e);
void keystore_close(struct keystore *ks);
DEFINE_CLEANUP(struct keystore, keystore_close);

/* Make the directory itself, mode 0700, for `uid` and `gid`, when it is absent; its parent must be there. */
MUST_USE int keystore_create(const char *path, uid_t uid, gid_t gid, struct err *e);

/* The path it was opened with, and its descriptors. All borrowed. */
const char *keystore_path(const struct keystore *ks);
int keystore_fd(const struct keystore *ks);
int keystore_generations_fd(const struct keystore *ks);

/* Take the lock until keystore_unlock() or keystore_close(). 1: another process has it. */
MUST_USE int keystore_lock(struct keystore *ks, struct err *e);
void keystore_unlock(struct keystore *ks);

/* Serializes stage, discard and switch between processes: short, waits. keystore_leave() ends it. */
MUST_USE int keystore_enter(struct keystore *ks, struct err *e);
void keystore_leave(struct keystore *ks);

/* [A-Za-z0-9.-]{1,64} and no dot in front; [A-Za-z0-9._:@+=/-]{1,64} and not "-". */
bool keystore_id_is_valid(struct bytes id);
bool keystore_token_is_valid(struct bytes token);

/* What `current` points to. 1: there is none. -EINVAL: it points elsewhere. */
MUST_USE int keystore_live(const struct keystore *ks, char ret[KEYSTORE_ID_SIZE], struct err *e);

/* Move `current` to the generation by one rename, durably; NULL removes it. */
MUST_USE int keystore_point(struct keystore *ks, const char *id, struct err *e);

enum keystore_presence { KEYSTORE_ABSENT, KEYSTORE_PARTIAL, KEYSTORE_COMPLETE };
enum keystore_presence keystore_presence(const struct keystore *ks, const char *id);

struct keystore_entry {
	char id[KEYSTORE_ID_SIZE];
	bool complete;
	int64_t made_ns; /* modification time of the directory */
};

/* All generations, oldest first, at most KEYSTORE_GENERATIONS_MAX. Returned: free(). */
MUST_USE int keystore_list(const struct keystore *ks, struct keystore_entry **ret, size_t *ret_n, struct err *e);

/* Remove a generation, atomically: it is gone or whole. -ENOENT: there is none. The caller knows that nobody needs it.
 */
MUST_USE int keystore_remove(struct keystore *ks, const char *id, struct err *e);

/* Free bytes of its file system for whoever calls. */
MUST_USE int keystore_free_space(const struct keystore *ks, uint64_t *ret, struct err *e);

/* Write a small file durably: temporary file, fsync, rename, fsync of the directory. */
MUST_USE int keystore_write_file(struct keystore *ks, const char *name, struct bytes content, struct err *e);

/* Read a small file below the directory `dir_fd`, no link followed. -ENOENT, -EFBIG above `max`. Returned in `out`
 * (reset). */
struct buf;
MUST_USE int keystore_read_file(int dir_fd, const char *name, size_t max, struct buf *out, struct err *e);

/* The names of the files of a generation, NULL at the end. */
extern const char *const keystore_files[];

#endif
