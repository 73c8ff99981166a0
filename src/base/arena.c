#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_MIN 4000

struct chunk {
	struct chunk *next;
	size_t n, capacity;
	alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct chunk *chunks;
	size_t left;
};

struct arena *arena_new(size_t max)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a)
		a->left = max;
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	while (a->chunks) {
		struct chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	free(a);
}

static struct chunk *add_chunk(struct arena *a, size_t n)
{
	size_t capacity = n > CHUNK_MIN ? n : CHUNK_MIN;
	struct chunk *c = calloc(1, sizeof(*c) + capacity);

	if (!c)
		return NULL;
	c->capacity = capacity;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct chunk *c = a->chunks;
	void *p;

	if (n > a->left || n > SIZE_MAX / 2)
		return NULL;
	n = (n + align - 1) / align * align;
	if (!c || c->capacity - c->n < n)
		c = add_chunk(a, n);
	if (!c)
		return NULL;
	p = c->data + c->n;
	c->n += n;
	a->left -= n < a->left ? n : a->left;
	return p;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return NULL;
	return arena_alloc(a, n);
}

char *arena_str(struct arena *a, struct bytes b)
{
	char *s = arena_alloc(a, b.n + 1);

	if (s && b.n > 0)
		memcpy(s, b.p, b.n);
	return s;
}

bool arena_bytes(struct arena *a, struct bytes b, struct bytes *ret)
{
	uint8_t *p;

	if (b.n == 0) {
		*ret = BYTES_NONE;
		return true;
	}
	p = arena_alloc(a, b.n);
	if (!p)
		return false;
	memcpy(p, b.p, b.n);
	*ret = bytes_of(p, b.n);
	return true;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return NULL;
	s = arena_alloc(a, (size_t)n + 1);
	if (!s)
		return NULL;
	va_start(args, format);
	(void)vsnprintf(s, (size_t)n + 1, format, args);
	va_end(args);
	return s;
}
