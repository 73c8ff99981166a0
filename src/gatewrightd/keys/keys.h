/*
 * The keys process: the only holder of private keys. It takes requests from channels (one per manager, one per deploy
 *process, one of the parent), checks that the sender may ask, checks every field again, and answers. It has no file, no
 *network, no database.
 *
 *	channel.c	who may ask what; the poll loop; answers and refusals
 *	fields.c	which fields a request has, how many and how long
 *	sealed.c	sealed blobs to keys, with the checks that belong to a purpose
 *	issue.c		KEYS_ISSUE: check, build with a throw-away key, lint, sign, lint, verify, seal
 *	import.c	KEYS_IMPORT
 *	export.c	KEYS_EXPORT, KEYS_CHECK_KEY, KEYS_RELEASE
 *	proof.c		KEYS_SIGN_PROOF
 *	totp.c		KEYS_TOTP_NEW, KEYS_TOTP_CHECK
 *	head.c		KEYS_SIGN_HEAD, KEYS_LAST_HEAD: the last head of the audit log
 *	files.c		the files of STATE/keys, before the sandbox closes
 *	main.c		the order of all that
 */
#ifndef GW_GATEWRIGHTD_KEYS_KEYS_H
#define GW_GATEWRIGHTD_KEYS_KEYS_H

#include "base/arena.h"
#include "codec/wire.h"
#include "core/pki/findings.h"
#include "gatewrightd/requests.h"
#include "sys/crypto/pkey.h"
#include "sys/crypto/seal.h"
#include "sys/secret.h"

#define PROOF_SEED_SIZE 32
#define PROOF_PUBLIC_SIZE 32
#define PROOF_SIGNATURE_SIZE 64
#define HEAD_CONTEXT "gatewright 1 audit head\n" /* before a head when it is signed; core/audit says the same */
#define HEAD_TEXT_MAX 256			 /* bytes of a head of the audit log */

/* The world, so that tests bring their own. */
struct keys_world {
	struct wall_time (*now)(void *context);
	int (*random)(void *context, uint8_t *out, size_t n, struct err *e);
	void *context;
};

struct keys;

/* `kek` and `proof_seed` are taken. NULL without memory. Returned: keys_free(). */
struct keys *keys_new(struct secret *kek, struct secret *proof_seed, struct keys_world world);
void keys_free(struct keys *k);
DEFINE_CLEANUP(struct keys, keys_free);

/* Serve `fd` (taken) as a channel of `who`. -EMFILE: as many channels as may be; fd is closed then too. */
MUST_USE int keys_add_channel(struct keys *k, int fd, enum who who, struct err *e);

/*
 * Wait for requests (`timeout_ms` -1: for ever) and answer at most one of each channel. 1: the manager's or the
 * parent's channel ended, so this process does too. Negative: the manager's or the parent's channel is broken.
 */
MUST_USE int keys_step(struct keys *k, int timeout_ms, struct err *e);

/*
 * Keep the last head of the audit log in the file `fd` (taken), open for reading and writing; reads what is there. A
 * damaged file is an error: somebody wrote it.
 */
MUST_USE int keys_keep_head(struct keys *k, int fd, struct err *e);

/* The file for it in STATE/keys, made when absent. */
MUST_USE int keys_head_file_open(int dir_fd, int *ret_fd, struct err *e);

/* STATE/keys: read the key-encryption key and the proof key, or make them at first start. Returned: secret_free(). */
MUST_USE int keys_files_open(int dir_fd, struct secret **ret_kek, struct secret **ret_proof_seed, struct err *e);

#endif
