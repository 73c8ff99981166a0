/* What was committed is there, whatever dies: the process, the disk's space, the file. */
#include "store_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void files_are_private(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	char wal[128];

	(void)add_gateway(f, "g");
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void settings_of_the_engine(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *sql, *want;
	} rows[] = { { "PRAGMA journal_mode", "wal" }, { "PRAGMA synchronous", "2" }, { "PRAGMA foreign_keys", "1" } };

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		sqlite3_stmt *st = NULL;

		assert_int_equal(sqlite3_prepare_v2(f->s->db, rows[i].sql, -1, &st, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(st), SQLITE_ROW);
		assert_string_equal((const char *)sqlite3_column_text(st, 0), rows[i].want);
		(void)sqlite3_finalize(st);
	}
}

/* Write for ever; say each number through the pipe once it is committed. */
static void write_until_killed(const char *path, int fd)
{
	struct fixture f = { 0 };

	f.a = arena_new(1024 * 1024);
	if (store_open(path, &f.s, &f.e) < 0)
		_exit(1);
	for (int i = 2;; i++) {
		struct store_cert c = made_up(i, CERT_END_ENTITY, 1, "Web", "gw.example.com");
		int64_t id = 0;

		if (store_cert_add(f.s, &c, &id, &f.e) != 0 || write(fd, &id, sizeof(id)) != sizeof(id))
			_exit(2);
	}
}

static int64_t kill_after(const char *path, int commits)
{
	int64_t last = 0, id = 0;
	int fds[2], status = 0;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		write_until_killed(path, fds[1]);
	}
	(void)close(fds[1]);
	for (int i = 0; i < commits && read(fds[0], &id, sizeof(id)) == sizeof(id); i++)
		last = id;
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (read(fds[0], &id, sizeof(id)) == sizeof(id))
		last = id;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	(void)close(fds[0]);
	return last;
}

static void survives_kill(void **state)
{
	struct fixture *f = *state;

	(void)add_cert(f, 1, CERT_ROOT, 0, "R", "");
	store_close(f->s);
	f->s = NULL;
	for (int round = 0; round < 5; round++) {
		int64_t last = kill_after(f->path, 3 + 7 * round);
		struct store_cert got;
		struct store_cert_query q = { .kind = -1, .q = "gw.example.com", .page = { "", 1000 } };
		struct store_cert *rows;
		const char *next;
		size_t n = 0;
		sqlite3_stmt *st = NULL;

		assert_true(last > 0);
		OK(store_open(f->path, &f->s, &f->e));
		OK(store_cert_get(f->s, last, f->a, &got, &f->e));
		OK(store_cert_list(f->s, &q, f->a, &rows, &n, &next, &f->e));
		assert_true(n > 0 && rows[n - 1].id >= last); /* with its words: whole or not at all */
		assert_int_equal(sqlite3_prepare_v2(f->s->db, "PRAGMA integrity_check", -1, &st, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(st), SQLITE_ROW);
		assert_string_equal((const char *)sqlite3_column_text(st, 0), "ok");
		(void)sqlite3_finalize(st);
		assert_int_equal(sqlite3_exec(f->s->db,
					      "DELETE FROM certificate_word; DELETE FROM certificate WHERE id > 1; "
					      "INSERT INTO certificate_text (certificate_text) VALUES ('delete-all')",
					      NULL, NULL, NULL),
				 SQLITE_OK);
		store_close(f->s);
		f->s = NULL;
	}
	OK(store_open(f->path, &f->s, &f->e));
}

/* Add until it fails; nothing is half there, and it goes on when there is space again. Returns what the failure was. */
static int fill(struct fixture *f, int64_t root, int64_t *ret_last)
{
	int64_t id = 0;
	int r = 0;

	*ret_last = root;
	for (int n = 2; r == 0 && n < 5000; n++) {
		struct store_cert c = made_up(n, CERT_END_ENTITY, root, "Web", "gw.example.com");

		r = store_cert_add(f->s, &c, &id, &f->e);
		*ret_last = r == 0 ? id : *ret_last;
	}
	return r;
}

static void goes_on(struct fixture *f, int64_t root, int64_t last)
{
	struct store_cert got;

	OK(store_cert_get(f->s, last, f->a, &got, &f->e));
	assert_int_equal(store_cert_get(f->s, last + 1, f->a, &got, &f->e), 1);
	assert_int_equal(add_cert(f, 6000, CERT_END_ENTITY, root, "Web", "x"), last + 1);
}

/* The file may not grow: any failure of a write, in the middle of it. */
static void writes_fail(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "R", ""), last = 0;
	struct rlimit old, small;
	int r;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit) { 300 * 1024, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = fill(f, root, &last);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(r < 0);
	goes_on(f, root, last);
}

