/* Writing to a blocking descriptor. */
#ifndef GW_SYS_IO_H
#define GW_SYS_IO_H

#include "base/bytes.h"
#include "base/util.h"

/* All of `b`, over signals and short writes. A negative errno without a sentence: errno is set for err_errno(). */
MUST_USE int io_write_all(int fd, struct bytes b);

#endif
