/* Chains of facts made by hand: no X.509 library, no clock. A test starts from a good pair and changes one thing. */
#ifndef GW_TESTS_PKI_FIXTURE_H
#define GW_TESTS_PKI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/arena.h"
#include "core/pki/compat.h"
#include "core/pki/name.h"

struct fixture {
	struct chain_facts current, candidate; /* leaf, intermediate, root; the CA certificates are the same in both */
	struct compat_policy policy;
	struct wall_time now; /* 2026-11-24T08:00:00Z */
	struct arena *a;
};

struct fixture *fixture_new(void);
void fixture_free(struct fixture *f);

#define NEW (&f->candidate.certs[0])
#define OLD (&f->current.certs[0])
#define INTER (&f->candidate.certs[1])
#define ROOT (&f->candidate.certs[2])

/* "gw.example.com;192.0.2.1" as they stand, unchecked: addresses become GN_IP, "uri:...", "email:..." and "other:..." their kind. */
void set_names(struct fixture *f, struct cert_facts *c, const char *names);
void set_one_name(struct fixture *f, struct cert_facts *c, enum general_name_kind kind, const char *p, size_t n);
void set_both_names(struct fixture *f, const char *names);

/* The same with "10.0.0.0/8" for addresses, "dn:" for the directory name CN=..., "raw-ip:" for its hex. */
void permit(struct fixture *f, struct cert_facts *c, const char *subtrees);
void exclude(struct fixture *f, struct cert_facts *c, const char *subtrees);

struct wall_time at(const char *rfc3339);
struct bytes str(const char *s);

/* The DER of a Name with one common name. */
struct bytes dn_of(struct fixture *f, const char *common_name);
void set_subject(struct fixture *f, struct cert_facts *c, const char *common_name);

/* A serial number of `n` octets that begins with `first`. */
void set_serial(struct fixture *f, struct cert_facts *c, uint8_t first, size_t n);

/* Another root with another key in the candidate's chain; the same root issued again. */
void change_root(struct fixture *f);
void reissue_root(struct fixture *f);

/* `n` intermediates between the leaf and the root of the candidate instead of one. */
void set_intermediates(struct fixture *f, size_t n);

/* The words of the findings, separated by one space each. */
const char *words_of(const struct findings *found, char *out, size_t size);
void assert_words(const char *what, const struct findings *found, const char *want);

#endif
