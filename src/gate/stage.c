#include "gate/stage.h"

#include "base/buf.h"
#include "gate/failure.h"
#include "gate/pending.h"
#include "sys/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct stage {
	struct keystore *ks;
	char id[KEYSTORE_ID_SIZE];
	char name[32]; /* of the hidden directory */
	int fd;
	int file_fd;
	const char *file_name;
	uint64_t file_size;
	crypto_hash_sha256_state hash;
};

void stage_hash(struct bytes data, uint8_t ret[STAGE_HASH_SIZE])
{
	(void)crypto_hash_sha256(ret, data.p, data.n);
}

/* The lock is taken before anybody else may look: the sweep runs under the same entry. */
static int make_directory(struct stage *s, struct err *e)
{
	uint32_t random = randombytes_random();

	(void)snprintf(s->name, sizeof(s->name), ".stage-%08x", random);
	if (mkdirat(keystore_generations_fd(s->ks), s->name, 0700) < 0)
		return err_errno(e, "make a directory for generation '%s'", s->id);
	s->fd = openat(keystore_generations_fd(s->ks), s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0 || flock(s->fd, LOCK_EX | LOCK_NB) < 0)
		return err_errno(e, "open the directory of generation '%s'", s->id);
	return 0;
}

int stage_begin(struct keystore *ks, const char *id, struct stage **ret, struct err *e)
{
	CLEANUP(stage_abandonp) struct stage *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_nomem(e);
	s->ks = ks;
	s->fd = s->file_fd = -1;
	(void)snprintf(s->id, sizeof(s->id), "%s", id);
	r = keystore_enter(ks, e);
	if (r < 0)
		return r;
	r = make_directory(s, e);
	keystore_leave(ks);
	if (r < 0)
		return r;
	*ret = TAKE(s);
	return 0;
}

static const char *known_file(const char *name)
{
	for (size_t i = 0; keystore_files[i]; i++)
		if (strcmp(keystore_files[i], name) == 0)
			return keystore_files[i];
	return NULL;
}

int stage_file_open(struct stage *s, const char *name, struct err *e)
{
	s->file_name = known_file(name);
	if (!s->file_name)
		return err_set(e, -EINVAL, "file '%s': want one of key.pem, chain.pem, root.pem", name);
	s->file_fd = openat(s->fd, s->file_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->file_fd < 0 && errno == EEXIST)
		return err_set(e, -EINVAL, "file '%s' comes twice", name);
	if (s->file_fd < 0)
		return err_errno(e, "make %s", name);
	s->file_size = 0;
	(void)crypto_hash_sha256_init(&s->hash);
	return 0;
}

int stage_file_write(struct stage *s, struct bytes data, struct err *e)
{
	(void)crypto_hash_sha256_update(&s->hash, data.p, data.n);
	s->file_size += data.n;
	return io_write_all(s->file_fd, data) < 0 ? err_errno(e, "write %s", s->file_name) : 0;
}

static int close_file(struct stage *s, struct err *e)
{
	int r = fsync(s->file_fd) < 0 ? err_errno(e, "sync %s", s->file_name) : 0;

	if (close(s->file_fd) < 0 && r == 0)
		r = err_errno(e, "close %s", s->file_name);
	s->file_fd = -1;
	return r;
}

/* What was hashed is what came; the file is read back so that what is verified is what lies there. */
static int hash_file(const struct stage *s, uint8_t ret[STAGE_HASH_SIZE], uint64_t *ret_size, struct err *e)
{
	struct buf content;
	int r;

	buf_init(&content, LIMIT_KEYSTORE_FILE_MAX + 4096);
	r = keystore_read_file(s->fd, s->file_name, LIMIT_KEYSTORE_FILE_MAX, &content, e);
	if (r == 0) {
		stage_hash(buf_bytes(&content), ret);
		*ret_size = content.n;
	}
	buf_wipe(&content);
	return r;
}

int stage_file_close(struct stage *s, uint64_t size, const uint8_t sha256[STAGE_HASH_SIZE], struct err *e)
{
	uint8_t came[STAGE_HASH_SIZE], lies[STAGE_HASH_SIZE];
	uint64_t lies_size = 0;
	int r = close_file(s, e);

	if (r < 0)
		return r;
	(void)crypto_hash_sha256_final(&s->hash, came);
	if (s->file_size != size)
		return err_set(e, FAILURE_MISMATCH, "size of %s: want %llu, got %llu", s->file_name,
			       (unsigned long long)size, (unsigned long long)s->file_size);
	if (memcmp(came, sha256, sizeof(came)) != 0)
		return err_set(e, FAILURE_MISMATCH, "SHA-256 of %s differs from the one announced", s->file_name);
	r = hash_file(s, lies, &lies_size, e);
	if (r < 0)
		return r;
	if (lies_size != size || memcmp(lies, sha256, sizeof(lies)) != 0)
		return err_set(e, FAILURE_MISMATCH, "%s differs on the disk from what was written", s->file_name);
	return 0;
}

