/* Messages between the processes: what is taken has one form only. */
#include "fuzz.h"
#include "codec/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wire_message m;
	struct buf b;
	size_t seen = 0;

	if (!wire_parse(bytes_of(data, size), &m))
		return 0;
	buf_init(&b, size);
	wire_begin(&b, m.type, m.id);
	for (size_t i = 0; i < m.n; i++) {
		struct bytes first = wire_get(&m, m.fields[i].tag), value;
		size_t cursor = i;
		uint64_t v;

		FUZZ_ASSERT(wire_has(&m, m.fields[i].tag));
		FUZZ_ASSERT(wire_next(&m, m.fields[i].tag, &cursor, &value) && cursor == i + 1);
		FUZZ_ASSERT(value.p == m.fields[i].value.p && value.n == m.fields[i].value.n);
		FUZZ_ASSERT(wire_get_u64(&m, m.fields[i].tag, &v) == (first.n == 8));
		wire_add(&b, m.fields[i].tag, value);
		seen += 6 + value.n;
	}
	FUZZ_ASSERT(seen + 8 == size);
	FUZZ_ASSERT(!buf_bad(&b) && bytes_equal(buf_bytes(&b), bytes_of(data, size)));
	buf_fini(&b);
	return 0;
}
