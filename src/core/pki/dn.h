/* Distinguished names as DER, compared as RFC 5280 section 7.1 wants it. */
#ifndef GW_CORE_PKI_DN_H
#define GW_CORE_PKI_DN_H

#include "base/bytes.h"

/*
 * All functions take the DER of a Name, or of a GeneralName directoryName ([4] around it). Attribute values that are
 * strings are compared whatever their string type, ASCII letters without case, runs of spaces as one; others byte by
 * byte.
 */

/* Is it a well-formed Name? */
bool dn_is_readable(struct bytes name);

/* Are the first relative names of `name` those of `prefix`? False when one of them cannot be read. */
bool dn_starts_with(struct bytes name, struct bytes prefix);

/* The same name? */
bool dn_equal(struct bytes a, struct bytes b);

#endif
