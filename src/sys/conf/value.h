/* One value of a configuration file, by its row's type. Inner header of sys/conf. */
#ifndef GW_SYS_CONF_VALUE_H
#define GW_SYS_CONF_VALUE_H

#include "sys/conf/conf.h"

/* "a duration 5s..1h": what a row takes, for sentences and for --help. Returns `out`. */
#define CONF_WANT_MAX 256
const char *value_want(const struct conf_row *row, char out[CONF_WANT_MAX]);

/* Is the row a list, so that it may be repeated? */
bool value_is_list(const struct conf_row *row);

/* How many values a list takes. */
void value_list_limits(const struct conf_row *row, size_t *ret_min, size_t *ret_max);

/* Set the row's member (append, for a list) from `text`. -EINVAL: refused, *want X, got Y*. */
MUST_USE int value_set(const struct conf_row *row, struct bytes text, struct arena *a, void *member, struct err *e);

/* The member of an option without a value: "", no address, an empty list. */
void value_clear(const struct conf_row *row, void *member);

#endif
