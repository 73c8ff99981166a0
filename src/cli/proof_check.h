/*
 * What a proof says against what its certificates say: everything that can be computed again is computed again. Pure
 * but for the parsing of certificates.
 */
#ifndef GW_CLI_PROOF_CHECK_H
#define GW_CLI_PROOF_CHECK_H

#include "cli/output/json.h"

#define PROOF_LINES_MAX 64

struct proof_line {
	bool good;
	char text[512];
};

/* Each check as one sentence, in order. */
struct proof_verdict {
	struct proof_line lines[PROOF_LINES_MAX];
	size_t n;
	bool bad; /* one of them is not good, or they did not all fit */
};

/* `payload` is the verified payload. -ENOMEM; else 0, and the verdict says. */
MUST_USE int proof_check(const json_t *payload, struct proof_verdict *ret, struct err *e);

#endif
