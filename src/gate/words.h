/* One request line taken apart into words; shared by the host session and the control socket. */
#ifndef GW_GATE_WORDS_H
#define GW_GATE_WORDS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"

struct words {
	struct bytes w[LIMIT_HOST_WORDS_MAX];
	size_t n;
};

/* Words of [A-Za-z0-9._:@+=/-]+ with one space between. False: not such a line, or too many words. Borrowed from
 * `line`. */
bool words_split(struct bytes line, struct words *ret);

/* Decimal digits only, at most `max`. */
bool words_number(struct bytes word, uint64_t max, uint64_t *ret);

/* The word with a NUL in `out`; false when it does not fit. */
bool words_copy(struct bytes word, char *out, size_t size);

/* A request: its first word, how many words it has, and who answers it. */
struct words_verb {
	const char *name;
	size_t words_n;
	int (*answer)(void *context, struct err *e);
};

/* Split `line` into *words, which the answering function may read, and let its verb answer. -EINVAL: it is none. */
MUST_USE int words_answer(const struct words_verb *verbs, size_t verbs_n, struct bytes line, struct words *words,
			  void *context, struct err *e);

#endif
