/* One round of probes: every address that a gateway's TLS addresses resolve to, each asked for every name. */
#ifndef GW_GATEWRIGHTD_DEPLOY_PROBE_ROUND_H
#define GW_GATEWRIGHTD_DEPLOY_PROBE_ROUND_H

#include "base/limits.h"
#include "base/arena.h"
#include "base/buf.h"
#include "core/deploy/update.h"
#include "core/pki/facts.h"
#include "sys/tls/probe.h"

/* What is asked for, and what is hoped for. All borrowed. */
struct probe_plan {
	const char *const *addresses; /* "host:port" */
	size_t addresses_n;
	const char *const *names; /* none: the host of the address when it is a name, else no name at all */
	size_t names_n;
	const struct chain_facts *new_chain; /* n 0 or NULL: whatever is served is fine */
	const struct chain_facts *old_chain; /* n 0 or NULL: none */
	bool going_back; /* the old certificate is hoped for; its names and intermediates were not promised */
	struct wall_time now;
};

struct probe {
	const char *address; /* "192.0.2.1:8443", or as configured when it has no address */
	const char *name;    /* asked for; NULL: none */
	const char *sni;     /* how: a wildcard is asked for by a name that it covers */
	bool handshake;	     /* there was one: `seen` and `leaf` count */
	struct tls_seen seen;
	struct cert_facts leaf;
	enum update_seen verdict;
	const char *trouble; /* why it is not the wanted one, a sentence; NULL: it is */
};

struct probe_round {
	struct arena *arena;
	struct probe items[LIMIT_PROBE_ROUND_MAX];
	size_t n;
	enum update_seen seen; /* the worst */
	char text[ERR_TEXT_MAX];
};

/* Run one. -ENOMEM only; whatever a server does is a result. Returned: probe_round_free(). */
MUST_USE int probe_round_run(struct tls_prober *p, const struct probe_plan *plan, struct mono_time deadline,
			     struct probe_round **ret, struct err *e);
void probe_round_free(struct probe_round *r);
DEFINE_CLEANUP(struct probe_round, probe_round_free);

/* What was served where a handshake was made: the leaf, when it is the same everywhere, else BYTES_NONE. Lives in the
 * round. */
struct bytes probe_round_served(const struct probe_round *r);

/* Fill verdict (SEEN_NEW, SEEN_OLD, SEEN_OTHER, whatever is hoped for) and trouble of one probe that has its handshake.
 * Pure but for the parsing of certificates. For tests. */
MUST_USE int probe_judge(const struct probe_plan *plan, struct probe *p, struct arena *a, struct err *e);

/*
 * The JSON of docs/api.md "probe", one text per probe, in the round's arena. They fit `max` bytes with their heads in a
 * message (REPORT_PROBES_MAX always suffices): where they would not, chains are left out, then names, then sentences;
 * the first ones keep theirs.
 */
MUST_USE int probe_round_json(const struct probe_round *r, struct wall_time now, size_t max, struct bytes **ret,
			      struct err *e);

#endif
