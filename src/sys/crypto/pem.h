/* PEM texts (RFC 7468) block by block, and the keys in them. Internal to sys/crypto. */
#ifndef GW_SYS_CRYPTO_PEM_H
#define GW_SYS_CRYPTO_PEM_H

#include "sys/crypto/pkey.h"

#include <openssl/bio.h>

/* One block; NULL and zero to start with. pem_block_fini() wipes and frees. */
struct pem_block {
	char *label;  /* "CERTIFICATE" */
	char *header; /* RFC 1421 header lines of an encrypted key, or "" */
	uint8_t *data;
	long n;
};
void pem_block_fini(struct pem_block *b);

/* The next block of `bio`. 1: there is none any more. -EINVAL: a block is damaged. */
MUST_USE int pem_next(BIO *bio, struct pem_block *ret, struct err *e);

/* Is it a private key, of whatever form, that pem_block_key() reads? */
bool pem_block_is_key(const struct pem_block *b);

/* A clear sentence for a block that looks like a key or a certificate but can't be used; NULL for any other. */
const char *pem_block_excuse(const struct pem_block *b);

/* 1: encrypted and no passphrase, or a wrong one. `work` is pbe_check_cost()'s. */
MUST_USE int pem_block_key(struct pem_block *b, const struct secret *passphrase, int64_t *work, struct pkey **ret,
			   struct err *e);

#endif
