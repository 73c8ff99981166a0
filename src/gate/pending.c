#include "gate/pending.h"

#include "base/buf.h"
#include "base/rd.h"
#include "gate/words.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void pending_format(const struct pending *p, struct buf *out)
{
	buf_printf(out, "token %s\nold %s\nnew %s\nboot %s\ndeadline %lld\n", p->token, p->old_id, p->new_id, p->boot,
		   (long long)p->deadline.s);
}

/* "name value\n" with that very name; the value is copied with a NUL. */
static bool read_field(struct rd *r, const char *name, char *out, size_t size)
{
	bool newline, space;
	struct rd line = rd_of(rd_until(r, '\n', &newline));
	struct bytes key = rd_until(&line, ' ', &space), value = line.rest;

	if (!newline || !space || !bytes_equal_str(key, name) || value.n == 0 || value.n >= size ||
	    bytes_has_control(value))
		return false;
	memcpy(out, value.p, value.n);
	out[value.n] = '\0';
	return true;
}

bool pending_parse(struct bytes text, struct pending *ret)
{
	struct rd r = rd_of(text);
	struct pending p = { 0 };
	uint64_t deadline_s;
	char deadline[32];

	if (!read_field(&r, "token", p.token, sizeof(p.token)) || !read_field(&r, "old", p.old_id, sizeof(p.old_id)) ||
	    !read_field(&r, "new", p.new_id, sizeof(p.new_id)) || !read_field(&r, "boot", p.boot, sizeof(p.boot)) ||
	    !read_field(&r, "deadline", deadline, sizeof(deadline)) || !rd_done(&r))
		return false;
	if (!keystore_token_is_valid(bytes_of_str(p.token)) || !keystore_id_is_valid(bytes_of_str(p.new_id)))
		return false;
	if (strcmp(p.old_id, "-") != 0 && !keystore_id_is_valid(bytes_of_str(p.old_id)))
		return false;
	if (!words_number(bytes_of_str(deadline), INT64_MAX, &deadline_s))
		return false;
	p.deadline.s = (int64_t)deadline_s;
	*ret = p;
	return true;
}

int pending_read(const struct keystore *ks, struct pending *ret, struct err *e)
{
	struct buf text;
	bool parsed;
	int r;

	buf_init(&text, LIMIT_KEYSTORE_RECORD_MAX + 4096);
	r = keystore_read_file(keystore_fd(ks), "pending", LIMIT_KEYSTORE_RECORD_MAX, &text, e);
	parsed = r == 0 && pending_parse(buf_bytes(&text), ret);
	buf_fini(&text);
	if (r == -ENOENT)
		return 1;
	if (r < 0 && r != -EFBIG && r != -ELOOP && r != -EINVAL) /* too long, a link, no file: as damaged as any */
		return err_wrap(e, r, "keystore '%s'", keystore_path(ks));
	return parsed ? 0 : err_set(e, -EINVAL, "keystore '%s': the record 'pending' is damaged", keystore_path(ks));
}

int pending_write(struct keystore *ks, const struct pending *p, struct err *e)
{
	struct buf text;
	int r;

	buf_init(&text, LIMIT_KEYSTORE_RECORD_MAX);
	pending_format(p, &text);
	r = buf_bad(&text) ? err_nomem(e) : keystore_write_file(ks, "pending", buf_bytes(&text), e);
	buf_fini(&text);
	return r;
}

int pending_remove(struct keystore *ks, struct err *e)
{
	struct pending p;
	int r = pending_read(ks, &p, NULL);

	if (unlinkat(keystore_fd(ks), "pending", 0) < 0 && errno != ENOENT)
		return err_errno(e, "remove 'pending' of keystore '%s'", keystore_path(ks));
	if (fsync(keystore_fd(ks)) == 0)
		return 0;
	(void)err_errno(e, "sync keystore '%s'", keystore_path(ks));
	if (r == 0)
		util_ignore(pending_write(ks, &p, NULL));
	return -EIO;
}

void pending_boot_id(char ret[KEYSTORE_BOOT_SIZE])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, KEYSTORE_BOOT_SIZE - 1);

	if (fd >= 0)
		close(fd);
	while (n > 0 && ret[n - 1] == '\n')
		n--;
	if (n <= 0) {
		memcpy(ret, "unknown", sizeof("unknown"));
		return;
	}
	ret[n] = '\0';
}

static void forget(struct history *h, const char *id)
{
	for (size_t i = 0; i < h->n; i++) {
		if (strcmp(h->ids[i], id) != 0)
			continue;
		memmove(h->ids[i], h->ids[i + 1], (h->n - i - 1) * sizeof(h->ids[0]));
		h->n--;
		return;
	}
}

static void remember(struct history *h, struct bytes id)
{
	char text[KEYSTORE_ID_SIZE];

	memcpy(text, id.p, id.n);
	text[id.n] = '\0';
	forget(h, text);
	if (h->n == LIMIT_KEYSTORE_HISTORY_MAX)
		forget(h, h->ids[0]);
	memcpy(h->ids[h->n++], text, id.n + 1);
}

void history_parse(struct bytes text, struct history *ret)
{
	struct rd r = rd_of(text);

	ret->n = 0;
	while (r.rest.n > 0) {
		bool newline;
		struct bytes id = rd_until(&r, '\n', &newline);

		if (newline && keystore_id_is_valid(id))
			remember(ret, id);
	}
}

void history_read(const struct keystore *ks, struct history *ret)
{
	struct buf text;

	buf_init(&text, LIMIT_KEYSTORE_RECORD_MAX + 4096);
	ret->n = 0;
	if (keystore_read_file(keystore_fd(ks), "history", LIMIT_KEYSTORE_RECORD_MAX, &text, NULL) == 0)
		history_parse(buf_bytes(&text), ret);
	buf_fini(&text);
}

bool history_has(const struct history *h, const char *id)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->ids[i], id) == 0)
			return true;
	return false;
}

static int history_write(struct keystore *ks, const struct history *h, struct err *e)
{
	struct buf text;
	int r;

	buf_init(&text, LIMIT_KEYSTORE_RECORD_MAX);
	for (size_t i = 0; i < h->n; i++)
		buf_printf(&text, "%s\n", h->ids[i]);
	r = buf_bad(&text) ? err_nomem(e) : keystore_write_file(ks, "history", buf_bytes(&text), e);
	buf_fini(&text);
	return r;
}

int history_add(struct keystore *ks, const char *id, struct err *e)
{
	struct history h;
	int r = keystore_enter(ks, e);

	if (r < 0)
		return r;
	history_read(ks, &h);
	if (h.n == 0 || strcmp(h.ids[h.n - 1], id) != 0) {
		remember(&h, bytes_of_str(id));
		r = history_write(ks, &h, e);
	}
	keystore_leave(ks);
	return r;
}

int history_forget(struct keystore *ks, const char *id, struct err *e)
{
	struct history h;

	history_read(ks, &h);
	if (!history_has(&h, id))
		return 0;
	forget(&h, id);
	return history_write(ks, &h, e);
}
