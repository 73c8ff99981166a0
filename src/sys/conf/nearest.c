#include "sys/conf/nearest.h"

#define NAME_MAX_LENGTH 64

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * How many letters must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment).
 * Three rows of the usual matrix are enough. "_" and "-" are the same letter here: that is what people mix up.
 */
static bool same_letter(char x, char y)
{
	return x == y || ((x == '-' || x == '_') && (y == '-' || y == '_'));
}

static size_t distance(const char *a, size_t a_n, const char *b, size_t b_n)
{
	size_t rows[3][NAME_MAX_LENGTH + 1];
	size_t *before = rows[0], *above = rows[1], *line = rows[2];

	for (size_t j = 0; j <= b_n; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_n; i++) {
		size_t *oldest = before;

		line[0] = i;
		for (size_t j = 1; j <= b_n; j++) {
			size_t cost = same_letter(a[i - 1], b[j - 1]) ? 0 : 1;

			line[j] = min3(above[j] + 1, line[j - 1] + 1, above[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < line[j])
				line[j] = before[j - 2] + 1;
		}
		before = above;
		above = line;
		line = oldest;
	}
	return above[b_n];
}

const char *nearest_option(struct bytes typed, const struct conf_row *rows, size_t rows_n)
{
	const char *best = NULL;
	size_t best_distance = NAME_MAX_LENGTH;

	if (typed.n == 0 || typed.n > NAME_MAX_LENGTH)
		return NULL;
	for (size_t i = 0; i < rows_n; i++) {
		size_t n = strlen(rows[i].name), d;

		if (n > NAME_MAX_LENGTH)
			continue;
		d = distance((const char *)typed.p, typed.n, rows[i].name, n);
		if (d < best_distance && d * 3 <= n + 2) {
			best_distance = d;
			best = rows[i].name;
		}
	}
	return best;
}
