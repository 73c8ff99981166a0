#include "codec/http1.h"

#include "base/rd.h"
#include "base/util.h"

/* RFC 9110 section 5.6.2 */
static bool is_token_char(uint8_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool is_token(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (!is_token_char(b.p[i]))
			return false;
	return b.n > 0;
}

/* RFC 9110 section 5.5: visible, space, tab, obs-text. */
static bool is_field_value(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if ((b.p[i] < 0x20 && b.p[i] != '\t') || b.p[i] == 0x7f)
			return false;
	return true;
}

/* Visible ASCII; anything else in a target is encoded by honest clients. */
static bool is_target(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] <= 0x20 || b.p[i] >= 0x7f)
			return false;
	return b.n > 0;
}

static struct bytes trim_blanks(struct bytes b)
{
	while (b.n > 0 && (b.p[0] == ' ' || b.p[0] == '\t'))
		b = bytes_of(b.p + 1, b.n - 1);
	while (b.n > 0 && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t'))
		b.n--;
	return b;
}

size_t http1_head_end(struct bytes in, size_t from)
{
	size_t at = from > 3 ? from - 3 : 0;

	while (at + 4 <= in.n) {
		const uint8_t *cr = memchr(in.p + at, '\r', in.n - at - 3);

		if (!cr)
			return 0;
		at = (size_t)(cr - in.p);
		/* An empty line in front of the request line is not the end of a head. */
		if (at > 0 && memcmp(cr, "\r\n\r\n", 4) == 0)
			return at + 4;
		at++;
	}
	return 0;
}

struct parse {
	struct http1_request *r;
	int status;
	const char *why;
};

static bool refuse(struct parse *p, int status, const char *why)
{
	p->status = status;
	p->why = why;
	return false;
}

/* One line without its CRLF; a CR or LF alone is refused. */
static bool take_line(struct parse *p, struct rd *r, struct bytes *ret)
{
	bool found;
	struct bytes line = rd_until(r, '\n', &found);

	if (!found || line.n == 0 || line.p[line.n - 1] != '\r')
		return refuse(p, 400, "a line must end with CR and LF");
	line.n--;
	if (line.n > 0 && memchr(line.p, '\r', line.n))
		return refuse(p, 400, "a CR stands alone in a line");
	*ret = line;
	return true;
}

static struct bytes before(struct bytes b, uint8_t c)
{
	const uint8_t *at = b.n > 0 ? memchr(b.p, c, b.n) : NULL;

	return at ? bytes_of(b.p, (size_t)(at - b.p)) : b;
}

static bool skip_prefix_nocase(struct bytes *b, const char *prefix)
{
	size_t n = strlen(prefix);

	if (b->n < n || !bytes_equal_ascii_nocase(bytes_of(b->p, n), bytes_of_str(prefix)))
		return false;
	*b = bytes_of(b->p + n, b->n - n);
	return true;
}

/* RFC 9112 section 3.2: origin form, absolute form, asterisk form. */
static bool read_target(struct parse *p, struct bytes target)
{
	struct bytes path;

	if (!is_target(target))
		return refuse(p, 400, "the request target has a character that must be encoded");
	if (bytes_equal_str(target, "*") && bytes_equal_str(p->r->method, "OPTIONS")) {
		p->r->path = target;
		return true;
	}
	if (skip_prefix_nocase(&target, "https://") || skip_prefix_nocase(&target, "http://")) {
		p->r->host = before(before(target, '/'), '?');
		if (p->r->host.n == 0)
			return refuse(p, 400, "the request target has no host");
		target = bytes_of(target.p + p->r->host.n, target.n - p->r->host.n);
		if (target.n == 0)
			target = bytes_of_str("/");
	}
	if (target.p[0] != '/')
		return refuse(p, 400, "the request target must begin with '/'");
	if (memchr(target.p, '#', target.n))
		return refuse(p, 400, "the request target has a fragment");
	path = before(target, '?');
	p->r->path = path;
	if (path.n < target.n)
		p->r->query = bytes_of(target.p + path.n + 1, target.n - path.n - 1);
	return true;
}

static bool read_version(struct parse *p, struct bytes version)
{
	if (version.n != 8 || memcmp(version.p, "HTTP/", 5) != 0 || version.p[6] != '.')
		return refuse(p, 400, "the request line does not end with HTTP/1.1");
	if (version.p[5] < '0' || version.p[5] > '9' || version.p[7] < '0' || version.p[7] > '9')
		return refuse(p, 400, "the request line does not end with HTTP/1.1");
	if (version.p[5] != '1')
		return refuse(p, 505, "want HTTP/1.1");
	p->r->minor = version.p[7] - '0';
	return true;
}

static bool read_request_line(struct parse *p, struct bytes line)
{
	struct rd r = rd_of(line);
	bool first, second;
	struct bytes method = rd_until(&r, ' ', &first), target = rd_until(&r, ' ', &second);

	if (!first || !second || !is_token(method))
		return refuse(p, 400, "want a request line 'METHOD TARGET HTTP/1.1'");
	if (method.n > 32)
		return refuse(p, 501, "no method has such a long name");
	p->r->method = method;
	return read_version(p, r.rest) && read_target(p, target);
}

static bool read_length(struct parse *p, struct bytes value)
{
	uint64_t v = 0;

	if (p->r->has_content_length)
		return refuse(p, 400, "Content-Length comes twice");
	if (value.n == 0 || value.n > 18)
		return refuse(p, 400, "Content-Length is not a number");
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return refuse(p, 400, "Content-Length is not a number");
		v = v * 10 + (uint64_t)(value.p[i] - '0');
	}
	p->r->has_content_length = true;
	p->r->content_length = v;
	return true;
}

