#include "cli/suggest.h"

#include <string.h>

static size_t min_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t suggest_distance(const char *a, const char *b)
{
	size_t d[SUGGEST_WORD_MAX + 1][SUGGEST_WORD_MAX + 1];
	size_t a_n = min_of(strlen(a), SUGGEST_WORD_MAX), b_n = min_of(strlen(b), SUGGEST_WORD_MAX);

	for (size_t i = 0; i <= a_n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= b_n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_n; i++) {
		for (size_t j = 1; j <= b_n; j++) {
			d[i][j] =
				min_of(min_of(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = min_of(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_n][b_n];
}

void suggest_consider(struct suggestion *s, const char *typed, const char *word)
{
	size_t distance = suggest_distance(typed, word);

	/* "cert" for "certificate": who stops typing means what begins like it. */
	if (strlen(typed) >= 3 && strncmp(word, typed, strlen(typed)) == 0)
		distance = 1;
	if (!s->word || distance < s->distance)
		*s = (struct suggestion) { word, distance };
}

const char *suggest_word(const struct suggestion *s, const char *typed)
{
	size_t allowed = strlen(typed) / 3;

	return s->word && s->distance <= (allowed > 0 ? allowed : 1) ? s->word : NULL;
}
