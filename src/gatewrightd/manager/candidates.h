/* Which certificates can renew the one that a gateway uses, and why the others can't. */
#ifndef GW_GATEWRIGHTD_MANAGER_CANDIDATES_H
#define GW_GATEWRIGHTD_MANAGER_CANDIDATES_H

#include "core/pki/findings.h"
#include "gatewrightd/manager/inventory.h"

#define CANDIDATES_MAX 1000
#define CANDIDATES_LOOK_MAX                                                                                            \
	300 /* usable ones are among those that hold a name of the current certificate; that many newest are looked at \
	     */

struct candidate {
	struct store_cert cert;
	bool usable;
	const struct finding *findings;
	size_t findings_n;
};

/*
 * For a gateway whose proven certificate is `current` (NULL: none) and whose clients ask for `server_names`: usable
 * ones first, newest first within each. At most `limit`. An array in `a`.
 */
MUST_USE int candidates_list(struct store *s, const struct stored_chain *current, const char *const *server_names,
			     size_t server_names_n, struct wall_time now, size_t limit, struct arena *a,
			     struct candidate **ret, size_t *ret_n, struct err *e);

/* The check for one. */
void candidate_check(const struct stored_chain *current, const struct stored_chain *candidate, struct wall_time now,
		     struct findings *ret);

#endif
