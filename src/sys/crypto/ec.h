/*
 * Keys on the curves that have a name here. OpenSSL 3.0 computes a curve's constants anew for each key that it makes
 * from the name of a curve, which takes longer than a signature; here they are computed once, and copied. Internal to
 * sys/crypto.
 */
#ifndef GW_SYS_CRYPTO_EC_H
#define GW_SYS_CRYPTO_EC_H

#include "core/pki/facts.h"
#include "base/bytes.h"

#include <openssl/evp.h>

/* A public key from its point (RFC 5480 section 2.2). NULL: not on the curve, or not a curve. */
EVP_PKEY *ec_public_key(enum key_alg curve, struct bytes point);

/* A new key pair; NULL: not a curve, or OpenSSL failed. */
EVP_PKEY *ec_generate(enum key_alg curve);

#endif
