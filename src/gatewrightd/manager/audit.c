#include "gatewrightd/manager/audit.h"

#include "sys/crypto/audit_crypto.h"

#include <errno.h>

#define ARENA_MAX (4u * 1024 * 1024)

/* A time never goes back from one event to the next, so that a search by time can use their order. */
static int add(struct store *s, const struct audit_event *event, struct wall_time now, struct buf *text, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(ARENA_MAX);
	struct store_event last = { .n = 0 }, row;
	struct audit_event next = *event;
	int r = a ? store_event_last(s, INT64_MAX, a, &last, e) : err_nomem(e);

	if (r < 0)
		return r;
	next.n = last.n + 1;
	next.at.s = now.s > last.at.s ? now.s : last.at.s;
	audit_event_text(&next, text);
	if (buf_bad(text))
		return err_set(e, -EIO, "audit: event '%s' cannot be written as JSON", event->action);
	row = (struct store_event) { .n = next.n,
				     .at = next.at,
				     .actor = next.actor,
				     .action = next.action,
				     .object = next.object,
				     .outcome = next.outcome,
				     .text = buf_str(text) };
	audit_sha256(bytes_of(last.hash, AUDIT_HASH_SIZE), buf_bytes(text), row.hash);
	return row.text ? store_event_add(s, &row, e) : err_nomem(e);
}

int audit_write(struct store *s, const struct audit_event *event, struct wall_time now, struct err *e)
{
	struct buf text;
	int r = store_begin(s, e);

	if (r < 0)
		return r;
	buf_init(&text, AUDIT_TEXT_MAX + 1);
	r = store_end(s, add(s, event, now, &text, e), e);
	buf_fini(&text);
	return r;
}
