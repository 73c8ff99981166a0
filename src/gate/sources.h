/* How many connections each source address has: a hash table with a quota. Pure, fixed memory, not locked. */
#ifndef GW_GATE_SOURCES_H
#define GW_GATE_SOURCES_H

#include "base/bytes.h"
#include "base/util.h"

/* An IPv4 address counts alone, an IPv6 address as its /64: whoever has one has them all. */
struct source_key {
	uint8_t p[8];
	bool v6;
};

struct sources;

/* At most `entries_max` different sources at one time, `quota` each (0: no quota). `seed`: 16 random bytes, so that
 * nobody can make collisions. */
struct sources *sources_new(size_t entries_max, uint64_t quota, const uint8_t seed[16]);
void sources_free(struct sources *s);
DEFINE_CLEANUP(struct sources, sources_free);

/* False: the source has its quota already (or the table is full). Every true one is given back once by sources_leave().
 */
MUST_USE bool sources_enter(struct sources *s, struct source_key key);
void sources_leave(struct sources *s, struct source_key key);

/* Different sources there are now. */
size_t sources_n(const struct sources *s);

/* From 4 or 16 address bytes; an IPv4-mapped IPv6 address is the IPv4 address. */
struct source_key source_key_of(struct bytes address);

#endif
