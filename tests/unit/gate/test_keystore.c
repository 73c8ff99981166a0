/*
 * The keystore under crashes and failing disks. Every mutating system call of a switch, a confirmation and a rollback
 * fails once, and kills the process once; after each the start must find one whole generation: the old one, or the new
 * one when it was confirmed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "certificates.h"
#include "gate/activation.h"
#include "gate/failure.h"
#include "gate/stage.h"
#include "sys/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * System calls that fail or kill on command
 */

static struct {
	int count;  /* calls so far */
	int at;	    /* the one that is struck; 0 none */
	int number; /* errno, or 0: the process dies */
	bool active;
	int synced; /* the last descriptor that was */
} strike;

int __real_fsync(int fd);
int __real_renameat(int a, const char *b, int c, const char *d);
int __real_symlinkat(const char *a, int b, const char *c);
int __real_unlinkat(int a, const char *b, int c);
int __real_mkdirat(int a, const char *b, mode_t c);
ssize_t __real_write(int fd, const void *p, size_t n);
int __wrap_fsync(int fd);
int __wrap_renameat(int a, const char *b, int c, const char *d);
int __wrap_symlinkat(const char *a, int b, const char *c);
int __wrap_unlinkat(int a, const char *b, int c);
int __wrap_mkdirat(int a, const char *b, mode_t c);
ssize_t __wrap_write(int fd, const void *p, size_t n);

static bool struck(void)
{
	if (!strike.active || ++strike.count != strike.at)
		return false;
	if (strike.number == 0)
		_exit(99);
	errno = strike.number;
	return true;
}

int __wrap_fsync(int fd)
{
	strike.synced = fd;
	return struck() ? -1 : __real_fsync(fd);
}

int __wrap_renameat(int a, const char *b, int c, const char *d)
{
	return struck() ? -1 : __real_renameat(a, b, c, d);
}

int __wrap_symlinkat(const char *a, int b, const char *c)
{
	return struck() ? -1 : __real_symlinkat(a, b, c);
}

int __wrap_unlinkat(int a, const char *b, int c)
{
	return struck() ? -1 : __real_unlinkat(a, b, c);
}

int __wrap_mkdirat(int a, const char *b, mode_t c)
{
	return struck() ? -1 : __real_mkdirat(a, b, c);
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
	return struck() ? -1 : __real_write(fd, p, n);
}

/*
 * A keystore with generations a (live, confirmed) and b, in a fresh directory
 */

static struct {
	char *root, *other_root;
	char *key_a, *cert_a, *key_b, *cert_b, *key_other, *cert_other, *key_less, *cert_less;
} pem;

static char base[] = "/tmp/gate-keystore-XXXXXX";
static char path[64];
static char serving[KEYSTORE_ID_SIZE]; /* by the fake */
static bool serve_fails;

static int fake_serve(void *context, const struct generation *g, struct err *e)
{
	(void)context;
	if (serve_fails)
		return err_set(e, -EINVAL, "no");
	(void)snprintf(serving, sizeof(serving), "%s", g ? g->id : "-");
	return 0;
}

static const struct activation_ops ops = { .serve = fake_serve };
static const struct mono_time mono = { 1000000 };

static struct wall_time now(void)
{
	return (struct wall_time) { time(NULL) };
}

static int finish_generation(struct keystore *ks, const char *id, const char *key, const char *cert, const char *root)
{
	struct stage *s = NULL;
	struct err e = { 0 };

	assert_int_equal(stage_begin(ks, id, &s, &e), 0);
	assert_int_equal(stage_file(s, "key.pem", bytes_of_str(key), &e), 0);
	assert_int_equal(stage_file(s, "chain.pem", bytes_of_str(cert), &e), 0);
	assert_int_equal(stage_file(s, "root.pem", bytes_of_str(root), &e), 0);
	return stage_finish(s, &e);
}

static void put_generation(struct keystore *ks, const char *id, const char *key, const char *cert, const char *root)
{
	assert_int_equal(finish_generation(ks, id, key, cert, root), 0);
}

