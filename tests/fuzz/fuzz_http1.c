/* Any bytes as request heads, whole and in every kind of piece: the answer must not depend on the cut. */
#include "fuzz.h"
#include "codec/http1.h"

static bool within(struct bytes part, const uint8_t *data, size_t size)
{
	return part.n == 0 || (part.p >= data && part.p + part.n <= data + size) || (part.n == 1 && part.p[0] == '/');
}

static void check_request(const struct http1_request *r, size_t used, const uint8_t *data, size_t size)
{
	FUZZ_ASSERT(used > 0 && used <= size && used <= LIMIT_HTTP_HEAD_MAX);
	FUZZ_ASSERT(data[used - 1] == '\n' && data[used - 2] == '\r' && data[used - 3] == '\n' &&
		    data[used - 4] == '\r');
	FUZZ_ASSERT(r->method.n > 0 && within(r->method, data, used) && within(r->query, data, used) &&
		    within(r->host, data, used));
	FUZZ_ASSERT(r->path.n > 0 && (r->path.p[0] == '/' || bytes_equal_str(r->path, "*")) &&
		    within(r->path, data, used));
	FUZZ_ASSERT(r->minor >= 0 && r->minor <= 9 && !(r->chunked && r->has_content_length));
	FUZZ_ASSERT(r->fields_n <= LIMIT_HTTP_HEADERS_MAX);
	for (size_t i = 0; i < r->fields_n; i++) {
		FUZZ_ASSERT(r->fields[i].name.n > 0 && within(r->fields[i].name, data, used));
		FUZZ_ASSERT(within(r->fields[i].value, data, used) &&
			    !memchr(r->fields[i].name.p, ':', r->fields[i].name.n));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http1_request r, again;
	const char *why = NULL;
	size_t used = 0, used_again = 0, end;
	int status = 0;
	enum http1_result result = http1_parse_request(bytes_of(data, size), &r, &used, &status, &why);

	end = http1_head_end(bytes_of(data, size), 0);
	for (size_t from = 0; from <= size && from <= end; from += 1 + from / 7)
		FUZZ_ASSERT(http1_head_end(bytes_of(data, size), from < end ? from : 0) == end);
	if (result == HTTP1_DONE) {
		check_request(&r, used, data, size);
		FUZZ_ASSERT(used == end);
		FUZZ_ASSERT(http1_parse_request(bytes_of(data, used), &again, &used_again, &status, &why) ==
			    HTTP1_DONE);
		FUZZ_ASSERT(used_again == used);
		FUZZ_ASSERT(http1_parse_request(bytes_of(data, used - 1), &again, &used_again, &status, &why) ==
			    HTTP1_MORE);
	} else if (result == HTTP1_BAD) {
		FUZZ_ASSERT(why && http1_reason(status)[0]);
	} else {
		FUZZ_ASSERT(end == 0 && size < LIMIT_HTTP_HEAD_MAX);
	}
	return 0;
}
