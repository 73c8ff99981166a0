/* A second person's approval of a call: asked for, waited for, used once. */
#ifndef GW_GATEWRIGHTD_MANAGER_API_APPROVAL_H
#define GW_GATEWRIGHTD_MANAGER_API_APPROVAL_H

#include "gatewrightd/manager/api/call.h"
#include "gatewrightd/manager/settings.h"

#define APPROVAL_LIFE_S DAY_S

/* The member "approval" of a body, for json_in(): `type_` has an int64_t of that name. */
#define APPROVAL_ROW(type_)                                                                             \
	{                                                                                               \
		.name = "approval", .type = JSON_IN_INT, .offset = offsetof(type_, approval), .min = 1, \
		.max = INT64_MAX, .nullable = true                                                      \
	}

/*
 * Does `setting` want one for this call? `id` is the body's "approval", 0 when it has none. 0: go on; when one was
 * needed, it is used up in the commit that the call's event is in, so that a deed that fails leaves it as it was and
 * of two at one time only one is done. 1: answered, with 202 and the approval that waits. -EACCES: the one that was
 * named is not good for this.
 */
MUST_USE int approval_need(struct call *c, enum setting setting, int64_t id, const char *summary, struct err *e);

#endif
