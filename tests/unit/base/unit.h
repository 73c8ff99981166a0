/* What every test of base and codec includes. */
#ifndef GW_TESTS_BASE_UNIT_H
#define GW_TESTS_BASE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/util.h"

#define B(s) bytes_of(s, sizeof(s) - 1)

#endif
