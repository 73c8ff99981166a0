/* A reading cursor over bytes, with one sticky flag: read everything, then check `bad` once. */
#ifndef GW_BASE_RD_H
#define GW_BASE_RD_H

#include "base/bytes.h"

struct rd {
	struct bytes rest;
	bool bad;
};

static inline struct rd rd_of(struct bytes b)
{
	return (struct rd) { b, false };
}

/* Reads past the end set `bad` and give zero or no bytes. */
uint8_t rd_u8(struct rd *r);
uint16_t rd_be16(struct rd *r);
uint32_t rd_be32(struct rd *r);
uint64_t rd_be64(struct rd *r);
struct bytes rd_bytes(struct rd *r, size_t n);

/* All up to `delimiter`, which is consumed and not returned. Without one: all the rest, and *ret_found is false. */
struct bytes rd_until(struct rd *r, uint8_t delimiter, bool *ret_found);

/* Everything was read and nothing was missing. */
static inline bool rd_done(const struct rd *r)
{
	return !r->bad && r->rest.n == 0;
}

#endif
