/* Stored certificates as chains of facts, and facts as rows. */
#ifndef GW_GATEWRIGHTD_MANAGER_INVENTORY_H
#define GW_GATEWRIGHTD_MANAGER_INVENTORY_H

#include "core/pki/compat.h"
#include "sys/store/certificates.h"

/* A stored certificate with its issuers, itself first. Everything lives in the arena. */
struct stored_chain {
	struct store_cert cert; /* the first */
	int64_t ids[FACTS_CHAIN_MAX];
	struct bytes ders[FACTS_CHAIN_MAX];
	struct bytes sealed_key; /* of the first; empty: none */
	struct chain_facts facts;
};

/* 1: there is no such certificate. A large struct: keep it in an arena. */
MUST_USE int inventory_chain(struct store *s, int64_t id, struct arena *a, struct stored_chain *ret, struct err *e);

/* The same in the arena; -ENOENT with a sentence when there is none. */
MUST_USE int inventory_need(struct store *s, int64_t id, struct arena *a, struct stored_chain **ret, struct err *e);

/* Facts as a row to be added: everything but issuer, predecessor, sealed key and created_at. `facts` is borrowed by the
 * row. */
MUST_USE int inventory_row(const struct cert_facts *facts, struct arena *a, struct store_cert *ret, struct err *e);

/* "gw.example.com;192.0.2.1" */
const char *inventory_names(const struct cert_facts *facts, struct arena *a);

/* The key of `facts` as the API says it: "ec-p256"; for one that Gatewright does not make, "other". */
const char *inventory_key_word(const struct cert_facts *facts);

/* Does the sealed blob say that it holds the key of this certificate? */
bool inventory_key_matches(struct bytes sealed, const struct cert_facts *facts);

#endif
