#include "gatewrightd/deploy/stage.h"
#include "base/limits.h"

#include "gatewrightd/messages.h"
#include "sys/crypto/pkey.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <sodium.h>

#define BLOCK 4096 /* a file takes whole blocks, and a directory one of its own */

int64_t stage_need_bytes(const struct job *j)
{
	int64_t chain = 0;

	for (size_t i = 0; i < j->new_chain->n; i++)
		chain += (int64_t)j->new_chain->certs[i].der.n * 2;
	/* key and chain in each file at the most, and twice, because the live files may be written beside the
	 * generation */
	return 2 * ((int64_t)j->target.files_n * (chain + 2 * BLOCK) + 4 * BLOCK);
}

static int release_key(const struct job *j, int keys_fd, struct secret **ret, struct err *e)
{
	struct wire_message m;
	struct buf request, answer;
	struct bytes pem;
	int r;

	buf_init(&request, WIRE_MESSAGE_MAX);
	buf_init(&answer, WIRE_MESSAGE_MAX);
	wire_begin(&request, MSG_KEYS_RELEASE, 0);
	wire_add(&request, FIELD_SEALED_KEY, j->sealed_key);
	wire_add(&request, FIELD_CERTIFICATE, j->new_chain->certs[0].der);
	r = ipc_call(keys_fd, &request, &answer, &m, NULL, LIMIT_KEY_RELEASE_MS, e);
	if (r == 0) {
		pem = wire_get(&m, FIELD_KEY_PEM);
		*ret = pem.n > 0 ? secret_of(pem) : NULL;
		r = *ret ? 0 : err_set(e, -EPROTO, "the keys process answered without a key");
	}
	buf_wipe(&answer);
	buf_fini(&request);
	return r < 0 ? err_wrap(e, r, "private key of the new certificate") : 0;
}

/* What goes to the host must work there: the key and the certificate belong together. */
static int check_key(const struct job *j, const struct secret *pem, struct err *e)
{
	CLEANUP(pkey_freep) struct pkey *k = NULL;
	int r = pkey_from_pem(secret_bytes(pem), NULL, &k, e);

	if (r != 0)
		return r < 0 ? r : err_set(e, -EINVAL, "the private key is encrypted");
	if (!pkey_matches(k, &j->new_chain->certs[0]))
		return err_set(e, -EINVAL, "the private key does not belong to the new certificate: nothing was sent");
	return 0;
}

/* Certificates first..last (exclusive) of the new chain as PEM. */
static int add_certs(const struct job *j, size_t first, size_t last, struct buf *out, struct err *e)
{
	int r = 0;

	for (size_t i = first; i < last && r == 0; i++)
		r = x509_der_to_pem(j->new_chain->certs[i].der, out, e);
	return r;
}

static void add_key(const struct secret *key, struct buf *out)
{
	struct bytes pem = secret_bytes(key);

	buf_add(out, pem);
	if (pem.n > 0 && pem.p[pem.n - 1] != '\n')
		buf_add_u8(out, '\n');
}

static int add_root(const struct job *j, struct buf *out, struct err *e)
{
	if (!j->new_chain->complete)
		return err_set(e, -EINVAL, "the target wants the root, and the chain of the new certificate has none");
	return add_certs(j, j->new_chain->n - 1, j->new_chain->n, out, e);
}

static int add_form(const struct job *j, enum target_form form, const struct secret *key, struct buf *out,
		    struct err *e)
{
	size_t end = j->new_chain->complete ? j->new_chain->n - 1 : j->new_chain->n; /* without the root */

	switch (form) {
	case FORM_KEY:
		add_key(key, out);
		return 0;
	case FORM_CERTIFICATE:
		return add_certs(j, 0, 1, out, e);
	case FORM_CHAIN:
		/* a leaf right below the root has no intermediates, and a file without any certificate is an error for
		 * most readers */
		return end > 1 ? add_certs(j, 1, end, out, e) : add_root(j, out, e);
	case FORM_FULLCHAIN:
		return add_certs(j, 0, end, out, e);
	case FORM_BUNDLE:
		add_key(key, out);
		return add_certs(j, 0, end, out, e);
	case FORM_ROOT:
		return add_root(j, out, e);
	case FORM_N:
		break;
	}
	return err_set(e, -EINVAL, "a file of no known form");
}

static int put_file(const struct job *j, const struct target_stage_file *f, const struct secret *key, struct buf *out,
		    struct err *e)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	struct buf content;
	int r;

	buf_init(&content, LIMIT_STAGE_FILE_MAX);
	r = add_form(j, f->form, key, &content, e);
	if (r == 0 && buf_bad(&content))
		r = err_set(e, -EINVAL, "file '%s' for the host: want at most %d bytes, got more", f->name,
			    LIMIT_STAGE_FILE_MAX);
	if (r == 0) {
		(void)crypto_hash_sha256(hash, content.p, content.n);
		hostproto_put_file(out, f->name, buf_bytes(&content), hash);
	}
	buf_wipe(&content);
	return r;
}

static int put_files(const struct job *j, const struct secret *key, struct buf *out, struct err *e)
{
	struct target_stage_file files[TARGET_FILES_MAX];
	size_t n = 0;
	int r = target_stage_list(&j->target, &j->values, j->arena, files, &n, e);

	if (r < 0)
		return r;
	hostproto_put_stage(out, j->generation, n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_file(j, &files[i], key, out, e);
	return r == 0 && buf_bad(out)
		       ? err_set(e, -EINVAL, "the files for the host are larger than %d bytes", LIMIT_STAGE_REQUEST_MAX)
		       : r;
}

int stage_request(const struct job *j, int keys_fd, struct buf *out, struct err *e)
{
	CLEANUP(secret_freep) struct secret *key = NULL;
	int r = release_key(j, keys_fd, &key, e);

	if (r == 0)
		r = check_key(j, key, e);
	return r == 0 ? put_files(j, key, out, e) : r;
}
