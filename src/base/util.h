/* Small macros that every file may use. */
#ifndef GW_BASE_UTIL_H
#define GW_BASE_UTIL_H

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))

/* clang says in another way than gcc that this is a build with AddressSanitizer. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* Run `fn(&variable)` when the variable leaves its scope; fn takes a pointer to the variable and accepts NULL in it. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hand the pointer on and leave NULL behind, so that the scope's cleanup does nothing. */
#define TAKE(p)                              \
	__extension__({                      \
		__typeof__(p) taken__ = (p); \
		(p) = NULL;                  \
		taken__;                     \
	})

/* Define `name##p(T **)` for CLEANUP from `name(T *)`. */
#define DEFINE_CLEANUP(type, name)           \
	static inline void name##p(type **p) \
	{                                    \
		name(*p);                    \
	}                                    \
	struct cleanup_needs_a_semicolon_##name

#define ARRAY_N(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n) (1u << (n))

/* For a MUST_USE call whose failure changes nothing for the caller. */
static inline void util_ignore(int outcome)
{
	(void)outcome;
}

/* CLEANUP for malloc'ed memory of any type. */
void util_freep(void *pointer_to_pointer);

#endif
