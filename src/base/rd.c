#include "base/rd.h"

struct bytes rd_bytes(struct rd *r, size_t n)
{
	struct bytes got;

	if (r->bad || n > r->rest.n) {
		r->bad = true;
		return BYTES_NONE;
	}
	got = bytes_of(r->rest.p, n);
	if (n > 0)
		r->rest = bytes_of(r->rest.p + n, r->rest.n - n);
	return got;
}

static uint64_t read_be(struct rd *r, size_t n)
{
	struct bytes b = rd_bytes(r, n);
	uint64_t v = 0;

	for (size_t i = 0; i < b.n; i++)
		v = v << 8 | b.p[i];
	return v;
}

uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)read_be(r, 1);
}

uint16_t rd_be16(struct rd *r)
{
	return (uint16_t)read_be(r, 2);
}

uint32_t rd_be32(struct rd *r)
{
	return (uint32_t)read_be(r, 4);
}

uint64_t rd_be64(struct rd *r)
{
	return read_be(r, 8);
}

struct bytes rd_until(struct rd *r, uint8_t delimiter, bool *ret_found)
{
	const uint8_t *at = r->rest.n > 0 ? memchr(r->rest.p, delimiter, r->rest.n) : NULL;
	struct bytes got;

	*ret_found = at != NULL;
	got = rd_bytes(r, at ? (size_t)(at - r->rest.p) : r->rest.n);
	if (at)
		(void)rd_bytes(r, 1);
	return got;
}
