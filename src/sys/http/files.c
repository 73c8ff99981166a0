#include "sys/http/files.h"

#include "base/arena.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 1024
#define INDEX "/index.html"
#define ETAG_SIZE 36 /* half a SHA-256 in hex, quotes, NUL */

static const struct {
	const char *suffix, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".woff2", "font/woff2" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".map", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
};

struct file {
	const char *path; /* "/assets/app-1a2b.js" */
	struct bytes plain, packed;
	char etag[ETAG_SIZE];
};

struct http_files {
	struct arena *arena;
	struct file items[HTTP_FILES_MAX];
	size_t n, bytes_n;
};

void http_files_free(struct http_files *f)
{
	if (!f)
		return;
	arena_free(f->arena);
	free(f);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* The place of a path, or f->n. */
static size_t find(const struct http_files *f, const char *path, size_t path_n)
{
	for (size_t i = 0; i < f->n; i++)
		if (strncmp(f->items[i].path, path, path_n) == 0 && f->items[i].path[path_n] == '\0')
			return i;
	return f->n;
}

/* ---- Reading ---- */

static int read_whole(struct http_files *f, int fd, size_t size, struct bytes *ret, struct err *e)
{
	uint8_t *to = arena_alloc(f->arena, size + 1);
	size_t at = 0;

	if (!to)
		return err_nomem(e);
	while (at < size) {
		ssize_t n = read(fd, to + at, size - at);

		if (n < 0)
			return err_errno(e, "read");
		if (n == 0)
			return err_set(e, -EIO, "want %zu bytes, got %zu", size, at);
		at += (size_t)n;
	}
	*ret = bytes_of(to, size);
	return 0;
}

static int make_etag(struct file *file, struct err *e)
{
	uint8_t hash[32];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, file->plain.p, file->plain.n, hash) < 0)
		return err_set(e, -EIO, "hash it");
	file->etag[0] = '"';
	for (size_t i = 0; i < 16; i++)
		(void)snprintf(file->etag + 1 + 2 * i, 3, "%02x", hash[i]);
	file->etag[33] = '"';
	file->etag[34] = '\0';
	return 0;
}

/* The packed form comes behind the plain one: names are read in order. */
static int keep(struct http_files *f, const char *path, struct bytes content, struct err *e)
{
	size_t at = ends_with(path, ".gz") ? find(f, path, strlen(path) - 3) : f->n;
	struct file *file = &f->items[at];

	if (at < f->n) {
		file->packed = content;
		return 0;
	}
	if (f->n == HTTP_FILES_MAX)
		return err_set(e, -E2BIG, "want at most %d files, got more", HTTP_FILES_MAX);
	*file = (struct file) { .path = arena_str(f->arena, bytes_of_str(path)), .plain = content };
	if (!file->path)
		return err_nomem(e);
	f->n++;
	return make_etag(file, e);
}

static int read_directory(struct http_files *f, int fd, const char *path, unsigned depth, struct err *e);

/* `fd` is taken. */
static int read_entry(struct http_files *f, int fd, const char *path, unsigned depth, struct err *e)
{
	struct bytes content = BYTES_NONE;
	struct stat st;
	int r = 0;

	if (fstat(fd, &st) < 0)
		r = err_errno(e, "look");
	if (r == 0 && S_ISDIR(st.st_mode))
		return read_directory(f, fd, path, depth + 1, e);
	if (r == 0 && S_ISREG(st.st_mode)) {
		f->bytes_n += (size_t)st.st_size;
		if (st.st_size > HTTP_FILES_BYTES_MAX || f->bytes_n > HTTP_FILES_BYTES_MAX)
			r = err_set(e, -E2BIG, "want at most %u bytes in all files, got more", HTTP_FILES_BYTES_MAX);
		if (r == 0)
			r = read_whole(f, fd, (size_t)st.st_size, &content, e);
		if (r == 0)
			r = keep(f, path, content, e);
	}
	(void)close(fd);
	return r;
}

static int read_named(struct http_files *f, int dir, const char *above, const char *name, unsigned depth, struct err *e)
{
	char path[PATH_SIZE];
	int fd, r;

	if (name[0] == '.')
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", above, name) >= (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "'%s': want a shorter path", name);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ELOOP ? 0 : err_errno(e, "'%s': open", path);
	r = read_entry(f, fd, path, depth, e);
	return r < 0 ? err_wrap(e, r, "'%s'", path) : 0;
}

