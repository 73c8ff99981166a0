/* A borrowed view of bytes that somebody else owns. */
#ifndef GW_BASE_BYTES_H
#define GW_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *p;
	size_t n;
};

#define BYTES_NONE ((struct bytes) { NULL, 0 })

static inline struct bytes bytes_of(const void *p, size_t n)
{
	return (struct bytes) { (const uint8_t *)p, n };
}

/* The bytes of a NUL-terminated string, without the NUL; NULL gives no bytes. */
static inline struct bytes bytes_of_str(const char *s)
{
	return (struct bytes) { (const uint8_t *)s, s ? strlen(s) : 0 };
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal to a NUL-terminated string? */
bool bytes_equal_str(struct bytes a, const char *s);

/* Equal when ASCII letters are compared without case? */
bool bytes_equal_ascii_nocase(struct bytes a, struct bytes b);

/* Does the view contain a NUL byte or another ASCII control character? */
bool bytes_has_control(struct bytes a);

/* Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF)? */
bool bytes_is_utf8(struct bytes a);

/* Take out, in place, what is no UTF-8: half a character where a text was cut. Returns `text`. */
char *text_keep_utf8(char *text);

/* Without ASCII white space at both ends. */
struct bytes bytes_trim(struct bytes a);

/* A NUL-terminated copy; NULL without memory or when the view has a NUL byte. Returned: free(). */
char *bytes_strdup(struct bytes a);

#endif