static bool read_encoding(struct parse *p, struct bytes value)
{
	if (p->r->chunked)
		return refuse(p, 400, "Transfer-Encoding comes twice");
	if (!bytes_equal_ascii_nocase(value, bytes_of_str("chunked")))
		return refuse(p, 501, "want no transfer coding but chunked");
	p->r->chunked = true;
	return true;
}

static bool read_host(struct parse *p, struct bytes value, bool *seen)
{
	if (*seen)
		return refuse(p, 400, "Host comes twice");
	*seen = true;
	if (value.n > 0 && (!is_target(value) || memchr(value.p, '/', value.n) || memchr(value.p, ',', value.n)))
		return refuse(p, 400, "Host is not a host");
	if (p->r->host.n == 0) /* the absolute form wins (RFC 9112 section 3.2.2) */
		p->r->host = value;
	return true;
}

static bool read_field(struct parse *p, struct bytes line, bool *host_seen)
{
	struct rd r = rd_of(line);
	bool colon;
	struct bytes name = rd_until(&r, ':', &colon), value = trim_blanks(r.rest);

	if (line.p[0] == ' ' || line.p[0] == '\t')
		return refuse(p, 400, "a header field is folded over two lines");
	if (!colon || !is_token(name))
		return refuse(p, 400, "want a header field 'Name: value'");
	if (!is_field_value(value))
		return refuse(p, 400, "a header field has a control character");
	if (p->r->fields_n == LIMIT_HTTP_HEADERS_MAX)
		return refuse(p, 431, "too many header fields");
	p->r->fields[p->r->fields_n++] = (struct http1_field) { name, value };
	if (bytes_equal_ascii_nocase(name, bytes_of_str("Host")))
		return read_host(p, value, host_seen);
	if (bytes_equal_ascii_nocase(name, bytes_of_str("Content-Length")))
		return read_length(p, value);
	if (bytes_equal_ascii_nocase(name, bytes_of_str("Transfer-Encoding")))
		return read_encoding(p, value);
	return true;
}

static bool finish(struct parse *p, bool host_seen)
{
	struct http1_request *r = p->r;

	if (r->minor >= 1 && !host_seen)
		return refuse(p, 400, "HTTP/1.1 wants a Host field");
	if (r->chunked && r->has_content_length)
		return refuse(p, 400, "Content-Length and Transfer-Encoding together");
	if (r->chunked && r->minor == 0)
		return refuse(p, 400, "HTTP/1.0 has no Transfer-Encoding");
	if (r->minor >= 1)
		r->keep_alive = !http1_has_token(r, "Connection", "close");
	else
		r->keep_alive = http1_has_token(r, "Connection", "keep-alive");
	return true;
}

static bool read_head(struct parse *p, struct bytes head)
{
	struct rd r = rd_of(head);
	bool host_seen = false;
	struct bytes line;

	if (!take_line(p, &r, &line))
		return false;
	if (line.n == 0 && !take_line(p, &r, &line))
		return false;
	if (!read_request_line(p, line))
		return false;
	for (;;) {
		if (!take_line(p, &r, &line))
			return false;
		if (line.n == 0)
			return finish(p, host_seen);
		if (!read_field(p, line, &host_seen))
			return false;
	}
}

enum http1_result http1_parse_request(struct bytes in, struct http1_request *ret, size_t *ret_used, int *ret_status,
				      const char **ret_why)
{
	size_t end = http1_head_end(in, 0);
	struct parse p = { .r = ret };

	*ret = (struct http1_request) { 0 };
	if (end > LIMIT_HTTP_HEAD_MAX || (end == 0 && in.n >= LIMIT_HTTP_HEAD_MAX)) {
		*ret_status = 431;
		*ret_why = "the request head is too long";
		return HTTP1_BAD;
	}
	if (end == 0)
		return HTTP1_MORE;
	if (!read_head(&p, bytes_of(in.p, end))) {
		*ret_status = p.status;
		*ret_why = p.why;
		return HTTP1_BAD;
	}
	*ret_used = end;
	return HTTP1_DONE;
}

const struct http1_field *http1_find(const struct http1_request *r, const char *name)
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (bytes_equal_ascii_nocase(r->fields[i].name, bytes_of_str(name)))
			return &r->fields[i];
	return NULL;
}

static bool list_has(struct bytes list, const char *token)
{
	struct rd r = rd_of(list);
	bool more = true;

	while (more)
		if (bytes_equal_ascii_nocase(trim_blanks(rd_until(&r, ',', &more)), bytes_of_str(token)))
			return true;
	return false;
}

bool http1_has_token(const struct http1_request *r, const char *name, const char *token)
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (bytes_equal_ascii_nocase(r->fields[i].name, bytes_of_str(name)) &&
		    list_has(r->fields[i].value, token))
			return true;
	return false;
}

const char *http1_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < ARRAY_N(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}
