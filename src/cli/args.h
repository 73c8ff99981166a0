/* The command line, taken apart after the tables of verbs.h. */
#ifndef GW_CLI_ARGS_H
#define GW_CLI_ARGS_H

#include "cli/verbs.h"

#define ARGS_OPTIONS_MAX 128
#define ARGS_POSITIONAL_MAX 64

/* Every string is borrowed from argv. */
struct args {
	const struct verb *verb; /* NULL with `help` or `version`: the program's own */
	const char *noun;	 /* "certificate --help": the noun whose actions are to be listed */
	bool help, version;
	struct {
		enum opt opt;
		const char *value; /* NULL when the option has none */
	} options[ARGS_OPTIONS_MAX];
	size_t options_n;
	const char *positional[ARGS_POSITIONAL_MAX];
	size_t positional_n;
};

/* -EINVAL with one sentence that suggests the nearest verb or option. argv[0] is skipped. */
MUST_USE int args_parse(int argc, char *const *argv, struct args *ret, struct err *e);

bool args_has(const struct args *a, enum opt o);

/* The option's value, or NULL; the first one of an option that repeats. */
const char *args_get(const struct args *a, enum opt o);

/* The next value of an option that repeats; *cursor starts at 0. NULL: no more. */
const char *args_next(const struct args *a, enum opt o, size_t *cursor);

/* A decimal number within the limits; absent leaves *ret alone. -EINVAL: the sentence names the option. */
MUST_USE int args_number(const struct args *a, enum opt o, long min, long max, long *ret, struct err *e);

/* Exactly decimal digits, within the limits. */
bool args_parse_number(const char *text, long min, long max, long *ret);

#endif
