/* Files as the command line writes them: all or nothing, mode 0600, never over what is there unless asked. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/gatewright-files-XXXXXX";

static const char *path_of(const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/%s", directory, name);
	return out;
}

/* How many entries the directory has: nothing half written stays behind. */
static int entries(void)
{
	DIR *d = opendir(directory);
	int n = 0;

	assert_non_null(d);
	for (struct dirent *entry = readdir(d); entry; entry = readdir(d))
		n += entry->d_name[0] != '.' || (entry->d_name[1] != '\0' && entry->d_name[1] != '.');
	(void)closedir(d);
	return n;
}

static void file_is(const char *path, const char *content)
{
	struct err e = { 0 };
	struct stat st;
	struct buf b;

	buf_init(&b, 1024);
	assert_int_equal(files_read(path, &b, &e), 0);
	assert_true(bytes_equal_str(buf_bytes(&b), content));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	buf_fini(&b);
}

static void test_write(void **state)
{
	char path[256], link_path[256];
	struct err e = { 0 };

	(void)state;
	(void)umask(0);
	assert_int_equal(files_write(path_of("new", path), bytes_of_str("one"), false, &e), 0);
	file_is(path, "one");
	assert_int_equal(files_write(path, bytes_of_str("two"), false, &e), -EEXIST);
	assert_non_null(strstr(e.text, "is there already: want a new name, or '--overwrite'"));
	file_is(path, "one");
	assert_int_equal(files_write(path, bytes_of_str("two"), true, &e), 0);
	file_is(path, "two");
	assert_int_equal(entries(), 1);
	/* A link is what is replaced, never what it points to. */
	assert_int_equal(symlink(path, path_of("link", link_path)), 0);
	assert_int_equal(files_write(link_path, bytes_of_str("three"), false, &e), -EEXIST);
	assert_int_equal(files_write(link_path, bytes_of_str("three"), true, &e), 0);
	file_is(link_path, "three");
	file_is(path, "two");
	assert_int_equal(unlink(link_path), 0);
	assert_int_equal(unlink(path), 0);
}

static void test_refused(void **state)
{
	char path[256];
	struct err e = { 0 };
	struct buf b;

	(void)state;
	assert_int_equal(files_write(path_of("none/file", path), bytes_of_str("x"), false, &e), -ENOENT);
	assert_int_equal(files_write(path_of("", path), bytes_of_str("x"), false, &e), -EINVAL);
	assert_int_equal(entries(), 0);
	buf_init(&b, 4);
	assert_int_equal(files_read(path_of("missing", path), &b, &e), -ENOENT);
	assert_int_equal(files_write(path_of("five", path), bytes_of_str("12345"), false, &e), 0);
	assert_int_equal(files_read(path, &b, &e), -E2BIG);
	buf_fini(&b);
	buf_init(&b, 5);
	assert_int_equal(files_read(path, &b, &e), 0);
	assert_int_equal(b.n, 5);
	buf_fini(&b);
	assert_int_equal(unlink(path), 0);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
