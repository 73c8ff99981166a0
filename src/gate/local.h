/* A switch made on the host itself: activate, prove by handshakes, confirm or go back. */
#ifndef GW_GATE_LOCAL_H
#define GW_GATE_LOCAL_H

#include "gate/exit_codes.h"
#include "gate/gate_config.h"
#include "gate/report.h"

struct local_switch {
	const struct gate_config *config;
	struct keystore *keystore;
	struct report *report;	  /* generation and fingerprint are filled; the rest is written */
	int64_t confirm_within_s; /* > 0: leave it awaiting its confirmation; else it is confirmed when it is proven */
	const char *server_name;  /* to ask for in the proof; NULL: none */
	bool remove_on_failure;	  /* the generation was made for this switch */
};

/* With no gate running: switch without a proof (not with a window). The sentence in `e` is for the report. */
enum exit_code local_switch(const struct local_switch *l, struct err *e);

/*
 * Does the running gate serve `fingerprint` (hex) on every address it listens on? Asks by TLS handshakes as a client
 * would. FAILURE_RELOAD: it does not.
 */
MUST_USE int local_prove(const char *socket_path, const char *fingerprint, const char *server_name, struct err *e);

/* The first DNS name of the leaf that is no wildcard, in `out`; NULL: none. */
const char *local_server_name(const struct chain_facts *chain, char *out, size_t size);

#endif
