/* Signing in with a password for the verbs that only a session may do, and out again (docs/api.md, "Sessions"). */
#ifndef GW_CLI_SIGN_IN_H
#define GW_CLI_SIGN_IN_H

#include "cli/ask.h"

/*
 * Sign in as `user`: the password from the options or the terminal, a code when the daemon wants one. From then on
 * every call is that session's. 0, or an exit code with the sentence printed. *ret: the password, for calls that want
 * it again; returned: secret_free().
 */
MUST_USE int sign_in(struct cli *cli, const struct args *args, const char *user, struct secret **ret);

/* End the session. The exit code of the deed, `done`, unless that was CLI_DONE and this fails. */
int sign_out(struct cli *cli, const struct args *args, int done);

/* A code of the second factor, set as `code` in `body`. 0 or an exit code with the sentence printed. */
MUST_USE int sign_in_code(struct cli *cli, const struct args *args, const char *prompt, json_t *body);

#endif
