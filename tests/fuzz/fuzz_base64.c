/* Every byte string has one base64 text, and nothing else is taken for it. */
#include "fuzz.h"
#include "codec/base64.h"

typedef void encode_function(struct bytes b, struct buf *out);
typedef bool decode_function(struct bytes text, struct buf *out);

static void check(struct bytes input, encode_function *encode, decode_function *decode)
{
	struct buf there, back;

	buf_init(&there, input.n * 2 + 8);
	buf_init(&back, input.n * 2 + 8);
	encode(input, &there);
	FUZZ_ASSERT(!buf_bad(&there) && decode(buf_bytes(&there), &back));
	FUZZ_ASSERT(bytes_equal(buf_bytes(&back), input));
	buf_reset(&there);
	buf_reset(&back);
	if (decode(input, &back)) {
		encode(buf_bytes(&back), &there);
		FUZZ_ASSERT(bytes_equal(buf_bytes(&there), input));
	}
	buf_fini(&there);
	buf_fini(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(bytes_of(data, size), base64_encode, base64_decode);
	check(bytes_of(data, size), base64url_encode, base64url_decode);
	return 0;
}
