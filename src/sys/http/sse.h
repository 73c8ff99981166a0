/* Server-sent events (WHATWG HTML, section 9.2): bytes in any pieces to events. */
#ifndef GW_SYS_HTTP_SSE_H
#define GW_SYS_HTTP_SSE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#define SSE_LINE_MAX ((unsigned)LIMIT_SSE_LINE_MAX)
#define SSE_DATA_MAX ((unsigned)LIMIT_SSE_DATA_MAX)
#define SSE_NAME_MAX 64 /* bytes of an event's name or id; longer ones end the stream */

/* Borrowed for the call. `event` is "message" when the server named none; `id` is the last one that came, "" before the
 * first. */
struct sse_event {
	const char *event, *id;
	struct bytes data;
};

/* Nonzero stops the parsing and becomes the result. */
typedef int sse_sink(const struct sse_event *event, void *context);

struct sse {
	struct buf line, data;
	char event[SSE_NAME_MAX], id[SSE_NAME_MAX];
	bool has_data, after_cr, started;
};

void sse_init(struct sse *s);
void sse_fini(struct sse *s);

/* Forget what is half read, keep the last id: a new connection begins. */
void sse_reconnect(struct sse *s);

/*
 * Take the next bytes; calls `sink` for every event that an empty line ends. Returns 0, what the sink returned, or
 * -EPROTO (too long, or not UTF-8) with a sentence. After anything but 0 only sse_fini() and sse_reconnect() are
 * allowed.
 */
MUST_USE int sse_feed(struct sse *s, struct bytes part, sse_sink *sink, void *context, struct err *e);

#endif
