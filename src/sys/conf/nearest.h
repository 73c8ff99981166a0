/* The option that a person who mistyped one may have meant. Inner header of sys/conf; pure. */
#ifndef GW_SYS_CONF_NEAREST_H
#define GW_SYS_CONF_NEAREST_H

#include "sys/conf/conf.h"

/* NULL when no name is near: more than a third of its letters would have to change. */
const char *nearest_option(struct bytes typed, const struct conf_row *rows, size_t rows_n);

#endif
