/* Internationalized domain names (IDNA2008, RFC 5891; UTS #46 non-transitional mapping), by libidn2. */
#ifndef GW_SYS_IDN_H
#define GW_SYS_IDN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * A list of names separated by ";" as a person types it, UTF-8, to the same list with A-labels, in `a`:
 * "*.bücher.example;192.0.2.1" to
 * "*.xn--bcher-kva.example;192.0.2.1". IP addresses and plain ASCII names stay as they are: core/pki/name.h judges
 * those. -EINVAL with the name that can't be: not UTF-8, a character that IDNA2008 forbids, or a false A-label
 * ("xn--...").
 */
MUST_USE int idn_list_to_ascii(struct bytes list, struct arena *a, const char **ret, struct err *e);

/* One name. */
MUST_USE int idn_to_ascii(struct bytes name, struct arena *a, const char **ret, struct err *e);

/* For people: the U-labels of a name whose A-labels are right, else the name as it stands. In `a`; "" without memory.
 */
const char *idn_to_display(struct bytes name, struct arena *a);

#endif
