#include "gate/generation.h"

#include "codec/hex.h"
#include "core/pki/compat.h"
#include "gate/failure.h"
#include "sys/crypto/pkey.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GENERATION_ARENA_MAX (8u * 1024 * 1024)

static int read_key(int dir_fd, struct generation *g, struct err *e)
{
	struct buf text;
	int r;

	buf_init(&text, LIMIT_KEYSTORE_FILE_MAX + 4096);
	r = keystore_read_file(dir_fd, "key.pem", LIMIT_KEYSTORE_FILE_MAX, &text, e);
	if (r == 0) {
		g->key_pem = secret_of(buf_bytes(&text));
		if (!g->key_pem)
			r = err_nomem(e);
	}
	buf_wipe(&text);
	return r;
}

static int read_ders(int dir_fd, const char *name, struct arena *a, struct buf *text, struct bytes *ders, size_t *ret_n,
		     struct err *e)
{
	int r = keystore_read_file(dir_fd, name, LIMIT_KEYSTORE_FILE_MAX, text, e);

	if (r == 0)
		r = x509_pem_to_ders(buf_bytes(text), a, ders, FACTS_CHAIN_MAX, ret_n, e);
	if (r < 0)
		return err_wrap(e, r, "%s", name);
	return *ret_n > 0 ? 0 : err_set(e, -EINVAL, "%s: want a certificate in PEM, got none", name);
}

static int read_chain(int dir_fd, struct generation *g, struct err *e)
{
	struct bytes pool[2 * FACTS_CHAIN_MAX];
	struct buf root_pem;
	size_t chain_n = 0, roots_n = 0;
	int r = read_ders(dir_fd, "chain.pem", g->arena, &g->chain_pem, pool, &chain_n, e);

	if (r < 0)
		return r;
	buf_init(&root_pem, LIMIT_KEYSTORE_FILE_MAX + 4096);
	r = read_ders(dir_fd, "root.pem", g->arena, &root_pem, pool + chain_n, &roots_n, e);
	buf_fini(&root_pem);
	if (r == 0)
		r = x509_chain_build(pool[0], pool + 1, chain_n - 1 + roots_n, g->arena, &g->chain, e);
	if (r < 0)
		return r;
	if (!chain_root(&g->chain))
		return err_set(e, FAILURE_MISMATCH,
			       "chain.pem: an issuer is missing: the chain does not reach root.pem");
	for (size_t i = 0; i < roots_n; i++)
		if (bytes_equal(pool[chain_n + i], chain_root(&g->chain)->der))
			return 0;
	return err_set(e, FAILURE_MISMATCH, "root.pem: the chain ends at another root, '%s'",
		       chain_root(&g->chain)->subject_text);
}

static int match_key(struct generation *g, struct err *e)
{
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	int r = pkey_from_pem(secret_bytes(g->key_pem), NULL, &key, e);

	if (r > 0)
		return err_set(e, -EINVAL, "key.pem: want a private key without a passphrase, got an encrypted one");
	if (r < 0)
		return err_wrap(e, r, "key.pem");
	g->chain.has_key = true;
	g->chain.key_matches = pkey_matches(key, generation_leaf(g));
	if (!g->chain.key_matches)
		return err_set(e, FAILURE_MISMATCH, "key.pem does not belong to the certificate '%s' of chain.pem",
			       generation_leaf(g)->subject_text);
	return 0;
}

int generation_read_at(int dir_fd, const char *id, struct generation **ret, struct err *e)
{
	CLEANUP(generation_freep) struct generation *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return err_nomem(e);
	(void)snprintf(g->id, sizeof(g->id), "%s", id);
	buf_init(&g->chain_pem, LIMIT_KEYSTORE_FILE_MAX + 4096);
	g->arena = arena_new(GENERATION_ARENA_MAX);
	if (!g->arena)
		return err_nomem(e);
	r = read_chain(dir_fd, g, e);
	if (r == 0)
		r = read_key(dir_fd, g, e);
	if (r == 0)
		r = match_key(g, e);
	if (r < 0)
		return err_wrap(e, r == -EINVAL ? FAILURE_INCOMPATIBLE : r, "generation '%s'", id);
	(void)hex_encode(bytes_of(generation_leaf(g)->fingerprint, FINGERPRINT_SIZE), g->fingerprint);
	*ret = TAKE(g);
	return 0;
}

int generation_read(const struct keystore *ks, const char *id, struct generation **ret, struct err *e)
{
	int fd = openat(keystore_generations_fd(ks), id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, -ENOENT, "there is no generation '%s'", id);
	if (fd < 0)
		return err_errno(e, "open generation '%s'", id);
	r = generation_read_at(fd, id, ret, e);
	close(fd);
	return r;
}

void generation_free(struct generation *g)
{
	if (!g)
		return;
	secret_free(g->key_pem);
	buf_fini(&g->chain_pem);
	arena_free(g->arena);
	free(g);
}

void generation_check(const struct generation *g, const struct generation *current, bool proven, struct wall_time now,
		      struct findings *ret)
{
	if (proven)
		compat_check_chain(&g->chain, &COMPAT_POLICY_DEFAULT, now, ret);
	else
		compat_check(current ? &current->chain : NULL, &g->chain, &COMPAT_POLICY_DEFAULT, now, ret);
	findings_sort(ret);
}

int generation_refusal(const char *id, const struct findings *f, bool warnings, struct err *e)
{
	struct buf text;
	const char *s;
	int r;

	buf_init(&text, 16384);
	for (size_t i = 0; i < f->n; i++) {
		enum finding_severity severity = finding_severity(f->items[i].id);

		if (severity == FINDING_BLOCKER || (warnings && severity == FINDING_WARNING))
			buf_printf(&text, "%s%s: %s", text.n > 0 ? "; " : "", finding_word(f->items[i].id),
				   f->items[i].text);
	}
	s = buf_str(&text);
	r = err_set(e, FAILURE_INCOMPATIBLE, "generation '%s' is refused: %s", id, s ? s : "out of memory");
	buf_fini(&text);
	return r;
}
