/* Writing JSON (RFC 8259), compact, in the order of the calls; and a check that a text is JSON. */
#ifndef GW_CODEC_JSON_WRITE_H
#define GW_CODEC_JSON_WRITE_H

#include "base/buf.h"

#define JSON_DEPTH_MAX 32

/* Sticky like struct buf: a text that is not UTF-8, nesting too deep or calls out of order set `bad`. Zero with
 * json_begin(). */
struct json_writer {
	struct buf *out;
	unsigned depth;
	uint32_t filled; /* bit per depth: something stands there already */
	uint32_t array;	 /* bit per depth: an array (keys must be NULL) */
	bool bad;
};

void json_begin(struct json_writer *w, struct buf *out);

/* All opened is closed, nothing was wrong, and the buffer is not bad. */
bool json_done(const struct json_writer *w);

/* `key` NULL inside an array and for the outermost value; needed inside an object. */
void json_open_object(struct json_writer *w, const char *key);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w, const char *key);
void json_close_array(struct json_writer *w);
void json_put_bytes(struct json_writer *w, const char *key, struct bytes text); /* a string */
void json_put_str(struct json_writer *w, const char *key, const char *s);	/* NULL: null */
void json_put_int(struct json_writer *w, const char *key, int64_t v);
void json_put_bool(struct json_writer *w, const char *key, bool v);
void json_put_null(struct json_writer *w, const char *key);
void json_put_json(struct json_writer *w, const char *key, struct bytes json); /* must satisfy json_is_valid() */

/* Exactly one JSON value, UTF-8, nested at most JSON_DEPTH_MAX. */
bool json_is_valid(struct bytes text);

#endif
