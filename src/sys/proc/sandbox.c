#include "sys/proc/sandbox.h"
#include "sys/proc/confine.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

void sandbox_add_missing(char missing[SANDBOX_MISSING_MAX], const char *what)
{
	size_t n = strlen(missing);

	(void)snprintf(missing + n, SANDBOX_MISSING_MAX - n, "%s%s", n > 0 ? ", " : "", what);
}

static bool is_confined;

#ifdef __SANITIZE_ADDRESS__
/* LeakSanitizer asks at the end. It would trace its own process, which kills one that is in a sandbox. */
int __lsan_is_turned_off(void)
{
	return is_confined;
}
#endif

int sandbox_enter(const struct sandbox_profile *p, char missing[SANDBOX_MISSING_MAX], struct err *e)
{
	int r;

	missing[0] = '\0';
	is_confined = true;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, "sandbox of %s: give up new privileges", p->name);
	r = landlock_confine(p, missing, e);
	if (r < 0)
		return err_wrap(e, r, "sandbox of %s", p->name);
	if (r == 1)
		sandbox_add_missing(missing, "Landlock");
	r = seccomp_confine(p, e);
	if (r < 0)
		return err_wrap(e, r, "sandbox of %s", p->name);
	if (r == 1)
		sandbox_add_missing(missing, "seccomp filters");
	return 0;
}
