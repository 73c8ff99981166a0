/* OpenSSL's error queue to sentences. Internal to sys/crypto. */
#ifndef GW_SYS_CRYPTO_OPENSSL_ERR_H
#define GW_SYS_CRYPTO_OPENSSL_ERR_H

#include "base/err.h"

#include <stdbool.h>

/* err_set() with ": " and OpenSSL's own reason behind the text, when it gives one; empties the queue. Returns `code`.
 */
int openssl_err(struct err *e, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Does a queued error say that an algorithm is not available (RC2 and others of the legacy provider)? Leaves the queue.
 */
bool openssl_err_is_unsupported(void);

#endif
