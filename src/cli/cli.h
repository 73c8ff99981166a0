/*
 * What every verb of the command line works with: where to print, whether a person is there, and the way to
 * gatewrightd.
 */
#ifndef GW_CLI_CLI_H
#define GW_CLI_CLI_H

#include "base/err.h"
#include "base/time.h"
#include "sys/http/client.h"
#include "sys/secret.h"

#include <stdio.h>

/* Exit codes; man/gatewright.1 says the same. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,	     /* could not be done; the sentence says why */
	CLI_USAGE = 2,	     /* the command line itself is wrong; nothing was asked of gatewrightd */
	CLI_REFUSED = 3,     /* a check said no; nothing was changed */
	CLI_ROLLED_BACK = 4, /* the old keystore is served again */
	CLI_UNREACHABLE = 5, /* gatewrightd can't be reached, or does not let this user in */
	CLI_UNKNOWN = 6,     /* it was asked for, and how it ended is not known */
};

struct cli {
	FILE *out, *err;
	const char *socket;	  /* borrowed */
	struct http_client *http; /* opened at the first call */
	struct secret *token;	  /* that every call acts as; NULL: the user of this machine */
	bool json;
	bool out_is_terminal, err_is_terminal;
	bool can_ask; /* standard input and the controlling terminal are there */
	bool colour;  /* of `out` */
	bool utf8;    /* the locale's characters are UTF-8 */
	int width;    /* columns of the terminal; 0: no terminal, lines are not cut */
	struct wall_time now;
	struct mono_time
		outage_limit; /* how long a lost gatewrightd is waited for while a job is watched, milliseconds */
};

/* Fill from the process: descriptors, terminal, NO_COLOR, locale, clock. */
void cli_init(struct cli *cli);
void cli_fini(struct cli *cli);

/* "gatewright: sentence" on the error stream; control characters in it are escaped. */
void cli_say_error(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same for an error, and the exit code that is passed through. */
int cli_fail(const struct cli *cli, int exit_code, const struct err *e);

/* A line on the output stream; control characters are escaped. */
void cli_say(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* A note for a person on the error stream, without the program's name. */
void cli_note(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
