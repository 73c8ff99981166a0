/*
 * issue_bench bare N, or issue_bench api SOCKET ISSUER N BATCH: milliseconds of wall time for one P-256 key and leaf,
 * by OpenSSL alone or by a gatewrightd that runs, BATCH certificates per call. The caller pins all of it to one core.
 */
#include "api.h"
#include "bare.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int number(const char *text, int max)
{
	long n = text ? strtol(text, NULL, 10) : 0;

	return n >= 1 && n <= max ? (int)n : 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: issue_bench bare N | api SOCKET ISSUER N BATCH\n");
	return 64;
}

int main(int argc, char **argv)
{
	bool bare = argc == 3 && strcmp(argv[1], "bare") == 0, api = argc == 6 && strcmp(argv[1], "api") == 0;
	int n = number(bare ? argv[2] : api ? argv[4] : NULL, 100000), batch = api ? number(argv[5], n) : 1;
	struct err e = { 0 };
	double ms = -1;

	if (n == 0 || batch == 0)
		return usage();
	if (bare)
		ms = bare_issue(n);
	else if (api_issue(argv[2], number(argv[3], 1000000), n, batch, &ms, &e) < 0)
		ms = -1;
	if (ms < 0) {
		fprintf(stderr, "issue_bench: %s\n", err_text(&e));
		return 1;
	}
	printf("%.4f\n", ms);
	return 0;
}
