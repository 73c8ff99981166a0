/*
 * The command line as tables: every option and every verb is one row. The parser, the help texts, the completions, and
 * the tests of the manual page read these rows and nothing else.
 */
#ifndef GW_CLI_VERBS_H
#define GW_CLI_VERBS_H

#include "cli/cli.h"

enum opt {
#define OPTION(symbol, name, value, complete, repeats, field, help) OPT_##symbol,
#include "cli/options.def"
#undef OPTION
	OPT_N
};

/* What a shell offers for a value or an argument. */
enum complete {
	COMPLETE_NONE,
	COMPLETE_FILE,
	COMPLETE_CERTIFICATE,
	COMPLETE_GATEWAY,
	COMPLETE_JOB,
	COMPLETE_TARGET,
	COMPLETE_USER,
	COMPLETE_WORDS, /* the words of `value`, separated by "|" */
	COMPLETE_N
};

struct option_row {
	const char *name;  /* without "--" */
	const char *value; /* what stands for its value in help, NULL: it has none */
	enum complete complete;
	bool repeats;
	const char *field; /* the API's field that a finding may name, or "" */
	const char *help;
};

struct args;

/* A set of options: bits of enum opt. */
__extension__ typedef unsigned __int128 option_set;

struct verb {
	const char *noun, *action; /* action NULL: the noun stands alone */
	const char *arguments;	   /* "GATEWAY", "FILE...", "" */
	int arguments_min, arguments_max;
	enum complete complete; /* of the arguments */
	option_set options;	/* VERB_OPTION(...) */
	const char *api;	/* the calls behind it, separated by ", ", for tests and for people */
	const char *summary;	/* one line, no full stop */
	const char *help;	/* more, or NULL; lines of at most 78 characters */
	int (*run)(struct cli *cli, const struct args *args);
};

#define VERB_OPTION(symbol) ((option_set)1 << OPT_##symbol)
/* Options that every verb takes. */
#define VERB_COMMON \
	(VERB_OPTION(HELP) | VERB_OPTION(JSON) | VERB_OPTION(SOCKET) | VERB_OPTION(TOKEN_FD) | VERB_OPTION(TOKEN_FILE))

extern const struct option_row option_rows[OPT_N];
extern const struct verb verbs[];
extern const size_t verbs_n;

/* Does the verb take the option? */
bool verb_takes(const struct verb *v, enum opt o);

/* The verb, or NULL. `action` NULL for a noun alone. */
const struct verb *verb_find(const char *noun, const char *action);
bool verb_is_noun(const char *word);

/* The option of this verb to which the API's field belongs, or OPT_N. */
enum opt verb_option_of_field(const struct verb *v, const char *field);

#endif
