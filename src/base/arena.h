/* Memory that is freed all at once: one arena per request, job or parsed certificate. */
#ifndef GW_BASE_ARENA_H
#define GW_BASE_ARENA_H

#include "base/bytes.h"
#include "base/util.h"

struct arena;

/* `max` bytes at most are ever handed out. NULL without memory. Returned: arena_free(). */
struct arena *arena_new(size_t max);
void arena_free(struct arena *a);
DEFINE_CLEANUP(struct arena, arena_free);

/* Zeroed and aligned for any type; NULL when the maximum or the memory is used up. Lives as long as the arena. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_alloc_array(struct arena *a, size_t count, size_t size);

/* Copies; NULL as above. The string copy stops at `b.n` and adds a NUL. */
char *arena_str(struct arena *a, struct bytes b);
bool arena_bytes(struct arena *a, struct bytes b, struct bytes *ret);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
