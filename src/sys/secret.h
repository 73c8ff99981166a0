/* Secrets: locked pages with guards, no core dump, wiped on free (libsodium). There is no way to print one. */
#ifndef GW_SYS_SECRET_H
#define GW_SYS_SECRET_H

#include "base/bytes.h"
#include "base/err.h"

struct secret;

/* Call once per process before any other: core dumps off, sodium_init, freed heap memory overwritten (M_PERTURB).
 * Aborts when that is impossible. */
void secret_init(void);

/*
 * For the processes that hold private keys (keys, deploy), after secret_init(): OpenSSL keeps the private numbers of
 * keys in locked memory of its own, of fixed size. Not for the gate, where peers could fill it with unfinished
 * handshakes.
 */
void secret_init_key_heap(void);

/* `n` zeroed bytes. NULL without memory. Returned: secret_free(), which wipes. */
struct secret *secret_new(size_t n);
void secret_free(struct secret *s);
DEFINE_CLEANUP(struct secret, secret_free);

/* A copy of `b`; the caller wipes its own. */
struct secret *secret_of(struct bytes b);

/* Borrowed until secret_free() or secret_truncate(). A NUL follows the bytes (not counted), so that libc calls work. */
struct bytes secret_bytes(const struct secret *s);
uint8_t *secret_data(struct secret *s);

/* Keep the first `n` bytes (n at most the size); the rest is wiped. */
void secret_truncate(struct secret *s, size_t n);

bool secret_equal(const struct secret *a, struct bytes b);

/*
 * Read one line (a password) without its newline from `fd`: at most `max` bytes, one byte at a time so that nothing
 * behind it is taken; or everything up to end of file. -EINVAL when it is longer than `max` or has a NUL; -ENODATA when
 * the file ends before a line begins (an empty line is an empty secret).
 */
MUST_USE int secret_read_line(int fd, size_t max, struct secret **ret, struct err *e);
MUST_USE int secret_read_all(int fd, size_t max, struct secret **ret, struct err *e);

/* Ask on the controlling terminal without echo. -ENOTTY without one, -EINTR when a signal came. */
MUST_USE int secret_ask(const char *prompt, size_t max, struct secret **ret, struct err *e);

#endif
