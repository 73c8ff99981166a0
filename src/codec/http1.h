/*
 * The head of an HTTP/1.1 request, strictly (RFC 9112, RFC 9110). Pure, no allocation, no state: the caller collects
 * bytes and asks again. What could be read in two ways is refused: bare LF, folded fields, white space before a colon,
 * two Host fields, Content-Length twice or together with Transfer-Encoding.
 */
#ifndef GW_CODEC_HTTP1_H
#define GW_CODEC_HTTP1_H

#include "base/bytes.h"
#include "base/limits.h"

struct http1_field {
	struct bytes name, value; /* value without white space at both ends */
};

/* All views are borrowed from the bytes given. */
struct http1_request {
	struct bytes method;	  /* as it stands: methods are compared with case */
	struct bytes path, query; /* of the origin or absolute form; path begins with "/", query is without "?" ; "*" of
				     OPTIONS is a path "*" */
	struct bytes host;	  /* of the Host field, or of the absolute form; empty when absent in HTTP/1.0 */
	int minor;		  /* HTTP/1.minor */
	struct http1_field fields[LIMIT_HTTP_HEADERS_MAX];
	size_t fields_n;
	bool keep_alive;	 /* RFC 9112 section 9.3 */
	bool has_content_length; /* then content_length counts; not with chunked */
	uint64_t content_length;
	bool chunked; /* Transfer-Encoding: chunked, and nothing else */
};

enum http1_result {
	HTTP1_DONE,
	HTTP1_MORE, /* the head is not complete */
	HTTP1_BAD,  /* *ret_status and *ret_why say it */
};

/*
 * Read one head from the start of `in`. HTTP1_DONE: *ret_used are its bytes, the empty line included. HTTP1_BAD:
 * *ret_status is 400, 414, 431, 501 or 505 and *ret_why a sentence that lives for ever. A head longer than
 * LIMIT_HTTP_HEAD_MAX is 431. One empty line in front is skipped (RFC 9112 section 2.2).
 */
enum http1_result http1_parse_request(struct bytes in, struct http1_request *ret, size_t *ret_used, int *ret_status,
				      const char **ret_why);

/*
 * Where the head ends (the number of its bytes), or 0. `from`: bytes that an earlier call already searched, so that a
 * head that comes byte by byte is not searched again and again.
 */
size_t http1_head_end(struct bytes in, size_t from);

/* The first field of that name (without case), or NULL. */
const struct http1_field *http1_find(const struct http1_request *r, const char *name);

/* Does the comma-separated list of the field (every field of that name) have the token, without case? */
bool http1_has_token(const struct http1_request *r, const char *name, const char *token);

/* "Not Found"; "" for a status that has no row. */
const char *http1_reason(int status);

#endif