/* In a process and a mount namespace of its own: exit status 0 when all is as it should be, 77 without the right to
 * mount. */
static int on_a_small_disk(void)
{
	struct fixture own = { .path = "/mnt/test.db" }, *f = &own;
	char filler[65536] = "";
	int64_t root, last = 0;
	int fd, r;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/mnt", "tmpfs", 0, "size=1200k") < 0)
		return 77;
	f->a = arena_new(1024 * 1024);
	if (store_open(f->path, &f->s, &f->e) < 0)
		return 1;
	root = add_cert(f, 1, CERT_ROOT, 0, "R", "");
	fd = open("/mnt/filler", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	for (int i = 0; i < 8; i++)
		(void)!write(fd, filler, sizeof(filler));
	r = fill(f, root, &last);
	if (r != -ENOSPC || !strstr(f->e.text, "no space left"))
		return 2;
	(void)close(fd);
	(void)unlink("/mnt/filler");
	goes_on(f, root, last);
	store_close(f->s);
	arena_free(f->a);
	return 0;
}

static void disk_full(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(on_a_small_disk());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_group_is_whole_or_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_cert got, bad = made_up(9, CERT_END_ENTITY, 12345, "x", "y");
	int64_t in = 0, id = 0;

	OK(store_begin(f->s, &f->e));
	in = add_cert(f, 1, CERT_ROOT, 0, "R", "");
	assert_int_equal(store_cert_add(f->s, &bad, &id, &f->e), -ENOENT);
	assert_true(store_commit(f->s, &f->e) < 0);
	assert_int_equal(store_cert_get(f->s, in, f->a, &got, &f->e), 1);
	OK(store_begin(f->s, &f->e));
	in = add_cert(f, 1, CERT_ROOT, 0, "R", "");
	OK(store_commit(f->s, &f->e));
	OK(store_cert_get(f->s, in, f->a, &got, &f->e));
}

/* Another program looks at the store and leaves again, as an operator with sqlite3 does. */
static _Noreturn void look_from_outside(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, "SELECT count(*) FROM setting", NULL, NULL, NULL) != SQLITE_OK)
		_exit(1);
	_exit(sqlite3_close(db) == SQLITE_OK ? 0 : 1);
}

/* Each further connection of the pool leaves the locks of the others alone: what is written after the look is in the
 * file. */
