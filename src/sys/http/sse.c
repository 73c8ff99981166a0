#include "sys/http/sse.h"

#include <errno.h>

void sse_init(struct sse *s)
{
	*s = (struct sse) { .has_data = false };
	buf_init(&s->line, SSE_LINE_MAX);
	buf_init(&s->data, SSE_DATA_MAX);
}

void sse_fini(struct sse *s)
{
	buf_fini(&s->line);
	buf_fini(&s->data);
}

void sse_reconnect(struct sse *s)
{
	buf_reset(&s->line);
	buf_reset(&s->data);
	s->event[0] = '\0';
	s->has_data = s->after_cr = s->started = false;
}

/* A name into its place; a NUL in it or one that does not fit is refused. */
static bool set_name(char out[SSE_NAME_MAX], struct bytes value)
{
	if (value.n >= SSE_NAME_MAX || (value.n > 0 && memchr(value.p, 0, value.n)))
		return false;
	if (value.n > 0)
		memcpy(out, value.p, value.n);
	out[value.n] = '\0';
	return true;
}

/* "An empty line dispatches the event; without data there is none." */
static int dispatch(struct sse *s, sse_sink *sink, void *context)
{
	struct sse_event event = { s->event[0] ? s->event : "message", s->id, buf_bytes(&s->data) };
	int r = 0;

	if (s->has_data)
		r = sink(&event, context);
	buf_reset(&s->data);
	s->has_data = false;
	s->event[0] = '\0';
	return r;
}

static int add_data(struct sse *s, struct bytes value, struct err *e)
{
	if (s->has_data)
		buf_add_u8(&s->data, '\n');
	buf_add(&s->data, value);
	s->has_data = true;
	if (buf_bad(&s->data))
		return err_set(e, -EPROTO, "event: want at most %u bytes of data, got more", SSE_DATA_MAX);
	return 0;
}

/* One "name: value"; an unknown name is ignored, as the standard says. */
static int take_field(struct sse *s, struct bytes name, struct bytes value, struct err *e)
{
	if (bytes_equal_str(name, "data"))
		return add_data(s, value, e);
	if (bytes_equal_str(name, "event") && !set_name(s->event, value))
		return err_set(e, -EPROTO, "event name: want less than %d bytes, got %zu", SSE_NAME_MAX, value.n);
	if (bytes_equal_str(name, "id") && (value.n == 0 || !memchr(value.p, 0, value.n)) && !set_name(s->id, value))
		return err_set(e, -EPROTO, "event id: want less than %d bytes, got %zu", SSE_NAME_MAX, value.n);
	return 0;
}

static int take_line(struct sse *s, sse_sink *sink, void *context, struct err *e)
{
	struct bytes line = buf_bytes(&s->line), name = line, value = BYTES_NONE;
	const uint8_t *colon;

	if (!s->started && line.n >= 3 && memcmp(line.p, "\xef\xbb\xbf", 3) == 0)
		name = line = bytes_of(line.p + 3, line.n - 3);
	s->started = true;
	if (line.n == 0)
		return dispatch(s, sink, context);
	if (!bytes_is_utf8(line))
		return err_set(e, -EPROTO, "event stream: want UTF-8, got other bytes");
	colon = memchr(line.p, ':', line.n);
	if (colon) {
		name.n = (size_t)(colon - line.p);
		value = bytes_of(colon + 1, line.n - name.n - 1);
	}
	if (value.n > 0 && value.p[0] == ' ')
		value = bytes_of(value.p + 1, value.n - 1);
	return name.n > 0 ? take_field(s, name, value, e) : 0;
}

/* A line ends with LF, CR or CR LF; the LF of a CR LF may come in the next part. */
static int take_byte(struct sse *s, uint8_t c, sse_sink *sink, void *context, struct err *e)
{
	bool after_cr = s->after_cr;
	int r;

	s->after_cr = c == '\r';
	if (c == '\n' && after_cr)
		return 0;
	if (c != '\n' && c != '\r') {
		buf_add_u8(&s->line, c);
		return buf_bad(&s->line)
			       ? err_set(e, -EPROTO, "event stream: want lines of at most %u bytes, got a longer one",
					 SSE_LINE_MAX)
			       : 0;
	}
	r = take_line(s, sink, context, e);
	buf_reset(&s->line);
	return r;
}

int sse_feed(struct sse *s, struct bytes part, sse_sink *sink, void *context, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < part.n && r == 0; i++)
		r = take_byte(s, part.p[i], sink, context, e);
	return r;
}
