/*
 * issue_bench WHAT DIRECTORY N [BATCH]: milliseconds of wall time for one P-256 key and leaf. WHAT: "product" (manager,
 * keys process and store, BATCH certificates per call) or "bare" (OpenSSL alone). The caller pins it to one core.
 */
#include "bare.h"
#include "product.h"
#include "sys/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct err e = { 0 };
	double ms = -1;
	long n = argc > 3 ? strtol(argv[3], NULL, 10) : 0, batch = argc > 4 ? strtol(argv[4], NULL, 10) : 1;

	if (n < 1 || n > 100000 || batch < 1 || batch > n) {
		fprintf(stderr, "usage: issue_bench product|bare DIRECTORY N [BATCH]\n");
		return 64;
	}
	secret_init();
	if (strcmp(argv[1], "bare") == 0)
		ms = bare_issue((int)n);
	else if (product_issue(argv[2], (int)n, (int)batch, &ms, &e) < 0)
		ms = -1;
	if (ms < 0) {
		fprintf(stderr, "issue_bench: %s\n", err_text(&e));
		return 1;
	}
	printf("%.4f\n", ms);
	return 0;
}
