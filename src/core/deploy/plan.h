/* What an update would do, as sentences for a person: the dry run. */
#ifndef GW_CORE_DEPLOY_PLAN_H
#define GW_CORE_DEPLOY_PLAN_H

#include "core/deploy/target.h"
#include "core/deploy/update.h"

#define PLAN_SENTENCES_MAX 40

struct plan_input {
	const struct target *target;
	const struct target_values *values;
	const char *ssh_host, *ssh_user;
	int ssh_port;
	const char *host_key; /* pinned "SHA256:..."; NULL: none yet, the first connection shows it and asks */
	const char *old_display, *new_display;	       /* display names; old NULL: nothing in use yet */
	const char *old_fingerprint, *new_fingerprint; /* hex; old may be NULL */
	const char *const *tls_addresses;	       /* "host:port" */
	size_t tls_addresses_n;
	const char *const *tls_names;
	size_t tls_names_n;
	int64_t confirm_within_s, keep, skew_max_s;
};

/* Sentences in order, in `a`. -ENOMEM. */
MUST_USE int plan_make(const struct plan_input *in, struct arena *a, const char *ret[PLAN_SENTENCES_MAX], size_t *ret_n,
		       struct err *e);

#endif
