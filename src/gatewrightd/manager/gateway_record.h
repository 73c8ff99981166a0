/* A gateway's row as values: checked on the way in, unpacked on the way out. */
#ifndef GW_GATEWRIGHTD_MANAGER_GATEWAY_RECORD_H
#define GW_GATEWRIGHTD_MANAGER_GATEWAY_RECORD_H

#include "core/deploy/target.h"
#include "core/fleet/gateway.h"
#include "gatewrightd/manager/targets.h"
#include "sys/store/gateways.h"

#include <jansson.h>

struct gateway_record {
	struct store_gateway row;
	const struct target *target;
	struct bytes target_text;
	const char *pairs[TARGET_PARAMS_MAX]; /* "name=value" */
	size_t pairs_n;
	struct target_values values;
	const char *tls[GATEWAY_ADDRESSES_MAX];
	size_t tls_n;
	const char *server_names[GATEWAY_SERVER_NAMES_MAX];
	size_t server_names_n;
};

/*
 * Unpack `row` (kept) and check every value. -EINVAL with a sentence that names the member: what a person sent, or what
 * a changed target file no longer takes. Strings live in `a`. `targets` NULL: without target and parameters, which a
 * look at what it serves does not need: a target file that is gone keeps nobody from looking.
 */
MUST_USE int gateway_record_of(const struct store_gateway *row, const struct targets *targets, struct arena *a,
			       struct gateway_record *ret, struct err *e);

/* The stored gateway of this name, unpacked, in `a`. -ENOENT: there is none. */
MUST_USE int gateway_record_need(struct store *s, const struct targets *targets, const char *name, struct arena *a,
				 struct gateway_record **ret, struct err *e);

/*
 * What a look at a gateway rests on: when two are equal, no job worked on it between them and the same addresses and
 * names were looked at. `row` is borrowed.
 */
struct gateway_mark {
	bool idle; /* no job works on it */
	int64_t last_job;
	uint8_t looked_at[32];
};
MUST_USE int gateway_mark(struct store *s, const struct store_gateway *row, struct gateway_mark *ret, struct err *e);
bool gateway_is_unchanged(const struct gateway_mark *before, const struct gateway_mark *now);

/* JSON texts of the row as values; NULL when they are damaged. Returned: json_decref(). */
json_t *gateway_json_of(const char *text);

#endif