static void fresh(bool with_a)
{
	struct keystore *ks = NULL;
	struct err e = { 0 };
	char command[64];
	static int n;

	(void)snprintf(path, sizeof(path), "%s/%d", base, n++);
	(void)command;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(keystore_open(path, &ks, &e), 0);
	if (with_a)
		put_generation(ks, "a", pem.key_a, pem.cert_a, pem.root);
	put_generation(ks, "b", pem.key_b, pem.cert_b, pem.root);
	if (with_a) {
		assert_int_equal(keystore_point(ks, "a", &e), 0);
		assert_int_equal(history_add(ks, "a", &e), 0);
	}
	keystore_close(ks);
	serving[0] = '\0';
	serve_fails = false;
}

struct opened {
	struct keystore *ks;
	struct activation *a;
	int started;
};

static struct opened start(void)
{
	struct opened o = { 0 };
	struct err e = { 0 };

	assert_int_equal(keystore_open(path, &o.ks, &e), 0);
	assert_int_equal(keystore_lock(o.ks, &e), 0);
	o.a = activation_new(o.ks, &ops, NULL);
	assert_non_null(o.a);
	o.started = activation_start(o.a, now(), &e);
	if (o.started < 0)
		fail_msg("start: %s", err_text(&e));
	return o;
}

static void stop(struct opened *o)
{
	activation_free(o->a);
	keystore_close(o->ks);
}

/* The next start, with a disk that works: what does it serve? */
static void expect_after_start(const char *want, const char *where)
{
	struct opened o = start();
	char live[KEYSTORE_ID_SIZE] = "-";
	struct pending p;

	if (strcmp(serving[0] ? serving : "-", want) != 0)
		fail_msg("%s: want '%s' served, got '%s'", where, want, serving);
	if (keystore_live(o.ks, live, NULL) != 0)
		memcpy(live, "-", 2);
	assert_string_equal(live, want);
	assert_int_equal(pending_read(o.ks, &p, NULL), 1);
	assert_null(activation_pending(o.a));
	stop(&o);
}

/*
 * The sweeps
 */

enum { DO_SWITCH = 1, DO_CONFIRM = 2, DO_ROLLBACK = 4, DO_EXPIRE = 8 };

/* Returns which steps said "done". */
static int perform(struct activation *a, int steps)
{
	struct activation_switched done;
	struct err e = { 0 };
	size_t removed;
	int said = 0;

	if (activation_switch(a, "b", "t1", 60, now(), mono, &done, &e) == 0)
		said |= DO_SWITCH;
	if ((steps & DO_CONFIRM) && activation_confirm(a, "t1", 5, &removed, &e) == 0)
		said |= DO_CONFIRM;
	if ((steps & DO_ROLLBACK) && activation_rollback(a, "t1", mono, &e) == 0)
		said |= DO_ROLLBACK;
	if (steps & DO_EXPIRE)
		activation_on_timer(a, (struct mono_time) { mono.ms + 60000 });
	return said;
}

/* Kill the process at its n-th call; until it gets through. */
static void sweep_kills(int steps, const char *old)
{
	for (int n = 1;; n++) {
		int status;
		pid_t pid;

		fresh(strcmp(old, "-") != 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct opened o = start();

			strike.at = n;
			strike.count = strike.number = 0;
			strike.active = true;
			(void)perform(o.a, steps);
			_exit(strike.count < n ? 0 : 98);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 0) {
			expect_after_start(steps & DO_CONFIRM ? "b" : old, "through");
			assert_true(n > 5);
			return;
		}
		assert_int_equal(WEXITSTATUS(status), 99);
		{
			/* Killed before the record was removed: old. Behind it: new, when that was a confirmation. */
			char where[64];
			struct stat st;
			char file[96];
			bool pending;

			(void)snprintf(file, sizeof(file), "%s/pending", path);
			pending = stat(file, &st) == 0;
			(void)snprintf(where, sizeof(where), "steps %d, killed at call %d", steps, n);
			(void)snprintf(file, sizeof(file), "%s/current", path);
			{
				char target[64] = "";
				ssize_t m = readlink(file, target, sizeof(target) - 1);
				bool at_b = m > 0 && strcmp(target, "generations/b") == 0;
				bool want_b = !pending && at_b;

				assert_true(!want_b || (steps & DO_CONFIRM));
				expect_after_start(want_b ? "b" : old, where);
			}
		}
	}
}

