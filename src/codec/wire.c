#include "codec/wire.h"

void wire_begin(struct buf *b, uint16_t type, uint32_t id)
{
	buf_add_be16(b, type);
	buf_add_be16(b, 0);
	buf_add_be32(b, id);
}

void wire_add(struct buf *b, uint16_t tag, struct bytes value)
{
	buf_add_be16(b, tag);
	buf_add_be32(b, (uint32_t)value.n);
	buf_add(b, value);
}

void wire_add_str(struct buf *b, uint16_t tag, const char *s)
{
	if (s)
		wire_add(b, tag, bytes_of_str(s));
}

void wire_add_u64(struct buf *b, uint16_t tag, uint64_t v)
{
	buf_add_be16(b, tag);
	buf_add_be32(b, 8);
	buf_add_be64(b, v);
}

bool wire_parse(struct bytes datagram, struct wire_message *ret)
{
	struct rd r = rd_of(datagram);

	ret->type = rd_be16(&r);
	if (rd_be16(&r) != 0)
		return false;
	ret->id = rd_be32(&r);
	ret->n = 0;
	while (!r.bad && r.rest.n > 0) {
		struct wire_field *f;

		if (ret->n == WIRE_FIELDS_MAX)
			return false;
		f = &ret->fields[ret->n++];
		f->tag = rd_be16(&r);
		f->value = rd_bytes(&r, rd_be32(&r));
	}
	return !r.bad;
}

bool wire_next(const struct wire_message *m, uint16_t tag, size_t *cursor, struct bytes *ret)
{
	for (size_t i = *cursor; i < m->n; i++) {
		if (m->fields[i].tag != tag)
			continue;
		*ret = m->fields[i].value;
		*cursor = i + 1;
		return true;
	}
	return false;
}

bool wire_has(const struct wire_message *m, uint16_t tag)
{
	return wire_count(m, tag) > 0;
}

struct bytes wire_get(const struct wire_message *m, uint16_t tag)
{
	struct bytes b = BYTES_NONE;
	size_t cursor = 0;

	(void)wire_next(m, tag, &cursor, &b);
	return b;
}

bool wire_get_u64(const struct wire_message *m, uint16_t tag, uint64_t *ret)
{
	struct rd r = rd_of(wire_get(m, tag));
	uint64_t v = rd_be64(&r);

	if (!rd_done(&r))
		return false;
	*ret = v;
	return true;
}

size_t wire_count(const struct wire_message *m, uint16_t tag)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->fields[i].tag == tag;
	return n;
}
