/* The first start: an administrator with a one-time password, in a file that only the daemon's user and root can read.
 */
#ifndef GW_GATEWRIGHTD_MANAGER_ACCESS_FIRST_H
#define GW_GATEWRIGHTD_MANAGER_ACCESS_FIRST_H

#include "gatewrightd/manager/manager.h"

#define FIRST_USER "admin"
#define FIRST_PASSWORD_FILE "first-password" /* in STATE/store */

/* When there is no user yet. */
MUST_USE int first_user_make(struct manager *m, struct err *e);

/* The password of `name` is another now: the file, when it was the first user's, is no use any more. */
void first_password_forget(const struct manager *m, const char *name);

#endif