/* `fd` is taken. */
static int read_directory(struct http_files *f, int fd, const char *path, unsigned depth, struct err *e)
{
	struct dirent **names = NULL;
	int n, r = 0;

	if (depth > HTTP_FILES_DEPTH_MAX) {
		(void)close(fd);
		return err_set(e, -E2BIG, "want at most %d folders in each other, got more", HTTP_FILES_DEPTH_MAX);
	}
	n = scandirat(fd, ".", &names, NULL, alphasort);
	if (n < 0)
		r = err_errno(e, "list '%s'", path);
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = read_named(f, fd, path, names[i]->d_name, depth, e);
		free(names[i]);
	}
	free(names);
	(void)close(fd);
	return r;
}

int http_files_load(const char *directory, struct http_files **ret, struct err *e)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	struct http_files *f;

	if (fd < 0)
		return err_errno(e, "open directory '%s'", directory);
	f = calloc(1, sizeof(*f));
	if (f)
		f->arena = arena_new(HTTP_FILES_BYTES_MAX + (2u << 20));
	if (!f || !f->arena) {
		(void)close(fd);
		r = err_nomem(e);
	} else {
		r = read_directory(f, fd, "", 0, e);
	}
	if (r == 0 && find(f, INDEX, strlen(INDEX)) == f->n)
		r = err_set(e, -ENOENT, "want a file 'index.html', got none");
	if (r < 0) {
		http_files_free(f);
		return err_wrap(e, r, "files in '%s'", directory);
	}
	*ret = f;
	return 0;
}

/* ---- Serving ---- */

/* RFC 9110 section 12.5.3: is "gzip" listed, and not with the weight 0? */
static bool takes_gzip(const char *accept)
{
	for (const char *p = accept; p && *p; p = *p ? p + 1 : p) {
		const char *end = strchrnul(p, ',');
		struct bytes all = bytes_trim(bytes_of(p, (size_t)(end - p)));
		const uint8_t *parameter = all.n > 0 ? memchr(all.p, ';', all.n) : NULL;
		struct bytes coding = parameter ? bytes_trim(bytes_of(all.p, (size_t)(parameter - all.p))) : all;

		if (bytes_equal_ascii_nocase(coding, bytes_of_str("gzip"))) {
			double weight = 1;

			return !parameter || sscanf((const char *)parameter, "; q=%lf", &weight) != 1 || weight > 0;
		}
		p = end;
	}
	return false;
}

static const char *type_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_N(types); i++)
		if (ends_with(path, types[i].suffix))
			return types[i].type;
	return "application/octet-stream";
}

/* Paths of the console's router look like "/gateways/edge-1"; one with a dot behind its last slash asks for a file. */
static bool is_of_the_router(const char *path)
{
	return !strchr(strrchr(path, '/') ? strrchr(path, '/') : path, '.');
}

static int add_caching(struct http_request *r, const struct file *file, struct err *e)
{
	bool hashed = strncmp(file->path, "/assets/", 8) == 0;
	int done =
		http_answer_header(r, "Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache", e);

	if (done == 0)
		done = http_answer_header(r, "ETag", file->etag, e);
	if (done == 0 && file->packed.n > 0)
		done = http_answer_header(r, "Vary", "Accept-Encoding", e);
	return done;
}

int http_files_answer(const struct http_files *f, struct http_request *r, struct err *e)
{
	const char *path = http_path(r), *seen = http_header(r, "If-None-Match");
	size_t at = find(f, path, strlen(path));
	const struct file *file;
	bool packed;
	int done;

	if (at == f->n && is_of_the_router(path))
		at = find(f, INDEX, strlen(INDEX));
	if (at == f->n)
		return err_set(e, -ENOENT, "there is nothing at this path");
	file = &f->items[at];
	done = add_caching(r, file, e);
	if (done < 0)
		return done;
	if (seen && strstr(seen, file->etag)) {
		http_answer_static(r, 304, NULL, BYTES_NONE);
		return 0;
	}
	packed = file->packed.n > 0 && takes_gzip(http_header(r, "Accept-Encoding"));
	if (packed)
		done = http_answer_header(r, "Content-Encoding", "gzip", e);
	if (done == 0)
		http_answer_static(r, 200, type_of(file->path), packed ? file->packed : file->plain);
	return done;
}
