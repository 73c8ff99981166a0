/* Who may do what: the rows of schema/access.def. */
#ifndef GW_CORE_ACCESS_ROLES_H
#define GW_CORE_ACCESS_ROLES_H

#include "base/buf.h"
#include "base/err.h"

enum access_role { ROLE_VIEWER, ROLE_DEPLOYER, ROLE_ISSUER, ROLE_ADMINISTRATOR, ACCESS_ROLES_N };

/* A set of roles: bits of enum access_role. */
#define ROLES_NONE 0u
#define ROLES_EVERY (BIT(ACCESS_ROLES_N) - 1u)

enum permission {
#define PERMISSION(symbol, roles, meaning) PERMISSION_##symbol,
#include "access.def"
#undef PERMISSION
	PERMISSION_N
};

/* PERMISSION_PUBLIC is allowed to no roles at all, too. */
bool access_allows(unsigned roles, enum permission p);

const char *permission_word(enum permission p);	   /* "ISSUE_CA" */
const char *permission_meaning(enum permission p); /* "create or import a root or an intermediate" */
const char *access_role_word(enum access_role role);
bool access_role_from_word(struct bytes word, enum access_role *ret);

/* A set as text, "deployer;issuer", in the order of the enum; ROLES_TEXT_MAX with its NUL. Returns `out`. */
#define ROLES_TEXT_MAX 64
const char *roles_format(unsigned roles, char out[ROLES_TEXT_MAX]);

/* False: a word in it is no role. "" is the empty set. */
bool roles_parse(const char *text, unsigned *ret);

#endif
