/* Bytes that grow up to a maximum given at the start. */
#ifndef GW_BASE_BUF_H
#define GW_BASE_BUF_H

#include "base/bytes.h"
#include "base/util.h"

#include <stdarg.h>

/*
 * Writers never fail one by one: an append that does not fit, or finds no memory, sets `bad` and changes nothing, and
 * so does every later one. Check once with buf_bad() before the content is used.
 */
struct buf {
	uint8_t *p;
	size_t n, capacity, max;
	bool bad;
};

void buf_init(struct buf *b, size_t max);

/* Frees the memory; the buffer is empty and usable again with the same maximum. Safe on a zeroed struct. */
void buf_fini(struct buf *b);

/* Overwrites the content before freeing it. For what was secret in passing. */
void buf_wipe(struct buf *b);

void buf_reset(struct buf *b);
void buf_add(struct buf *b, struct bytes data);
void buf_add_str(struct buf *b, const char *s);
void buf_add_u8(struct buf *b, uint8_t v);
void buf_add_be16(struct buf *b, uint16_t v);
void buf_add_be32(struct buf *b, uint32_t v);
void buf_add_be64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);

/* Make room for `n` more bytes and return where they go, or NULL (and bad). buf_added() says how many came. */
uint8_t *buf_reserve(struct buf *b, size_t n);
void buf_added(struct buf *b, size_t n);

/* Drop the first `n` bytes (at most what is there). */
void buf_consume(struct buf *b, size_t n);

static inline bool buf_bad(const struct buf *b)
{
	return b->bad;
}

/* Borrowed until the next change of the buffer. */
static inline struct bytes buf_bytes(const struct buf *b)
{
	return bytes_of(b->p, b->n);
}

/* The content with a NUL behind it (not counted), or NULL when bad. Borrowed until the next change. */
const char *buf_str(struct buf *b);

#endif
