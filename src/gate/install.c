#include "gate/install.h"

#include "codec/hex.h"
#include "core/pki/compat.h"
#include "gate/failure.h"
#include "gate/local.h"
#include "gate/material.h"
#include "gate/offline.h"
#include "gate/report.h"
#include "gate/stage.h"
#include "sys/clock.h"
#include "sys/crypto/pkey.h"
#include "sys/proc/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSPHRASE_MAX 1024
#define PASSPHRASE_TRIES 3

struct install {
	const struct gate_config *config;
	const struct options *options;
	struct keystore *keystore;
	struct secret *file;
	struct generation *current; /* NULL: the first */
	struct material material;
	struct report report;
	struct findings findings;
};

/*
 * Opening
 */

/* Root works as the keystore's owner: what it writes can be read by the gate, and no link in there can lead it
 * elsewhere. */
static int become_owner(const char *path, struct err *e)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (lstat(path, &st) < 0)
		return err_errno(e, "keystore '%s'", path);
	return st.st_uid == 0 ? 0 : privileges_drop((struct identity) { st.st_uid, st.st_gid }, e);
}

int install_open_keystore(const struct gate_config *config, struct keystore **ret, struct err *e)
{
	struct identity owner = { geteuid(), getegid() };
	int r = 0;

	if (config->user[0] && geteuid() == 0)
		r = identity_of_user(config->user, &owner, e);
	if (r == 0)
		r = keystore_create(config->keystore, owner.uid, owner.gid, e);
	if (r == 0)
		r = become_owner(config->keystore, e);
	return r < 0 ? r : keystore_open(config->keystore, ret, e);
}

