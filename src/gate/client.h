/* Asking the running gate over its control socket. Blocking, with a limit. */
#ifndef GW_GATE_CLIENT_H
#define GW_GATE_CLIENT_H

#include "base/buf.h"
#include "base/err.h"

struct client_answer {
	struct buf text; /* the "= KEY VALUE" lines */
};

/*
 * Send one request line (printf-like, no newline) and read its answer. 0: "ok". Negative: the kind of the failure word,
 * its sentence in `e`; FAILURE_NOT_RUNNING when nobody listens. Facts can be read in both cases. *ret:
 * client_answer_fini() always.
 */
MUST_USE int client_call(const char *socket_path, struct client_answer *ret, struct err *e, const char *format, ...)
	PRINTF_LIKE(4, 5);
void client_answer_fini(struct client_answer *a);

/* Value of the first fact with that key at or after *cursor, which moves behind it; false: none. Borrowed. */
bool client_next(const struct client_answer *a, const char *key, size_t *cursor, struct bytes *ret);

/* The first one, copied with a NUL; "" and false when there is none. */
bool client_get(const struct client_answer *a, const char *key, char *out, size_t size);

#endif
