#include "gate/offline.h"

#include "sys/clock.h"

#include <errno.h>

static int no_serving(void *context, const struct generation *g, struct err *e)
{
	(void)context;
	(void)g;
	(void)e;
	return 0;
}

static const struct activation_ops ops = { .serve = no_serving };

/* An activation under the keystore's lock, in the state a start of the gate would find. 1: no whole generation is
 * there. */
static int begin(struct keystore *ks, struct activation **ret, struct err *e)
{
	CLEANUP(activation_freep) struct activation *a = NULL;
	int r = keystore_lock(ks, e);

	if (r > 0)
		return err_set(e, -EBUSY,
			       "the keystore is locked by a gate that does not answer on the control socket");
	if (r < 0)
		return r;
	a = activation_new(ks, &ops, NULL);
	if (!a)
		return err_nomem(e);
	r = activation_start(a, clock_wall(), e);
	if (r < 0)
		return r;
	*ret = TAKE(a);
	return r;
}

int offline_switch(struct keystore *ks, const char *id, struct activation_switched *ret, struct err *e)
{
	CLEANUP(activation_freep) struct activation *a = NULL;
	int r = begin(ks, &a, e);

	if (r >= 0)
		r = activation_switch(a, id, "offline", 0, clock_wall(), clock_mono(), ret, e);
	keystore_unlock(ks);
	return r;
}

int offline_repair(struct keystore *ks, struct err *e)
{
	CLEANUP(activation_freep) struct activation *a = NULL;
	int r = begin(ks, &a, e);

	keystore_unlock(ks);
	return r;
}
