#include "gatewrightd/keys/keys.h"
#include "base/log.h"
#include "gatewrightd/roles.h"
#include "sys/clock.h"
#include "sys/crypto/totp.h"
#include "sys/proc/privileges.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

static struct wall_time world_now(void *context)
{
	(void)context;
	return clock_wall();
}

static int world_random(void *context, uint8_t *out, size_t n, struct err *e)
{
	(void)context;
	while (n > 0) {
		ssize_t got = getrandom(out, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_errno(e, "get random bytes");
		out += got;
		n -= (size_t)got;
	}
	return 0;
}

static int drop_to_user(const struct gatewrightd_config *cfg, struct err *e)
{
	const char *user = cfg->keys_user[0] ? cfg->keys_user : cfg->user;
	struct identity id;
	int r;

	if (geteuid() != 0 || !user[0])
		return 0;
	r = identity_of_user(user, &id, e);
	return r < 0 ? r : privileges_drop(id, e);
}

/*
 * Libraries fetch and load what they need at the first use; after the sandbox they can't. So the first use is here: a
 * root and a keystore for nobody.
 */
static int warm_up(struct err *e)
{
	static const uint8_t random[16] = { 1 };
	const struct cert_request request = { .kind = CERT_ROOT, .display_name = "warm up", .path_len = -1 };
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	CLEANUP(secret_freep) struct secret *passphrase = secret_of(bytes_of_str("of no keystore"));
	struct findings *findings = arena ? arena_alloc(arena, sizeof(*findings)) : NULL;
	struct bundle bundle = { .n = 0 };
	struct cert_profile profile;
	struct buf der, p12;
	struct bytes chain;
	uint32_t code;
	int r;

	if (!findings || !passphrase)
		return err_nomem(e);
	buf_init(&der, X509_DER_MAX);
	buf_init(&p12, X509_DER_MAX);
	r = profile_make(&request, NULL, clock_wall(), random, arena, &profile, findings, e);
	if (r == 0)
		r = pkey_generate(profile.key, &key, e);
	if (r == 0)
		r = x509_issue(&profile, key, NULL, NULL, &der, e);
	chain = buf_bytes(&der);
	if (r == 0)
		r = pkcs12_write(key, &chain, 1, "warm up", passphrase, &p12, e);
	if (r == 0)
		r = bundle_read(buf_bytes(&p12), passphrase, arena, &bundle, e);
	if (r == 0)
		r = totp_code(secret_bytes(passphrase), 1, &code, e);
	bundle_fini(&bundle);
	buf_wipe(&p12);
	buf_fini(&der);
	return r < 0 ? err_wrap(e, r, "warm up") : 0;
}

static int start(const struct gatewrightd_config *cfg, int parent_fd, int keys_dir_fd, int manager_fd,
		 struct keys **ret, struct err *e)
{
	CLEANUP(keys_freep) struct keys *k = NULL;
	struct secret *kek = NULL, *seed = NULL;
	int head_fd = -1, r = keys_files_open(keys_dir_fd, &kek, &seed, e);

	if (r < 0)
		return err_wrap(e, r, "directory '%s/%s'", cfg->state_dir, STATE_KEYS_DIR);
	k = keys_new(kek, seed, (struct keys_world) { world_now, world_random, NULL });
	if (!k)
		return err_nomem(e);
	r = keys_head_file_open(keys_dir_fd, &head_fd, e);
	(void)close(keys_dir_fd);
	if (r == 0)
		r = keys_keep_head(k, head_fd, e);
	if (r < 0)
		return err_wrap(e, r, "directory '%s/%s'", cfg->state_dir, STATE_KEYS_DIR);
	r = keys_add_channel(k, parent_fd, WHO_PARENT, e);
	if (r == 0)
		r = keys_add_channel(k, manager_fd, WHO_MANAGER, e);
	if (r == 0)
		r = drop_to_user(cfg, e);
	/* Changing the user makes a process visible to its new user again. */
	if (r == 0)
		r = privileges_hide_memory(e);
	if (r == 0)
		r = warm_up(e);
	if (r < 0)
		return r;
	if (!privileges_lock_memory())
		log_info("only secrets are locked in memory, not the whole process (want an unlimited RLIMIT_MEMLOCK)");
	*ret = TAKE(k);
	return 0;
}

int keys_main(const struct gatewrightd_config *cfg, int parent_fd, int keys_dir_fd, int manager_fd)
{
	CLEANUP(keys_freep) struct keys *k = NULL;
	struct err e = { 0 };
	int r;

	secret_init();
	secret_init_key_heap();
	(void)signal(SIGPIPE, SIG_IGN);
	r = start(cfg, parent_fd, keys_dir_fd, manager_fd, &k, &e);
	if (r == 0)
		r = role_enter_sandbox(ROLE_KEYS, cfg, NULL, &e);
	if (r == 0)
		r = role_ready(parent_fd, &e);
	while (r == 0)
		r = keys_step(k, -1, &e);
	if (r < 0)
		log_error("%s", err_text(&e));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
