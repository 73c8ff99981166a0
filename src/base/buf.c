#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf) { .max = max };
}

void buf_fini(struct buf *b)
{
	free(b->p);
	*b = (struct buf) { .max = b->max };
}

void buf_wipe(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->capacity);
	buf_fini(b);
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->bad = false;
}

/* Grows by copying and wiping, never by realloc(): nothing that was in the buffer stays behind in freed memory. */
static bool grow(struct buf *b, size_t capacity)
{
	uint8_t *p = malloc(capacity);

	if (!p)
		return false;
	if (b->n > 0)
		memcpy(p, b->p, b->n);
	if (b->p)
		explicit_bzero(b->p, b->capacity);
	free(b->p);
	b->p = p;
	b->capacity = capacity;
	return true;
}

uint8_t *buf_reserve(struct buf *b, size_t n)
{
	size_t capacity = b->capacity ? b->capacity : 64;

	if (b->bad || n > b->max || b->n > b->max - n) {
		b->bad = true;
		return NULL;
	}
	while (capacity < b->n + n)
		capacity = capacity > b->max / 2 ? b->max : capacity * 2;
	if (capacity > b->capacity && !grow(b, capacity)) {
		b->bad = true;
		return NULL;
	}
	return b->p + b->n;
}

void buf_added(struct buf *b, size_t n)
{
	b->n += n;
}

void buf_add(struct buf *b, struct bytes data)
{
	uint8_t *p = buf_reserve(b, data.n);

	if (!p || data.n == 0)
		return;
	memcpy(p, data.p, data.n);
	buf_added(b, data.n);
}

void buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, bytes_of_str(s));
}

void buf_add_u8(struct buf *b, uint8_t v)
{
	buf_add(b, bytes_of(&v, 1));
}

void buf_add_be16(struct buf *b, uint16_t v)
{
	uint8_t p[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	buf_add(b, bytes_of(p, sizeof(p)));
}

void buf_add_be32(struct buf *b, uint32_t v)
{
	uint8_t p[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	buf_add(b, bytes_of(p, sizeof(p)));
}

void buf_add_be64(struct buf *b, uint64_t v)
{
	uint8_t p[8];

	for (size_t i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
	buf_add(b, bytes_of(p, sizeof(p)));
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	int n;
	uint8_t *p;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0) {
		b->bad = true;
		return;
	}
	p = buf_reserve(b, (size_t)n + 1);
	if (!p)
		return;
	(void)vsnprintf((char *)p, (size_t)n + 1, format, args);
	buf_added(b, (size_t)n);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

void buf_consume(struct buf *b, size_t n)
{
	if (n > b->n)
		n = b->n;
	b->n -= n;
	if (n > 0 && b->n > 0)
		memmove(b->p, b->p + n, b->n);
}

const char *buf_str(struct buf *b)
{
	uint8_t *end = buf_reserve(b, 1);

	if (!end)
		return NULL;
	*end = 0;
	return (const char *)b->p;
}
