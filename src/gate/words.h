/* One request line taken apart into words; shared by the host session and the control socket. */
#ifndef GW_GATE_WORDS_H
#define GW_GATE_WORDS_H

#include "base/bytes.h"
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

#endif
