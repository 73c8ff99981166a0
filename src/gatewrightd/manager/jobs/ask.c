/* Probes and host key scans that an API call waits for. */
#include "gatewrightd/manager/jobs/probes.h"
#include "gatewrightd/manager/jobs/work.h"
#include "gatewrightd/messages.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void ask_fini(struct ask *a)
{
	free(a->probes);
	a->probes = NULL;
}

static void answer(struct ask *a)
{
	a->done(a->context); /* from here on it is the caller's */
}

void ask_refuse(struct ask *a, int code, const char *text)
{
	a->failed = err_set(&a->e, code, "%s", text);
	answer(a);
}

static void take_word(const struct wire_message *m, uint16_t tag, char *out, size_t size)
{
	struct bytes b = wire_get(m, tag);

	if (b.n < size && !bytes_has_control(b))
		(void)snprintf(out, size, "%.*s", (int)b.n, (const char *)b.p);
}

/* Did anything change the gateway's keystore, or the gateway, since the probe began? 1: yes. */
static int is_outdated(struct supervisor *s, const struct ask *a, struct err *e)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1024 * 1024);
	struct store_gateway row;
	struct gateway_mark now;
	int r = arena ? store_gateway_get(s->store, a->gateway_id, arena, &row, e) : err_nomem(e);

	if (r == 0)
		r = gateway_mark(s->store, &row, &now, e);
	return r != 0 ? r : !gateway_is_unchanged(&a->mark, &now);
}

static int keep_if_current(struct supervisor *s, const struct ask *a, struct err *e)
{
	struct wall_time now = clock_wall();
	int r = is_outdated(s, a, e);

	if (r != 0)
		return r;
	r = probes_keep(s->store, a->gateway_id, 0, "asked", a->probes, now, e);
	return r < 0 ? r : probes_set_use(s->store, a->gateway_id, a->probes, now, e);
}

/* What was seen is kept, and becomes the truth about what is used, unless a job has made it old news. */
static int keep_probe(struct supervisor *s, struct ask *a, const struct wire_message *m, struct err *e)
{
	int r = probes_take(m, &a->probes, e);

	if (r < 0 || a->gateway_id == 0)
		return r;
	r = store_begin(s->store, e);
	if (r < 0)
		return r;
	r = store_end(s->store, keep_if_current(s, a, e), e);
	return r < 0 ? r : 0;
}

static int take_key(struct ask *a, const struct wire_message *m, struct err *e)
{
	struct bytes text = wire_get(m, FIELD_TEXT);

	take_word(m, FIELD_HOST_KEY, a->host_key, sizeof(a->host_key));
	take_word(m, FIELD_HOST_KEY_TYPE, a->host_key_type, sizeof(a->host_key_type));
	if (a->host_key[0])
		return 0;
	return err_set(e, -EIO, "%.*s", text.n > 900 ? 900 : (int)text.n,
		       text.n > 0 ? (const char *)text.p : "no host key came");
}

void ask_message(struct supervisor *s, struct work *w, const struct wire_message *m)
{
	struct ask *a = w->ask;

	if (m->type != MSG_DEPLOY_RESULT)
		return; /* steps of a question interest nobody */
	w->over = true;
	(void)!follow_answer_ok(w->fd, m->id, NULL);
	a->failed = a->is_probe ? keep_probe(s, a, m, &a->e) : take_key(a, m, &a->e);
	answer(a);
}
