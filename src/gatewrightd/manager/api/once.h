/*
 * Two headers of changing calls. If-Match: only if the object is as the caller saw it (RFC 9110 section 13.1.1).
 * Idempotency-Key: a call that creates is done once, however often it is sent.
 */
#ifndef GW_GATEWRIGHTD_MANAGER_API_ONCE_H
#define GW_GATEWRIGHTD_MANAGER_API_ONCE_H

#include "gatewrightd/manager/api/call.h"

#define ONCE_KEY_MAX 64
#define ONCE_FOR_S DAY_S

/* The ETag of an object, from what of it can be changed: "format" as for printf makes a text of all of that. */
#define ETAG_SIZE 36
void etag_make(char out[ETAG_SIZE], const char *format, ...) PRINTF_LIKE(2, 3);
MUST_USE int call_answer_etag(struct call *c, const char *etag, struct err *e);

/* -ESTALE: If-Match names another one. */
MUST_USE int call_if_match(struct call *c, const char *etag, struct err *e);

/* Run the handler; for a call that creates, with an Idempotency-Key, only if it was not run before. The answer is kept
 * in the store and answered again; of one with a secret only that it was given, and the call again is -EEXIST. */
MUST_USE int once_run(struct call *c, api_handler *handler, struct err *e);

/* A 201 or 202 of a handler under once_run(), to be answered again. Kept before it is sent. */
void once_keep(struct call *c, unsigned int status, const json_t *body);

#endif
