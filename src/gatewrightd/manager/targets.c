#include "gatewrightd/manager/targets.h"

#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".conf"
#define ARENA_MAX (8u * 1024 * 1024)

struct targets {
	struct arena *arena;
	struct target items[TARGETS_MAX];
	struct bytes texts[TARGETS_MAX];
	size_t n;
};

void targets_free(struct targets *t)
{
	if (!t)
		return;
	arena_free(t->arena);
	free(t);
}

static int read_text(int dir, const char *name, struct buf *out, struct err *e)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = -1;

	if (fd < 0)
		return err_errno(e, "open");
	for (;;) {
		uint8_t *to = buf_reserve(out, 4096);

		n = to ? read(fd, to, 4096) : -1;
		if (n <= 0)
			break;
		buf_added(out, (size_t)n);
	}
	(void)close(fd);
	if (buf_bad(out))
		return err_set(e, -EINVAL, "want at most %d bytes", TARGET_TEXT_MAX);
	return n < 0 ? err_errno(e, "read") : 0;
}

static int add(struct targets *t, struct bytes text, struct err *e)
{
	int r = target_parse(text, t->arena, &t->items[t->n], e);

	if (r < 0)
		return r;
	if (targets_find(t, t->items[t->n].name, NULL))
		return err_set(e, -EEXIST, "a target '%s' is there already", t->items[t->n].name);
	if (!arena_bytes(t->arena, text, &t->texts[t->n]))
		return err_nomem(e);
	t->n++;
	return 0;
}

static void load_file(struct targets *t, int dir, const char *name)
{
	struct err e = { 0 };
	struct buf text;
	int r;

	buf_init(&text, TARGET_TEXT_MAX + 4096); /* a read asks for 4096 at once; target_parse() has the limit */
	r = read_text(dir, name, &text, &e);
	if (r == 0)
		r = t->n < TARGETS_MAX ? add(t, buf_bytes(&text), &e)
				       : err_set(&e, -E2BIG, "want at most %d files", TARGETS_MAX);
	if (r < 0)
		log_warning("target file '%s' is left out: %s", name, err_text(&e));
	buf_fini(&text);
}

static int is_target_file(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > strlen(SUFFIX) && strcmp(d->d_name + n - strlen(SUFFIX), SUFFIX) == 0;
}

int targets_load(const char *directory, struct targets **ret, struct err *e)
{
	struct targets *t = calloc(1, sizeof(*t));
	struct dirent **names = NULL;
	int dir, n;

	if (!t)
		return err_nomem(e);
	t->arena = arena_new(ARENA_MAX);
	dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n = dir >= 0 ? scandirat(dir, ".", &names, is_target_file, alphasort) : -1;
	if (n < 0 || !t->arena) {
		int r = t->arena ? err_errno(e, "target files in '%s'", directory) : err_nomem(e);

		if (dir >= 0)
			(void)close(dir);
		targets_free(t);
		return r;
	}
	for (int i = 0; i < n; i++) {
		load_file(t, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	(void)close(dir);
	*ret = t;
	return 0;
}

size_t targets_n(const struct targets *t)
{
	return t->n;
}

const struct target *targets_at(const struct targets *t, size_t i)
{
	return &t->items[i];
}

const struct target *targets_find(const struct targets *t, const char *name, struct bytes *ret_text)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->items[i].name, name) != 0)
			continue;
		if (ret_text)
			*ret_text = t->texts[i];
		return &t->items[i];
	}
	return NULL;
}