/* Bytes as they are (PKCS#12 has NULs), straight into locked memory. */
static int read_secret(int fd, struct secret *to, size_t max, size_t *ret_n, struct err *e)
{
	for (size_t at = 0;;) {
		ssize_t n = read(fd, secret_data(to) + at, max + 1 - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read");
		at += (size_t)n;
		if (at > max)
			return err_set(e, -EFBIG, "want at most %zu bytes, got more", max);
		*ret_n = at;
		if (n == 0)
			return 0;
	}
}

static int read_file(const char *path, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *content = secret_new(BUNDLE_MAX + 1);
	bool standard_input = strcmp(path, "-") == 0;
	size_t n = 0;
	int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return err_errno(e, "open '%s'", path);
	r = content ? read_secret(fd, content, BUNDLE_MAX, &n, e) : err_nomem(e);
	if (!standard_input)
		close(fd);
	if (r < 0)
		return err_wrap(e, r, "'%s'", path);
	secret_truncate(content, n);
	*ret = TAKE(content);
	return 0;
}

static int load_current(struct install *in, struct err *e)
{
	char live[KEYSTORE_ID_SIZE];
	int r = keystore_live(in->keystore, live, e);

	if (r > 0)
		return 0;
	if (r == 0)
		r = generation_read(in->keystore, live, &in->current, e);
	if (r == 0)
		return 0;
	/* Broken. A gate that runs has fallen back and repaired it; without one that is done here. */
	r = offline_repair(in->keystore, e);
	if (r == 0)
		r = keystore_live(in->keystore, live, e);
	return r == 0 ? generation_read(in->keystore, live, &in->current, e) : r > 0 ? 0 : r;
}

/*
 * Taking the file apart
 */

static struct bytes current_root(const struct install *in)
{
	const struct cert_facts *root = in->current ? chain_root(&in->current->chain) : NULL;

	return root ? root->der : BYTES_NONE;
}

static int get_passphrase(const struct options *o, struct secret **ret, struct err *e)
{
	if (o->passphrase_fd >= 0)
		return secret_read_line(o->passphrase_fd, PASSPHRASE_MAX, ret, e);
	return secret_ask("Passphrase of the keystore file: ", PASSPHRASE_MAX, ret, e);
}

static int take_apart(struct install *in, struct err *e)
{
	struct bytes file = secret_bytes(in->file);
	int tries = in->options->passphrase_fd >= 0 ? 1 : PASSPHRASE_TRIES;
	int r = material_read(file, NULL, current_root(in), &in->material, e);

	for (; r > 0 && tries > 0; tries--) {
		CLEANUP(secret_freep) struct secret *passphrase = NULL;

		material_fini(&in->material);
		r = get_passphrase(in->options, &passphrase, e);
		if (r < 0)
			return err_wrap(e, r, "'%s' needs a passphrase", in->options->argument);
		r = material_read(file, passphrase, current_root(in), &in->material, e);
	}
	if (r > 0)
		return err_set(e, -EACCES, "'%s': the passphrase is wrong", in->options->argument);
	if (r < 0)
		return err_wrap(e, r, "'%s'", in->options->argument);
	*e = (struct err) { 0 }; /* that a passphrase was missing at the first try is no news */
	return 0;
}

static bool has_warning(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (finding_severity(f->items[i].id) == FINDING_WARNING)
			return true;
	return false;
}

static int check(struct install *in, struct err *e)
{
	struct chain_facts *chain = &in->material.chain;

	compat_check(in->current ? &in->current->chain : NULL, chain, &COMPAT_POLICY_DEFAULT, clock_wall(),
		     &in->findings);
	findings_sort(&in->findings);
	in->report.findings = &in->findings;
	(void)hex_encode(bytes_of(chain->certs[0].fingerprint, FINGERPRINT_SIZE), in->report.fingerprint);
	if (findings_blocked(&in->findings))
		return err_set(e, FAILURE_INCOMPATIBLE, "'%s' can't replace what is served", in->options->argument);
	if (in->material.root_pem.n == 0)
		return err_set(e, FAILURE_INCOMPATIBLE, "'%s': the root is missing", in->options->argument);
	if (has_warning(&in->findings) && !in->options->force)
		return err_set(e, FAILURE_INCOMPATIBLE, "there are warnings; --force installs in spite of them");
	return 0;
}

/*
 * Staging
 */

/* 20261124T083600Z-01234567: sorts by time, says which certificate. */
static void name_generation(struct install *in)
{
	struct civil_time c = time_to_civil(clock_wall());

	(void)snprintf(in->report.generation, sizeof(in->report.generation), "%04d%02d%02dT%02d%02d%02dZ-%.8s", c.year,
		       c.month, c.day, c.hour, c.min, c.sec, in->report.fingerprint);
}

static int stage_material(struct install *in, struct err *e)
{
	CLEANUP(stage_abandonp) struct stage *st = NULL;
	struct material *m = &in->material;
	int r;

	name_generation(in);
	r = stage_begin(in->keystore, in->report.generation, &st, e);
	if (r == 0)
		r = stage_file(st, "key.pem", secret_bytes(m->key_pem), e);
	if (r == 0)
		r = stage_file(st, "chain.pem", buf_bytes(&m->chain_pem), e);
	if (r == 0)
		r = stage_file(st, "root.pem", buf_bytes(&m->root_pem), e);
	if (r == 0)
		r = stage_finish(TAKE(st), e);
	return r < 0 ? r : 0;
}

static enum exit_code switch_to_it(struct install *in, struct err *e)
{
	char name[256];
	struct local_switch l = {
		.config = in->config,
		.keystore = in->keystore,
		.report = &in->report,
		.confirm_within_s = in->options->confirm_within_s,
		.server_name = local_server_name(&in->material.chain, name, sizeof(name)),
		.remove_on_failure = true,
	};

	return local_switch(&l, e);
}

static enum exit_code perform(struct install *in, struct err *e)
{
	int r = read_file(in->options->argument, &in->file, e);

	if (r == 0)
		r = install_open_keystore(in->config, &in->keystore, e);
	if (r == 0)
		r = load_current(in, e);
	if (r == 0)
		r = take_apart(in, e);
	if (r == 0)
		r = check(in, e);
	if (r == FAILURE_INCOMPATIBLE || r == FAILURE_MISMATCH)
		in->report.outcome = "refused";
	if (r == 0)
		r = stage_material(in, e);
	return r < 0 ? exit_code_of(r) : switch_to_it(in, e);
}

enum exit_code install_run(const struct gate_config *config, const struct options *options)
{
	CLEANUP(util_freep) struct install *in = calloc(1, sizeof(*in));
	enum exit_code code;

	if (!in)
		return EXIT_FAILED;
	in->config = config;
	in->options = options;
	in->report.outcome = "failed";
	code = perform(in, &in->report.detail);
	report_print(&in->report, options->json);
	secret_free(in->file);
	material_fini(&in->material);
	generation_free(in->current);
	keystore_close(in->keystore);
	return code;
}