static void test_kills(void **state)
{
	(void)state;
	sweep_kills(0, "a");
	sweep_kills(DO_CONFIRM, "a");
	sweep_kills(DO_ROLLBACK, "a");
	sweep_kills(DO_EXPIRE, "a");
	sweep_kills(DO_CONFIRM, "-");
	sweep_kills(DO_ROLLBACK, "-");
}

/* The n-th call fails; what is served, what is said and what a start finds agree. */
static void sweep_failures(int steps, int number)
{
	for (int n = 1;; n++) {
		char where[64], served[KEYSTORE_ID_SIZE];
		struct opened o;
		bool pending, through;
		int said;

		(void)snprintf(where, sizeof(where), "steps %d, call %d fails with %d", steps, n, number);
		fresh(true);
		o = start();
		strike.at = n;
		strike.count = 0;
		strike.number = number;
		strike.active = true;
		said = perform(o.a, steps);
		strike.active = false;
		through = strike.count < n;
		pending = activation_pending(o.a) != NULL;
		(void)snprintf(served, sizeof(served), "%s", activation_served(o.a)->id);
		if (strcmp(served, serving) != 0)
			fail_msg("%s: '%s' is served, '%s' is said", where, serving, served);
		if (said & DO_CONFIRM)
			assert_string_equal(served, "b");
		if (said & DO_ROLLBACK || !(said & DO_SWITCH))
			assert_string_equal(served, "a");
		/* Whatever is still pending goes back by itself, now that the disk works. */
		if (pending) {
			struct mono_time due;

			assert_true(activation_due(o.a, &due));
			activation_on_timer(o.a, due);
			assert_null(activation_pending(o.a));
			assert_string_equal(activation_served(o.a)->id, "a");
			assert_string_equal(serving, "a");
		}
		stop(&o);
		expect_after_start(said & DO_CONFIRM ? "b" : "a", where);
		if (through)
			return;
	}
}

static void test_failures(void **state)
{
	(void)state;
	sweep_failures(0, ENOSPC);
	sweep_failures(DO_CONFIRM, ENOSPC);
	sweep_failures(DO_CONFIRM, EROFS);
	sweep_failures(DO_ROLLBACK, EIO);
	sweep_failures(DO_EXPIRE, EIO);
}

/* Staging: every call fails once; no half generation has the name, nothing is left behind. */
static void test_stage_failures(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		struct keystore *ks = NULL;
		struct stage *s = NULL;
		struct err e = { 0 };
		struct keystore_entry *entries = NULL;
		size_t entries_n = 0;
		int r;

		fresh(true);
		assert_int_equal(keystore_open(path, &ks, &e), 0);
		strike.at = n;
		strike.count = 0;
		strike.number = ENOSPC;
		strike.active = true;
		r = stage_begin(ks, "c", &s, &e);
		if (r == 0)
			r = stage_file(s, "key.pem", bytes_of_str(pem.key_b), &e);
		if (r == 0)
			r = stage_file(s, "chain.pem", bytes_of_str(pem.cert_b), &e);
		if (r == 0)
			r = stage_file(s, "root.pem", bytes_of_str(pem.root), &e);
		if (r == 0)
			r = stage_finish(s, &e);
		else
			stage_abandon(s);
		strike.active = false;
		if (r == 0) {
			assert_int_equal(keystore_presence(ks, "c"), KEYSTORE_COMPLETE);
		} else {
			assert_string_equal(failure_word(r), "no-space");
			/* only the last sync, behind the rename, may fail with a whole generation there */
			assert_int_not_equal(keystore_presence(ks, "c"), KEYSTORE_PARTIAL);
		}
		assert_int_equal(keystore_list(ks, &entries, &entries_n, &e), 0);
		for (size_t i = 0; i < entries_n; i++)
			assert_true(entries[i].complete);
		free(entries);
		keystore_close(ks);
		if (strike.count < n)
			break;
	}
}

/*
 * Rows
 */