static void a_look_from_outside_takes_nothing(void **state)
{
	struct fixture *f = *state;
	struct store *second = NULL, *third = NULL;
	const char *got = NULL;
	int status = 0;
	pid_t pid;

	OK(store_open(f->path, &second, &f->e));
	OK(store_setting_set(f->s, "a", "1", &f->e));
	pid = fork();
	if (pid == 0) {
		(void)execl("/proc/self/exe", "look", f->path, NULL);
		_exit(2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	OK(store_setting_set(f->s, "b", "2", &f->e));
	/* the log that is there under its name is still the one that this process writes to */
	(void)snprintf(f->e.text, sizeof(f->e.text), "%s-wal", f->path);
	assert_int_equal(access(f->e.text, F_OK), 0);
	OK(store_open(f->path, &third, &f->e));
	OK(store_setting_get(third, "b", f->a, &got, &f->e));
	assert_string_equal(got, "2");
	store_close(third);
	store_close(second);
}

static void damaged_files(void **state)
{
	struct fixture *f = *state;
	int fd;

	store_close(f->s);
	f->s = NULL;
	fd = open(f->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(fd >= 0);
	for (int i = 0; i < 400; i++)
		assert_int_equal(write(fd, "this is no store", 16), 16);
	(void)close(fd);
	assert_int_equal(store_open(f->path, &f->s, &f->e), -EIO);
	assert_non_null(strstr(f->e.text, "damaged or not a store"));
	assert_non_null(strstr(f->e.text, f->path));
}

static void a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sqlite3_exec(f->s->db, "INSERT INTO schema_version (version) VALUES (999)", NULL, NULL, NULL),
			 SQLITE_OK);
	store_close(f->s);
	f->s = NULL;
	assert_int_equal(store_open(f->path, &f->s, &f->e), -EINVAL);
	assert_non_null(strstr(f->e.text, "newer program"));
}

static void migrations_run_once(void **state)
{
	struct fixture *f = *state;
	int version = 0;

	(void)add_gateway(f, "stays");
	store_close(f->s);
	OK(store_open(f->path, &f->s, &f->e));
	OK(store_schema_version(f->s, &version, &f->e));
	assert_int_equal(version, 5);
	assert_true(add_gateway(f, "more") > 1);
}

/* What version 4 makes of a store that version 3 wrote. */
static void version_4_takes_over_what_is_there(void **state)
{
	struct fixture *f = *state;
	int64_t root = add_cert(f, 1, CERT_ROOT, 0, "Root", ""),
		leaf = add_cert(f, 2, CERT_END_ENTITY, root, "Leaf", "x.example"), seen = add_gateway(f, "seen");
	struct store_gateway_state *states;
	struct store_cert got, *rows;
	const char *next;
	size_t n = 0;

	(void)add_gateway(f, "bad");
	(void)add_gateway(f, "new");
	OK(store_probe_add(f->s, seen, 0, "asked", (struct wall_time) { 7 }, "[{\"ok\":false}]", "t", &f->e));
	OK(store_probe_add(f->s, seen, 0, "asked", (struct wall_time) { 8 }, "[{\"ok\":true}]", NULL, &f->e));
	OK(store_probe_add(f->s, seen + 1, 0, "asked", (struct wall_time) { 9 }, "[{\"ok\":true},{\"ok\":false}]", "t",
			   &f->e));
	assert_int_equal(
		sqlite3_exec(f->s->db,
			     "DROP TABLE certificate_text; DELETE FROM certificate_word WHERE word LIKE 'a1b2%';"
			     "DROP INDEX certificate_children; ALTER TABLE certificate DROP COLUMN children; ALTER "
			     "TABLE gateway DROP COLUMN probed_at;"
			     "ALTER TABLE gateway DROP COLUMN probe_ok; ALTER TABLE gateway DROP COLUMN probe_trouble;"
			     "DROP INDEX job_outcome; DELETE FROM schema_version WHERE version >= 4",
			     NULL, NULL, NULL),
		SQLITE_OK);
	store_close(f->s);
	OK(store_open(f->path, &f->s, &f->e));
	OK(store_cert_get(f->s, root, f->a, &got, &f->e));
	assert_int_equal(got.children, 1);
	for (size_t i = 0; i < 2; i++) { /* a piece, and the serial number */
		struct store_cert_query q = { .kind = -1,
					      .q = i ? "A1:B2:C3:D4:E5:F6:00:02" : "ampl",
					      .page = { "", 9 } };

		OK(store_cert_list(f->s, &q, f->a, &rows, &n, &next, &f->e));
		assert_int_equal(n, 1);
		assert_int_equal(rows[0].id, leaf);
	}
	OK(store_gateway_states(f->s, 9, f->a, &states, &n, &f->e));
	assert_int_equal(n, 3);
	assert_true(states[0].probed_at.s == 9 && !states[0].probe_ok);
	assert_true(states[1].probed_at.s == 0 && strcmp(states[1].name, "new") == 0);
	assert_true(states[2].probed_at.s == 8 && states[2].probe_ok);
}

static void absent_folders_and_links(void **state)
{
	struct fixture *f = *state;
	struct store *s = NULL;
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/none/test.db", f->dir);
	assert_int_equal(store_open(path, &s, &f->e), -ENOENT);
	(void)snprintf(path, sizeof(path), "%s/link", f->dir);
	assert_int_equal(symlink(f->path, path), 0);
	assert_int_equal(store_open(path, &s, &f->e), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_null(s);
}

struct writer {
	struct store_pool *pool;
	int first, failed;
};

static void *write_some(void *context)
{
	struct writer *w = context;
	struct err e = { 0 };

	for (int i = 0; i < 25; i++) {
		struct store_cert c = made_up(w->first + i, CERT_ROOT, 0, "R", "");
		struct store *s = NULL;
		int64_t id;

		w->failed += store_pool_take(w->pool, &s, &e) < 0 || store_cert_add(s, &c, &id, &e) != 0;
		store_pool_give(w->pool, s);
	}
	return NULL;
}

static void threads_share_a_pool(void **state)
{
	struct fixture *f = *state;
	struct writer w[4];
	pthread_t threads[4];
	struct store_pool *pool = NULL;
	struct store_cert_query q = { .kind = CERT_ROOT, .page = { "", 1000 } };
	struct store_cert *rows;
	const char *next;
	size_t n;

	OK(store_pool_new(f->path, 2, &pool, &f->e));
	for (int i = 0; i < 4; i++) {
		w[i] = (struct writer) { pool, 1 + 100 * i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, write_some, &w[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].failed, 0);
	}
	store_pool_free(pool);
	OK(store_cert_list(f->s, &q, f->a, &rows, &n, &next, &f->e));
	assert_int_equal(n, 100);
}

/* A group that a handler left open does not meet the next borrower. */
static void a_pool_undoes_what_was_left_open(void **state)
{
	struct fixture *f = *state;
	struct store_pool *pool = NULL;
	struct store *s = NULL;
	int64_t id;
	struct store_cert c = made_up(1, CERT_ROOT, 0, "R", ""), got;

	OK(store_pool_new(f->path, 1, &pool, &f->e));
	OK(store_pool_take(pool, &s, &f->e));
	OK(store_begin(s, &f->e));
	OK(store_cert_add(s, &c, &id, &f->e));
	store_pool_give(pool, s);
	OK(store_pool_take(pool, &s, &f->e));
	assert_int_equal(store_cert_get(s, id, f->a, &got, &f->e), 1);
	store_pool_give(pool, s);
	store_pool_free(pool);
}

static void settings(void **state)
{
	struct fixture *f = *state;
	const char *v = "x";

	OK(store_setting_get(f->s, "n", f->a, &v, &f->e));
	assert_null(v);
	OK(store_setting_set(f->s, "n", "1", &f->e));
	OK(store_setting_set(f->s, "n", "2", &f->e));
	OK(store_setting_get(f->s, "n", f->a, &v, &f->e));
	assert_string_equal(v, "2");
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(files_are_private),
		T(settings_of_the_engine),
		T(survives_kill),
		T(writes_fail),
		T(disk_full),
		T(a_group_is_whole_or_nothing),
		T(a_look_from_outside_takes_nothing),
		T(damaged_files),
		T(a_newer_schema_is_refused),
		T(migrations_run_once),
		T(version_4_takes_over_what_is_there),
		T(absent_folders_and_links),
		T(threads_share_a_pool),
		T(a_pool_undoes_what_was_left_open),
		T(settings),
	};

	if (argc == 2 && strcmp(argv[0], "look") == 0)
		look_from_outside(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
