#include "gate/sources.h"

#include <assert.h>
#include <stdlib.h>

/* Open addressing with linear probing, half empty at the fullest; removal shifts back, so there are no tombstones. */
struct slot {
	struct source_key key;
	uint64_t n; /* 0: free */
};

struct sources {
	struct slot *slots;
	size_t mask, used, used_max;
	uint64_t quota;
	uint64_t seed[2];
};

struct sources *sources_new(size_t entries_max, uint64_t quota, const uint8_t seed[16])
{
	struct sources *s = calloc(1, sizeof(*s));
	size_t slots_n = 16;

	while (slots_n < entries_max * 2)
		slots_n *= 2;
	if (s)
		s->slots = calloc(slots_n, sizeof(*s->slots));
	if (!s || !s->slots) {
		free(s);
		return NULL;
	}
	s->mask = slots_n - 1;
	s->used_max = entries_max;
	s->quota = quota;
	memcpy(s->seed, seed, 16);
	return s;
}

void sources_free(struct sources *s)
{
	if (!s)
		return;
	free(s->slots);
	free(s);
}

size_t sources_n(const struct sources *s)
{
	return s->used;
}

struct source_key source_key_of(struct bytes address)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct source_key k = { 0 };

	if (address.n == 16 && memcmp(address.p, mapped, 12) == 0)
		address = bytes_of(address.p + 12, 4);
	k.v6 = address.n == 16;
	if (address.n == 4 || address.n == 16)
		memcpy(k.p, address.p, address.n == 4 ? 4 : 8);
	return k;
}

static uint64_t rotate(uint64_t v, int n)
{
	return v << n | v >> (64 - n);
}

static void round_of(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 of one block (Aumasson, Bernstein 2012): keyed, so that sources can't be chosen to collide. */
static size_t home_of(const struct sources *s, struct source_key key)
{
	uint64_t v[4] = { s->seed[0] ^ 0x736f6d6570736575u, s->seed[1] ^ 0x646f72616e646f6du,
			  s->seed[0] ^ 0x6c7967656e657261u, s->seed[1] ^ 0x7465646279746573u };
	uint64_t block;

	memcpy(&block, key.p, sizeof(block));
	v[3] ^= block;
	round_of(v);
	v[0] ^= block;
	v[3] ^= key.v6;
	round_of(v);
	v[0] ^= key.v6;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		round_of(v);
	return (size_t)(v[0] ^ v[1] ^ v[2] ^ v[3]) & s->mask;
}

static bool same(struct source_key a, struct source_key b)
{
	return a.v6 == b.v6 && memcmp(a.p, b.p, sizeof(a.p)) == 0;
}

/* The source's slot, or the free one where it would go. */
static size_t find(const struct sources *s, struct source_key key)
{
	size_t i = home_of(s, key);

	while (s->slots[i].n > 0 && !same(s->slots[i].key, key))
		i = (i + 1) & s->mask;
	return i;
}

bool sources_enter(struct sources *s, struct source_key key)
{
	struct slot *slot = &s->slots[find(s, key)];

	if (slot->n == 0) {
		if (s->used == s->used_max)
			return false;
		s->used++;
		slot->key = key;
	}
	if (s->quota > 0 && slot->n >= s->quota)
		return false;
	slot->n++;
	return true;
}

/* Close the gap: whoever probed over the freed slot moves into it. */
static void shift_back(struct sources *s, size_t gap)
{
	for (size_t i = (gap + 1) & s->mask; s->slots[i].n > 0; i = (i + 1) & s->mask) {
		size_t home = home_of(s, s->slots[i].key);

		if (((i - home) & s->mask) < ((i - gap) & s->mask))
			continue;
		s->slots[gap] = s->slots[i];
		s->slots[i].n = 0;
		gap = i;
	}
}

void sources_leave(struct sources *s, struct source_key key)
{
	size_t i = find(s, key);

	assert(s->slots[i].n > 0);
	if (--s->slots[i].n > 0)
		return;
	s->used--;
	shift_back(s, i);
}
