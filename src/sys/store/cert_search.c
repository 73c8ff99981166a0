#include "sys/store/cert_search.h"

#include "codec/hex.h"

#include <stdio.h>
#include <string.h>

#define WORD_COMMON 20000 /* entries from which it is faster to walk over certificates than to sort entries */
#define PIECE_LETTERS 3
#define HEX_MIN 8 /* fewer digits are rather a part of a name */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Digits in any grouping, as programs and devices show them. */
static void take_hex(const char *text, char *out)
{
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		if (is_hex(*p)) {
			out[n++] = *p;
		} else if (*p != ':' && *p != ' ') {
			n = 0;
			break;
		}
	}
	out[n >= HEX_MIN ? n : 0] = '\0';
}

/* Behind the letter at `p`, one of UTF-8 or any other byte. */
static const char *letter_end(const char *p)
{
	p++;
	while (((unsigned char)*p & 0xc0) == 0x80)
		p++;
	return p;
}

/* Behind the piece that begins at `p`; NULL: it has too few letters, or bytes that are none. */
static const char *piece_end(const char *p)
{
	const char *end = p;

	for (int i = 0; i < PIECE_LETTERS; i++) {
		if (!*end)
			return NULL;
		end = letter_end(end);
	}
	return end - p <= 4 * PIECE_LETTERS ? end : NULL;
}

/* Three letters after three letters, as the words of a question to the index: each costs, and the rest is compared. */
static void take_pieces(const char *text, char out[SEARCH_PIECES_MAX * SEARCH_PIECE_SIZE + 1])
{
	size_t at = 0;
	const char *end;

	for (size_t n = 0; n < SEARCH_PIECES_MAX && (end = piece_end(text)); n++, text = end) {
		out[at++] = '"';
		for (const char *p = text; p < end; p++) {
			if (*p == '"')
				out[at++] = '"';
			out[at++] = *p;
		}
		out[at++] = '"';
		out[at++] = ' ';
	}
	out[at] = '\0';
}

static int count_words(struct store *s, struct cert_search *search, const char *word, int64_t max, int64_t *ret,
		       struct err *e)
{
	struct query q;

	(void)snprintf(search->word, sizeof(search->word), "%s", word);
	(void)snprintf(search->word_end, sizeof(search->word_end), "%s" LAST_LETTER, word);
	query_begin(&q, s, ST_CERT_WORD_MANY);
	query_text(&q, search->word);
	query_text(&q, search->word_end);
	query_i64(&q, max);
	return query_one_i64(&q, ret, e);
}

int cert_search_begin(struct store *s, const char *text, struct cert_search *ret, struct err *e)
{
	int64_t n = 0;
	int r = 0;

	*ret = (struct cert_search) { 0 };
	word_lower(ret->text, sizeof(ret->text), bytes_of_str(text));
	for (const char *p = ret->text; *p; p++)
		ret->is_wide = ret->is_wide || (unsigned char)*p >= 0x80;
	take_hex(ret->text, ret->hex);
	take_pieces(ret->text, ret->pieces);
	if (ret->hex[0])
		r = count_words(s, ret, ret->hex, 1, &n, e);
	ret->by_word = n > 0 || !ret->pieces[0];
	if (r == 0 && ret->by_word)
		r = count_words(s, ret, n > 0 ? ret->hex : ret->text, WORD_COMMON, &n, e);
	ret->is_common = n >= WORD_COMMON;
	return r;
}

static bool begins_with(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool cert_search_matches(const struct cert_search *search, const struct store_cert *c)
{
	char print[2 * FINGERPRINT_SIZE + 1];

	if (strcasestr(c->display_name, search->text) || strcasestr(c->subject, search->text) ||
	    strcasestr(c->names, search->text))
		return true;
	return search->hex[0] &&
	       (begins_with(c->serial, search->hex) ||
		begins_with(hex_encode(bytes_of(c->fingerprint, FINGERPRINT_SIZE), print), search->hex));
}