int stage_file(struct stage *s, const char *name, struct bytes content, struct err *e)
{
	uint8_t sha256[STAGE_HASH_SIZE];
	int r = stage_file_open(s, name, e);

	if (r == 0)
		r = stage_file_write(s, content, e);
	if (r < 0)
		return r;
	stage_hash(content, sha256);
	return stage_file_close(s, content.n, sha256, e);
}

int stage_fd(const struct stage *s)
{
	return s->fd;
}

static bool same_file(int a_fd, int b_fd, const char *name)
{
	struct buf a, b;
	bool same;

	buf_init(&a, LIMIT_KEYSTORE_FILE_MAX + 4096);
	buf_init(&b, LIMIT_KEYSTORE_FILE_MAX + 4096);
	same = keystore_read_file(a_fd, name, LIMIT_KEYSTORE_FILE_MAX, &a, NULL) == 0 &&
	       keystore_read_file(b_fd, name, LIMIT_KEYSTORE_FILE_MAX, &b, NULL) == 0 &&
	       bytes_equal(buf_bytes(&a), buf_bytes(&b));
	buf_wipe(&a);
	buf_wipe(&b);
	return same;
}

static bool same_generation(const struct stage *s)
{
	int fd = openat(keystore_generations_fd(s->ks), s->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool same = fd >= 0;

	for (size_t i = 0; same && keystore_files[i]; i++)
		same = same_file(fd, s->fd, keystore_files[i]);
	if (fd >= 0)
		close(fd);
	return same;
}

static int missing_file(const struct stage *s, struct err *e)
{
	struct stat st;

	for (size_t i = 0; keystore_files[i]; i++)
		if (fstatat(s->fd, keystore_files[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			return err_set(e, -EINVAL, "generation '%s': want %s, got none", s->id, keystore_files[i]);
	return 0;
}

static int publish(struct stage *s, struct err *e)
{
	int parent = keystore_generations_fd(s->ks), known = 0, r;

	switch (keystore_presence(s->ks, s->id)) {
	case KEYSTORE_COMPLETE:
		if (!same_generation(s))
			return err_set(e, -EEXIST, "generation '%s' exists with other content", s->id);
		known = 1; /* whoever named it may not have come to the sync below */
		break;
	case KEYSTORE_PARTIAL:
		return err_set(e, -EEXIST, "generation '%s' exists and is not complete; discard it first", s->id);
	case KEYSTORE_ABSENT:
		r = history_forget(s->ks, s->id, e);
		if (r < 0)
			return r;
		if (renameat(parent, s->name, parent, s->id) < 0)
			return err_errno(e, "give generation '%s' its name", s->id);
		s->name[0] = '\0';
		break;
	}
	if (fsync(parent) < 0)
		return err_errno(e, "sync 'generations' of keystore '%s'", keystore_path(s->ks));
	return known;
}

int stage_finish(struct stage *s, struct err *e)
{
	int r = missing_file(s, e);

	if (r == 0 && fsync(s->fd) < 0)
		r = err_errno(e, "sync the directory of generation '%s'", s->id);
	if (r == 0)
		r = keystore_enter(s->ks, e);
	if (r == 0) {
		r = publish(s, e);
		keystore_leave(s->ks);
	}
	stage_abandon(s);
	return r;
}

void stage_abandon(struct stage *s)
{
	if (!s)
		return;
	if (s->file_fd >= 0)
		close(s->file_fd);
	for (size_t i = 0; s->fd >= 0 && s->name[0] && keystore_files[i]; i++)
		(void)unlinkat(s->fd, keystore_files[i], 0);
	if (s->fd >= 0)
		close(s->fd);
	if (s->name[0])
		(void)unlinkat(keystore_generations_fd(s->ks), s->name, AT_REMOVEDIR);
	free(s);
}

static int refuse_needed(const struct keystore *ks, const char *id, struct err *e)
{
	char live[KEYSTORE_ID_SIZE] = "";
	struct pending p = { .old_id = "", .new_id = "" };
	int r = keystore_live(ks, live, e);

	if (r >= 0)
		r = pending_read(ks, &p, e);
	if (r < 0)
		return r;
	if (strcmp(live, id) == 0 || strcmp(p.old_id, id) == 0 || strcmp(p.new_id, id) == 0)
		return err_set(e, -EBUSY, "generation '%s' is live or takes part in a pending switch", id);
	return 0;
}

int stage_discard(struct keystore *ks, const char *id, struct err *e)
{
	int r = keystore_enter(ks, e);

	if (r < 0)
		return r;
	r = refuse_needed(ks, id, e);
	if (r == 0 && keystore_presence(ks, id) == KEYSTORE_ABSENT)
		r = err_set(e, -ENOENT, "there is no generation '%s'", id);
	if (r == 0)
		r = keystore_remove(ks, id, e);
	keystore_leave(ks);
	return r;
}
