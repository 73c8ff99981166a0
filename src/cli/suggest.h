/* The word that somebody probably meant. */
#ifndef GW_CLI_SUGGEST_H
#define GW_CLI_SUGGEST_H

#include <stddef.h>

#define SUGGEST_WORD_MAX 32

/*
 * Insertions, deletions, replacements and swaps of neighbours between two words (Damerau, restricted); long words are
 * cut.
 */
size_t suggest_distance(const char *a, const char *b);

/* Keep the nearest of the words given one after the other. Zero it to start. */
struct suggestion {
	const char *word;
	size_t distance;
};
void suggest_consider(struct suggestion *s, const char *typed, const char *word);

/* The word, or NULL when nothing is near enough (a third of the letters, one at least). */
const char *suggest_word(const struct suggestion *s, const char *typed);

#endif
