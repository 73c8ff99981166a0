#include "gatewrightd/manager/access/first.h"

#include "base/log.h"
#include "core/access/roles.h"
#include "gatewrightd/manager/access/passwords.h"
#include "gatewrightd/manager/audit.h"
#include "gatewrightd/roles.h"
#include "sys/clock.h"
#include "sys/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#define ARENA_MAX (1024u * 1024)

static int path_of(const struct manager *m, char out[PATH_MAX], struct err *e)
{
	int n = snprintf(out, PATH_MAX, "%s/%s/%s", m->cfg->state_dir, STATE_STORE_DIR, FIRST_PASSWORD_FILE);

	return n > 0 && n < PATH_MAX ? 0 : err_set(e, -ENAMETOOLONG, "state_dir: want a shorter path");
}

static int write_file(const char *path, const char *password, struct err *e)
{
	int fd, r;

	(void)unlink(path); /* of a start that was cut off before the user was stored */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(e, "create '%s'", path);
	r = dprintf(fd, "%s\n", password) < 0 || fsync(fd) < 0 ? err_errno(e, "write '%s'", path) : 0;
	(void)close(fd);
	return r;
}

static int store_user(struct store *s, const char *hash, struct err *e)
{
	char roles[ROLES_TEXT_MAX];
	const struct store_account account = { .name = FIRST_USER,
					       .roles = roles_format(BIT(ROLE_ADMINISTRATOR), roles),
					       .password = hash,
					       .created_at = clock_wall() };
	const struct audit_event event = { .actor = "system",
					   .address = "unix",
					   .action = audit_action_word(AUDIT_USER_CREATE),
					   .object = "user:" FIRST_USER,
					   .outcome = "done",
					   .detail = "the first start" };
	int64_t id = 0;
	int r = store_begin(s, e);

	if (r < 0)
		return r;
	r = store_account_add(s, &account, &id, e);
	if (r == 0)
		r = audit_write(s, &event, account.created_at, e);
	return store_end(s, r, e);
}

/* The file first: a user whose password nobody can read would be no use. */
static int make(const struct manager *m, struct store *s, struct err *e)
{
	char path[PATH_MAX], password[CODE_TEXT_SIZE], hash[PASSWORD_HASH_SIZE];
	int r = path_of(m, path, e);

	if (r == 0)
		r = password_one_time(password, hash, e);
	if (r == 0)
		r = write_file(path, password, e);
	sodium_memzero(password, sizeof(password));
	if (r == 0)
		r = store_user(s, hash, e);
	if (r == 0)
		log_info("made user '" FIRST_USER "': its one-time password is in '%s'", path);
	return r;
}

int first_user_make(struct manager *m, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(ARENA_MAX);
	struct store_account *rows = NULL;
	const char *next = NULL;
	struct store *s = NULL;
	size_t n = 0;
	int r = a ? store_pool_take(m->stores, &s, e) : err_nomem(e);

	if (r == 0)
		r = store_account_list(s, (struct store_page) { "", 1 }, a, &rows, &n, &next, e);
	if (r == 0 && n == 0)
		r = make(m, s, e);
	store_pool_give(m->stores, s);
	return r;
}

void first_password_forget(const struct manager *m, const char *name)
{
	char path[PATH_MAX];

	if (m->cfg->state_dir && strcmp(name, FIRST_USER) == 0 && path_of(m, path, NULL) == 0 && unlink(path) < 0 &&
	    errno != ENOENT)
		log_warning("remove '%s': %s", path, strerror(errno));
}
