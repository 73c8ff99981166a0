/* Numbers with and without units, as text. Inner header of sys/conf; pure. */
#ifndef GW_SYS_CONF_SCALAR_H
#define GW_SYS_CONF_SCALAR_H

#include "sys/conf/conf.h"

/* A value of NUMBER, DURATION, SIZE or MODE. False: not of this form, or above 2^63 - 1. */
bool scalar_parse(enum conf_type type, struct bytes text, uint64_t *ret);

/* "1..64", both ends in the form of `type`. False for anything else. */
bool scalar_parse_range(enum conf_type type, const char *limits, uint64_t *ret_min, uint64_t *ret_max);

/* "host:port", "[v6]:port", "*:port", port 1..65535. False: not of this form. `text` lives in `a`. */
bool address_parse(struct bytes text, struct arena *a, struct conf_address *ret);

#endif
