/* The command line of gatewright-gate: a table of verbs and a table of options. */
#ifndef GW_GATE_OPTIONS_H
#define GW_GATE_OPTIONS_H

#include "base/bytes.h"
#include "base/err.h"

struct buf;

enum gate_verb {
	VERB_RUN,
	VERB_INSTALL,
	VERB_ROLLBACK,
	VERB_CONFIRM,
	VERB_LIST,
	VERB_SESSION,
	VERB_STATUS,
	VERB_CHECK_CONFIG,
	VERB_VERSION,
	VERB_HELP,
	VERB_N
};

struct options {
	enum gate_verb verb;
	const char *config;	  /* NULL: the default */
	const char *argument;	  /* FILE, TOKEN or ID; NULL: none */
	int64_t confirm_within_s; /* -1: not given */
	int passphrase_fd;	  /* -1: not given */
	bool force, json;
};

/* Strings are borrowed from argv. -EINVAL with a sentence. */
MUST_USE int options_parse(int argc, char **argv, struct options *ret, struct err *e);

/* --help. */
void options_help(struct buf *out);

#endif