static void test_dead_man(void **state)
{
	struct activation_switched done;
	struct err e = { 0 };
	struct opened o;
	size_t removed;

	(void)state;
	fresh(true);
	o = start();
	assert_int_equal(activation_switch(o.a, "b", "t1", 60, now(), mono, &done, &e), 0);
	assert_string_equal(done.old_id, "a");
	assert_string_equal(serving, "b");
	assert_int_equal(activation_left(o.a, mono), 60);
	activation_on_timer(o.a, (struct mono_time) { mono.ms + 59999 });
	assert_string_equal(serving, "b");
	assert_int_equal(activation_left(o.a, (struct mono_time) { mono.ms + 59999 }), 1);
	activation_on_timer(o.a, (struct mono_time) { mono.ms + 60000 });
	assert_string_equal(serving, "a");
	assert_null(activation_pending(o.a));
	assert_int_equal(activation_confirm(o.a, "t1", 5, &removed, &e), FAILURE_NOT_PENDING);
	assert_int_equal(activation_rollback(o.a, "t1", mono, &e), FAILURE_NOT_PENDING);
	stop(&o);
	expect_after_start("a", "dead man");
}

static void test_switch_rows(void **state)
{
	struct activation_switched done;
	struct err e = { 0 };
	struct opened o;
	size_t removed;

	(void)state;
	fresh(true);
	o = start();
	put_generation(o.ks, "other", pem.key_other, pem.cert_other, pem.other_root);
	put_generation(o.ks, "less", pem.key_less, pem.cert_less, pem.root);
	put_generation(o.ks, "mixed", pem.key_a, pem.cert_b, pem.root);
	put_generation(o.ks, "rootless", pem.key_b, pem.cert_b, pem.other_root);
	put_generation(o.ks, "junk", "x", pem.cert_b, pem.root);
	const struct {
		const char *id, *token;
		int64_t seconds;
		int want;
		const char *word;
	} rows[] = {
		{ "nowhere", "t", 60, -ENOENT, "no generation" },
		{ "other", "t", 60, FAILURE_INCOMPATIBLE, "root-differs" },
		{ "less", "t", 60, FAILURE_INCOMPATIBLE, "name-missing" },
		{ "mixed", "t", 60, FAILURE_MISMATCH, "does not belong" },
		{ "rootless", "t", 60, FAILURE_MISMATCH, "does not reach root.pem" },
		{ "junk", "t", 60, FAILURE_INCOMPATIBLE, "key.pem" },
		{ "../b", "t", 60, -EINVAL, "generation" },
		{ "b", "-", 60, -EINVAL, "token" },
		{ "b", "t", -1, -EINVAL, "seconds" },
		{ "b", "t", LIMIT_SWITCH_WINDOW_MAX_S + 1, -EINVAL, "seconds" },
	};
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r = activation_switch(o.a, rows[i].id, rows[i].token, rows[i].seconds, now(), mono, &done, &e);

		if (r != rows[i].want || !strstr(err_text(&e), rows[i].word))
			fail_msg("%s: want %d '%s', got %d '%s'", rows[i].id, rows[i].want, rows[i].word, r,
				 err_text(&e));
		assert_false(done.switched);
		assert_string_equal(serving, "a");
		assert_null(activation_pending(o.a));
	}
	assert_int_equal(activation_switch(o.a, "b", "t", LIMIT_SWITCH_WINDOW_MAX_S, now(), mono, &done, &e), 0);
	assert_int_equal(activation_switch(o.a, "b", "t", 60, now(), mono, &done, &e), 0); /* repeated */
	assert_int_equal(activation_switch(o.a, "b", "t2", 60, now(), mono, &done, &e), -EBUSY);
	assert_int_equal(activation_confirm(o.a, "t2", 5, &removed, &e), FAILURE_NOT_PENDING);
	assert_int_equal(activation_confirm(o.a, "t", 1, &removed, &e), 0);
	assert_int_equal(keystore_presence(o.ks, "a"), KEYSTORE_COMPLETE); /* just replaced: stays */
	assert_int_equal(keystore_presence(o.ks, "b"), KEYSTORE_COMPLETE);
	assert_int_equal(keystore_presence(o.ks, "less"), KEYSTORE_ABSENT);
	assert_int_equal(removed, 5);
	/* and back to a generation that was confirmed here before */
	assert_int_equal(activation_switch(o.a, "a", "t3", 0, now(), mono, &done, &e), 0);
	assert_null(activation_pending(o.a));
	stop(&o);
	expect_after_start("a", "back");
}

