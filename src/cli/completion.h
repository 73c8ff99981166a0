/* Shell completions, made from the tables of verbs.h; dist/completion/ holds what these print, a test compares. */
#ifndef GW_CLI_COMPLETION_H
#define GW_CLI_COMPLETION_H

#include "cli/verbs.h"

/* `shell` is "bash", "zsh" or "fish"; false for another one. */
bool completion_print(FILE *out, const char *shell);

/* "certificate", "gateway", "job", "target": one "word TAB description" a line, nothing when gatewrightd is away. */
int completion_words(struct cli *cli, const char *kind);

#endif
