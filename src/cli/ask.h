/* Questions and secrets. Nothing is asked unless a terminal is there; a secret never comes from an argument. */
#ifndef GW_CLI_ASK_H
#define GW_CLI_ASK_H

#include "base/limits.h"
#include "cli/args.h"
#include "cli/output/json.h"
#include "sys/secret.h"

#define ASK_SECRET_MAX LIMIT_ASK_SECRET_MAX
#define ASK_KEY_MAX LIMIT_ASK_KEY_MAX

/* "question [y/N]" on the controlling terminal. 0 yes; CLI_FAILED no; only with cli->can_ask. */
int ask_yes_no(const struct cli *cli, const char *question);

struct ask_secret {
	enum opt fd, from_stdin; /* OPT_N: the verb has none */
	const char *prompt;	 /* NULL: never asked on the terminal, absent is fine (*ret NULL) */
	bool twice;		 /* a new passphrase is asked for twice */
	const char *what;	 /* "passphrase", for sentences */
};

/*
 * From the descriptor, standard input, or the terminal. 0 or an exit code with the sentence printed. Returned:
 * secret_free().
 */
MUST_USE int ask_secret(const struct cli *cli, const struct args *args, const struct ask_secret *ask,
			struct secret **ret);

/* A JSON string of the secret (jansson's memory is wiped); NULL with a sentence when it is not UTF-8. */
MUST_USE int ask_secret_to_json(const struct cli *cli, const struct secret *s, const char *what, json_t *object,
				const char *member);

#endif
