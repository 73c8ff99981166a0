/* This test program is started again by the parent that it tests, as the fake roles of fake_roles.c and as the real keys. */
#ifndef GW_TESTS_GATEWRIGHTD_FAKE_ROLES_H
#define GW_TESTS_GATEWRIGHTD_FAKE_ROLES_H

#include "gatewrightd/roles.h"

#endif