static void test_serve_fails(void **state)
{
	struct activation_switched done;
	struct err e = { 0 };
	struct opened o;

	(void)state;
	fresh(true);
	o = start();
	serve_fails = true;
	assert_int_equal(activation_switch(o.a, "b", "t1", 60, now(), mono, &done, &e), FAILURE_RELOAD);
	assert_true(done.switched && done.restored);
	assert_null(activation_pending(o.a));
	serve_fails = false;
	stop(&o);
	expect_after_start("a", "serve failed");
}

/* Broken `current` at the start: the last confirmed generation that is whole, else any whole one; never a staged one
 * before a confirmed one. */
static void test_fallback(void **state)
{
	static const struct {
		const char *name, *current, *history, *broken, *want;
	} rows[] = {
		{ "dangling", "generations/x", "a\n", NULL, "a" },
		{ "absent", NULL, "a\n", NULL, "a" },
		{ "elsewhere", "/etc", "a\n", NULL, "a" },
		{ "key file empty", "generations/b", "a\nb\n", "b/key.pem", "a" },
		{ "chain file gone", "generations/b", "a\nb\n", "b/chain.pem", "a" },
		{ "nothing confirmed is whole", "generations/a", "a\n", "a/key.pem", "b" },
		{ "no history, dangling", "generations/x", "", NULL, "b" },
		{ "no history, no link: fresh", NULL, "", NULL, "-" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		char file[128];
		int fd;

		fresh(true);
		(void)snprintf(file, sizeof(file), "%s/current", path);
		assert_int_equal(unlink(file), 0);
		if (rows[i].current)
			assert_int_equal(symlink(rows[i].current, file), 0);
		(void)snprintf(file, sizeof(file), "%s/history", path);
		fd = open(file, O_WRONLY | O_TRUNC);
		assert_true(fd >= 0);
		assert_int_equal(__real_write(fd, rows[i].history, strlen(rows[i].history)), strlen(rows[i].history));
		close(fd);
		if (rows[i].broken) {
			(void)snprintf(file, sizeof(file), "%s/generations/%s", path, rows[i].broken);
			assert_int_equal(strstr(file, "chain") ? unlink(file) : truncate(file, 0), 0);
		}
		expect_after_start(rows[i].want, rows[i].name);
	}
}

static void write_file(const char *name, const char *text, size_t size)
{
	char file[128];
	int fd;

	(void)snprintf(file, sizeof(file), "%s/%s", path, name);
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(__real_write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static void link_file(const char *name, const char *target)
{
	char file[128];

	(void)snprintf(file, sizeof(file), "%s/%s", path, name);
	(void)unlink(file);
	assert_int_equal(symlink(target, file), 0);
}

static void test_damaged_pending(void **state)
{
	static const struct {
		const char *name;
		size_t size; /* 0: a link */
	} rows[] = { { "cut", 5 }, { "too long", LIMIT_KEYSTORE_RECORD_MAX + 1 }, { "a link", 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		fresh(true);
		link_file("current", "generations/b");
		if (rows[i].size > 0)
			write_file("pending", "token", rows[i].size);
		else
			link_file("pending", "history");
		expect_after_start("a", rows[i].name);
	}
}

/* What can't be known to be needless stays. */
static void test_discard(void **state)
{
	static const struct {
		const char *id, *current, *pending;
		int want;
	} rows[] = {
		{ "b", "generations/a", NULL, 0 },
		{ "c", "generations/a", NULL, -ENOENT },
		{ "a", "generations/a", NULL, -EBUSY },
		{ "b", "generations/a", "token t\nold a\nnew b\nboot x\ndeadline 1\n", -EBUSY },
		{ "a", "generations/b", "token t\nold a\nnew b\nboot x\ndeadline 1\n", -EBUSY },
		{ "b", "generations/a", "token t\nold a\n", -EINVAL },
		{ "b", "/etc", NULL, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct keystore *ks = NULL;
		struct err e = { 0 };
		int r;

		fresh(true);
		link_file("current", rows[i].current);
		if (rows[i].pending)
			write_file("pending", rows[i].pending, strlen(rows[i].pending));
		assert_int_equal(keystore_open(path, &ks, &e), 0);
		r = stage_discard(ks, rows[i].id, &e);
		if (r != rows[i].want)
			fail_msg("row %zu: want %d, got %d: %s", i, rows[i].want, r, err_text(&e));
		assert_int_equal(keystore_presence(ks, "b"), r == 0 ? KEYSTORE_ABSENT : KEYSTORE_COMPLETE);
		assert_int_equal(keystore_presence(ks, "a"), KEYSTORE_COMPLETE);
		keystore_close(ks);
	}
}

/* That a generation was confirmed here is not passed on to another one of the same name. */
static void test_name_used_again(void **state)
{
	struct activation_switched done;
	struct err e = { 0 };
	struct opened o;

	(void)state;
	fresh(true);
	o = start();
	assert_int_equal(activation_switch(o.a, "b", "t", 0, now(), mono, &done, &e), 0);
	assert_int_equal(keystore_remove(o.ks, "a", &e), 0);
	put_generation(o.ks, "a", pem.key_less, pem.cert_less, pem.root);
	assert_int_equal(activation_switch(o.a, "a", "t2", 60, now(), mono, &done, &e), FAILURE_INCOMPATIBLE);
	assert_string_equal(serving, "b");
	stop(&o);
	expect_after_start("b", "a name used again");
}

/* The directory is its user's alone. */
static void test_open_rows(void **state)
{
	static const struct {
		const char *name;
		mode_t mode;
		uid_t uid; /* 0: ours */
		int want;
	} rows[] = {
		{ "ours alone", 0700, 0, 0 },
		{ "others may look", 0755, 0, 0 },
		{ "the group writes", 0770, 0, -EPERM },
		{ "everybody writes", 0702, 0, -EPERM },
		{ "another user's", 0700, 65534, -EPERM },
	};
	struct keystore *ks = NULL;
	struct err e = { 0 };
	char link[80];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r;

		if (rows[i].uid != 0 && geteuid() != 0)
			continue; /* only root can make one */
		fresh(true);
		assert_int_equal(chmod(path, rows[i].mode), 0);
		if (rows[i].uid != 0)
			assert_int_equal(chown(path, rows[i].uid, rows[i].uid), 0);
		r = keystore_open(path, &ks, &e);
		if (r != rows[i].want)
			fail_msg("%s: want %d, got %d: %s", rows[i].name, rows[i].want, r, err_text(&e));
		if (r == 0)
			keystore_close(ks);
	}
	fresh(true);
	(void)snprintf(link, sizeof(link), "%s-link", path);
	assert_int_equal(symlink(path, link), 0);
	assert_true(keystore_open(link, &ks, &e) < 0);
}

static void test_lock(void **state)
{
	struct keystore *second = NULL;
	struct err e = { 0 };
	struct opened o;

	(void)state;
	fresh(true);
	o = start();
	assert_int_equal(keystore_open(path, &second, &e), 0);
	assert_int_equal(keystore_lock(second, &e), 1);
	stop(&o);
	assert_int_equal(keystore_lock(second, &e), 0);
	keystore_close(second);
}

/* What a session that was killed leaves is swept; what one is working on is not. */
static void test_sweep(void **state)
{
	struct keystore *ks = NULL, *other = NULL;
	struct stage *s = NULL;
	struct err e = { 0 };
	char dead[128];
	struct stat st;

	(void)state;
	fresh(true);
	(void)snprintf(dead, sizeof(dead), "%s/generations/.stage-dead", path);
	assert_int_equal(mkdir(dead, 0700), 0);
	assert_int_equal(keystore_open(path, &ks, &e), 0);
	assert_int_equal(stat(dead, &st), -1);
	assert_int_equal(stage_begin(ks, "c", &s, &e), 0);
	assert_int_equal(stage_file(s, "key.pem", bytes_of_str("k"), &e), 0);
	assert_int_equal(keystore_open(path, &other, &e), 0);
	assert_int_equal(stage_file(s, "chain.pem", bytes_of_str("c"), &e), 0);
	assert_int_equal(stage_file(s, "root.pem", bytes_of_str("r"), &e), 0);
	assert_int_equal(stage_finish(s, &e), 0);
	assert_int_equal(keystore_presence(other, "c"), KEYSTORE_COMPLETE);
	keystore_close(ks);
	keystore_close(other);
}

static void test_stage_rows(void **state)
{
	uint8_t hash[STAGE_HASH_SIZE];
	struct keystore *ks = NULL;
	struct stage *s = NULL;
	struct err e = { 0 };
	struct stat st;
	char file[128];

	(void)state;
	fresh(true);
	assert_int_equal(keystore_open(path, &ks, &e), 0);
	assert_int_equal(stage_begin(ks, "c", &s, &e), 0);
	assert_int_equal(stage_file_open(s, "../x", &e), -EINVAL);
	stage_abandon(s);
	assert_int_equal(stage_begin(ks, "c", &s, &e), 0);
	stage_hash(bytes_of_str("k"), hash);
	assert_int_equal(stage_file_open(s, "key.pem", &e), 0);
	assert_int_equal(stage_file_write(s, bytes_of_str("k"), &e), 0);
	assert_int_equal(stage_file_close(s, 2, hash, &e), FAILURE_MISMATCH);
	assert_int_equal(stage_file_open(s, "key.pem", &e), -EINVAL); /* twice */
	assert_int_equal(stage_finish(s, &e), -EINVAL);		      /* files are missing */
	assert_int_equal(stage_begin(ks, "c", &s, &e), 0);
	hash[0] ^= 1;
	assert_int_equal(stage_file_open(s, "key.pem", &e), 0);
	assert_int_equal(stage_file_write(s, bytes_of_str("k"), &e), 0);
	assert_int_equal(stage_file_close(s, 1, hash, &e), FAILURE_MISMATCH);
	stage_abandon(s);
	assert_int_equal(keystore_presence(ks, "c"), KEYSTORE_ABSENT);
	strike.synced = -1;
	assert_int_equal(finish_generation(ks, "b", pem.key_b, pem.cert_b, pem.root), 1); /* the same again is fine */
	assert_int_equal(strike.synced, keystore_generations_fd(ks)); /* and synced, by whomever it was named */
	assert_int_equal(stage_begin(ks, "b", &s, &e), 0);
	assert_int_equal(stage_file(s, "key.pem", bytes_of_str(pem.key_a), &e), 0);
	assert_int_equal(stage_file(s, "chain.pem", bytes_of_str(pem.cert_a), &e), 0);
	assert_int_equal(stage_file(s, "root.pem", bytes_of_str(pem.root), &e), 0);
	assert_int_equal(stage_finish(s, &e), -EEXIST);
	(void)snprintf(file, sizeof(file), "%s/generations/b/key.pem", path);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(file, sizeof(file), "%s/generations/b", path);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	keystore_close(ks);
}

static int setup(void **state)
{
	struct authority *root = authority_new("Root"), *other = authority_new("Other root");
	const char *names = "DNS:gw.example.com,IP:192.0.2.1";

	(void)state;
	secret_init();
	pem.root = authority_pem(root);
	pem.other_root = authority_pem(other);
	authority_issue(root, "a", names, 300, &pem.key_a, &pem.cert_a);
	authority_issue(root, "b", names, 365, &pem.key_b, &pem.cert_b);
	authority_issue(root, "less", "DNS:gw.example.com", 365, &pem.key_less, &pem.cert_less);
	authority_issue(other, "other", names, 365, &pem.key_other, &pem.cert_other);
	authority_free(root);
	authority_free(other);
	return mkdtemp(base) ? 0 : -1;
}

static int teardown(void **state)
{
	char *const all[] = { pem.root,	  pem.other_root, pem.key_a,	  pem.cert_a,	pem.key_b,
			      pem.cert_b, pem.key_other,  pem.cert_other, pem.key_less, pem.cert_less };
	char *const argv[] = { (char[]) { "rm" }, (char[]) { "-rf" }, base, NULL };
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(all); i++)
		free(all[i]);
	pid = fork();
	if (pid == 0) {
		(void)execv("/bin/rm", argv);
		_exit(1);
	}
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kills),	       cmocka_unit_test(test_failures),
		cmocka_unit_test(test_stage_failures), cmocka_unit_test(test_dead_man),
		cmocka_unit_test(test_switch_rows),    cmocka_unit_test(test_serve_fails),
		cmocka_unit_test(test_fallback),       cmocka_unit_test(test_damaged_pending),
		cmocka_unit_test(test_lock),	       cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_stage_rows),     cmocka_unit_test(test_discard),
		cmocka_unit_test(test_name_used_again), cmocka_unit_test(test_open_rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
