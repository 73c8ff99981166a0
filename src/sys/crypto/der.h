/* Is it DER? OpenSSL reads BER; this says whether what it read had only one possible form. Internal to sys/crypto. */
#ifndef GW_SYS_CRYPTO_DER_H
#define GW_SYS_CRYPTO_DER_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * Exactly one element: definite and shortest lengths, shortest tags, BOOLEAN 00 or FF, INTEGER and OID components
 * without padding, unused bits zero (X.690 sections 8, 10 and 11); everything nested fits exactly. -EINVAL with the
 * offset. Not looked at: the order of a SET and values that equal a DEFAULT, because well-known issuers get those wrong
 * and they change no meaning.
 */
MUST_USE int der_check(struct bytes der, struct err *e);

/* Of a constructed element that der_check() passed: its first inner element, header and all. False: it has none. */
bool der_first_inner(struct bytes der, struct bytes *ret);

#endif
