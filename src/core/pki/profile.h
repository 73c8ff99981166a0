/* What a certificate to be issued must be: a request from a person, checked and completed into a profile to build. */
#ifndef GW_CORE_PKI_PROFILE_H
#define GW_CORE_PKI_PROFILE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/pki/facts.h"
#include "core/pki/findings.h"

enum cert_kind { CERT_ROOT, CERT_INTERMEDIATE, CERT_END_ENTITY, CERT_KIND_N };

/* As typed; strings are UTF-8, NULL or "" when absent. */
struct cert_request {
	enum cert_kind kind;
	const char *display_name, *holder, *organization, *locality, *country;
	const char *names;	    /* separated by ";", A-labels already */
	struct wall_time not_after; /* 0: the default (one year; a root ten years; an intermediate five) */
	struct key_spec key;	    /* .alg KEY_ALG_OTHER: the default, EC P-256 */
	int path_len;		    /* CA certificates: -1 the default (a root none, an intermediate 0) */
};

/* What will stand in the certificate, every value decided. Lives in the arena given. */
struct cert_profile {
	enum cert_kind kind;
	struct subject subject;
	const struct general_name *names;
	size_t names_n;
	bool san_critical; /* only when the subject is empty */
	struct wall_time not_before, not_after;
	struct key_spec key;
	bool is_ca;
	int path_len;
	uint32_t key_usage, ext_key_usage;
	uint8_t serial[16]; /* 128 random bits, the top bit clear and the value not zero */
};

#define PROFILE_BACKDATE_S 3600
#define PROFILE_STRING_MAX                                                                                          \
	64 /* ub-common-name, ub-organization-name ... of RFC 5280 appendix A.1; locality 128, name 32768 capped at \
	      128 */

/*
 * Check `request` against its issuer chain (`issuer`, borrowed, the issuing CA first; NULL for a root) at `now`, and
 * complete it. `random` are 16 bytes. *ret is written only when no blocker was found. Findings name every refused
 * field; a notice is added for "UK" taken as GB. Returns 0 also when blocked.
 */
MUST_USE int profile_make(const struct cert_request *request, const struct chain_facts *issuer, struct wall_time now,
			  const uint8_t random[16], struct arena *a, struct cert_profile *ret,
			  struct findings *findings, struct err *e);

/* Fill every field of *ret from the certificate it renews (all but the dates; display name kept). Strings live in `a`.
 */
MUST_USE int profile_prefill(const struct cert_facts *renews, struct arena *a, struct cert_request *ret, struct err *e);

/*
 * Does `built` (parsed back from DER) say exactly what the profile wants, and nothing else? The lint before issuing;
 * `issuer` NULL for a root. Compares every field: version, serial, names, dates, usages, SKI/AKI, signature hash.
 */
void profile_lint(const struct cert_profile *profile, const struct cert_facts *built, const struct cert_facts *issuer,
		  struct findings *findings);

/* ISO 3166-1 alpha-2, upper case, assigned? */
bool country_is_known(struct bytes code);

const char *cert_kind_word(enum cert_kind k); /* "root" "intermediate" "end-entity" */
bool cert_kind_from_word(struct bytes word, enum cert_kind *ret);
enum cert_kind cert_kind_of(const struct cert_facts *c);

#endif
