/* Runs a fuzz target over files and directories of files; TAP on standard output, one line per file. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static int count, failures;

static void report(bool good, const char *name, const char *why)
{
	printf("%sok %d - %s%s%s\n", good ? "" : "not ", ++count, name, why ? ": " : "", why ? why : "");
	failures += !good;
}

/* The name is written out first: when the target aborts, it is the last line there. */
static void replay_file(const char *path)
{
	uint8_t *data = malloc(FUZZ_INPUT_MAX);
	FILE *f = fopen(path, "rb");
	size_t n = 0;

	if (!f || !data) {
		report(false, path, strerror(errno));
	} else {
		uint8_t *exact;

		n = fread(data, 1, FUZZ_INPUT_MAX, f);
		exact = malloc(n > 0 ? n : 1); /* of just this size, so that a sanitizer sees one byte too far */
		printf("# %s\n", path);
		fflush(stdout);
		if (exact) {
			memcpy(exact, data, n);
			(void)LLVMFuzzerTestOneInput(exact, n);
		}
		report(exact != NULL, path, NULL);
		free(exact);
	}
	if (f)
		fclose(f);
	free(data);
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void replay_directory(const char *path)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, is_visible, alphasort);

	if (n <= 0)
		report(false, path, n < 0 ? strerror(errno) : "no files");
	for (int i = 0; i < n; i++) {
		char name[4096];

		(void)snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		replay_file(name);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			replay_directory(argv[i]);
		else
			replay_file(argv[i]);
	}
	printf("1..%d\n", count);
	return failures > 0 || count == 0;
}
