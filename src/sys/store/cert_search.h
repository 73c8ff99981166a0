/*
 * Inside the store: how a search is answered. A piece of the display name, of the subject or of a host name finds a
 * certificate, and the first digits of its serial number or fingerprint, with or without colons and spaces. Case does
 * not matter. Fewer than three letters are no piece: then words have to begin with them.
 */
#ifndef GW_SYS_STORE_CERT_SEARCH_H
#define GW_SYS_STORE_CERT_SEARCH_H

#include "sys/store/cert_row.h"

#define SEARCH_MAX 253	     /* bytes of what is searched for: the longest host name */
#define SEARCH_PIECES_MAX 8  /* pieces of three letters that are looked up together; the rest is compared */
#define SEARCH_PIECE_SIZE 16 /* of one: three letters of UTF-8, quoted */

struct cert_search {
	bool by_word;	/* words that begin with `word`; otherwise what has all `pieces` */
	bool is_common; /* of words: so many begin so that it is faster to walk over certificates than to sort words */
	bool is_wide; /* has letters beyond ASCII, whose case the index of pieces folds better than a comparison here */
	char text[SEARCH_MAX + 1]; /* in lower case */
	char hex[SEARCH_MAX + 1];  /* the digits alone, when there are enough and nothing else; or empty */
	char word[SEARCH_MAX + 1], word_end[SEARCH_MAX + 5]; /* words from the first on and before the second */
	char pieces[SEARCH_PIECES_MAX * SEARCH_PIECE_SIZE + 1];
};

/* `text` is borrowed. */
MUST_USE int cert_search_begin(struct store *s, const char *text, struct cert_search *ret, struct err *e);

/* Whether the row has it: the index of pieces knows only that all of them are somewhere. */
bool cert_search_matches(const struct cert_search *search, const struct store_cert *c);

#endif
