/* What a local command tells a person, or a program with --json. */
#ifndef GW_GATE_REPORT_H
#define GW_GATE_REPORT_H

#include "core/pki/findings.h"
#include "gate/generation.h"

struct report {
	const char *outcome; /* "installed" "awaiting-confirmation" "not-proven" "refused" "rolled-back" "failed"
				"confirmed" */
	char generation[KEYSTORE_ID_SIZE];
	char fingerprint[GENERATION_HEX_SIZE];
	char token[KEYSTORE_TOKEN_SIZE]; /* while it awaits its confirmation */
	int64_t seconds;
	bool proven;
	struct err detail;	   /* the sentence of a failure */
	struct findings *findings; /* borrowed; NULL: none */
};

/* To standard output; findings and failures of the plain form to standard error. */
void report_print(const struct report *r, bool json);

/* Write `b` to standard output. */
void report_write(struct buf *b);

#endif
